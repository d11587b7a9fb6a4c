//! Exponential and what is made of it, without branches or calls, so that loops over them become
//! vector instructions.

use std::f32::consts::LOG2_E;

/// Added to a number below 2^22 this leaves its nearest integer in the lowest bits.
const ROUND: f32 = 12_582_912.0;
/// Logarithm of 2 in two parts, the first with few enough bits to multiply exactly.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `e^x` to two units in the last place (the polynomial is Cephes'), for `x` in -87..88; beyond, the
/// value at the border.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let mut p = 1.987_569_1e-4;
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = p * r + coefficient;
    }
    let mantissa = p * r * r + r + 1.0;
    // The integer moved to the exponent; what else `ROUND` left in the bits falls out on the left.
    mantissa * f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()))
}

/// `x / (1 + e^-x)`.
#[inline(always)]
pub(super) fn silu(x: f32) -> f32 {
    x / (1.0 + exp(-x))
}

/// `x * sigmoid(1.702 x)`.
#[inline(always)]
pub(super) fn quick_gelu(x: f32) -> f32 {
    x / (1.0 + exp(-1.702 * x))
}

/// `x * Phi(x)`, with the error function of Abramowitz and Stegun 7.1.26, right to 1.5e-7.
#[inline(always)]
pub(super) fn gelu(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let mut p = 1.061_405_4;
    for coefficient in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        p = p * t + coefficient;
    }
    // One minus the error function of |x| / sqrt 2.
    let tail = p * t * exp(-z * z);
    let positive = if x > 0.0 { x } else { 0.0 };
    positive - 0.5 * x.abs() * tail
}
