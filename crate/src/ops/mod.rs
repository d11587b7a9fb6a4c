//! The tensor operations the networks are made of, behind plain functions.
//!
//! Activations are channels-last: `[batch, height, width, channels]`, so tokens are a reshape and
//! a 1x1 convolution is a linear layer. Nothing here knows a layer, a checkpoint or a model.
//!
//! This is the only place that chooses kernels: on a GPU our own WGSL, on the CPU our own loops
//! where they are faster, elsewhere the plain twin in Burn's operations, which is also what both are
//! tested against.

mod adapter;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(feature = "cpu")]
mod host;
#[cfg(feature = "gpu")]
mod kernels;
pub mod plain;
mod weight;

pub use adapter::{Adapter, AdapterClass, set_adapter};
pub use weight::{Element, Storage, Weight};

use burn::tensor::{Device, Tensor};

/// What follows the matrix product of a linear layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// Nothing.
    None,
    /// `x * sigmoid(x)`.
    Silu,
    /// `x * Phi(x)` with the exact error function.
    Gelu,
    /// `x * sigmoid(1.702 x)`, the approximation CLIP was trained with.
    QuickGelu,
}

/// Rows and columns of zeros around a picture before it is convolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pad {
    /// Rows above.
    pub top: usize,
    /// Columns before.
    pub left: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns after.
    pub right: usize,
}

impl Pad {
    /// No padding.
    pub const NONE: Self = Self { top: 0, left: 0, bottom: 0, right: 0 };

    /// The same width on all four sides.
    pub const fn all(width: usize) -> Self {
        Self { top: width, left: width, bottom: width, right: width }
    }
}

/// Geometry of a convolution with a square kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConvShape {
    /// Side of the kernel.
    pub kernel: usize,
    /// Step between outputs, in input pixels.
    pub stride: usize,
    /// Zeros around the (enlarged) input.
    pub pad: Pad,
    /// Nearest enlargement of the input before the convolution: 1 or 2.
    pub upsample: usize,
}

impl ConvShape {
    /// A kernel of one pixel: a linear layer over the channels.
    pub const POINT: Self = Self { kernel: 1, stride: 1, pad: Pad::NONE, upsample: 1 };
    /// A 3x3 kernel that keeps the size.
    pub const SAME_3: Self = Self { kernel: 3, stride: 1, pad: Pad::all(1), upsample: 1 };

    /// Height and width of the output for an input of `height` x `width`.
    pub fn output(&self, height: usize, width: usize) -> [usize; 2] {
        let side = |size: usize, before: usize, after: usize| {
            (size * self.upsample + before + after - self.kernel) / self.stride + 1
        };
        let Pad { top, left, bottom, right } = self.pad;
        [side(height, top, bottom), side(width, left, right)]
    }
}

/// `activation(x weight + bias) + residual`.
///
/// # Shapes
/// - `x`: `[rows, in]`; `weight`: `[in, out]`; `bias`: `[out]`
/// - `residual`, output: `[rows, out]`
pub fn linear(
    x: Tensor<2>,
    weight: &Weight,
    bias: Option<&Tensor<1>>,
    activation: Activation,
    residual: Option<Tensor<2>>,
) -> Tensor<2> {
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::linear(x, weight, bias, activation, residual);
    }
    #[cfg(feature = "cpu")]
    if host::serves(&x) {
        return host::linear(x, matrix(weight), bias, activation, residual);
    }
    plain::linear(x, matrix(weight), bias, activation, residual)
}

/// A linear layer to values and gates, then `value * gelu(gate)`, with the exact error function.
///
/// # Shapes
/// - `x`: `[rows, in]`; `weight`: `[in, 2 n]`, the values' columns before the gates'; `bias`: `[2 n]`
/// - output: `[rows, n]`
pub fn linear_geglu(x: Tensor<2>, weight: &Weight, bias: Option<&Tensor<1>>) -> Tensor<2> {
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::linear_geglu(x, weight, bias);
    }
    geglu(linear(x, weight, bias, Activation::None, None))
}

/// What is added to a convolution.
#[derive(Clone, Debug, Default)]
pub struct Added {
    /// A value per picture and channel, `[batch, out]`.
    pub shift: Option<Tensor<2>>,
    /// A value per output, `[batch, out height, out width, out]`.
    pub residual: Option<Tensor<4>>,
}

/// Convolution, plus what `added` holds.
///
/// # Shapes
/// - `x`: `[batch, height, width, in]`; `weight`: `[kernel * kernel * in, out]`, kernel rows first,
///   channels last; `bias`: `[out]`
/// - output: `[batch, out height, out width, out]`
pub fn conv2d(
    x: Tensor<4>,
    weight: &Weight,
    bias: Option<&Tensor<1>>,
    shape: ConvShape,
    added: Added,
) -> Tensor<4> {
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::conv2d(x, weight, bias, shape, added);
    }
    let Added { shift, residual } = added;
    let convolve = |residual| {
        #[cfg(feature = "cpu")]
        if host::serves(&x) {
            return host::conv2d(x, matrix(weight), bias, shape, residual);
        }
        plain::conv2d(x, matrix(weight), bias, shape, residual)
    };
    match shift {
        Some(shift) => {
            let sum = plain::add_channels(convolve(None), shift);
            residual.into_iter().fold(sum, |sum, residual| sum + residual)
        }
        None => convolve(residual),
    }
}

/// Whether the device's kernels read packed weights.
fn packs_weights(device: &Device) -> bool {
    #[cfg(feature = "gpu")]
    if gpu::drives(device) {
        return true;
    }
    let _ = device;
    false
}

/// The matrix of a weight on a device without kernels for packed ones.
fn matrix(weight: &Weight) -> &Tensor<2> {
    weight.plain().expect("weights are packed only for devices that read them")
}

/// Scaled dot-product attention with `heads` heads, scale `(channels / heads)^-1/2`.
///
/// `causal` lets token `i` see the keys `0..=i` only.
///
/// # Shapes
/// - `q`, output: `[batch, tokens, channels]`; `k`, `v`: `[batch, key tokens, channels]`
pub fn attention(
    q: Tensor<3>,
    k: Tensor<3>,
    v: Tensor<3>,
    heads: usize,
    causal: bool,
) -> Tensor<3> {
    #[cfg(feature = "gpu")]
    if gpu::serves(&q) {
        return gpu::attention(q, k, v, heads, causal);
    }
    #[cfg(feature = "cpu")]
    if host::serves(&q) {
        return host::attention(q, k, v, heads, causal);
    }
    plain::attention(q, k, v, heads, causal)
}

/// Group normalisation over `groups` groups of channels, followed by SiLU if `silu`.
///
/// # Shapes
/// - `x`, output: `[batch, height, width, channels]`; `gamma`, `beta`: `[channels]`
pub fn group_norm(
    x: Tensor<4>,
    groups: usize,
    gamma: &Tensor<1>,
    beta: &Tensor<1>,
    eps: f32,
    silu: bool,
) -> Tensor<4> {
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::group_norm(x, groups, gamma, beta, eps, silu);
    }
    #[cfg(feature = "cpu")]
    if host::serves(&x) {
        return host::group_norm(x, groups, gamma, beta, eps, silu);
    }
    plain::group_norm(x, groups, gamma, beta, eps, silu)
}

/// Layer normalisation of every row.
///
/// # Shapes
/// - `x`, output: `[rows, channels]`; `gamma`, `beta`: `[channels]`
pub fn layer_norm(x: Tensor<2>, gamma: &Tensor<1>, beta: &Tensor<1>, eps: f32) -> Tensor<2> {
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::layer_norm(x, gamma, beta, eps);
    }
    plain::layer_norm(x, gamma, beta, eps)
}

/// `value * gelu(gate)`, with the exact error function.
///
/// # Shapes
/// - `x`: `[rows, 2 n]`, the values before the gates; output: `[rows, n]`
pub fn geglu(x: Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::geglu(x);
    }
    #[cfg(feature = "cpu")]
    if host::serves(&x) {
        return host::geglu(x);
    }
    plain::geglu(x)
}

/// Nearest-neighbour enlargement to an exact size.
///
/// # Shapes
/// - `x`: `[batch, in height, in width, channels]`; output: `[batch, height, width, channels]`
pub fn upsample_nearest(x: Tensor<4>, height: usize, width: usize) -> Tensor<4> {
    #[cfg(feature = "gpu")]
    if gpu::serves(&x) {
        return gpu::upsample_nearest(x, height, width);
    }
    plain::upsample_nearest(x, height, width)
}
