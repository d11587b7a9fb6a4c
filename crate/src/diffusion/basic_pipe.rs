//! A model and the prompts it is sampled under, as the nodes hand them on.

use super::{Conditioning, Motion, Pipe, UnetPredictor};
use crate::sampling::ModelSampling;

/// The reference's BASIC_PIPE.
#[derive(Debug, Clone, Copy)]
pub struct BasicPipe<'a> {
    /// The checkpoint.
    pub pipe: &'a Pipe,
    /// What works between the frames of a clip.
    pub motion: Option<&'a Motion>,
    /// Prompt to go towards.
    pub positive: &'a Conditioning,
    /// Prompt to go away from.
    pub negative: &'a Conditioning,
}

impl<'a> BasicPipe<'a> {
    /// Without a motion module.
    pub fn new(pipe: &'a Pipe, positive: &'a Conditioning, negative: &'a Conditioning) -> Self {
        Self { pipe, motion: None, positive, negative }
    }

    /// What sampling asks for the clean latent, for one picture or for the frames of a clip.
    pub fn predictor(&self) -> UnetPredictor<'a> {
        let predictor = self.pipe.predictor(self.positive, self.negative);
        match self.motion {
            Some(motion) => predictor.with_motion(motion),
            None => predictor,
        }
    }

    /// The noise levels it is sampled over.
    pub fn sampling(&self) -> &'a ModelSampling {
        self.motion.map_or(&self.pipe.sampling, Motion::sampling)
    }
}
