//! Which frames go together, step by step.

use serde::{Deserialize, Serialize};

use super::ContextOptions;

/// How windows follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContextSchedule {
    /// The same windows in every step, the last one moved back to end with the clip.
    #[serde(rename = "standard static")]
    StandardStatic,
    /// Windows that begin elsewhere in every step, kept inside the clip.
    #[serde(rename = "standard uniform")]
    StandardUniform,
    /// The same, going on from the last frame to the first.
    #[serde(rename = "looped uniform")]
    LoopedUniform,
    /// One block after the other, sharing nothing.
    #[serde(rename = "batched")]
    Batched,
}

impl ContextSchedule {
    /// Every name, in the order to list them.
    pub const NAMES: [&str; 4] =
        ["standard static", "standard uniform", "looped uniform", "batched"];
}

/// Windows over `frames` frames in step `step` of a run. Each window lists its frames in order; every
/// frame is in one at least.
pub fn windows(options: &ContextOptions, frames: usize, step: usize) -> Vec<Vec<usize>> {
    let length = options.length.max(1);
    let is_looped = options.schedule == ContextSchedule::LoopedUniform;
    if frames < length || frames == length && !is_looped {
        return vec![(0..frames).collect()];
    }
    match options.schedule {
        ContextSchedule::StandardStatic => fixed(options, frames),
        ContextSchedule::StandardUniform => inside(looped(options, frames, step), frames, length),
        ContextSchedule::LoopedUniform => looped(options, frames, step),
        ContextSchedule::Batched => {
            let blocks = (0..frames).step_by(length);
            blocks.map(|first| (first..(first + length).min(frames)).collect()).collect()
        }
    }
}

fn fixed(
    ContextOptions { length, overlap, .. }: &ContextOptions,
    frames: usize,
) -> Vec<Vec<usize>> {
    let last = frames - length;
    let mut windows = Vec::new();
    for first in (0..).step_by(length.saturating_sub(*overlap).max(1)) {
        let first = last.min(first);
        windows.push((first..first + length).collect());
        if first == last {
            break;
        }
    }
    windows
}

/// Windows that wrap around the end of the clip.
fn looped(options: &ContextOptions, frames: usize, step: usize) -> Vec<Vec<usize>> {
    let ContextOptions { length, overlap, stride, closed_loop, .. } = *options;
    let doublings = (frames as f64 / length as f64).log2().ceil() as usize + 1;
    let (place, mut windows) = (halving(step), Vec::new());
    for exponent in 0..stride.clamp(1, doublings) {
        let apart = 1 << exponent;
        let pad = (frames as f64 * place).round_ties_even() as usize;
        let begin = (place * apart as f64) as usize + pad;
        let shared = if closed_loop { 0 } else { overlap };
        let end = (frames + pad).saturating_sub(shared);
        for first in (begin..end).step_by((length * apart).saturating_sub(overlap).max(1)) {
            windows.push((0..length).map(|index| (first + index * apart) % frames).collect());
        }
    }
    windows
}

/// Windows that wrapped around moved to end with the clip. Where the next one then lacks the frame
/// at which it began anew, a window from that frame is put in. None comes twice.
fn inside(mut windows: Vec<Vec<usize>>, frames: usize, length: usize) -> Vec<Vec<usize>> {
    let mut kept: Vec<Vec<usize>> = Vec::new();
    let mut index = 0;
    while index < windows.len() {
        if let Some(turn) = windows[index].windows(2).position(|pair| pair[1] < pair[0]) {
            let anew = windows[index][turn + 1];
            windows[index] = moved_to_end(&windows[index], frames);
            let next = (index + 1) % windows.len();
            if !windows[next].contains(&anew) {
                let first = anew.min(frames - length);
                windows.insert(index + 1, (first..first + length).collect());
            }
        }
        if !kept.contains(&windows[index]) {
            kept.push(windows[index].clone());
        }
        index += 1;
    }
    kept
}

fn moved_to_end(window: &[usize], frames: usize) -> Vec<usize> {
    let first = window.first().copied().unwrap_or_default();
    let from_start = window.iter().map(|frame| (frame + frames - first) % frames);
    let from_start: Vec<usize> = from_start.collect();
    let last = from_start.last().copied().unwrap_or_default();
    from_start.iter().map(|frame| frame + frames - 1 - last).map(|frame| frame % frames).collect()
}

/// 0, 1/2, 1/4, 3/4, ...: the bits of `step` behind the point, the lowest first.
fn halving(step: usize) -> f64 {
    (step as u64).reverse_bits() as f64 / 2.0_f64.powi(64)
}
