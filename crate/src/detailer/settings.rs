//! How a segment is detailed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decimal;
use super::nodes::NodeRow;
use super::upscale::GuideSize;
use crate::diffusion::SchedulerFunc;
use crate::error::{Error, Result};
use crate::sampling::NoiseMode;
use crate::sampling::samplers::sampler;
use crate::sampling::schedules::scheduler;

/// The rectangle whose shorter side is brought to the guide size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuideSizeFor {
    /// The object itself.
    #[default]
    Bbox,
    /// The crop around it.
    CropRegion,
}

/// Settings of the detailer nodes; the default is DetailerForEach's.
///
/// Ranges are in [`super::NODES`]. A setting that a node does not list has no effect there: the node
/// works as if it had its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetailerSettings {
    /// Pixels the shorter side is brought to before sampling.
    pub guide_size: f64,
    /// Which rectangle's shorter side.
    pub guide_size_for: GuideSizeFor,
    /// Most pixels an enlarged crop may have along its longer side.
    pub max_size: f64,
    /// Seed of the first segment; each further one and each cycle adds 1. A decimal string in JSON,
    /// where numbers beyond 2^53 are not exact.
    #[serde(with = "decimal")]
    pub seed: u64,
    /// Sampling steps that are run.
    pub steps: usize,
    /// Guidance strength; 1 ignores the negative prompt.
    pub cfg: f32,
    /// A name in [`crate::sampling::SAMPLERS`].
    pub sampler_name: String,
    /// A name in [`crate::sampling::SCHEDULERS`].
    pub scheduler: String,
    /// Which age of the reference ancestral samplers take their noise from.
    pub noise_mode: NoiseMode,
    /// The text encoder's layer whose output the prompts are read from, counted from its end: -1 is
    /// the last ("clip skip" 1). Whoever encodes the prompts heeds it, see [`Clip::set_skip`].
    ///
    /// [`Clip::set_skip`]: crate::models::clip::Clip::set_skip
    pub stop_at_clip_layer: i32,
    /// How much is made anew: 1 is all of it.
    pub denoise: f64,
    /// Width of the soft edge of the paste, in pixels of the picture.
    pub feather: u32,
    /// Whether sampling is confined to the mask; the paste always is. MaskDetailer's `mask_mode`.
    pub noise_mask: bool,
    /// Width of the soft edge of the noise mask, in pixels of the picture; above 0 the grey values
    /// say when a cell joins in (differential diffusion).
    pub noise_mask_feather: u32,
    /// Whether segments are sampled that would not be enlarged.
    pub force_inpaint: bool,
    /// How often the latent is noised and sampled again before it is decoded.
    pub cycle: usize,
    /// Whether the model is one that was trained to fill in what a mask covers.
    pub inpaint_model: bool,
    /// DetailerForEach: prompts with wildcards, and prompts for single segments; empty is none.
    pub wildcard: String,
    /// Share of the steps that a refiner runs, if there is one.
    pub refiner_ratio: f64,
    /// Makes the noise levels instead of `scheduler`.
    pub scheduler_func_opt: Option<SchedulerFunc>,
    /// Hooks by name, see [`HOOKS`](super::hooks::HOOKS); each `{ type, ... }`.
    pub detailer_hook: Vec<Value>,
    /// Nodes for clips: whether hooks see all that they see in the other nodes, not the pasted frames
    /// alone.
    pub hooks_see_all: bool,
    /// MaskDetailer: size of the crop region, as a multiple of the bounding box.
    pub crop_factor: f64,
    /// MaskDetailer: regions not larger than this on both sides are dropped, in pixels.
    pub drop_size: u32,
    /// MaskDetailer: whether holes are filled and soft edges hardened.
    pub contour_fill: bool,
    /// MaskDetailer: whether the whole bounding box counts as marked.
    pub bbox_fill: bool,
    /// MaskDetailer and SEGSDetailer: number of passes, each seeded one higher.
    pub batch_size: usize,
}

impl Default for DetailerSettings {
    fn default() -> Self {
        Self {
            guide_size: 512.0,
            guide_size_for: GuideSizeFor::Bbox,
            max_size: 1024.0,
            seed: 0,
            steps: 20,
            cfg: 8.0,
            sampler_name: "euler".to_owned(),
            scheduler: "normal".to_owned(),
            noise_mode: NoiseMode::Current,
            stop_at_clip_layer: -1,
            denoise: 0.5,
            feather: 5,
            noise_mask: true,
            noise_mask_feather: 0,
            force_inpaint: true,
            cycle: 1,
            inpaint_model: false,
            wildcard: String::new(),
            refiner_ratio: 0.2,
            scheduler_func_opt: None,
            detailer_hook: Vec::new(),
            hooks_see_all: false,
            crop_factor: 3.0,
            drop_size: 10,
            contour_fill: true,
            bbox_fill: false,
            batch_size: 1,
        }
    }
}

impl DetailerSettings {
    /// Checks names and the ranges that `node` accepts.
    pub fn validate(&self, node: &NodeRow) -> Result<()> {
        sampler(&self.sampler_name)?;
        scheduler(&self.scheduler)?;
        let fields = serde_json::to_value(self)
            .map_err(|error| Error::BadRequest { reason: format!("settings: {error}") })?;
        node.settings().try_for_each(|row| row.check(&fields))
    }

    /// Layers of the text encoder left out at its end.
    pub fn clip_skip(&self) -> usize {
        self.stop_at_clip_layer.unsigned_abs().saturating_sub(1) as usize
    }

    /// The part of the settings that decides about size.
    pub fn guide(&self) -> GuideSize {
        GuideSize {
            guide_size: self.guide_size,
            guide_size_for: self.guide_size_for,
            max_size: self.max_size,
        }
    }
}
