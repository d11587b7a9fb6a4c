//! Seeded noise, number for number as PyTorch's CPU generator gives it.

mod brownian;
mod layout;
mod mersenne;
mod normal;
pub mod seed_sequence;

pub use brownian::Brownian;
pub use layout::NoiseLayout;
pub use mersenne::Mt19937;
pub use normal::Generator;

/// Standard normal values of a fresh generator.
pub fn randn(seed: u64, len: usize) -> Vec<f32> {
    Generator::new(seed).normal(len)
}

/// The initial noise for latents of `shape` (`[batch, channels, height, width]`).
///
/// Without `batch_index` one draw covers the batch. With it, single items are drawn one after the
/// other and item `i` of the result is number `batch_index[i]` of them; the batch is then as long
/// as the list. Only the low 32 bits of the seed matter.
pub fn prepare_noise(seed: u64, shape: [usize; 4], batch_index: Option<&[usize]>) -> Vec<f32> {
    let item_len = shape[1] * shape[2] * shape[3];
    let Some(indices) = batch_index else { return randn(seed, shape[0] * item_len) };
    let mut generator = Generator::new(seed);
    let drawn = indices.iter().max().map_or(0, |last| last + 1);
    let mut out = vec![0.0; indices.len() * item_len];
    for number in 0..drawn {
        let item = generator.normal(item_len);
        for (place, _) in indices.iter().enumerate().filter(|(_, index)| **index == number) {
            out[place * item_len..(place + 1) * item_len].copy_from_slice(&item);
        }
    }
    out
}
