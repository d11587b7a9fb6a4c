//! How what several windows say of a frame becomes one.

use serde::{Deserialize, Serialize};

use super::ContextOptions;

/// How much each frame of a window counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FuseMethod {
    /// The most in the middle, falling evenly to both ends.
    Pyramid,
    /// The same, by the distance from the middle frame.
    Relative,
    /// All alike.
    Flat,
    /// All alike but for the overlap with other windows, where they fade.
    OverlapLinear,
}

/// Weight of a window's outermost frame where it fades.
const FAINTEST: f32 = 1e-37;
/// Least weight of [`FuseMethod::Relative`].
const LEAST: f32 = 0.01;

impl FuseMethod {
    /// Every name, in the order to list them.
    pub const NAMES: [&str; 4] = ["pyramid", "relative", "flat", "overlap-linear"];

    /// A weight for every frame of `window`, in a clip of `frames` frames.
    pub fn weights(self, window: &[usize], frames: usize, overlap: usize) -> Vec<f32> {
        let length = window.len();
        let each = 0..length;
        match self {
            Self::Flat => vec![1.0; length],
            Self::Pyramid => each.map(|index| (index + 1).min(length - index) as f32).collect(),
            Self::Relative => {
                let [first, last] =
                    [window.first(), window.last()].map(|f| f.map_or(0.0, |frame| *frame as f32));
                let (centre, half) = ((first + last) / 2.0, (last - first + 0.01) / 2.0);
                let weight = |frame: &usize| 1.0 - (*frame as f32 - centre).abs() / half;
                window.iter().map(|frame| weight(frame).max(LEAST)).collect()
            }
            Self::OverlapLinear => {
                let overlap = overlap.min(length);
                let mut weights = vec![1.0; length];
                let ramp = |index: usize| {
                    let share = index as f32 / overlap.saturating_sub(1).max(1) as f32;
                    FAINTEST + share * (1.0 - FAINTEST)
                };
                if window.iter().all(|frame| *frame > 0) {
                    (0..overlap).for_each(|index| weights[index] = ramp(index));
                }
                if window.iter().all(|frame| frame + 1 < frames) {
                    (0..overlap).for_each(|index| weights[length - 1 - index] = ramp(index));
                }
                weights
            }
        }
    }
}

/// The mean over the windows of a step, as a matrix: `frames` rows, a column for every frame of
/// every window in turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Fusion {
    /// Rows.
    pub frames: usize,
    /// Row by row; the values of a row sum to 1.
    pub matrix: Vec<f32>,
}

impl Fusion {
    /// The mean that `options` ask for.
    pub fn new(options: &ContextOptions, windows: &[Vec<usize>], frames: usize) -> Self {
        let columns: usize = windows.iter().map(Vec::len).sum();
        let mut matrix = vec![0.0_f32; frames * columns];
        let mut column = 0;
        for window in windows {
            let weights = options.fuse_method.weights(window, frames, options.overlap);
            for (&frame, weight) in window.iter().zip(weights) {
                matrix[frame * columns + column] = weight;
                column += 1;
            }
        }
        for row in matrix.chunks_mut(columns.max(1)) {
            let sum: f32 = row.iter().sum();
            row.iter_mut().for_each(|weight| *weight /= sum);
        }
        Self { frames, matrix }
    }
}
