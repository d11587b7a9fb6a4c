//! One segment of a still image: enlarge, sample, bring back to size.

use super::Detailer;
use super::hooks::{Cycle, DetailerHook};
use super::skip::{Enhanced, Skip};
use super::upscale::plan_upscale;
use crate::diffusion::ksampler::Watch;
use crate::diffusion::latent::{CELL, decode, encode};
use crate::diffusion::{KSampleSettings, Latent, ksample};
use crate::error::Result;
use crate::geometry::Rect;
use crate::image::blur::gaussian_blur_mask;
use crate::image::resize::lanczos;
use crate::image::{Frames, Mask};
use crate::monitor::{Event, Stage};
use crate::sampling::Place;

/// What is to be made anew.
#[derive(Debug)]
pub struct Segment<'a> {
    /// Place among the segments of the run, for reports.
    pub index: usize,
    /// The picture inside the crop region; one frame.
    pub crop: &'a Frames,
    /// The object, in pixels of the image; only its size is used.
    pub bbox: Rect,
    /// Where sampling may change the crop; `None` is everywhere.
    pub noise_mask: Option<&'a Mask>,
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
    let Detailer { pipe, settings, monitor, .. } = *detailer;
    let crop = segment.crop;
    let planned = plan_upscale(segment.bbox, crop.size, &settings.guide(), settings.force_inpaint);
    let size = match planned {
        Ok(upscale) => hooks.touch_scaled_size(upscale.size),
        Err(skip) => return Ok(Enhanced::Skipped(skip)),
    };
    if size.width.min(size.height) < CELL {
        return Ok(Enhanced::Skipped(Skip::TooThin { size }));
    }
    monitor.report(Event::Stage(Stage::Encode));
    let samples = encode(&pipe.vae, &lanczos(crop, size), &pipe.device);
    let feather = settings.noise_mask_feather;
    let noise_mask = segment.noise_mask.map(|mask| gaussian_blur_mask(mask, feather));
    let latent = hooks.post_encode(Latent { samples, noise_mask });

    monitor.report(Event::Stage(Stage::Sample));
    let latent = sample_cycles(detailer, segment, latent, hooks).await?;

    monitor.report(Event::Stage(Stage::Decode));
    let latent = hooks.pre_decode(latent);
    let refined = hooks.post_decode(decode(&pipe.vae, latent.samples).await?);
    Ok(Enhanced::Detailed(lanczos(&refined, crop.size)))
}

/// Noises and samples the latent `cycle` times, with one seed after the other.
async fn sample_cycles(
    detailer: &Detailer<'_>,
    segment: &Segment<'_>,
    mut latent: Latent,
    hooks: &mut dyn DetailerHook,
) -> Result<Latent> {
    let Detailer { pipe, positive, negative, settings, monitor } = *detailer;
    for index in 0..settings.cycle {
        let cycle = Cycle { index, count: settings.cycle };
        let seed = segment.seed.wrapping_add(index as u64);
        latent = hooks.cycle_latent(latent, cycle);
        let settings = hooks.pre_ksample(ksample_settings(detailer, seed, &latent), cycle);
        let noise = hooks.custom_noise(seed, None);
        let predictor = pipe.predictor(positive, negative);
        let watch = Watch { monitor, place: Place { segment: segment.index, cycle: index } };
        latent = ksample(predictor, &pipe.sampling, latent, &settings, noise, watch).await?;
    }
    Ok(latent)
}

fn ksample_settings(detailer: &Detailer<'_>, seed: u64, latent: &Latent) -> KSampleSettings {
    let settings = detailer.settings;
    KSampleSettings {
        seed,
        steps: settings.steps,
        cfg: settings.cfg,
        sampler_name: settings.sampler_name.clone(),
        scheduler: settings.scheduler.clone(),
        denoise: settings.denoise,
        differential: settings.noise_mask_feather > 0 && latent.noise_mask.is_some(),
        noise_mode: settings.noise_mode,
    }
}
