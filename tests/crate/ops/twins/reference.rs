//! The twins: what an output is, by its definition.

use std::cell::RefCell;

use burnish::ops::{Activation, ConvShape};

fn dot(a: impl Iterator<Item = f32>, b: impl Iterator<Item = f32>) -> f64 {
    a.zip(b).map(|(a, b)| f64::from(a) * f64::from(b)).sum()
}

/// `x * Phi(x)`. The error function by the series of Abramowitz and Stegun, 7.1.6.
pub(super) fn gelu(x: f64) -> f64 {
    let z = (x * std::f64::consts::FRAC_1_SQRT_2).clamp(-6.0, 6.0);
    let (mut term, mut sum) = (z, z);
    for n in 1..150 {
        term *= 2.0 * z * z / f64::from(2 * n + 1);
        sum += term;
    }
    let erf = std::f64::consts::FRAC_2_SQRT_PI * (-z * z).exp() * sum;
    0.5 * x * (1.0 + erf)
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

pub(super) fn activated(x: f64, activation: Activation) -> f64 {
    match activation {
        Activation::None => x,
        Activation::Silu => x * sigmoid(x),
        Activation::Gelu => gelu(x),
        Activation::QuickGelu => x * sigmoid(1.702 * x),
    }
}

/// What is added to a sum.
pub(super) struct Finish {
    pub(super) bias: Option<Vec<f32>>,
    pub(super) shift: Option<Vec<f32>>,
    pub(super) residual: Option<Vec<f32>>,
}

impl Finish {
    /// Ahead of an activation.
    pub(super) fn before(&self, picture: usize, col: usize, columns: usize) -> f64 {
        let of = |values: &Option<Vec<f32>>, at: usize| {
            values.as_ref().map_or(0.0, |v| f64::from(v[at]))
        };
        of(&self.bias, col) + of(&self.shift, picture * columns + col)
    }

    /// After it.
    pub(super) fn after(&self, at: usize) -> f64 {
        self.residual.as_ref().map_or(0.0, |values| f64::from(values[at]))
    }
}

/// `[rows, channels]` times `[channels, columns]`.
pub(super) struct Product {
    pub(super) x: Vec<f32>,
    pub(super) w: Vec<f32>,
    pub(super) channels: usize,
    pub(super) columns: usize,
}

impl Product {
    pub(super) fn at(&self, row: usize, col: usize) -> f64 {
        let x = &self.x[row * self.channels..][..self.channels];
        dot(x.iter().copied(), self.w[col..].iter().copied().step_by(self.columns))
    }
}

/// Convolution of pictures with their channels last.
pub(super) struct Conv {
    pub(super) x: Vec<f32>,
    pub(super) w: Vec<f32>,
    pub(super) input: [usize; 4],
    pub(super) columns: usize,
    pub(super) shape: ConvShape,
}

impl Conv {
    /// `pixel` counts over all pictures of the output.
    pub(super) fn at(&self, pixel: usize, col: usize) -> f64 {
        let [_, height, width, channels] = self.input;
        let ConvShape { kernel, stride, pad, upsample } = self.shape;
        let [out_height, out_width] = self.shape.output(height, width);
        let [picture, row, column] =
            [pixel / (out_height * out_width), pixel / out_width % out_height, pixel % out_width];
        let mut sum = 0.0;
        for (tap_row, tap_col) in (0..kernel).flat_map(|r| (0..kernel).map(move |c| (r, c))) {
            let at = (row * stride + tap_row).checked_sub(pad.top);
            let at = at.zip((column * stride + tap_col).checked_sub(pad.left));
            let Some((y, x)) = at.filter(|(y, x)| *y < height * upsample && *x < width * upsample)
            else {
                continue;
            };
            let from = ((picture * height + y / upsample) * width + x / upsample) * channels;
            let weights = (tap_row * kernel + tap_col) * channels * self.columns + col;
            let weights = self.w[weights..].iter().copied().step_by(self.columns);
            sum += dot(self.x[from..from + channels].iter().copied(), weights);
        }
        sum
    }
}

/// Scaled dot-product attention; remembers the last query's weights.
pub(super) struct Attention {
    operands: [Vec<f32>; 3],
    queries: usize,
    keys: usize,
    heads: usize,
    head_dim: usize,
    causal: bool,
    last: RefCell<(usize, Vec<f64>)>,
}

impl Attention {
    pub(super) fn new(
        operands: [Vec<f32>; 3],
        [queries, keys]: [usize; 2],
        heads: usize,
        head_dim: usize,
        causal: bool,
    ) -> Self {
        let last = RefCell::new((usize::MAX, Vec::new()));
        Self { operands, queries, keys, heads, head_dim, causal, last }
    }

    pub(super) fn at(&self, at: usize) -> f64 {
        let Self { queries, keys, heads, head_dim, .. } = *self;
        let (query, channel) = (at / (heads * head_dim), at % (heads * head_dim));
        let first = query / queries * keys;
        let mut last = self.last.borrow_mut();
        let number = query * heads + channel / head_dim;
        if last.0 != number {
            *last = (number, self.weights(query, channel / head_dim));
        }
        let values = &self.operands[2];
        let value = |key: usize| f64::from(values[(first + key) * heads * head_dim + channel]);
        last.1.iter().enumerate().map(|(key, weight)| weight * value(key)).sum()
    }

    fn weights(&self, query: usize, head: usize) -> Vec<f64> {
        let Self { queries, keys, heads, head_dim, causal, .. } = *self;
        let row = |values: &[f32], token: usize| {
            values[(token * heads + head) * head_dim..][..head_dim].to_vec()
        };
        let q = row(&self.operands[0], query);
        let seen = if causal { keys.min(query % queries + 1) } else { keys };
        let score = |key: usize| {
            let k = row(&self.operands[1], query / queries * keys + key);
            dot(q.iter().copied(), k.into_iter()) / (head_dim as f64).sqrt()
        };
        let scores: Vec<f64> = (0..seen).map(score).collect();
        let top = scores.iter().copied().fold(f64::MIN, f64::max);
        let powers: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.into_iter().map(|power| power / sum).collect()
    }
}

/// Mean and one over the deviation.
fn moments(values: &[f64], eps: f32) -> [f64; 2] {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
    [mean, 1.0 / (variance + f64::from(eps)).sqrt()]
}

pub(super) fn group_norm(
    [x, gamma, beta]: [&[f32]; 3],
    [batch, height, width, channels]: [usize; 4],
    groups: usize,
    eps: f32,
    silu: bool,
) -> Vec<f64> {
    let (plane, each) = (height * width, channels / groups);
    let of = |at: usize| [at / (plane * channels), at % channels / each];
    let mut members = vec![Vec::new(); batch * groups];
    for (at, value) in x.iter().enumerate() {
        let [picture, group] = of(at);
        members[picture * groups + group].push(f64::from(*value));
    }
    let moments: Vec<_> = members.iter().map(|values| moments(values, eps)).collect();
    let value = |at: usize| {
        let [picture, group] = of(at);
        let [mean, scale] = moments[picture * groups + group];
        let (gamma, beta) = (f64::from(gamma[at % channels]), f64::from(beta[at % channels]));
        let value = (f64::from(x[at]) - mean) * scale * gamma + beta;
        if silu { value * sigmoid(value) } else { value }
    };
    (0..x.len()).map(value).collect()
}

pub(super) fn layer_norm([x, gamma, beta]: [&[f32]; 3], channels: usize, eps: f32) -> Vec<f64> {
    let row = |row: &[f32]| {
        let row: Vec<f64> = row.iter().map(|v| f64::from(*v)).collect();
        let [mean, scale] = moments(&row, eps);
        let value = |(at, v): (usize, &f64)| {
            (v - mean) * scale * f64::from(gamma[at]) + f64::from(beta[at])
        };
        row.iter().enumerate().map(value).collect::<Vec<_>>()
    };
    x.chunks_exact(channels).flat_map(row).collect()
}

/// Where output `at` comes from.
pub(super) fn upsample(
    at: usize,
    [_, height, width, channels]: [usize; 4],
    to: [usize; 2],
) -> usize {
    let [picture, row, col] =
        [at / (to[0] * to[1] * channels), at / (to[1] * channels) % to[0], at / channels % to[1]];
    ((picture * height + row * height / to[0]) * width + col * width / to[1]) * channels
        + at % channels
}
