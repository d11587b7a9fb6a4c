//! Numbers that may differ from frame to frame and from place to place.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::window::Window;
use crate::error::{Error, Result};
use crate::geometry::Size;
use crate::image::Mask;
use crate::image::resize::bilinear;
use crate::models::motion::Gain;
use crate::sampling::math::latent_tensor;

/// AnimateDiff-Evolved's MULTIVAL: how strongly motion counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Multival {
    /// Everywhere alike.
    Same(f32),
    /// A number for each frame.
    PerFrame(Vec<f32>),
    /// By masks.
    #[serde(skip)]
    Masks {
        /// The number where a mask is 0.
        min: f32,
        /// The number where it is 1.
        max: f32,
        /// Of any size, stretched over the frames: one for all, or one for each.
        masks: Vec<Mask>,
    },
}

impl Default for Multival {
    fn default() -> Self {
        Self::Same(1.0)
    }
}

impl Multival {
    /// Refuses lists of another length than the clip; a single entry serves all frames.
    pub fn check(&self, what: &'static str, frames: usize) -> Result<()> {
        let found = match self {
            Self::Same(_) => return Ok(()),
            Self::PerFrame(values) => values.len(),
            Self::Masks { masks, .. } => masks.len(),
        };
        if found == 1 || found == frames {
            return Ok(());
        }
        Err(Error::FrameCount { what, expected: frames, found })
    }

    /// Largest and least number it may give.
    pub fn extremes(&self) -> [f32; 2] {
        let of = |values: &[f32]| {
            let least = values.iter().copied().fold(f32::INFINITY, f32::min);
            [values.iter().copied().fold(f32::NEG_INFINITY, f32::max), least]
        };
        match self {
            Self::Same(value) => [*value; 2],
            Self::PerFrame(values) => of(values),
            Self::Masks { min, max, .. } => of(&[*min, *max]),
        }
    }

    /// The numbers of the frames in `window`.
    pub(super) fn gain<'a>(&'a self, window: &'a Window, device: &'a Device) -> Gain<'a> {
        let cells = |[height, width]: [usize; 2], of: &dyn Fn(usize, Size) -> Vec<f32>| {
            let size = Size::new(width as u32, height as u32);
            let data = window.places().iter().flat_map(|place| of(*place, size)).collect();
            latent_tensor(data, [1, window.len(), height, width], device).reshape([
                window.len(),
                height,
                width,
            ])
        };
        match self {
            Self::Same(value) => Gain::Same(*value),
            Self::PerFrame(values) => Gain::cells(move |size| {
                cells(size, &|place, size| vec![values[place % values.len()]; size.area()])
            }),
            Self::Masks { min, max, masks } => Gain::cells(move |size| {
                cells(size, &|place, size| {
                    let mask = bilinear(&masks[place % masks.len()], size);
                    mask.data.iter().map(|value| min + (max - min) * value).collect()
                })
            }),
        }
    }
}
