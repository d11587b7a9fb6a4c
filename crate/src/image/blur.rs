//! Feathering of masks.

use super::Mask;

/// Width of the bell in pixels, whatever the kernel size: small feathers are nearly box blurs.
const SIGMA: f32 = 10.0;

/// Blurs a mask with a Gaussian window reaching `kernel` pixels to every side.
///
/// The bell is always 10 pixels wide, so `kernel` only says where it is cut off. Borders reflect
/// (the edge pixel is not repeated), hence a mask that touches the border is not feathered there.
/// The window shrinks on masks too small for it; 0 changes nothing.
pub fn gaussian_blur_mask(mask: &Mask, kernel: u32) -> Mask {
    let Some(reach) = effective_reach(mask, kernel) else { return mask.clone() };
    let weights = window(reach);
    let blurred_rows = blur_rows(mask, &weights);
    blur_columns(&blurred_rows, &weights)
}

/// Pixels to either side that take part, or none if nothing is to be done.
fn effective_reach(mask: &Mask, kernel: u32) -> Option<usize> {
    if kernel == 0 {
        return None;
    }
    let side = mask.size.width.min(mask.size.height);
    let mut width = kernel.saturating_mul(2).saturating_add(1);
    if side <= width {
        width = side / 2;
        width += u32::from(width.is_multiple_of(2));
    }
    (width >= 3).then_some(width as usize / 2)
}

fn window(reach: usize) -> Vec<f32> {
    let bell: Vec<f32> = (0..=2 * reach)
        .map(|index| (-0.5 * ((index as f32 - reach as f32) / SIGMA).powi(2)).exp())
        .collect();
    let total: f32 = bell.iter().sum();
    bell.iter().map(|value| value / total).collect()
}

fn blur_rows(mask: &Mask, weights: &[f32]) -> Mask {
    let width = mask.size.width as usize;
    let reach = weights.len() / 2;
    let mut padded = vec![0.0; width + 2 * reach];
    let mut data = vec![0.0; mask.data.len()];
    for (row, out) in mask.data.chunks_exact(width).zip(data.chunks_exact_mut(width)) {
        for (index, value) in padded.iter_mut().enumerate() {
            *value = row[reflect(index, reach, width)];
        }
        for (k, weight) in weights.iter().enumerate() {
            add_scaled(out, &padded[k..k + width], *weight);
        }
    }
    Mask { size: mask.size, data }
}

fn blur_columns(mask: &Mask, weights: &[f32]) -> Mask {
    let (width, height) = (mask.size.width as usize, mask.size.height as usize);
    let reach = weights.len() / 2;
    let mut data = vec![0.0; mask.data.len()];
    for (y, out) in data.chunks_exact_mut(width).enumerate() {
        for (k, weight) in weights.iter().enumerate() {
            let row = reflect(y + k, reach, height);
            add_scaled(out, &mask.data[row * width..(row + 1) * width], *weight);
        }
    }
    Mask { size: mask.size, data }
}

/// The pixel behind `index` of a line with `reach` more pixels on either side.
fn reflect(index: usize, reach: usize, len: usize) -> usize {
    let inside = index.abs_diff(reach);
    if inside < len { inside } else { 2 * (len - 1) - inside }
}

fn add_scaled(out: &mut [f32], row: &[f32], weight: f32) {
    for (out, value) in out.iter_mut().zip(row) {
        *out += weight * value;
    }
}
