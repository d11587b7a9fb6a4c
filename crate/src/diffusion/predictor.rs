//! The two answers guidance is made of, from a UNet or from anything else.

use std::future::Future;

use burn::tensor::{Tensor, TensorData};

use super::Conditioning;
use super::branch::{Branch, Model, Run};
use super::ksampler::Watch;
use super::manifest::PredictionType;
use super::motion::Motion;
use super::size_cond::Told;
use super::window::Window;
use crate::error::Result;
use crate::models::taesd::Taesd;
use crate::models::unet::Unet;
use crate::ops::{self, Activation};
use crate::sampling::ModelSampling;
use crate::sampling::context::Fusion;

/// Bytes beside the weights up to which several items, or both sides of guidance, are evaluated in
/// one batch. Larger batches gain nothing: a graphics card has enough to do with less.
const MOST_BYTES: usize = 1 << 30;

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
    /// Told once before a run: the latent it starts from, without noise, where it may change it, and
    /// the noise levels it goes through. Most models do not care.
    ///
    /// # Shapes
    /// - `latent`: `[batch, 4, height, width]`, model space
    /// - `noise_mask`: `[1 or batch, 1, height, width]`
    fn begin(&mut self, _latent: &Tensor<4>, _noise_mask: Option<&Tensor<4>>, _sigmas: &[f32]) {}

    /// # Shapes
    /// - `x`, outputs: `[batch, 4, height / 8, width / 8]`, model space
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] where whoever watches asks for it on the way.
    fn predict(
        &mut self,
        x: &Tensor<4>,
        sigma: f32,
        branches: Branches,
    ) -> impl Future<Output = Result<Predicted>>;

    /// See [`Denoiser::paint`](crate::sampling::Denoiser::paint).
    fn paint(&self, _latent: Tensor<4>) -> Option<Tensor<4>> {
        None
    }
}

/// A UNet under two prompts.
#[derive(Debug)]
pub struct UnetPredictor<'a> {
    model: Model<'a>,
    /// Told of every window where there are several.
    watch: Option<Watch<'a>>,
    positive: &'a Conditioning,
    negative: &'a Conditioning,
    sides: Option<Sides>,
    /// The noise levels of the run; none before it begins.
    sigmas: Vec<f32>,
    most_bytes: usize,
    painter: Option<&'a Taesd>,
}

/// How the items of a batch are evaluated in one step.
#[derive(Debug)]
struct Windows {
    each: Vec<Window>,
    /// How windows with items in common become one answer; without it they follow one another.
    fusion: Option<Fusion>,
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
        let model = Model { unet, sampling, prediction, told, motion: None };
        let (watch, sides, sigmas, painter) = (None, None, Vec::new(), None);
        Self { model, watch, positive, negative, sides, sigmas, most_bytes: MOST_BYTES, painter }
    }

    /// The same with something to paint previews with.
    #[must_use]
    pub fn painting(self, painter: Option<&'a Taesd>) -> Self {
        Self { painter, ..self }
    }

    /// The same with a motion module between the items of a batch, the frames of a clip.
    #[must_use]
    pub fn with_motion(mut self, motion: &'a Motion) -> Self {
        (self.model.motion, self.model.sampling) = (Some(motion), motion.sampling());
        self
    }

    /// The same with reports, and a way to stop, between the windows of a step.
    #[must_use]
    pub fn watched(self, watch: Watch<'a>) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// The same with another limit than 1 GiB for what is evaluated in one batch, beside the weights.
    /// What has to be seen together is, whatever it takes.
    #[must_use]
    pub fn within(self, most_bytes: usize) -> Self {
        Self { most_bytes, ..self }
    }

    /// Which items of `x` go together at a noise level: those a motion module is to see together,
    /// else as many as memory allows.
    fn windows(&self, x: &Tensor<4>, sigma: f32, sides: usize) -> Windows {
        let all = x.dims()[0];
        let whole = || Windows { each: vec![Window::whole(all)], fusion: None };
        let context = self.model.motion.and_then(|motion| motion.settings().context);
        match (context, self.model.motion) {
            (Some(context), _) => {
                let step = self.sigmas.iter().filter(|other| **other > sigma).count();
                let windows = context.windows(all, step);
                if windows.len() == 1 {
                    return whole();
                }
                let fusion = Some(Fusion::new(&context, &windows, all));
                let each = windows.into_iter().map(|places| Window::new(places, all));
                Windows { each: each.collect(), fusion }
            }
            (None, Some(motion)) if motion.has_module() => whole(),
            _ => {
                let fitting = self.most_bytes / self.model.pass_bytes(sides, x).max(1);
                let each = (0..all).collect::<Vec<_>>();
                let each = each.chunks(fitting.clamp(1, all.max(1)));
                let each = each.map(|places| Window::new(places.to_vec(), all)).collect();
                Windows { each, fusion: None }
            }
        }
    }

    /// Both answers for the items in `window`.
    fn predict_window(
        &mut self,
        x: &Tensor<4>,
        window: &Window,
        sigma: f32,
        branches: Branches,
    ) -> Predicted {
        let (model, positive, negative) = (&self.model, self.positive, self.negative);
        let lay_out = || Sides::new(model, positive, negative, x, None);
        let Sides { cond, uncond, both } = self.sides.get_or_insert_with(lay_out);
        let x = &window.take(x);
        if branches == Branches::Cond {
            return Predicted { cond: cond.predict(model, x, window, sigma), uncond: None };
        }
        let fits = model.pass_bytes(2 * window.len(), x) <= self.most_bytes;
        let at_once = || Branch::predict_both(model, [uncond, cond], both, x, window, sigma);
        if let Some([uncond, cond]) = fits.then(at_once).flatten() {
            return Predicted { cond, uncond: Some(uncond) };
        }
        let uncond = uncond.predict(model, x, window, sigma);
        Predicted { cond: cond.predict(model, x, window, sigma), uncond: Some(uncond) }
    }
}

impl Windows {
    /// The answer for all items, from those of the windows.
    fn join(&self, mut parts: Vec<Tensor<4>>) -> Tensor<4> {
        let joined = if parts.len() == 1 { parts.remove(0) } else { Tensor::cat(parts, 0) };
        let Some(Fusion { frames, matrix }) = &self.fusion else { return joined };
        let [items, channels, height, width] = joined.dims();
        let data = TensorData::new(matrix.clone(), [*frames, items]);
        let matrix = Tensor::from_data(data, &joined.device());
        let values = joined.reshape([items, channels * height * width]);
        let mean = ops::linear(matrix, &values.into(), None, Activation::None, None);
        mean.reshape([*frames, channels, height, width])
    }
}

impl Predictor for UnetPredictor<'_> {
    fn begin(&mut self, latent: &Tensor<4>, noise_mask: Option<&Tensor<4>>, sigmas: &[f32]) {
        self.sigmas = sigmas.to_vec();
        self.sides =
            Some(Sides::new(&self.model, self.positive, self.negative, latent, noise_mask));
    }

    async fn predict(
        &mut self,
        x: &Tensor<4>,
        sigma: f32,
        branches: Branches,
    ) -> Result<Predicted> {
        let sides = if branches == Branches::Both { 2 } else { 1 };
        let windows = self.windows(x, sigma, sides);
        let (mut conds, mut unconds) = (Vec::new(), Vec::new());
        for (index, window) in windows.each.iter().enumerate() {
            let Predicted { cond, uncond } = self.predict_window(x, window, sigma, branches);
            if let Some(watch) = &self.watch {
                watch.finish_window(&cond, index, windows.each.len()).await?;
            }
            conds.push(cond);
            unconds.extend(uncond);
        }
        let uncond = (!unconds.is_empty()).then(|| windows.join(unconds));
        Ok(Predicted { cond: windows.join(conds), uncond })
    }

    fn paint(&self, latent: Tensor<4>) -> Option<Tensor<4>> {
        Some(self.painter?.decode(latent))
    }
}
