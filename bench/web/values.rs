//! Inputs and weights that both sides make from a seed.

/// `count` values of mean 0 and deviation 1, uniform; `uniform` in `bench/peer/values.mjs` and in
/// `bench/peer/export.py` are the same.
pub(crate) fn uniform(count: usize, seed: u32) -> Vec<f32> {
    let offset = seed.wrapping_mul(0x9e37_79b9);
    let value = |at: u32| {
        let mut x = at.wrapping_add(offset);
        x ^= x >> 16;
        x = x.wrapping_mul(0x7feb_352d);
        x ^= x >> 15;
        x = x.wrapping_mul(0x846c_a68b);
        x ^= x >> 16;
        ((f64::from(x) / 4_294_967_296.0 * 2.0 - 1.0) * 3_f64.sqrt()) as f32
    };
    (0..count as u32).map(value).collect()
}

/// `[channels, pixels]` to `[pixels, channels]`, or back with the sides swapped.
pub(crate) fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|col| (0..rows).map(move |row| values[row * columns + col])).collect()
}
