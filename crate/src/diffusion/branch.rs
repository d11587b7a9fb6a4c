//! One side of guidance during a run: its texts, evaluated each on its own part and mixed.

use std::rc::Rc;

use burn::tensor::Tensor;

use super::Conditioning;
use super::area::{Placed, add_counterparts};
use super::control::{Chain, Control};
use super::inpaint::{EXTRA_CHANNELS, extra_channels};
use super::manifest::PredictionType;
use super::motion::Motion;
use super::size_cond::{Side, Told, label};
use super::window::Window;
use crate::geometry::{Rect, Size};
use crate::models::unet::{ContextCache, PassSize, Temporal, Unet};
use crate::models::vae::LATENT_CHANNELS;
use crate::sampling::ModelSampling;
use crate::sampling::math::latent_tensor;

/// Keeps a mean without any weight from being none.
const NO_WEIGHT: f32 = 1e-37;

/// A UNet and what its answers mean.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) unet: &'a Unet,
    pub(super) sampling: &'a ModelSampling,
    pub(super) prediction: PredictionType,
    pub(super) told: Told,
    /// What works between the items of the batch, the frames of a clip.
    pub(super) motion: Option<&'a Motion>,
}

/// One evaluation of a UNet.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// The texts, `[sides, tokens, width]`.
    pub(super) text: &'a dyn Fn() -> Tensor<3>,
    pub(super) window: &'a Window,
    pub(super) sigma: f32,
}

impl Model<'_> {
    /// Whether it is shown a mask and a picture beside the latent.
    fn is_inpainting(&self) -> bool {
        self.unet.in_channels() == LATENT_CHANNELS + EXTRA_CHANNELS
    }

    /// Bytes that an evaluation of `batch` items of the size of `x` takes beside the weights.
    pub(super) fn pass_bytes(&self, batch: usize, x: &Tensor<4>) -> usize {
        let [_, _, height, width] = x.dims();
        let has_motion = self.motion.is_some_and(Motion::has_module);
        self.unet.pass_bytes(PassSize { batch, height, width, has_motion })
    }

    /// The clean latent as the UNet's answer implies it.
    fn denoised(
        &self,
        x: Tensor<4>,
        extra: Option<Tensor<4>>,
        run: &mut Run,
        call: Call<'_>,
    ) -> Tensor<4> {
        let Call { text, window, sigma } = call;
        let Run { context, chain, sides, label } = run;
        let variance = sigma * sigma + 1.0;
        let timesteps = vec![self.sampling.timestep(sigma) as f32; x.dims()[0]];
        let mut input = x.clone() / variance.sqrt();
        let control = chain.residuals(&input, *sides, &timesteps, call, label.as_ref());
        if let Some(extra) = extra {
            input = Tensor::cat(vec![input, extra], 1);
        }
        let context = context.get_or_insert_with(|| self.unet.context_with(text(), label.clone()));
        let forward = |temporal: Option<&dyn Temporal>| {
            self.unet.forward_clip(input, &timesteps, context, control, temporal)
        };
        let output = match self.motion {
            None => forward(None),
            Some(motion) => motion.through(window, &x.device(), forward),
        };
        let boundary = self.sampling.boundary(sigma);
        match (boundary, self.prediction) {
            (Some([kept, made]), _) => (x.clone() - output * sigma) * made + x * kept,
            (None, PredictionType::Epsilon) => x - output * sigma,
            (None, PredictionType::V) => x / variance - output * (sigma / variance.sqrt()),
        }
    }
}

/// What a UNet call keeps from step to step.
#[derive(Debug)]
pub(super) struct Run {
    /// What the UNet keeps of the text, made when first needed.
    context: Option<ContextCache>,
    chain: Chain,
    /// Sides of guidance in one batch.
    sides: usize,
    /// What the model is told besides text and time, `[sides, channels]`.
    label: Option<Tensor<2>>,
}

/// The texts of one side.
#[derive(Debug)]
pub(super) struct Branch {
    parts: Vec<Part>,
}

/// One text over its part of the latent.
#[derive(Debug)]
struct Part {
    text: Tensor<3>,
    /// What an inpainting model is shown beside the latent, over all of it.
    extra: Option<Tensor<4>>,
    area: Option<Rect>,
    /// `[1, 1, height, width]` of the area; `None` is 1.
    weight: Option<Tensor<4>>,
    /// Most and least noise it counts at.
    sigmas: [f32; 2],
    run: Run,
}

impl Branch {
    /// Both sides over a latent, with and without the prompt.
    pub(super) fn pair(
        model: &Model<'_>,
        positive: &Conditioning,
        negative: &Conditioning,
        latent: &Tensor<4>,
        noise_mask: Option<&Tensor<4>>,
    ) -> [Self; 2] {
        let [_, _, height, width] = latent.dims();
        let size = Size::new(width as u32, height as u32);
        let (mut cond, mut uncond) = (Placed::all(positive, size), Placed::all(negative, size));
        add_counterparts(&cond, &mut uncond);
        add_counterparts(&uncond, &mut cond);
        let of_cond = shared_controls(positive);
        let part = |placed: &Placed<'_>, side: Side| {
            let own = placed.inputs.controls.as_slice();
            let controls = if own.is_empty() && side == Side::Negative { of_cond } else { own };
            let chain = Chain::new(controls, model.sampling);
            let image = placed.inputs.inpaint.as_deref();
            let [start, end] =
                placed.options.range.map(|share| model.sampling.percent_to_sigma(share));
            let weight = placed.weight(size).map(|weight| {
                let shape = [1, 1, weight.size.height as usize, weight.size.width as usize];
                latent_tensor(weight.data, shape, &latent.device())
            });
            let extra =
                || extra_channels(image, latent, noise_mask, model.sampling.latent_format().scale);
            Part {
                text: placed.inputs.cross_attn.clone(),
                extra: model.is_inpainting().then(extra),
                area: placed.area,
                weight,
                sigmas: [start, end],
                run: Run {
                    context: None,
                    chain,
                    sides: 1,
                    label: label(model.told, side, placed.inputs.pooled.as_ref(), size),
                },
            }
        };
        [(cond, Side::Positive), (uncond, Side::Negative)].map(|(texts, side)| {
            let visible = texts.iter().filter(|placed| placed.area.is_none_or(|a| !a.is_empty()));
            Self { parts: visible.map(|placed| part(placed, side)).collect() }
        })
    }

    /// The mean of what its texts make of `x`, the items in `window`, by their weights; 0 where none
    /// counts.
    pub(super) fn predict(
        &mut self,
        model: &Model<'_>,
        x: &Tensor<4>,
        window: &Window,
        sigma: f32,
    ) -> Tensor<4> {
        let mut active = self.parts.iter_mut().filter(|part| part.counts_at(sigma));
        match (active.next(), active.next()) {
            (Some(only), None) if only.is_everywhere() => {
                return only.predict(model, x, window, sigma);
            }
            _ => {}
        }
        let mut sum = x.zeros_like();
        let mut weights = x.zeros_like() + NO_WEIGHT;
        for part in self.parts.iter_mut().filter(|part| part.counts_at(sigma)) {
            let denoised = part.predict(model, x, window, sigma);
            let weight = match &part.weight {
                Some(weight) => denoised.ones_like() * weight.clone(),
                None => denoised.ones_like(),
            };
            let slices = part.slices(x);
            let added = |whole: &Tensor<4>, part: Tensor<4>| {
                let before = whole.clone().slice(slices.clone());
                whole.clone().slice_assign(slices.clone(), before + part)
            };
            sum = added(&sum, denoised * weight.clone());
            weights = added(&weights, weight);
        }
        sum / weights
    }

    /// What each of two sides with a single plain text makes of `x`, the items in `window`, in one
    /// batch; `None` if they have to be evaluated on their own.
    pub(super) fn predict_both(
        model: &Model<'_>,
        sides: [&Self; 2],
        both: &mut Option<Run>,
        x: &Tensor<4>,
        window: &Window,
        sigma: f32,
    ) -> Option<[Tensor<4>; 2]> {
        let [first, second] = sides.map(|side| match side.parts.as_slice() {
            [part] if part.is_everywhere() && part.counts_at(sigma) => Some(part),
            _ => None,
        });
        let (first, second) = (first?, second?);
        let is_alike = first.run.chain.is_same(&second.run.chain);
        if first.text.dims() != second.text.dims() || !is_alike {
            return None;
        }
        let batch = x.dims()[0];
        let text = &|| Tensor::cat([first, second].map(|part| part.text.clone()).to_vec(), 0);
        let extra = match (first.extra_for(window), second.extra_for(window)) {
            (Some(first), Some(second)) => Some(Tensor::cat(vec![first, second], 0)),
            _ => None,
        };
        let twice = x.clone().repeat_dim(0, 2);
        let labels = || {
            let labels = [first, second].map(|part| part.run.label.clone());
            labels.into_iter().collect::<Option<Vec<_>>>().map(|labels| Tensor::cat(labels, 0))
        };
        let begun =
            || Run { context: None, chain: first.run.chain.again(), sides: 2, label: labels() };
        let run = both.get_or_insert_with(begun);
        let both = model.denoised(twice, extra, run, Call { text, window, sigma });
        Some([0, 1].map(|half| both.clone().narrow(0, half * batch, batch)))
    }
}

impl Part {
    fn counts_at(&self, sigma: f32) -> bool {
        let [most, least] = self.sigmas;
        (least..=most).contains(&sigma)
    }

    fn is_everywhere(&self) -> bool {
        self.area.is_none() && self.weight.is_none()
    }

    /// The clean latent inside its area.
    fn predict(
        &mut self,
        model: &Model<'_>,
        x: &Tensor<4>,
        window: &Window,
        sigma: f32,
    ) -> Tensor<4> {
        let slices = self.slices(x);
        let extra = self.extra_for(window).map(|extra| {
            let [_, _, rows, columns] = slices.clone();
            extra.slice([0..x.dims()[0], 0..EXTRA_CHANNELS, rows, columns])
        });
        let text = &|| self.text.clone();
        let call = Call { text, window, sigma };
        model.denoised(x.clone().slice(slices), extra, &mut self.run, call)
    }

    /// Mask and picture for every item in `window`.
    fn extra_for(&self, window: &Window) -> Option<Tensor<4>> {
        self.extra.as_ref().map(|extra| window.take_or_repeat(extra))
    }

    fn slices(&self, x: &Tensor<4>) -> [std::ops::Range<usize>; 4] {
        let [batch, channels, height, width] = x.dims();
        let (columns, rows) = self.area.map_or((0..width, 0..height), |area| {
            (area.x1 as usize..area.x2 as usize, area.y1 as usize..area.y2 as usize)
        });
        [0..batch, 0..channels, rows, columns]
    }
}

/// The ControlNets that texts of the other side take over.
fn shared_controls(side: &Conditioning) -> &[Rc<Control>] {
    let shared = side.texts.iter().find(|text| text.controls_both_sides);
    shared.map_or(&[], |text| &text.controls)
}
