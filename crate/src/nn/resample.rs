//! Halving and enlarging feature maps.

use burn::tensor::Tensor;

use super::Conv2d;
use crate::ops::{self, Pad};

/// Step-2 convolution with one row and column of zeros on all sides.
///
/// # Shapes
/// - `x`: `[batch, height, width, channels]`; output: half of it, rounded up
pub fn downsample(conv: &Conv2d, x: Tensor<4>) -> Tensor<4> {
    conv.forward_halved(x, Pad::all(1))
}

/// Nearest enlargement to `height` x `width`, then a convolution.
///
/// The size is that of the next skip connection: not twice the input where that was odd.
///
/// # Shapes
/// - `x`: `[batch, in height, in width, channels]`; output: `[batch, height, width, channels]`
pub fn upsample(conv: &Conv2d, x: Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let [_, in_height, in_width, _] = x.dims();
    if [height, width] == [2 * in_height, 2 * in_width] {
        return conv.forward_doubled(x);
    }
    conv.forward(ops::upsample_nearest(x, height, width))
}
