//! Group normalisation and the SiLU after it.

use burn::tensor::Tensor;

use super::{floats, floats_mut, math};

/// Pixels summed in single precision before the sum is widened.
const PIXELS: usize = 64;

/// See [`crate::ops::group_norm`].
pub(in crate::ops) fn group_norm(
    x: Tensor<4>,
    groups: usize,
    gamma: &Tensor<1>,
    beta: &Tensor<1>,
    eps: f32,
    silu: bool,
) -> Tensor<4> {
    let [_, height, width, channels] = x.dims();
    let device = x.device();
    let mut x = x.into_data();
    let [gamma, beta] = [gamma, beta].map(|v| v.clone().into_data());
    for item in floats_mut(&mut x).chunks_exact_mut(height * width * channels) {
        let mean = group_means(item, channels, groups, |_, x| x);
        let variance = group_means(item, channels, groups, |c, x| (x - mean[c]) * (x - mean[c]));
        let scale: Vec<f32> = variance
            .iter()
            .zip(floats(&gamma))
            .map(|(v, gamma)| gamma / (v + eps).sqrt())
            .collect();
        let beta = floats(&beta);
        for pixel in item.chunks_exact_mut(channels) {
            for (c, x) in pixel.iter_mut().enumerate() {
                *x = (*x - mean[c]) * scale[c] + beta[c];
            }
        }
        if silu {
            item.iter_mut().for_each(|x| *x = math::silu(*x));
        }
    }
    Tensor::from_data(x, &device)
}

/// Means over groups of `f(channel, value)`, repeated for every channel of the group.
fn group_means(
    item: &[f32],
    channels: usize,
    groups: usize,
    f: impl Fn(usize, f32) -> f32,
) -> Vec<f32> {
    let mut sums = vec![0.0_f64; channels];
    let mut partial = vec![0.0_f32; channels];
    for pixels in item.chunks(PIXELS * channels) {
        partial.fill(0.0);
        for pixel in pixels.chunks_exact(channels) {
            for (c, (sum, x)) in partial.iter_mut().zip(pixel).enumerate() {
                *sum += f(c, *x);
            }
        }
        sums.iter_mut().zip(&partial).for_each(|(sum, part)| *sum += f64::from(*part));
    }
    let per_group = channels / groups;
    let count = (item.len() / groups) as f64;
    let means = sums.chunks_exact(per_group).map(|group| group.iter().sum::<f64>() / count);
    means.flat_map(|mean| std::iter::repeat_n(mean as f32, per_group)).collect()
}
