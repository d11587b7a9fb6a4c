//! A whole motion module, and its passage through a UNet.

use burn::tensor::Tensor;

use super::config::MotionConfig;
use super::gain::Gain;
use super::transformer::{Strength, TemporalTransformer};
use crate::{
    Result,
    nn::{Slot, Temporal},
    weights::Weights,
};

/// All modules of a file, in the order the UNet comes by them.
#[derive(Debug)]
pub struct MotionModule {
    config: MotionConfig,
    down: Vec<TemporalTransformer>,
    middle: Vec<TemporalTransformer>,
    up: Vec<TemporalTransformer>,
}

impl MotionModule {
    /// Reads a file in the original layout; `w` is its root.
    pub fn load(w: &Weights) -> Result<Self> {
        let config = MotionConfig::of(w)?;
        let block = |block: &Weights| {
            let modules = block.pp("motion_modules");
            (0..)
                .map(move |index| modules.pp(index).pp("temporal_transformer"))
                .take_while(|module| module.has("proj_in.weight"))
                .map(|module| TemporalTransformer::load(&module, config.frames))
                .collect::<Result<Vec<_>>>()
        };
        let side = |name: &str| {
            let blocks = (0..config.levels).map(|level| block(&w.pp(name).pp(level)));
            Ok(blocks.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
        };
        Ok(Self {
            config,
            down: side("down_blocks")?,
            middle: block(&w.pp("mid_block"))?,
            up: side("up_blocks")?,
        })
    }

    /// How it is to be run.
    pub fn config(&self) -> MotionConfig {
        self.config
    }

    /// Channels of its modules: on the way down, in the middle, on the way up.
    pub fn channels(&self) -> [Vec<usize>; 3] {
        [&self.down, &self.middle, &self.up]
            .map(|modules| modules.iter().map(TemporalTransformer::channels).collect())
    }

    /// The module for clips of `frames` frames, ready to go through a UNet.
    pub fn pass<'a>(
        &'a self,
        frames: usize,
        scale: &'a Gain<'a>,
        effect: &'a Gain<'a>,
    ) -> MotionPass<'a> {
        let norm_span = if self.config.norms_across_frames() { frames } else { 1 };
        MotionPass { module: self, strength: Strength { frames, norm_span, scale, effect } }
    }
}

/// A motion module on its way through a UNet.
#[derive(Clone, Copy, Debug)]
pub struct MotionPass<'a> {
    module: &'a MotionModule,
    strength: Strength<'a>,
}

impl Temporal for MotionPass<'_> {
    fn norm_span(&self) -> usize {
        self.strength.norm_span
    }

    fn forward(&self, slot: Slot, x: Tensor<4>) -> Tensor<4> {
        let module = match slot {
            Slot::Down(index) => self.module.down.get(index),
            Slot::Middle => self.module.middle.first(),
            Slot::Up(index) => self.module.up.get(index),
        };
        match module {
            Some(module) => module.forward(x, self.strength),
            None => x,
        }
    }
}
