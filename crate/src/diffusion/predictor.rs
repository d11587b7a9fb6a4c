//! The two answers guidance is made of, from a UNet or from anything else.

use burn::tensor::Tensor;

use super::Conditioning;
use super::branch::{Branch, Model, Run};
use super::manifest::PredictionType;
use super::size_cond::Told;
use crate::models::unet::Unet;
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
    /// Told once before a run: the latent it starts from, without noise, and where it may change
    /// it. Most models do not care.
    ///
    /// # Shapes
    /// - `latent`: `[batch, 4, height, width]`, model space
    /// - `noise_mask`: `[1 or batch, 1, height, width]`
    fn begin(&mut self, _latent: &Tensor<4>, _noise_mask: Option<&Tensor<4>>) {}

    /// # Shapes
    /// - `x`, outputs: `[batch, 4, height / 8, width / 8]`, model space
    fn predict(&mut self, x: &Tensor<4>, sigma: f32, branches: Branches) -> Predicted;
}

/// A UNet under two prompts.
#[derive(Debug)]
pub struct UnetPredictor<'a> {
    model: Model<'a>,
    positive: &'a Conditioning,
    negative: &'a Conditioning,
    sides: Option<Sides>,
}

/// Both prompts, laid out over the latent of a run.
#[derive(Debug)]
struct Sides {
    cond: Branch,
    uncond: Branch,
    /// What is kept of both texts in one batch.
    both: Option<Run>,
}

impl Sides {
    fn new(
        model: &Model<'_>,
        positive: &Conditioning,
        negative: &Conditioning,
        latent: &Tensor<4>,
        noise_mask: Option<&Tensor<4>>,
    ) -> Self {
        let [cond, uncond] = Branch::pair(model, positive, negative, latent, noise_mask);
        Self { cond, uncond, both: None }
    }
}

impl<'a> UnetPredictor<'a> {
    /// Goes towards `positive` and away from `negative`.
    pub fn new(
        unet: &'a Unet,
        sampling: &'a ModelSampling,
        prediction: PredictionType,
        told: Told,
        positive: &'a Conditioning,
        negative: &'a Conditioning,
    ) -> Self {
        let model = Model { unet, sampling, prediction, told };
        Self { model, positive, negative, sides: None }
    }
}

impl Predictor for UnetPredictor<'_> {
    fn begin(&mut self, latent: &Tensor<4>, noise_mask: Option<&Tensor<4>>) {
        self.sides =
            Some(Sides::new(&self.model, self.positive, self.negative, latent, noise_mask));
    }

    fn predict(&mut self, x: &Tensor<4>, sigma: f32, branches: Branches) -> Predicted {
        let (model, positive, negative) = (&self.model, self.positive, self.negative);
        let lay_out = || Sides::new(model, positive, negative, x, None);
        let Sides { cond, uncond, both } = self.sides.get_or_insert_with(lay_out);
        if branches == Branches::Cond {
            return Predicted { cond: cond.predict(model, x, sigma), uncond: None };
        }
        if let Some([uncond, cond]) = Branch::predict_both(model, [uncond, cond], both, x, sigma) {
            return Predicted { cond, uncond: Some(uncond) };
        }
        let uncond = uncond.predict(model, x, sigma);
        Predicted { cond: cond.predict(model, x, sigma), uncond: Some(uncond) }
    }
}
