//! What is computed, on a device and by its twin.

use burnish::ops::{self, Activation, Added, ConvShape, Storage, Weight};

use super::reference::{
    self, Attention, Conv, Finish, Product, gelu, group_norm, layer_norm, upsample,
};
use super::{Plan, noise, upload};

/// An operation of [`burnish::ops`] and its sizes.
#[derive(Clone, Copy, Debug)]
pub enum Case {
    /// `[rows, channels, columns]`.
    Linear {
        sides: [usize; 3],
        storage: Storage,
        activation: Activation,
        bias: bool,
        residual: bool,
    },
    /// `[rows, channels, columns]`, half of the columns gates.
    LinearGeglu { sides: [usize; 3], storage: Storage },
    /// `[rows, columns]` of the output.
    Geglu { sides: [usize; 2] },
    /// `[batch, height, width, channels]`.
    Conv {
        input: [usize; 4],
        columns: usize,
        shape: ConvShape,
        storage: Storage,
        shift: bool,
        residual: bool,
    },
    /// `[batch, queries, keys]`.
    Attention { sides: [usize; 3], heads: usize, head_dim: usize, causal: bool },
    /// `[batch, height, width, channels]`.
    GroupNorm { input: [usize; 4], groups: usize, silu: bool },
    /// `[rows, channels]`.
    LayerNorm { sides: [usize; 2] },
    /// `[batch, height, width, channels]`, and the height and width that come out.
    Upsample { input: [usize; 4], to: [usize; 2] },
}

const EPS: f32 = 1e-5;

/// Values of a weight, and what is left of them once they are stored.
fn weight(dims: [usize; 2], storage: Storage) -> (Vec<f32>, Vec<f32>) {
    let values = noise(2, dims[0] * dims[1]);
    // What does not come in fours stays as it is; see `Weight::pack`.
    let fours = dims.iter().all(|side| side.is_multiple_of(4));
    let stored = Weight::stored(&values, dims, if fours { storage } else { Storage::F32 });
    (values, stored)
}

impl Case {
    /// Whether a weight of it lies packed on a device that has kernels for that.
    pub fn is_packed(&self) -> bool {
        match self {
            Self::Linear { storage, .. }
            | Self::LinearGeglu { storage, .. }
            | Self::Conv { storage, .. } => *storage != Storage::F32,
            _ => false,
        }
    }

    pub(super) fn plan(self) -> Plan {
        match self {
            Self::Linear {
                sides: [rows, channels, columns],
                storage,
                activation,
                bias,
                residual,
            } => {
                let x = noise(1, rows * channels);
                let (values, stored) = weight([channels, columns], storage);
                let bias = bias.then(|| noise(3, columns));
                let residual = residual.then(|| noise(4, rows * columns));
                let product = Product { x: x.clone(), w: stored, channels, columns };
                let finish = Finish { bias: bias.clone(), shift: None, residual: residual.clone() };
                Plan {
                    run: Box::new(move |device| {
                        let w = Weight::pack(values.clone(), [channels, columns], storage, device);
                        let bias = bias.as_ref().map(|b| upload(b, [columns], device));
                        let residual =
                            residual.as_ref().map(|r| upload(r, [rows, columns], device));
                        let x = upload(&x, [rows, channels], device);
                        ops::linear(x, &w, bias.as_ref(), activation, residual).flatten(0, 1)
                    }),
                    at: Box::new(move |at| {
                        let [row, col] = [at / columns, at % columns];
                        let sum = product.at(row, col) + finish.before(0, col, columns);
                        reference::activated(sum, activation) + finish.after(at)
                    }),
                    outputs: rows * columns,
                    steps: channels,
                }
            }
            Self::LinearGeglu { sides: [rows, channels, columns], storage } => {
                let x = noise(1, rows * channels);
                let (values, stored) = weight([channels, columns], storage);
                let bias = noise(3, columns);
                let (product, added) =
                    (Product { x: x.clone(), w: stored, channels, columns }, bias.clone());
                let half = columns / 2;
                Plan {
                    run: Box::new(move |device| {
                        let w = Weight::pack(values.clone(), [channels, columns], storage, device);
                        let bias = upload(&bias, [columns], device);
                        let x = upload(&x, [rows, channels], device);
                        ops::linear_geglu(x, &w, Some(&bias)).flatten(0, 1)
                    }),
                    at: Box::new(move |at| {
                        let [row, col] = [at / half, at % half];
                        let sum = |col: usize| product.at(row, col) + f64::from(added[col]);
                        sum(col) * gelu(sum(half + col))
                    }),
                    outputs: rows * half,
                    steps: 2 * channels,
                }
            }
            Self::Geglu { sides: [rows, columns] } => {
                let x: Vec<f32> = noise(18, 2 * rows * columns).iter().map(|v| 4.0 * v).collect();
                let values = x.clone();
                Plan {
                    run: Box::new(move |device| {
                        ops::geglu(upload(&x, [rows, 2 * columns], device)).flatten(0, 1)
                    }),
                    at: Box::new(move |at| {
                        let from = at / columns * 2 * columns + at % columns;
                        f64::from(values[from]) * gelu(f64::from(values[from + columns]))
                    }),
                    outputs: rows * columns,
                    steps: 100,
                }
            }
            Self::Conv { input, columns, shape, storage, shift, residual } => {
                let [batch, height, width, channels] = input;
                let [out_height, out_width] = shape.output(height, width);
                let (plane, inner) =
                    (out_height * out_width, shape.kernel * shape.kernel * channels);
                let x = noise(5, batch * height * width * channels);
                let (values, stored) = weight([inner, columns], storage);
                let bias = noise(7, columns);
                let shift = shift.then(|| noise(9, batch * columns));
                let residual = residual.then(|| noise(8, batch * plane * columns));
                let conv = Conv { x: x.clone(), w: stored, input, columns, shape };
                let finish = Finish {
                    bias: Some(bias.clone()),
                    shift: shift.clone(),
                    residual: residual.clone(),
                };
                Plan {
                    run: Box::new(move |device| {
                        let w = Weight::pack(values.clone(), [inner, columns], storage, device);
                        let output = [batch, out_height, out_width, columns];
                        let added = Added {
                            shift: shift.as_ref().map(|s| upload(s, [batch, columns], device)),
                            residual: residual.as_ref().map(|r| upload(r, output, device)),
                        };
                        let bias = upload(&bias, [columns], device);
                        let x = upload(&x, input, device);
                        ops::conv2d(x, &w, Some(&bias), shape, added).flatten(0, 3)
                    }),
                    at: Box::new(move |at| {
                        let [pixel, col] = [at / columns, at % columns];
                        let sum = conv.at(pixel, col);
                        sum + finish.before(pixel / plane, col, columns) + finish.after(at)
                    }),
                    outputs: batch * plane * columns,
                    steps: inner,
                }
            }
            Self::Attention { sides: [batch, queries, keys], heads, head_dim, causal } => {
                let channels = heads * head_dim;
                let [q, k, v] = [(9, queries), (10, keys), (11, keys)]
                    .map(|(seed, tokens)| noise(seed, batch * tokens * channels));
                let twin = Attention::new(
                    [q.clone(), k.clone(), v.clone()],
                    [queries, keys],
                    heads,
                    head_dim,
                    causal,
                );
                Plan {
                    run: Box::new(move |device| {
                        let [q, k, v] = [(&q, queries), (&k, keys), (&v, keys)]
                            .map(|(x, tokens)| upload(x, [batch, tokens, channels], device));
                        ops::attention(q, k, v, heads, causal).flatten(0, 2)
                    }),
                    at: Box::new(move |at| twin.at(at)),
                    outputs: batch * queries * channels,
                    // Where not all outputs are compared, each is of another query.
                    steps: keys
                        * head_dim.min(channels * queries * batch * keys * 2 / 10_000_000 + 2),
                }
            }
            Self::GroupNorm { input, groups, silu } => {
                let channels = input[3];
                let x = noise(12, input.iter().product());
                let (gamma, beta) = (noise(13, channels), noise(14, channels));
                let twin = group_norm([&x, &gamma, &beta], input, groups, EPS, silu);
                Plan {
                    run: Box::new(move |device| {
                        let [gamma, beta] = [&gamma, &beta].map(|v| upload(v, [channels], device));
                        let x = upload(&x, input, device);
                        ops::group_norm(x, groups, &gamma, &beta, EPS, silu).flatten(0, 3)
                    }),
                    outputs: twin.len(),
                    at: Box::new(move |at| twin[at]),
                    steps: 1,
                }
            }
            Self::LayerNorm { sides: [rows, channels] } => {
                let x = noise(15, rows * channels);
                let (gamma, beta) = (noise(16, channels), noise(17, channels));
                let twin = layer_norm([&x, &gamma, &beta], channels, EPS);
                Plan {
                    run: Box::new(move |device| {
                        let [gamma, beta] = [&gamma, &beta].map(|v| upload(v, [channels], device));
                        let x = upload(&x, [rows, channels], device);
                        ops::layer_norm(x, &gamma, &beta, EPS).flatten(0, 1)
                    }),
                    outputs: twin.len(),
                    at: Box::new(move |at| twin[at]),
                    steps: 1,
                }
            }
            Self::Upsample { input, to } => {
                let x = noise(19, input.iter().product());
                let values = x.clone();
                Plan {
                    run: Box::new(move |device| {
                        let x = upload(&x, input, device);
                        ops::upsample_nearest(x, to[0], to[1]).flatten(0, 3)
                    }),
                    at: Box::new(move |at| f64::from(values[upsample(at, input, to)])),
                    outputs: input[0] * to[0] * to[1] * input[3],
                    steps: 1,
                }
            }
        }
    }
}
