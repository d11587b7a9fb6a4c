//! Normal values from uniform ones: Box and Muller's transform in the very operations of PyTorch's
//! x86 kernel, so that results agree to the last bit.
//!
//! Logarithm, sine and cosine are the single-precision polynomials of Moshier's Cephes library,
//! with multiply-adds fused where that kernel fuses them.

use super::Mt19937;
use std::f64::consts::PI;

/// Values transformed together; the first half gets cosines, the second sines.
const BLOCK: usize = 16;
const HALF: usize = BLOCK / 2;

/// A running generator of standard normal values.
#[derive(Debug, Clone)]
pub struct Generator {
    twister: Mt19937,
    /// Second half of the last pair a small draw made, not yet used.
    spare: Option<f64>,
}

impl Generator {
    /// Seeded; only the low 32 bits of the seed matter.
    pub fn new(seed: u64) -> Self {
        Self { twister: Mt19937::new(seed as u32), spare: None }
    }

    /// The next `len` values. How the generator is used up depends on `len`: draws of fewer than
    /// 16 values take another path, and two draws are not one long one.
    pub fn normal(&mut self, len: usize) -> Vec<f32> {
        if len < BLOCK {
            return (0..len).map(|_| self.single() as f32).collect();
        }
        let mut values: Vec<f32> = (0..len).map(|_| self.uniform()).collect();
        for block in values.as_chunks_mut::<BLOCK>().0 {
            transform(block);
        }
        if !len.is_multiple_of(BLOCK) {
            let mut tail = std::array::from_fn(|_| self.uniform());
            transform(&mut tail);
            values[len - BLOCK..].copy_from_slice(&tail);
        }
        values
    }

    fn uniform(&mut self) -> f32 {
        (self.twister.next_u32() & 0x00FF_FFFF) as f32 / 16_777_216.0
    }

    fn uniform_f64(&mut self) -> f64 {
        (self.twister.next_u64() & ((1 << 53) - 1)) as f64 / 9_007_199_254_740_992.0
    }

    fn single(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let angle = 2.0 * PI * self.uniform_f64();
        let radius = (-2.0 * (-self.uniform_f64()).ln_1p()).sqrt();
        self.spare = Some(radius * angle.sin());
        radius * angle.cos()
    }
}

fn transform(block: &mut [f32; BLOCK]) {
    for index in 0..HALF {
        let radius = (-2.0 * log(1.0 - block[index])).sqrt();
        let (sin, cos) = sin_cos(std::f32::consts::TAU * block[index + HALF]);
        block[index] = radius * cos;
        block[index + HALF] = radius * sin;
    }
}

/// Natural logarithm of a positive normal number.
fn log(x: f32) -> f32 {
    const P: [f32; 9] = [
        7.037_683_6e-2,
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ];
    let bits = x.to_bits();
    let mut exponent = ((bits >> 23) & 0xFF) as f32 - 126.0;
    let mut m = f32::from_bits((bits & 0x007F_FFFF) | 0x3F00_0000);
    if m < std::f32::consts::FRAC_1_SQRT_2 {
        exponent -= 1.0;
        m = (m - 1.0) + m;
    } else {
        m -= 1.0;
    }
    let z = m * m;
    let mut y = P[0];
    for p in &P[1..] {
        y = y.mul_add(m, *p);
    }
    y *= m;
    y = y.mul_add(z, exponent * -2.121_944_4e-4);
    y = (-z).mul_add(0.5, y);
    exponent.mul_add(0.693_359_4, m + y)
}

/// Sine and cosine of an angle that is not negative.
fn sin_cos(angle: f32) -> (f32, f32) {
    let octant = ((angle * 1.273_239_5) as i32 + 1) & !1;
    let y = octant as f32;
    let r = y.mul_add(-0.785_156_25, angle);
    let r = y.mul_add(-2.418_756_5e-4, r);
    let r = y.mul_add(-3.774_895e-8, r);
    let z = r * r;
    let c = 2.443_315_7e-5f32.mul_add(z, -1.388_731_6e-3).mul_add(z, 4.166_664_6e-2) * z;
    let c = c.mul_add(z, -(0.5 * z)) + 1.0;
    let s = (-1.951_529_6e-4f32).mul_add(z, 8.332_161e-3).mul_add(z, -1.666_665_5e-1) * z;
    let s = s.mul_add(r, r);
    let (sin, cos) = if octant & 2 == 0 { (s, c) } else { (c, s) };
    let sin = if octant & 4 == 0 { sin } else { -sin };
    let cos = if (octant - 2) & 4 == 0 { -cos } else { cos };
    (sin, cos)
}
