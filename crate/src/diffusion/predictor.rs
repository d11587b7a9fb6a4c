//! The two answers guidance is made of, from a UNet or from anything else.

use burn::tensor::Tensor;

use super::Conditioning;
use super::manifest::PredictionType;
use crate::models::unet::{ContextCache, Unet};
use crate::sampling::ModelSampling;

/// Which answers are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branches {
    /// Only the one with the prompt; enough when `cfg` is 1.
    Cond,
    /// With the prompt and without.
    Both,
}

/// Clean latents as a model guesses them.
#[derive(Debug)]
pub struct Predicted {
    /// Guess under the positive prompt.
    pub cond: Tensor<4>,
    /// Guess under the negative prompt; `None` if it was not asked for.
    pub uncond: Option<Tensor<4>>,
}

/// Guesses the clean latent, before guidance and masks.
pub trait Predictor {
    /// # Shapes
    /// - `x`, outputs: `[batch, 4, height / 8, width / 8]`, model space
    fn predict(&mut self, x: &Tensor<4>, sigma: f32, branches: Branches) -> Predicted;
}

/// A UNet under two prompts.
#[derive(Debug)]
pub struct UnetPredictor<'a> {
    unet: &'a Unet,
    sampling: &'a ModelSampling,
    prediction: PredictionType,
    positive: &'a Conditioning,
    negative: &'a Conditioning,
    contexts: Contexts,
}

/// What the UNet keeps of the prompts from step to step, made when first needed.
#[derive(Debug, Default)]
struct Contexts {
    cond: Option<ContextCache>,
    uncond: Option<ContextCache>,
    both: Option<ContextCache>,
}

impl<'a> UnetPredictor<'a> {
    /// Goes towards `positive` and away from `negative`.
    pub fn new(
        unet: &'a Unet,
        sampling: &'a ModelSampling,
        prediction: PredictionType,
        positive: &'a Conditioning,
        negative: &'a Conditioning,
    ) -> Self {
        Self { unet, sampling, prediction, positive, negative, contexts: Contexts::default() }
    }

    fn cond(&mut self, x: &Tensor<4>, sigma: f32) -> Tensor<4> {
        let text = || repeated(&self.positive.cross_attn, x);
        let context = self.contexts.cond.get_or_insert_with(|| self.unet.context(text()));
        denoised(self.unet, self.sampling, self.prediction, context, x.clone(), sigma)
    }

    fn uncond(&mut self, x: &Tensor<4>, sigma: f32) -> Tensor<4> {
        let text = || repeated(&self.negative.cross_attn, x);
        let context = self.contexts.uncond.get_or_insert_with(|| self.unet.context(text()));
        denoised(self.unet, self.sampling, self.prediction, context, x.clone(), sigma)
    }

    /// Both in one batch, the one without the prompt first.
    fn both(&mut self, x: &Tensor<4>, sigma: f32) -> [Tensor<4>; 2] {
        let texts = || {
            let texts = [&self.negative.cross_attn, &self.positive.cross_attn];
            Tensor::cat(texts.map(|text| repeated(text, x)).to_vec(), 0)
        };
        let context = self.contexts.both.get_or_insert_with(|| self.unet.context(texts()));
        let twice = x.clone().repeat_dim(0, 2);
        let both = denoised(self.unet, self.sampling, self.prediction, context, twice, sigma);
        let batch = x.dims()[0];
        [0, 1].map(|half| both.clone().narrow(0, half * batch, batch))
    }
}

impl Predictor for UnetPredictor<'_> {
    fn predict(&mut self, x: &Tensor<4>, sigma: f32, branches: Branches) -> Predicted {
        if branches == Branches::Cond {
            return Predicted { cond: self.cond(x, sigma), uncond: None };
        }
        let [uncond, cond] = if self.positive.cross_attn.dims() == self.negative.cross_attn.dims() {
            self.both(x, sigma)
        } else {
            [self.uncond(x, sigma), self.cond(x, sigma)]
        };
        Predicted { cond, uncond: Some(uncond) }
    }
}

/// `text` for every item of the batch `x`.
fn repeated(text: &Tensor<3>, x: &Tensor<4>) -> Tensor<3> {
    text.clone().repeat_dim(0, x.dims()[0])
}

/// The clean latent as the UNet's answer implies it.
fn denoised(
    unet: &Unet,
    sampling: &ModelSampling,
    prediction: PredictionType,
    context: &ContextCache,
    x: Tensor<4>,
    sigma: f32,
) -> Tensor<4> {
    let variance = sigma * sigma + 1.0;
    let timesteps = vec![sampling.timestep(sigma) as f32; x.dims()[0]];
    let output = unet.forward(x.clone() / variance.sqrt(), &timesteps, context);
    match prediction {
        PredictionType::Epsilon => x - output * sigma,
        PredictionType::V => x / variance - output * (sigma / variance.sqrt()),
    }
}
