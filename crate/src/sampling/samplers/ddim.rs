//! DDIM with `eta = 0`, which in sigma space is Euler.

use burn::tensor::Tensor;

use super::euler;
use crate::error::Result;
use crate::sampling::Run;

/// Song et al. 2021, eq. 13; differs from [`euler`] only in the noise under a noise mask.
pub(super) async fn sample(run: &mut Run<'_>, x: Tensor<4>, sigmas: &[f32]) -> Result<Tensor<4>> {
    euler::sample(run, x, sigmas).await
}
