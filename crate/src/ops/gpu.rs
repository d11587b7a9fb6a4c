//! The operations on a GPU: shapes in, kernel out.

use burn::tensor::{Device, Int, Tensor};
use burn_cubecl::tensor::CubeTensor;

use super::kernels::{
    Attention, Epilogue, Geglu, Gemm, GroupMoments, GroupNormApply, InputTransform, LayOut,
    LayerNorm, OutputTransform, POINTS, PartialMoments, SoftmaxRows, SumSplits, UpsampleNearest,
    WeightTransform, Winograd, int_primitive, int_tensor, launch, primitive, tensor,
};
use super::{Activation, Adapter, AdapterClass, Added, ConvShape, Element, Weight, plain};

/// Whether the tensor lives on a device that runs our kernels.
pub(super) fn serves<const D: usize>(x: &Tensor<D>) -> bool {
    drives(&x.device())
}

/// Whether the device runs our kernels.
pub(super) fn drives(device: &Device) -> bool {
    matches!(device.as_dispatch(), burn::backend::DispatchDevice::Cube(_))
}

/// What a sum is stored with: the operands and the shader's side of them.
struct Extras {
    epilogue: Epilogue,
    operands: Vec<CubeTensor>,
}

impl Extras {
    fn new(
        bias: Option<&Tensor<1>>,
        shift: Option<CubeTensor>,
        activation: Activation,
        residual: Option<CubeTensor>,
    ) -> Self {
        let epilogue = Epilogue {
            bias: bias.is_some(),
            shift: shift.is_some(),
            activation,
            residual: residual.is_some(),
        };
        let bias = bias.map(|bias| primitive(bias.clone()));
        Self { epilogue, operands: [bias, shift, residual].into_iter().flatten().collect() }
    }
}

pub(super) fn linear(
    x: Tensor<2>,
    weight: &Weight,
    bias: Option<&Tensor<1>>,
    activation: Activation,
    residual: Option<Tensor<2>>,
) -> Tensor<2> {
    let [rows, channels] = x.dims();
    let [_, columns] = weight.dims();
    let adapter = Adapter::current();
    let kernel = Gemm::new(rows, columns, channels, adapter.class).storage(weight.storage());
    let extras = Extras::new(bias, None, activation, residual.map(primitive));
    tensor(product(kernel, primitive(x), weight, extras, [rows, columns]))
}

/// A product with what follows it, its inner dimension shared out where that fills the adapter.
fn product<const D: usize>(
    mut kernel: Gemm,
    x: CubeTensor,
    weight: &Weight,
    extras: Extras,
    shape: [usize; D],
) -> CubeTensor {
    let mut inputs = vec![x];
    inputs.extend(operands(weight));
    let Extras { epilogue, operands } = extras;
    let columns = shape[D - 1];
    let rows = shape.iter().product::<usize>() / columns;
    let Some(shares) = kernel.split(Adapter::current().concurrent) else {
        inputs.extend(operands);
        return launch(kernel.epilogue(epilogue), inputs, shape);
    };
    let plane = kernel.plane();
    let shared = launch(kernel, inputs, [shares as usize, rows, columns]);
    let (rows, columns) = (rows as u32, columns as u32);
    let sum = SumSplits { shares, rows, columns, plane, epilogue };
    launch(sum, std::iter::once(shared).chain(operands).collect(), shape)
}

pub(super) fn linear_geglu(x: Tensor<2>, weight: &Weight, bias: Option<&Tensor<1>>) -> Tensor<2> {
    let [rows, channels] = x.dims();
    let [_, columns] = weight.dims();
    let kernel = Gemm::new(rows, columns, channels, Adapter::current().class);
    let Some(kernel) = kernel.storage(weight.storage()).pairs() else {
        return geglu(linear(x, weight, bias, Activation::None, None));
    };
    let Extras { epilogue, operands } = Extras::new(bias, None, Activation::None, None);
    let mut inputs = vec![primitive(x)];
    inputs.extend(self::operands(weight));
    inputs.extend(operands);
    tensor(launch(kernel.epilogue(epilogue), inputs, [rows, columns / 2]))
}

pub(super) fn conv2d(
    x: Tensor<4>,
    weight: &Weight,
    bias: Option<&Tensor<1>>,
    shape: ConvShape,
    added: Added,
) -> Tensor<4> {
    let [batch, height, width, channels] = x.dims();
    let [out_height, out_width] = shape.output(height, width);
    let columns = weight.dims()[1];
    let output = [batch, out_height, out_width, columns];
    let shift = added.shift.map(primitive);
    let extras = Extras::new(bias, shift, Activation::None, added.residual.map(primitive));
    if let Some(plan) = Winograd::pick(x.dims(), columns, shape) {
        return tensor(winograd(plan, primitive(x), weight, extras, output));
    }
    let adapter = Adapter::current();
    let kernel = Gemm::new(batch * out_height * out_width, columns, channels, adapter.class)
        .storage(weight.storage())
        .window([height, width], shape);
    tensor(product(kernel, primitive(x), weight, extras, output))
}

/// Three transforms around a batch of products; see [`Winograd`].
fn winograd(
    plan: Winograd,
    x: CubeTensor,
    weight: &Weight,
    extras: Extras,
    output: [usize; 4],
) -> CubeTensor {
    let Winograd { tiles, inputs, outputs, product } = plan;
    let (count, points) = (tiles.count() as usize, POINTS as usize);
    let transform = InputTransform { tiles, channels: inputs };
    let x = launch(transform, vec![x], [points, count, inputs as usize]);
    let transform = WeightTransform { inputs, outputs, storage: weight.storage() };
    let w = launch(transform, operands(weight), [points, inputs as usize, outputs as usize]);
    let products = launch(product, vec![x, w], [points, count, outputs as usize]);
    let Extras { epilogue, operands } = extras;
    let transform = OutputTransform { tiles, channels: outputs, epilogue };
    launch(transform, std::iter::once(products).chain(operands).collect(), output)
}

/// Whether the device lays out weights of a file faster than the host: the kernel needs barriers.
pub(super) fn lays_out(device: &Device) -> bool {
    drives(device) && Adapter::current().class == AdapterClass::Hardware
}

/// A file's words of `[out, inputs, taps]` as `[taps * inputs, out]`.
pub(super) fn lay_out(words: Tensor<1>, dims: [usize; 3], element: Element) -> Tensor<2> {
    let [out, inputs, taps] = dims;
    tensor(launch(LayOut { dims, element }, vec![primitive(words)], [taps * inputs, out]))
}

/// The same for numbers in half precision, two to a word on either side.
pub(super) fn lay_out_halves(words: Tensor<1, Int>, dims: [usize; 3]) -> Tensor<1, Int> {
    let count = words.dims()[0];
    int_tensor(launch(LayOut { dims, element: Element::F16 }, vec![int_primitive(words)], [count]))
}

/// The buffers of a weight.
fn operands(weight: &Weight) -> Vec<CubeTensor> {
    match (weight.plain(), weight.packed()) {
        (Some(matrix), _) => vec![primitive(matrix.clone())],
        (_, Some((words, scales))) => {
            let words = int_primitive(words.clone());
            std::iter::once(words).chain(scales.map(|scales| primitive(scales.clone()))).collect()
        }
        (None, None) => Vec::new(),
    }
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
    let kernel = Attention::new([batch, heads, queries, keys, head_dim], causal);
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
            let query = item(&q, index, queries);
            let scores = linear(query, &key.into(), None, Activation::None, None);
            let (rows, columns) = (queries as u32, keys as u32);
            let class = Adapter::current().class;
            let softmax = SoftmaxRows { rows, columns, scale, class };
            let weights = tensor::<2>(launch(softmax, vec![primitive(scores)], [queries, keys]));
            let value = item(&v, index, keys);
            linear(weights, &value.into(), None, Activation::None, None).unsqueeze::<3>()
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
    let moments = GroupMoments::new([batch, height * width, channels, groups], eps);
    let (x, gamma) = (primitive(x), primitive(gamma.clone()));
    let parts = PartialMoments::new(&moments);
    let shape = parts.shape();
    let parts = launch(parts, vec![x.clone()], shape);
    let apply = GroupNormApply::new(&moments, silu);
    let norm = launch(moments, vec![parts, gamma], [batch, channels, 2]);
    tensor(launch(apply, vec![x, norm, primitive(beta.clone())], dims))
}

pub(super) fn layer_norm(x: Tensor<2>, gamma: &Tensor<1>, beta: &Tensor<1>, eps: f32) -> Tensor<2> {
    let [rows, columns] = x.dims();
    let kernel = LayerNorm {
        rows: rows as u32,
        columns: columns as u32,
        eps,
        class: Adapter::current().class,
    };
    let inputs = vec![primitive(x), primitive(gamma.clone()), primitive(beta.clone())];
    tensor(launch(kernel, inputs, [rows, columns]))
}

pub(super) fn geglu(x: Tensor<2>) -> Tensor<2> {
    let [rows, width] = x.dims();
    let kernel = Geglu { rows: rows as u32, columns: (width / 2) as u32 };
    tensor(launch(kernel, vec![primitive(x)], [rows, width / 2]))
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
