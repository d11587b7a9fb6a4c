//! Scalar and tensor steps the samplers share.

use std::collections::VecDeque;

use burn::tensor::{DType, Device, Tensor, TensorData};

use crate::error::{Error, Result};

/// Derivative `dx/dsigma` of the probability flow, Karras et al. 2022, eq. 1 with `s(t) = 1`.
pub fn to_d(x: &Tensor<4>, sigma: f32, denoised: &Tensor<4>) -> Tensor<4> {
    (x.clone() - denoised.clone()) / sigma
}

/// Splits a step into the level to go down to and the noise to put back on top.
///
/// Returns `(sigma_down, sigma_up)` with `sigma_down² + sigma_up² = sigma_next²` and `eta = 1`.
pub fn get_ancestral_step(sigma: f32, sigma_next: f32) -> (f32, f32) {
    let (a, b) = (f64::from(sigma), f64::from(sigma_next));
    let up = (b * b * (a * a - b * b) / (a * a)).max(0.0).sqrt().min(b);
    ((b * b - up * up).max(0.0).sqrt() as f32, up as f32)
}

/// The last few tensors of a multistep sampler, newest first.
#[derive(Debug)]
pub struct History {
    order: usize,
    items: VecDeque<Tensor<4>>,
}

impl History {
    /// Remembers up to `order` tensors.
    pub fn new(order: usize) -> Self {
        Self { order, items: VecDeque::with_capacity(order + 1) }
    }

    /// Adds the newest and forgets the oldest.
    pub fn push(&mut self, tensor: Tensor<4>) {
        self.items.push_front(tensor);
        self.items.truncate(self.order);
    }

    /// Puts another in the place of the newest.
    pub fn replace(&mut self, tensor: Tensor<4>) {
        self.items.pop_front();
        self.push(tensor);
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing was pushed yet.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The tensor pushed `back` pushes before the newest.
    pub fn get(&self, back: usize) -> Option<&Tensor<4>> {
        self.items.get(back)
    }

    /// Sum of the newest tensors times `weights`, newest first; there is a weight or more.
    pub fn weighted_sum(&self, weights: &[f64]) -> Tensor<4> {
        let mut terms =
            self.items.iter().zip(weights).map(|(tensor, w)| tensor.clone() * *w as f32);
        let first = terms.next().expect("a sampler pushes before it sums");
        terms.fold(first, |sum, term| sum + term)
    }
}

/// Weights `w` with `sum_j nodes[j]^m w[j] = moments[m]` for every power `m` from 0.
///
/// The nodes differ from each other, and there are as many as moments.
pub fn moment_weights(nodes: &[f64], moments: &[f64]) -> Vec<f64> {
    let count = nodes.len();
    let mut rows: Vec<Vec<f64>> = (0..count)
        .map(|power| {
            let powers = nodes.iter().map(|node| node.powi(power as i32));
            powers.chain([moments[power]]).collect()
        })
        .collect();
    for pivot in 0..count {
        let pivot_row = rows[pivot].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != pivot) {
            let factor = row[pivot] / pivot_row[pivot];
            row.iter_mut().zip(&pivot_row).for_each(|(value, other)| *value -= factor * other);
        }
    }
    (0..count).map(|row| rows[row][count] / rows[row][row]).collect()
}

/// A latent in f32 whatever the device computes networks in.
///
/// # Shapes
/// - `values`: `shape` flattened, last axis fastest
pub fn latent_tensor(values: Vec<f32>, shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values, shape), (device, DType::F32))
}

/// Waits until the device has computed `tensor`: its first value is read back.
pub async fn computed(tensor: &Tensor<4>) -> Result<()> {
    read_back(tensor.clone().slice([0..1, 0..1, 0..1, 0..1])).await.map(drop)
}

/// Waits for the device and copies `tensor` to memory, last axis fastest.
pub async fn read_back<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let data = tensor.into_data_async().await;
    data.map_err(|error| format!("{error:?}"))
        .and_then(|data| data.convert::<f32>().try_to_vec().map_err(|error| format!("{error:?}")))
        .map_err(|reason| Error::Device { reason })
}
