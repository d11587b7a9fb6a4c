//! How the initial noise is laid out over the frames of a clip.

use serde::{Deserialize, Serialize};

use super::{Generator, Mt19937, randn};

/// Where each frame's noise comes from. Names are AnimateDiff-Evolved's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoiseLayout {
    /// One draw for all frames.
    #[default]
    #[serde(rename = "default")]
    OneDraw,
    /// A generator for each frame, seeded one higher than that of the frame before it.
    #[serde(rename = "auto1111")]
    Auto1111,
    /// The first frame's for all of them.
    #[serde(rename = "constant")]
    Constant,
    /// The first window's again and again.
    #[serde(rename = "repeated_context")]
    RepeatedContext,
    /// The first window's again and again, shuffled (Qiu et al. 2023).
    #[serde(rename = "FreeNoise")]
    FreeNoise,
}

impl NoiseLayout {
    /// Every name, in the order to list them.
    pub const NAMES: [&str; 5] =
        ["default", "auto1111", "constant", "repeated_context", "FreeNoise"];

    /// Noise for `frames` frames of `frame_len` values each; windows have `length` frames and share
    /// `overlap` with their neighbours.
    pub fn draw(
        self,
        seed: u64,
        [frames, frame_len]: [usize; 2],
        [length, overlap]: [usize; 2],
    ) -> Vec<f32> {
        if self == Self::Auto1111 {
            return (0..frames as u64)
                .flat_map(|frame| randn(seed.wrapping_add(frame), frame_len))
                .collect();
        }
        let drawn = Generator::new(seed).normal(frames * frame_len);
        let taken = |place: usize| &drawn[place * frame_len..(place + 1) * frame_len];
        let sources = self.sources(seed, frames, length.max(1), overlap);
        sources.into_iter().flat_map(|place| taken(place).iter().copied()).collect()
    }

    /// For every frame, the frame of one long draw whose noise it gets.
    fn sources(self, seed: u64, frames: usize, length: usize, overlap: usize) -> Vec<usize> {
        let mut sources: Vec<usize> = (0..frames).collect();
        match self {
            Self::OneDraw | Self::Auto1111 => {}
            Self::Constant => sources.fill(0),
            Self::RepeatedContext => sources.iter_mut().for_each(|place| *place %= length),
            Self::FreeNoise => {
                let mut twister = Mt19937::new(seed as u32);
                let moved = length.saturating_sub(overlap).max(1);
                for start in (0..frames.saturating_sub(length)).step_by(moved) {
                    let mut order = permutation(&mut twister, moved);
                    order.truncate(frames - start - length);
                    for (index, place) in order.into_iter().enumerate() {
                        sources[start + length + index] = sources[start + place];
                    }
                }
            }
        }
        sources
    }
}

/// Fisher and Yates' shuffle in the order PyTorch goes about it.
fn permutation(twister: &mut Mt19937, len: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    for index in 0..len.saturating_sub(1) {
        let other = twister.next_u32() as usize % (len - index);
        order.swap(index, index + other);
    }
    order
}
