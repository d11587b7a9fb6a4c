//! Every operation in Burn's own tensor operations: the reference the kernels are compared with,
//! and what the CPU runs.

use burn::tensor::{
    Int, Tensor, activation, module,
    ops::{AttentionModuleOptions, PadMode},
};

use super::{Activation, ConvShape, Pad};

/// See [`super::linear`].
pub fn linear(
    x: Tensor<2>,
    weight: &Tensor<2>,
    bias: Option<&Tensor<1>>,
    activation: Activation,
    residual: Option<Tensor<2>>,
) -> Tensor<2> {
    let mut x = x.matmul(weight.clone());
    if let Some(bias) = bias {
        x = x + bias.clone().unsqueeze();
    }
    x = match activation {
        Activation::None => x,
        Activation::Silu => activation::silu(x),
        Activation::Gelu => activation::gelu(x),
        Activation::QuickGelu => x.clone() * activation::sigmoid(x * 1.702),
    };
    match residual {
        Some(residual) => x + residual,
        None => x,
    }
}

/// See [`super::conv2d`]. The shifted copies of the picture side by side, then one matrix product.
pub fn conv2d(
    x: Tensor<4>,
    weight: &Tensor<2>,
    bias: Option<&Tensor<1>>,
    shape: ConvShape,
    residual: Option<Tensor<4>>,
) -> Tensor<4> {
    let [batch, height, width, _] = x.dims();
    let [out_height, out_width] = shape.output(height, width);
    let out_channels = weight.dims()[1];
    let residual = residual.map(|r| r.reshape([batch * out_height * out_width, out_channels]));
    let columns = columns(x, shape, [out_height, out_width]);
    linear(columns, weight, bias, Activation::None, residual).reshape([
        batch,
        out_height,
        out_width,
        out_channels,
    ])
}

/// The pixels under the kernel at every output position, one row each.
fn columns(x: Tensor<4>, shape: ConvShape, [out_height, out_width]: [usize; 2]) -> Tensor<2> {
    let ConvShape { kernel, stride, pad, upsample } = shape;
    let [batch, height, width, channels] = x.dims();
    let x = match upsample {
        1 => x,
        n => upsample_nearest(x, height * n, width * n),
    };
    let x = match pad {
        Pad::NONE => x,
        Pad { top, left, bottom, right } => {
            x.pad([(top, bottom), (left, right), (0, 0)], PadMode::Constant(0.0))
        }
    };
    let rows = batch * out_height * out_width;
    if kernel == 1 && stride == 1 {
        return x.reshape([rows, channels]);
    }
    // [batch, out height, out width, channels, kernel row, kernel column]
    let windows: Tensor<6> = x.unfold::<5, _>(1, kernel, stride).unfold::<6, _>(2, kernel, stride);
    windows.permute([0, 1, 2, 4, 5, 3]).reshape([rows, kernel * kernel * channels])
}

/// See [`super::attention`].
pub fn attention(
    q: Tensor<3>,
    k: Tensor<3>,
    v: Tensor<3>,
    heads: usize,
    causal: bool,
) -> Tensor<3> {
    let [batch, tokens, channels] = q.dims();
    let split = |x: Tensor<3>| {
        let [batch, tokens, channels] = x.dims();
        x.reshape([batch, tokens, heads, channels / heads]).swap_dims(1, 2)
    };
    let options = AttentionModuleOptions { is_causal: causal, ..Default::default() };
    module::attention(split(q), split(k), split(v), None, None, options)
        .swap_dims(1, 2)
        .reshape([batch, tokens, channels])
}

/// See [`super::group_norm`].
pub fn group_norm(
    x: Tensor<4>,
    groups: usize,
    gamma: &Tensor<1>,
    beta: &Tensor<1>,
    eps: f32,
    silu: bool,
) -> Tensor<4> {
    let [batch, height, width, channels] = x.dims();
    let per_group = channels / groups;
    let count = (height * width * per_group) as f32;
    // Sums over the pixels first: the channels stay contiguous.
    let group_sum = |x: Tensor<3>| {
        x.sum_dim(1)
            .reshape([batch, groups, per_group])
            .sum_dim(2)
            .expand([batch, groups, per_group])
            .reshape([batch, 1, channels])
    };
    let x = x.reshape([batch, height * width, channels]);
    let x = x.clone() - group_sum(x) / count;
    let variance = group_sum(x.clone() * x.clone()) / count;
    let scale = gamma.clone().reshape([1, 1, channels]) / (variance + eps).sqrt();
    let x = x * scale + beta.clone().reshape([1, 1, channels]);
    let x = if silu { activation::silu(x) } else { x };
    x.reshape([batch, height, width, channels])
}

/// See [`super::layer_norm`].
pub fn layer_norm(x: Tensor<2>, gamma: &Tensor<1>, beta: &Tensor<1>, eps: f32) -> Tensor<2> {
    module::layer_norm(x, gamma.clone(), Some(beta.clone()), f64::from(eps))
}

/// See [`super::geglu`].
pub fn geglu(x: Tensor<2>) -> Tensor<2> {
    let [rows, width] = x.dims();
    let value = x.clone().slice([0..rows, 0..width / 2]);
    let gate = x.slice([0..rows, width / 2..width]);
    activation::gelu(gate) * value
}

/// See [`super::add_channels`].
pub fn add_channels(x: Tensor<4>, v: Tensor<2>) -> Tensor<4> {
    let [batch, channels] = v.dims();
    x + v.reshape([batch, 1, 1, channels])
}

/// See [`super::upsample_nearest`].
pub fn upsample_nearest(x: Tensor<4>, height: usize, width: usize) -> Tensor<4> {
    let [batch, in_height, in_width, channels] = x.dims();
    if height == 2 * in_height && width == 2 * in_width {
        return x
            .reshape([batch * in_height, 1, in_width, 1, channels])
            .expand([batch * in_height, 2, in_width, 2, channels])
            .reshape([batch, height, width, channels]);
    }
    let device = x.device();
    let sources = |from: usize, to: usize| {
        let scale = from as f32 / to as f32;
        let rows: Vec<i32> =
            (0..to).map(|i| ((i as f32 * scale) as i32).min(from as i32 - 1)).collect();
        Tensor::<1, Int>::from_data(rows.as_slice(), &device)
    };
    x.select(1, sources(in_height, height)).select(2, sources(in_width, width))
}
