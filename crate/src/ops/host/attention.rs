//! Attention of a few queries at a time, with keys and values laid out for vector instructions.

use burn::tensor::{Tensor, TensorData};

use super::{floats, math};

/// Numbers worked on side by side.
const LANES: usize = 8;
/// Queries worked on at once, so that every key loaded serves them all.
const QUERIES: usize = 4;

/// See [`crate::ops::attention`].
pub(in crate::ops) fn attention(
    q: Tensor<3>,
    k: Tensor<3>,
    v: Tensor<3>,
    heads: usize,
    causal: bool,
) -> Tensor<3> {
    let [batch, tokens, channels] = q.dims();
    let keys = k.dims()[1];
    let device = q.device();
    let [q, k, v] = [q, k, v].map(Tensor::into_data);
    let width = channels / heads;
    let mut y = vec![0.0; batch * tokens * channels];
    let mut head = Head::new(width, keys);
    for item in 0..batch {
        let of = |data, tokens| {
            let len = tokens * channels;
            let numbers: &[f32] = floats(data);
            &numbers[item * len..(item + 1) * len]
        };
        let out = &mut y[item * tokens * channels..(item + 1) * tokens * channels];
        for first in (0..channels).step_by(width) {
            head.fill(of(&k, keys), of(&v, keys), first, channels);
            head.attend(of(&q, tokens), out, first, channels, causal);
        }
    }
    Tensor::from_data(TensorData::new(y, [batch, tokens, channels]), &device)
}

/// Eight columns of a matrix, row by row.
type Panel = Vec<[f32; LANES]>;

/// Keys and values of one head of one item.
struct Head {
    width: usize,
    keys: usize,
    /// One for every eight keys: channel by channel.
    key_panels: Vec<Panel>,
    /// One for every eight channels: key by key.
    value_panels: Vec<Panel>,
}

impl Head {
    fn new(width: usize, keys: usize) -> Self {
        Self {
            width,
            keys,
            key_panels: vec![vec![[0.0; LANES]; width]; keys.div_ceil(LANES)],
            value_panels: vec![vec![[0.0; LANES]; keys]; width.div_ceil(LANES)],
        }
    }

    /// Takes channels `first..first + width`; lanes past the end stay zero.
    fn fill(&mut self, k: &[f32], v: &[f32], first: usize, channels: usize) {
        for (key, (k, v)) in k.chunks_exact(channels).zip(v.chunks_exact(channels)).enumerate() {
            for (c, k) in k[first..first + self.width].iter().enumerate() {
                self.key_panels[key / LANES][c][key % LANES] = *k;
            }
            for (panel, v) in v[first..first + self.width].chunks(LANES).enumerate() {
                self.value_panels[panel][key][..v.len()].copy_from_slice(v);
            }
        }
    }

    fn attend(&self, q: &[f32], out: &mut [f32], first: usize, channels: usize, causal: bool) {
        let tokens = q.len() / channels;
        let scale = (self.width as f32).powf(-0.5);
        let padded = self.key_panels.len() * LANES;
        let mut scores = vec![0.0; QUERIES * padded];
        let mut queries = vec![0.0; QUERIES * self.width];
        for start in (0..tokens).step_by(QUERIES) {
            let count = QUERIES.min(tokens - start);
            for (i, query) in queries.chunks_exact_mut(self.width).take(count).enumerate() {
                let at = (start + i) * channels + first;
                query.iter_mut().zip(&q[at..]).for_each(|(to, from)| *to = from * scale);
            }
            for (panel, keys) in self.key_panels.iter().enumerate() {
                let products = multiply(rows(&queries, self.width), keys);
                for (row, product) in scores.chunks_exact_mut(padded).zip(products) {
                    row[panel * LANES..(panel + 1) * LANES].copy_from_slice(&product);
                }
            }
            let mut shares = [0.0; QUERIES];
            for (i, row) in scores.chunks_exact_mut(padded).enumerate() {
                let seen = if causal { (start + i + 1).min(self.keys) } else { self.keys };
                row[seen..].fill(f32::NEG_INFINITY);
                shares[i] = 1.0 / exponentials(row);
            }
            for (panel, values) in self.value_panels.iter().enumerate() {
                let products = multiply(rows(&scores, padded), values);
                let lanes = LANES.min(self.width - panel * LANES);
                for ((i, product), share) in products.iter().enumerate().zip(shares).take(count) {
                    let at = (start + i) * channels + first + panel * LANES;
                    for (to, from) in out[at..at + lanes].iter_mut().zip(product) {
                        *to = from * share;
                    }
                }
            }
        }
    }
}

/// Four rows of a matrix with rows of `len` numbers.
fn rows(matrix: &[f32], len: usize) -> [&[f32]; QUERIES] {
    std::array::from_fn(|i| &matrix[i * len..(i + 1) * len])
}

/// Four rows times eight columns; the sums stay in registers.
#[inline(always)]
fn multiply(rows: [&[f32]; QUERIES], panel: &[[f32; LANES]]) -> [[f32; LANES]; QUERIES] {
    let mut sums = [[0.0; LANES]; QUERIES];
    let rows = rows.map(|row| &row[..panel.len()]);
    for (i, columns) in panel.iter().enumerate() {
        for (sum, row) in sums.iter_mut().zip(rows) {
            for (sum, column) in sum.iter_mut().zip(columns) {
                *sum += row[i] * column;
            }
        }
    }
    sums
}

/// Turns a row of scores into exponentials relative to the largest, and sums them up.
fn exponentials(row: &mut [f32]) -> f32 {
    let mut largest = [f32::NEG_INFINITY; LANES];
    for chunk in row.as_chunks::<LANES>().0 {
        for (most, x) in largest.iter_mut().zip(chunk) {
            *most = if *x > *most { *x } else { *most };
        }
    }
    let largest = largest.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let mut sums = [0.0; LANES];
    for chunk in row.as_chunks_mut::<LANES>().0 {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *x = math::exp(*x - largest);
            *sum += *x;
        }
    }
    sums.iter().sum()
}
