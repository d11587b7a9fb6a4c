//! What a UNet is told besides text and time: the text as one vector, and numbers about the picture,
//! each as sinusoids (Podell et al. 2023, section 2.2).

use burn::tensor::Tensor;

use crate::nn::timestep_embedding;

/// Sinusoids per number.
const CHANNELS: usize = 256;

/// A text's vector, then cosines and sines of every number.
///
/// # Shapes
/// - `pooled`: `[1, width]`; output: `[1, width + 256 * numbers.len()]`
pub fn label(pooled: &Tensor<2>, numbers: &[f32]) -> Tensor<2> {
    let sinusoids = timestep_embedding(numbers, CHANNELS, &pooled.device());
    let sinusoids = sinusoids.reshape([1, numbers.len() * CHANNELS]);
    Tensor::cat(vec![pooled.clone(), sinusoids], 1)
}
