//! Convolution by unfolding, a block of output pixels at a time.

use burn::tensor::{Tensor, TensorData};

use super::super::{Activation, ConvShape, Pad};
use super::linear::{self, finish};
use super::{floats, floats_mut};

/// Numbers unfolded at once: what the caches hold, and not nine pictures.
const BLOCK: usize = 1 << 20;

/// See [`crate::ops::conv2d`].
pub(in crate::ops) fn conv2d(
    x: Tensor<4>,
    weight: &Tensor<2>,
    bias: Option<&Tensor<1>>,
    shape: ConvShape,
    residual: Option<Tensor<4>>,
) -> Tensor<4> {
    let [batch, height, width, channels] = x.dims();
    let [out_height, out_width] = shape.output(height, width);
    let [taps, out_channels] = weight.dims();
    let rows = batch * out_height * out_width;
    let out = [batch, out_height, out_width, out_channels];
    if shape == ConvShape::POINT {
        let residual = residual.map(|r| r.reshape([rows, out_channels]));
        let x = x.reshape([rows, channels]);
        return linear::linear(x, weight, bias, Activation::None, residual).reshape(out);
    }

    let device = x.device();
    let x = x.into_data();
    let source = Source { pixels: floats(&x), size: [height, width], channels, shape };
    let bias = bias.map(|bias| bias.clone().into_data());
    let mut residual = residual.map(Tensor::into_data);
    let block = (BLOCK / taps).clamp(1, rows);
    let mut y = Vec::with_capacity(rows * out_channels);
    for first in (0..rows).step_by(block) {
        let count = block.min(rows - first);
        let mut columns = Vec::with_capacity(count * taps);
        for row in first..first + count {
            let (item, pixel) = (row / (out_height * out_width), row % (out_height * out_width));
            source.unfold(item, pixel / out_width, pixel % out_width, &mut columns);
        }
        let columns = Tensor::<2>::from_data(TensorData::new(columns, [count, taps]), &device);
        let mut product = columns.matmul(weight.clone()).into_data();
        let part = first * out_channels..(first + count) * out_channels;
        let residual = residual.as_mut().map(|r| &floats(r)[part]);
        let product = floats_mut(&mut product);
        finish(product, bias.as_ref().map(floats), Activation::None, residual);
        y.extend_from_slice(product);
    }
    Tensor::from_data(TensorData::new(y, out), &device)
}

/// A batch of pictures and the kernel that looks at them.
struct Source<'a> {
    pixels: &'a [f32],
    size: [usize; 2],
    channels: usize,
    shape: ConvShape,
}

impl Source<'_> {
    /// Appends what the kernel sees for one output pixel: its rows, columns, then channels.
    fn unfold(&self, item: usize, out_y: usize, out_x: usize, columns: &mut Vec<f32>) {
        let Self { pixels, size: [height, width], channels, shape } = *self;
        let ConvShape { kernel, stride, pad: Pad { top, left, .. }, upsample } = shape;
        for dy in 0..kernel {
            // Wraps around to something large above and left of the picture.
            let y = (out_y * stride + dy).wrapping_sub(top);
            if y >= height * upsample {
                columns.resize(columns.len() + kernel * channels, 0.0);
                continue;
            }
            let line = (item * height + y / upsample) * width;
            let first = (out_x * stride).wrapping_sub(left);
            if upsample == 1 && first < width && first + kernel <= width {
                let start = (line + first) * channels;
                columns.extend_from_slice(&pixels[start..start + kernel * channels]);
                continue;
            }
            for dx in 0..kernel {
                let x = (out_x * stride + dx).wrapping_sub(left);
                if x >= width * upsample {
                    columns.resize(columns.len() + channels, 0.0);
                } else {
                    let start = (line + x / upsample) * channels;
                    columns.extend_from_slice(&pixels[start..start + channels]);
                }
            }
        }
    }
}
