//! The operations on a GPU: shapes in, kernel out.

use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;

use super::kernels::{
    AddChannels, Attention, AttentionVariant, Geglu, Gemm, GroupNormApply, GroupStats, LayerNorm,
    SoftmaxRows, UpsampleNearest, launch, primitive, tensor,
};
use super::{Activation, AdapterClass, ConvShape, plain};

/// Whether the tensor lives on a device that runs our kernels.
pub(super) fn serves<const D: usize>(x: &Tensor<D>) -> bool {
    matches!(x.device().as_dispatch(), burn::backend::DispatchDevice::Cube(_))
}

pub(super) fn linear(
    x: Tensor<2>,
    weight: &Tensor<2>,
    bias: Option<&Tensor<1>>,
    activation: Activation,
    residual: Option<Tensor<2>>,
) -> Tensor<2> {
    let [rows, channels] = x.dims();
    let [_, columns] = weight.dims();
    let kernel = Gemm::new(rows, columns, channels, AdapterClass::current()).epilogue(
        bias.is_some(),
        activation,
        residual.is_some(),
    );
    let inputs = operands(primitive(x), weight, bias, residual.map(primitive));
    tensor(launch(kernel, inputs, [rows, columns]))
}

pub(super) fn conv2d(
    x: Tensor<4>,
    weight: &Tensor<2>,
    bias: Option<&Tensor<1>>,
    shape: ConvShape,
    residual: Option<Tensor<4>>,
) -> Tensor<4> {
    let [batch, height, width, channels] = x.dims();
    let [out_height, out_width] = shape.output(height, width);
    let columns = weight.dims()[1];
    let rows = batch * out_height * out_width;
    let mut kernel = Gemm::new(rows, columns, channels, AdapterClass::current()).epilogue(
        bias.is_some(),
        Activation::None,
        residual.is_some(),
    );
    if shape != ConvShape::POINT {
        kernel = kernel.window([height, width], shape);
    }
    let inputs = operands(primitive(x), weight, bias, residual.map(primitive));
    tensor(launch(kernel, inputs, [batch, out_height, out_width, columns]))
}

fn operands(
    x: CubeTensor,
    weight: &Tensor<2>,
    bias: Option<&Tensor<1>>,
    residual: Option<CubeTensor>,
) -> Vec<CubeTensor> {
    let mut inputs = vec![x, primitive(weight.clone())];
    inputs.extend(bias.map(|bias| primitive(bias.clone())));
    inputs.extend(residual);
    inputs
}

pub(super) fn attention(
    q: Tensor<3>,
    k: Tensor<3>,
    v: Tensor<3>,
    heads: usize,
    causal: bool,
) -> Tensor<3> {
    let [batch, queries, channels] = q.dims();
    let keys = k.dims()[1];
    let head_dim = channels / heads;
    if !head_dim.is_multiple_of(4) {
        return plain::attention(q, k, v, heads, causal);
    }
    if head_dim > Attention::MAX_HEAD_DIM {
        return if heads == 1 && !causal {
            one_wide_head(q, k, v)
        } else {
            plain::attention(q, k, v, heads, causal)
        };
    }
    let kernel = Attention {
        batch: batch as u32,
        heads: heads as u32,
        queries: queries as u32,
        keys: keys as u32,
        variant: AttentionVariant {
            head_dim: head_dim as u32,
            causal,
            class: AdapterClass::current(),
        },
    };
    let inputs = vec![primitive(q), primitive(k), primitive(v)];
    tensor(launch(kernel, inputs, [batch, queries, channels]))
}

/// Attention with one head too wide for registers (the VAE's): scores by matrix products.
fn one_wide_head(q: Tensor<3>, k: Tensor<3>, v: Tensor<3>) -> Tensor<3> {
    let [batch, queries, channels] = q.dims();
    let keys = k.dims()[1];
    let scale = 1.0 / (channels as f32).sqrt();
    let item = |x: &Tensor<3>, index: usize, tokens: usize| {
        x.clone().slice([index..index + 1]).reshape([tokens, channels])
    };
    let outputs = (0..batch)
        .map(|index| {
            let key = item(&k, index, keys).transpose();
            let scores = linear(item(&q, index, queries), &key, None, Activation::None, None);
            let softmax = SoftmaxRows { rows: queries as u32, columns: keys as u32, scale };
            let weights = tensor::<2>(launch(softmax, vec![primitive(scores)], [queries, keys]));
            let value = item(&v, index, keys);
            linear(weights, &value, None, Activation::None, None).unsqueeze::<3>()
        })
        .collect();
    Tensor::cat(outputs, 0)
}

pub(super) fn group_norm(
    x: Tensor<4>,
    groups: usize,
    gamma: &Tensor<1>,
    beta: &Tensor<1>,
    eps: f32,
    silu: bool,
) -> Tensor<4> {
    let dims @ [batch, height, width, channels] = x.dims();
    if channels % 4 != 0 {
        return plain::group_norm(x, groups, gamma, beta, eps, silu);
    }
    let (batch, pixels) = (batch as u32, (height * width) as u32);
    let (channels, groups) = (channels as u32, groups as u32);
    let class = AdapterClass::current();
    let x = primitive(x);
    let stats = GroupStats { batch, pixels, channels, groups, eps, class };
    let stats = launch(stats, vec![x.clone()], [(batch * groups) as usize, 2]);
    let apply = GroupNormApply { batch, pixels, channels, groups, silu };
    let (gamma, beta) = (primitive(gamma.clone()), primitive(beta.clone()));
    tensor(launch(apply, vec![x, stats, gamma, beta], dims))
}

pub(super) fn layer_norm(x: Tensor<2>, gamma: &Tensor<1>, beta: &Tensor<1>, eps: f32) -> Tensor<2> {
    let [rows, columns] = x.dims();
    let kernel = LayerNorm {
        rows: rows as u32,
        columns: columns as u32,
        eps,
        class: AdapterClass::current(),
    };
    let inputs = vec![primitive(x), primitive(gamma.clone()), primitive(beta.clone())];
    tensor(launch(kernel, inputs, [rows, columns]))
}

pub(super) fn geglu(x: Tensor<2>) -> Tensor<2> {
    let [rows, width] = x.dims();
    let kernel = Geglu { rows: rows as u32, columns: (width / 2) as u32 };
    tensor(launch(kernel, vec![primitive(x)], [rows, width / 2]))
}

pub(super) fn add_channels(x: Tensor<4>, v: Tensor<2>) -> Tensor<4> {
    let dims @ [batch, height, width, channels] = x.dims();
    let kernel = AddChannels {
        batch: batch as u32,
        pixels: (height * width) as u32,
        channels: channels as u32,
    };
    tensor(launch(kernel, vec![primitive(x), primitive(v)], dims))
}

pub(super) fn upsample_nearest(x: Tensor<4>, height: usize, width: usize) -> Tensor<4> {
    let [batch, in_height, in_width, channels] = x.dims();
    let kernel = UpsampleNearest {
        batch: batch as u32,
        channels: channels as u32,
        input: [in_height as u32, in_width as u32],
        output: [height as u32, width as u32],
    };
    tensor(launch(kernel, vec![primitive(x)], [batch, height, width, channels]))
}
