//! A model and the prompts it is sampled under, as the nodes hand them on.

use super::{Conditioning, Pipe, UnetPredictor};

/// The reference's BASIC_PIPE.
#[derive(Debug, Clone, Copy)]
pub struct BasicPipe<'a> {
    /// The checkpoint.
    pub pipe: &'a Pipe,
    /// Prompt to go towards.
    pub positive: &'a Conditioning,
    /// Prompt to go away from.
    pub negative: &'a Conditioning,
}

impl<'a> BasicPipe<'a> {
    /// What sampling asks for the clean latent, for one picture or for the frames of a clip.
    pub fn predictor(&self) -> UnetPredictor<'a> {
        self.pipe.predictor(self.positive, self.negative)
    }
}
