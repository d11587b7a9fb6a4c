//! Pictures for ControlNets to follow, made from a picture.
//!
//! The usual ones that need no network. Results have three channels and the size of the input.

mod canny;

use serde::{Deserialize, Serialize};

use self::canny::canny;
use super::Frames;
use super::resize::lanczos;
use crate::error::{Error, Result};
use crate::geometry::Size;

/// How a picture to follow is made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Preprocessor {
    /// White edges on black, Canny 1986, on the grey levels.
    Canny {
        /// Gradient from which an edge goes on, in shares of full white; 0 to 1.
        #[serde(default = "low")]
        low_threshold: f32,
        /// Gradient from which an edge begins, in shares of full white; 0 to 1.
        #[serde(default = "high")]
        high_threshold: f32,
    },
    /// White for black, for line drawings.
    Invert,
    /// A Gaussian blur.
    Blur {
        /// Standard deviation in pixels.
        #[serde(default = "sigma")]
        sigma: f32,
    },
    /// The picture with its details left out, for tile ControlNets: made smaller and larger again.
    Tile {
        /// How much smaller, each side; at least 1.
        #[serde(default = "factor")]
        down_sample: f32,
    },
}

fn low() -> f32 {
    0.1
}

fn high() -> f32 {
    0.2
}

fn sigma() -> f32 {
    9.0
}

fn factor() -> f32 {
    2.0
}

impl Preprocessor {
    /// Refuses numbers out of range.
    pub fn validate(&self) -> Result<()> {
        let check = |name: &'static str, value: f32, range: [f32; 2]| {
            if (range[0]..=range[1]).contains(&value) {
                return Ok(());
            }
            let range = format!("between {} and {}", range[0], range[1]);
            Err(Error::SettingRange { name, value: value.to_string(), range })
        };
        match *self {
            Self::Canny { low_threshold, high_threshold } => {
                check("low_threshold", low_threshold, [0.0, 1.0])?;
                check("high_threshold", high_threshold, [low_threshold, 1.0])
            }
            Self::Invert => Ok(()),
            Self::Blur { sigma } => check("sigma", sigma, [0.0, 100.0]),
            Self::Tile { down_sample } => check("down_sample", down_sample, [1.0, 64.0]),
        }
    }

    /// The picture to follow for every frame of `frames`.
    pub fn apply(self, frames: &Frames) -> Frames {
        match self {
            Self::Canny { low_threshold, high_threshold } => {
                canny(frames, low_threshold, high_threshold)
            }
            Self::Invert => {
                Frames { data: frames.data.iter().map(|value| 1.0 - value).collect(), ..*frames }
            }
            Self::Blur { sigma } => blurred(frames, sigma),
            Self::Tile { down_sample } => {
                let along = |side: u32| ((side as f32 / down_sample.max(1.0)) as u32).max(1);
                let small = Size::new(along(frames.size.width), along(frames.size.height));
                lanczos(&lanczos(frames, small), frames.size)
            }
        }
    }
}

/// A Gaussian cut off at three deviations; the border's pixels go on outside.
fn blurred(frames: &Frames, sigma: f32) -> Frames {
    let reach = (3.0 * sigma).ceil().max(0.0) as i64;
    if sigma <= 0.0 || reach == 0 || frames.size.is_empty() {
        return frames.clone();
    }
    let weights: Vec<f32> =
        (-reach..=reach).map(|at| (-(at * at) as f32 / (2.0 * sigma * sigma)).exp()).collect();
    let sum: f32 = weights.iter().sum();
    let (width, height) = (frames.size.width as i64, frames.size.height as i64);
    let along = |frames: &Frames, step: [i64; 2]| {
        let mut out = Frames::zeros(frames.size, frames.count, frames.channels);
        for index in 0..frames.count {
            let source = frames.frame(index);
            for (pixel, values) in
                out.frame_mut(index).chunks_exact_mut(frames.channels).enumerate()
            {
                let (x, y) = (pixel as i64 % width, pixel as i64 / width);
                for (offset, weight) in (-reach..=reach).zip(&weights) {
                    let x = (x + offset * step[0]).clamp(0, width - 1);
                    let y = (y + offset * step[1]).clamp(0, height - 1);
                    let at = (y * width + x) as usize * frames.channels;
                    for (value, source) in values.iter_mut().zip(&source[at..]) {
                        *value += weight / sum * source;
                    }
                }
            }
        }
        out
    };
    along(&along(frames, [1, 0]), [0, 1])
}
