//! A row: what is computed, and from what.

use burn::tensor::{Device, Tensor, TensorData};
use burnish::Result;
use burnish::ops::{self, Activation, Added, ConvShape, Pad, Storage, Weight};
use serde::Deserialize;

use crate::networks::Networks;
use crate::values::{transposed, uniform};

/// An operation and its sizes, as `rows.json` has them.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum Row {
    /// `x w + b`.
    Linear { rows: usize, inputs: usize, outputs: usize },
    /// A product of two square inputs.
    Matmul { side: usize },
    /// Convolution of one square picture, zeros around.
    Conv { inputs: usize, outputs: usize, side: usize, kernel: usize, stride: usize },
    /// Scaled dot-product attention.
    Attention { heads: usize, queries: usize, keys: usize, head_dim: usize },
    /// Group normalisation over 32 groups, SiLU.
    GroupNormSilu { channels: usize, side: usize },
    /// Layer normalisation of every token.
    LayerNorm { rows: usize, channels: usize },
    /// A linear layer to values and gates of four times the width, and their product.
    Geglu { rows: usize, inputs: usize },
    /// A step of the noise predictor, both halves of guidance; `side` in cells of the latent.
    Unet { side: usize },
    /// A latent to a picture.
    Decode { side: usize },
    /// A picture to a latent of `side` cells.
    Encode { side: usize },
    /// The text encoder, from the tokens' vectors on.
    Clip,
}

/// A row with everything it reads on the device.
pub(crate) struct Operation {
    /// Starts the computation.
    pub(crate) run: Box<dyn Fn() -> Tensor<1>>,
    /// Reorders the output as the peer has it.
    pub(crate) in_peers_order: Box<dyn Fn(Vec<f32>) -> Vec<f32>>,
}

/// Seeds of the first weight; those of inputs start at 1.
const WEIGHTS: u32 = 101;

impl Row {
    /// `networks` are what the rows that are whole networks take them from.
    pub(crate) fn prepare(self, device: &Device, networks: &mut Networks) -> Result<Operation> {
        let same: Box<dyn Fn(Vec<f32>) -> Vec<f32>> = Box::new(|values| values);
        let matrix = |seed, rows, columns| {
            Tensor::<2>::from_data(
                TensorData::new(uniform(rows * columns, seed), [rows, columns]),
                device,
            )
        };
        let vector = |seed, count| {
            Tensor::<1>::from_data(TensorData::new(uniform(count, seed), [count]), device)
        };
        let weight = |seed, inputs: usize, outputs: usize| -> Weight {
            let scale = 1.0 / (inputs as f32).sqrt();
            let values = uniform(inputs * outputs, seed).into_iter().map(|v| v * scale).collect();
            Weight::pack(values, [inputs, outputs], Storage::F32, device)
        };
        Ok(match self {
            Self::Unet { side } => networks.unet(side)?,
            Self::Decode { side } => networks.decode(side)?,
            Self::Encode { side } => networks.encode(side)?,
            Self::Clip => networks.clip()?,
            Self::Linear { rows, inputs, outputs } => {
                let (x, w) = (matrix(1, rows, inputs), weight(WEIGHTS, inputs, outputs));
                let bias = vector(WEIGHTS + 1, outputs);
                let run = move || {
                    ops::linear(x.clone(), &w, Some(&bias), Activation::None, None).flatten(0, 1)
                };
                Operation { run: Box::new(run), in_peers_order: same }
            }
            Self::Matmul { side } => {
                let (x, w) = (matrix(1, side, side), Weight::from(matrix(2, side, side)));
                let run =
                    move || ops::linear(x.clone(), &w, None, Activation::None, None).flatten(0, 1);
                Operation { run: Box::new(run), in_peers_order: same }
            }
            Self::Conv { inputs, outputs, side, kernel, stride } => {
                let pixels = transposed(&uniform(inputs * side * side, 1), inputs, side * side);
                let pixels = TensorData::new(pixels, [1, side, side, inputs]);
                let x = Tensor::<4>::from_data(pixels, device);
                let taps = kernel * kernel;
                let scale = 1.0 / ((inputs * taps) as f32).sqrt();
                let values = uniform(outputs * inputs * taps, WEIGHTS);
                let at = |tap: usize, input: usize, output: usize| {
                    values[(output * inputs + input) * taps + tap] * scale
                };
                let mut packed = Vec::with_capacity(values.len());
                for tap in 0..taps {
                    for input in 0..inputs {
                        packed.extend((0..outputs).map(|output| at(tap, input, output)));
                    }
                }
                let w = Weight::pack(packed, [taps * inputs, outputs], Storage::F32, device);
                let bias = vector(WEIGHTS + 1, outputs);
                let shape = ConvShape { kernel, stride, pad: Pad::all(kernel / 2), upsample: 1 };
                let out = side / stride;
                let run = move || {
                    ops::conv2d(x.clone(), &w, Some(&bias), shape, Added::default()).flatten(0, 3)
                };
                let order = move |values: Vec<f32>| transposed(&values, out * out, outputs);
                Operation { run: Box::new(run), in_peers_order: Box::new(order) }
            }
            Self::Attention { heads, queries, keys, head_dim } => {
                let channels = heads * head_dim;
                let tokens = |seed, count| matrix(seed, count, channels).unsqueeze::<3>();
                let (q, k, v) = (tokens(1, queries), tokens(2, keys), tokens(3, keys));
                let run = move || {
                    ops::attention(q.clone(), k.clone(), v.clone(), heads, false).flatten(0, 2)
                };
                Operation { run: Box::new(run), in_peers_order: same }
            }
            Self::GroupNormSilu { channels, side } => {
                let pixels = transposed(&uniform(channels * side * side, 1), channels, side * side);
                let x = Tensor::<4>::from_data(
                    TensorData::new(pixels, [1, side, side, channels]),
                    device,
                );
                let (gamma, beta) = (vector(WEIGHTS, channels), vector(WEIGHTS + 1, channels));
                let run =
                    move || ops::group_norm(x.clone(), 32, &gamma, &beta, 1e-5, true).flatten(0, 3);
                let order = move |values: Vec<f32>| transposed(&values, side * side, channels);
                Operation { run: Box::new(run), in_peers_order: Box::new(order) }
            }
            Self::LayerNorm { rows, channels } => {
                let x = matrix(1, rows, channels);
                let (gamma, beta) = (vector(WEIGHTS, channels), vector(WEIGHTS + 1, channels));
                let run = move || ops::layer_norm(x.clone(), &gamma, &beta, 1e-5).flatten(0, 1);
                Operation { run: Box::new(run), in_peers_order: same }
            }
            Self::Geglu { rows, inputs } => {
                let (x, w) = (matrix(1, rows, inputs), weight(WEIGHTS, inputs, 8 * inputs));
                let bias = vector(WEIGHTS + 1, 8 * inputs);
                let run = move || ops::linear_geglu(x.clone(), &w, Some(&bias)).flatten(0, 1);
                Operation { run: Box::new(run), in_peers_order: same }
            }
        })
    }
}
