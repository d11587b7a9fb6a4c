//! Edges after Canny 1986: blur, gradient, thinning, hysteresis.

use std::f32::consts::PI;

use super::blurred;
use crate::image::{Frames, Mask};

/// Blur before the gradient, as standard deviation in pixels.
const SIGMA: f32 = 1.0;
/// Shares of red, green and blue in grey (ITU-R BT.601).
const GREY: [f32; 3] = [0.299, 0.587, 0.114];

/// White edges on black. Thresholds are gradients in shares of the steepest a Sobel filter can find
/// between black and white.
pub(super) fn canny(frames: &Frames, low: f32, high: f32) -> Frames {
    let mut out = Frames::zeros(frames.size, frames.count, 3);
    if frames.size.is_empty() {
        return out;
    }
    for index in 0..frames.count {
        let pixels = frames.frame(index).chunks_exact(frames.channels);
        let grey = |pixel: &[f32]| match pixel {
            [r, g, b, ..] => GREY[0] * r + GREY[1] * g + GREY[2] * b,
            _ => pixel.first().copied().unwrap_or_default(),
        };
        let grey = Frames { count: 1, channels: 1, data: pixels.map(grey).collect(), ..*frames };
        let grey = Mask { size: frames.size, data: blurred(&grey, SIGMA).data };
        let edges = edges(&grey, low, high);
        for (pixel, edge) in out.frame_mut(index).chunks_exact_mut(3).zip(edges) {
            pixel.fill(f32::from(u8::from(edge)));
        }
    }
    out
}

fn edges(grey: &Mask, low: f32, high: f32) -> Vec<bool> {
    let (width, height) = (i64::from(grey.size.width), i64::from(grey.size.height));
    let place = |x: i64, y: i64| (y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize;
    let all = || (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)));
    let gradients: Vec<[f32; 2]> = all()
        .map(|(x, y)| {
            let at = |dx: i64, dy: i64| grey.data[place(x + dx, y + dy)];
            let slope = |across: [f32; 3], back: [f32; 3]| {
                (across[0] - back[0] + 2.0 * (across[1] - back[1]) + across[2] - back[2]) / 4.0
            };
            let column = |dx| [at(dx, -1), at(dx, 0), at(dx, 1)];
            let row = |dy| [at(-1, dy), at(0, dy), at(1, dy)];
            [slope(column(1), column(-1)), slope(row(1), row(-1))]
        })
        .collect();
    let steepness: Vec<f32> = gradients.iter().map(|[x, y]| x.hypot(*y)).collect();
    let is_ridge = |x: i64, y: i64| {
        let [gx, gy] = gradients[place(x, y)];
        // One of four directions, to the nearest eighth of a turn.
        let eighth = (gy.atan2(gx) / (PI / 4.0)).round() as i64;
        let (dx, dy) = [(1, 0), (1, 1), (0, 1), (-1, 1)][eighth.rem_euclid(4) as usize];
        let own = steepness[place(x, y)];
        own >= steepness[place(x + dx, y + dy)] && own > steepness[place(x - dx, y - dy)]
    };
    let thin: Vec<f32> =
        all().map(|(x, y)| if is_ridge(x, y) { steepness[place(x, y)] } else { 0.0 }).collect();
    let mut found = vec![false; thin.len()];
    let mut open: Vec<(i64, i64)> = all().filter(|(x, y)| thin[place(*x, *y)] > high).collect();
    while let Some((x, y)) = open.pop() {
        if std::mem::replace(&mut found[place(x, y)], true) {
            continue;
        }
        for (dx, dy) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))) {
            let (x, y) = (x + dx, y + dy);
            let is_inside = (0..width).contains(&x) && (0..height).contains(&y);
            if is_inside && thin[place(x, y)] > low && !found[place(x, y)] {
                open.push((x, y));
            }
        }
    }
    found
}
