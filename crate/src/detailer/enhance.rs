//! One segment: enlarge, sample, bring back to size. Of a single picture, or of all frames at once.

use std::rc::Rc;

use super::Detailer;
use super::control::{Guided, guided};
use super::hooks::{Cycle, DetailerHook};
use super::noise_masks::NoiseMasks;
use super::skip::{Enhanced, Skip};
use super::upscale::plan_upscale;
use crate::diffusion::ksampler::Watch;
use crate::diffusion::latent::{CELL, decode, encode_clip};
use crate::diffusion::{
    BasicPipe, Conditioning, KSampleSettings, Latent, Refiner, inpaint_conditioning, ksample,
    ksample_refined,
};
use crate::error::Result;
use crate::geometry::Rect;
use crate::image::Frames;
use crate::image::resize::lanczos;
use crate::monitor::{Event, Stage};
use crate::sampling::Place;
use crate::segs::SegControl;

/// What is to be made anew.
#[derive(Debug)]
pub struct Segment<'a> {
    /// Place among the segments of the run, for reports.
    pub index: usize,
    /// The picture inside the crop region, or that part of every frame.
    pub crop: &'a Frames,
    /// The object, in pixels of the image; only its size is used.
    pub bbox: Rect,
    /// Where sampling may change the crop.
    pub noise_masks: NoiseMasks<'a>,
    /// The model with the prompts of this segment.
    pub base: BasicPipe<'a>,
    /// ControlNets that guide it, the first evaluated first.
    pub controls: &'a [Rc<SegControl>],
    /// Seed of the first cycle.
    pub seed: u64,
}

/// Makes `segment` anew, in the size of its crop.
///
/// Both resizes go through 8-bit levels that are cut off rather than rounded, as in the reference.
pub async fn enhance_detail(
    detailer: &Detailer<'_>,
    segment: &Segment<'_>,
    hooks: &mut dyn DetailerHook,
) -> Result<Enhanced> {
    let settings = detailer.settings;
    let crop = segment.crop;
    let planned = plan_upscale(segment.bbox, crop.size, &settings.guide(), settings.force_inpaint);
    let size = match planned {
        Ok(upscale) => hooks.touch_scaled_size(upscale.size).await?,
        Err(skip) => return Ok(Enhanced::Skipped(skip)),
    };
    if let Some(motion) = segment.base.motion {
        motion.check(crop.count)?;
    }
    if size.width.min(size.height) < CELL {
        return Ok(Enhanced::Skipped(Skip::TooThin { size }));
    }
    let pixels = lanczos(crop, size);
    let Guided { positive, negative, hints } = guided(detailer, segment, &pixels)?;
    let base = BasicPipe { positive: &positive, negative: &negative, ..segment.base };
    let segment = &Segment { base, ..*segment };
    for attempt in 0.. {
        let seed = segment.seed.wrapping_add(attempt as u64);
        let refined = attempt_at(detailer, segment, &pixels, seed, hooks).await?;
        if !hooks.should_retry_patch(&refined, attempt).await? {
            return Ok(Enhanced::Detailed { refined, hints });
        }
    }
    unreachable!("attempts do not run out")
}

async fn attempt_at(
    detailer: &Detailer<'_>,
    segment: &Segment<'_>,
    pixels: &Frames,
    seed: u64,
    hooks: &mut dyn DetailerHook,
) -> Result<Frames> {
    let Detailer { settings, monitor, .. } = *detailer;
    let (crop, pipe) = (segment.crop, segment.base.pipe);
    monitor.report(Event::Stage(Stage::Encode));
    let noise_mask =
        segment.noise_masks.ready(settings.noise_mask_feather, pixels.size, crop.count);
    let (latent, inpaint) = match noise_mask.as_slice() {
        [mask] if settings.inpaint_model => {
            let (latent, image) = inpaint_conditioning(&pipe.vae, pixels, mask, &pipe.device);
            (latent, Some(Rc::new(image)))
        }
        _ => {
            let samples = encode_clip(&pipe.vae, pixels, &pipe.device, monitor).await?;
            (Latent { samples, noise_mask }, None)
        }
    };
    let latent = hooks.post_encode(latent).await?;
    let [positive, negative] = [segment.base.positive, segment.base.negative]
        .map(|prompt| inpaint.iter().fold(prompt.clone(), Conditioning::with_inpaint));
    let base = BasicPipe { positive: &positive, negative: &negative, ..segment.base };
    let segment = &Segment { base, ..*segment };

    monitor.report(Event::Stage(Stage::Sample));
    let latent = sample_cycles(detailer, segment, latent, seed, hooks).await?;

    monitor.report(Event::Stage(Stage::Decode));
    let latent = hooks.pre_decode(latent).await?;
    let refined = hooks.post_decode(decode(&pipe.vae, latent.samples, monitor).await?).await?;
    Ok(lanczos(&refined, crop.size))
}

/// Noises and samples the latent `cycle` times, with one seed after the other.
async fn sample_cycles(
    detailer: &Detailer<'_>,
    segment: &Segment<'_>,
    mut latent: Latent,
    seed: u64,
    hooks: &mut dyn DetailerHook,
) -> Result<Latent> {
    let count = detailer.settings.cycle;
    let custom_sampler = hooks.get_custom_sampler().await?;
    for index in 0..count {
        let cycle = Cycle { index, count };
        let seed = seed.wrapping_add(index as u64);
        latent = hooks.cycle_latent(latent, cycle).await?;
        let settings = ksample_settings(detailer, seed, &latent, custom_sampler.clone());
        let settings = hooks.pre_ksample(settings, cycle).await?;
        let noise = hooks.get_custom_noise(seed, &latent, None).await?;
        let (base, place) = (segment.base, Place { segment: segment.index, cycle: index });
        let watch = Watch { monitor: detailer.monitor, place };
        let noise = noise.or_else(|| base.motion?.noise(settings.seed, &latent.samples));
        let (predictor, sampling) = (base.predictor().watched(watch), base.sampling());
        latent = match detailer.refiner {
            None => ksample(predictor, sampling, latent, &settings, noise, watch).await?,
            Some(refiner) => {
                let refiner = Refiner {
                    predictor: refiner.predictor().watched(watch),
                    sampling: refiner.sampling(),
                    ratio: detailer.settings.refiner_ratio,
                };
                let run =
                    ksample_refined(predictor, sampling, refiner, latent, &settings, noise, watch);
                run.await?
            }
        };
    }
    Ok(latent)
}

fn ksample_settings(
    detailer: &Detailer<'_>,
    seed: u64,
    latent: &Latent,
    custom_sampler: Option<String>,
) -> KSampleSettings {
    let settings = detailer.settings;
    KSampleSettings {
        seed,
        steps: settings.steps,
        cfg: settings.cfg,
        sampler_name: settings.sampler_name.clone(),
        scheduler: settings.scheduler.clone(),
        denoise: settings.denoise,
        differential: settings.noise_mask_feather > 0 && !latent.noise_mask.is_empty(),
        noise_mode: settings.noise_mode,
        scheduler_func_opt: settings.scheduler_func_opt.clone(),
        custom_sampler,
    }
}
