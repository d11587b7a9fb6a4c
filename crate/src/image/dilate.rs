//! Growing and shrinking of masks.

use super::Mask;

/// Grows a mask (`amount > 0`) or shrinks it (`amount < 0`), one pass of a square element.
///
/// `amount` is the full side of the square, so 10 grows by about 5 pixels a side; even sizes grow
/// one pixel more to the right and bottom. Beyond the border nothing takes part, so shrinking does
/// not eat into a mask from there. Soft values stay soft.
pub fn dilate(mask: &Mask, amount: i32) -> Mask {
    let side = amount.unsigned_abs() as usize;
    if side <= 1 || mask.size.is_empty() {
        return mask.clone();
    }
    let pick: fn(f32, f32) -> f32 = if amount > 0 { f32::max } else { f32::min };
    // The pixel itself is number `side / 2` of the element.
    let before = side / 2;
    let (width, height) = (mask.size.width as usize, mask.size.height as usize);
    let mut rows = vec![0.0; mask.data.len()];
    for (row, out) in mask.data.chunks_exact(width).zip(rows.chunks_exact_mut(width)) {
        for (x, out) in out.iter_mut().enumerate() {
            let reach = x.saturating_sub(before)..(x + side - before).min(width);
            *out = row[reach].iter().copied().reduce(pick).unwrap_or(row[x]);
        }
    }
    let mut data = rows.clone();
    for y in 0..height {
        for near in y.saturating_sub(before)..(y + side - before).min(height) {
            for x in 0..width {
                data[y * width + x] = pick(data[y * width + x], rows[near * width + x]);
            }
        }
    }
    Mask { size: mask.size, data }
}
