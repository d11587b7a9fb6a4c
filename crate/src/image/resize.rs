//! Resizing as the reference does it: pictures by 8-bit Lanczos, masks bilinearly in float.

use super::{Frames, Mask, level, value_of};
use crate::geometry::Size;
use std::f64::consts::PI;

/// Fixed-point fraction of a Lanczos weight, in bits.
const PRECISION: u32 = 22;
/// Half width of the Lanczos window, in source pixels where the picture grows.
const LOBES: f64 = 3.0;

/// Resizes every frame by Pillow's LANCZOS on 8-bit levels.
///
/// Values are brought to levels by cutting off, so even a resize to the same size quantises.
pub fn lanczos(frames: &Frames, size: Size) -> Frames {
    let mut out = Frames::zeros(size, frames.count, frames.channels);
    if frames.size.is_empty() {
        return out;
    }
    for index in 0..frames.count {
        let levels: Vec<u8> = frames.frame(index).iter().map(|&value| level(value)).collect();
        let resized = lanczos_levels(levels, frames.size, size, frames.channels);
        for (value, level) in out.frame_mut(index).iter_mut().zip(resized) {
            *value = value_of(level);
        }
    }
    out
}

/// Resizes every frame by taking the nearest pixel to the centre of each new one.
pub fn nearest_exact(frames: &Frames, size: Size) -> Frames {
    let mut out = Frames::zeros(size, frames.count, frames.channels);
    if frames.size.is_empty() || size.is_empty() || frames.channels == 0 {
        return out;
    }
    let sources = |from: u32, to: u32| -> Vec<usize> {
        let scale = from as f32 / to as f32;
        let source = |at: u32| (((at as f32 + 0.5) * scale) as u32).min(from - 1) as usize;
        (0..to).map(source).collect()
    };
    let columns = sources(frames.size.width, size.width);
    let rows = sources(frames.size.height, size.height);
    let channels = frames.channels;
    for index in 0..frames.count {
        let source = frames.frame(index);
        let stride = frames.size.width as usize * channels;
        let places = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
        for (pixel, (row, column)) in out.frame_mut(index).chunks_exact_mut(channels).zip(places) {
            pixel.copy_from_slice(&source[row * stride + column * channels..][..channels]);
        }
    }
    out
}

/// Resizes by bilinear interpolation with half-pixel centres and without antialias.
pub fn bilinear(mask: &Mask, size: Size) -> Mask {
    if mask.size == size {
        return mask.clone();
    }
    if mask.size.is_empty() {
        return Mask::filled(size, 0.0);
    }
    let columns = taps(mask.size.width, size.width);
    let mut data = Vec::with_capacity(size.area());
    for tap in taps(mask.size.height, size.height) {
        let (upper, lower) = (mask.row(tap.near), mask.row(tap.far));
        data.extend(columns.iter().map(|column| {
            let mix = |row: &[f32]| {
                (1.0 - column.weight) * row[column.near as usize]
                    + column.weight * row[column.far as usize]
            };
            (1.0 - tap.weight) * mix(upper) + tap.weight * mix(lower)
        }));
    }
    Mask { size, data }
}

/// Two neighbouring source pixels and the share of the far one.
struct Tap {
    near: u32,
    far: u32,
    weight: f32,
}

fn taps(from: u32, to: u32) -> Vec<Tap> {
    let scale = from as f32 / to as f32;
    (0..to)
        .map(|index| {
            let position = (scale * (index as f32 + 0.5) - 0.5).max(0.0);
            let near = (position as u32).min(from - 1);
            Tap { near, far: (near + 1).min(from - 1), weight: position - near as f32 }
        })
        .collect()
}

/// Horizontal pass first, except where the width grows while the height shrinks.
fn lanczos_levels(levels: Vec<u8>, from: Size, to: Size, channels: usize) -> Vec<u8> {
    let between_rows = Size::new(from.width, to.height);
    let between_columns = Size::new(to.width, from.height);
    if to.width > from.width && to.height < from.height {
        let levels = vertical(levels, from, between_rows, channels);
        return horizontal(levels, between_rows, to, channels);
    }
    let levels = horizontal(levels, from, between_columns, channels);
    vertical(levels, between_columns, to, channels)
}

fn horizontal(levels: Vec<u8>, from: Size, to: Size, channels: usize) -> Vec<u8> {
    if from.width == to.width {
        return levels;
    }
    let windows = windows(from.width, to.width);
    let mut out = Vec::with_capacity(to.area() * channels);
    for row in levels.chunks_exact(from.width as usize * channels) {
        for window in &windows {
            for channel in 0..channels {
                let sum: i32 = window
                    .weights
                    .iter()
                    .enumerate()
                    .map(|(k, weight)| {
                        weight * i32::from(row[(window.first + k) * channels + channel])
                    })
                    .sum();
                out.push(store(sum));
            }
        }
    }
    out
}

fn vertical(levels: Vec<u8>, from: Size, to: Size, channels: usize) -> Vec<u8> {
    if from.height == to.height {
        return levels;
    }
    let stride = from.width as usize * channels;
    let mut out = Vec::with_capacity(to.area() * channels);
    let mut sums = vec![0i32; stride];
    for window in windows(from.height, to.height) {
        sums.fill(0);
        for (k, weight) in window.weights.iter().enumerate() {
            let row = &levels[(window.first + k) * stride..][..stride];
            for (sum, &level) in sums.iter_mut().zip(row) {
                *sum += weight * i32::from(level);
            }
        }
        out.extend(sums.iter().map(|&sum| store(sum)));
    }
    out
}

fn store(sum: i32) -> u8 {
    ((sum + (1 << (PRECISION - 1))) >> PRECISION).clamp(0, 255) as u8
}

/// The source pixels one output pixel is made of, with fixed-point weights.
struct Window {
    first: usize,
    weights: Vec<i32>,
}

fn windows(from: u32, to: u32) -> Vec<Window> {
    let scale = f64::from(from) / f64::from(to);
    let stretch = scale.max(1.0);
    let support = LOBES * stretch;
    (0..to)
        .map(|index| {
            let center = (f64::from(index) + 0.5) * scale;
            let first = (center - support + 0.5).max(0.0) as usize;
            let end = ((center + support + 0.5) as usize).min(from as usize);
            let weights: Vec<f64> = (first..end)
                .map(|pixel| lanczos_weight((pixel as f64 - center + 0.5) / stretch))
                .collect();
            let total: f64 = weights.iter().sum();
            Window { first, weights: weights.iter().map(|weight| fixed(weight / total)).collect() }
        })
        .collect()
}

fn fixed(weight: f64) -> i32 {
    (weight * f64::from(1 << PRECISION) + 0.5_f64.copysign(weight)).trunc() as i32
}

fn lanczos_weight(x: f64) -> f64 {
    if (-LOBES..LOBES).contains(&x) { sinc(x) * sinc(x / LOBES) } else { 0.0 }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (x * PI).sin() / (x * PI) }
}
