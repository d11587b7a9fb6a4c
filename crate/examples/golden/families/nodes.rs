//! The detailer nodes with the tiny checkpoint, call by call.

use super::pipes::{limit, pipe};
use super::replay::{Array, Case, Context, NotYet, Outcome, Replay, Result, Row, rect, size};
use burn::tensor::Tensor;
use burnish::detailer::hooks::{Cycle, DetailerHook};
use burnish::detailer::{Detailed, Detailer, DetailerSettings, Enhanced, segs_from_mask};
use burnish::diffusion::{KSampleSettings, Latent};
use burnish::geometry::Rect;
use burnish::image::{Frames, Mask};
use burnish::monitor::Silent;
use burnish::sampling::math::{latent_tensor, read_back};
use burnish::sampling::samplers::sampler;
use burnish::sampling::schedules::scheduler;
use burnish::segs::{Seg, SegMask, Segs};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Sampled latents, whose values go up to about 20; uni_pc subtracts nearly equal logarithms.
const SAMPLED: f64 = 2e-3;
const SAMPLED_BY_UNI_PC: f64 = 2e-2;
/// Encoded crops: the tiny VAE in double precision is up to 4e-3 from the recordings.
const ENCODED: f64 = 5e-3;
/// One level of 8 bit and what single precision adds to it.
const LEVEL: f64 = 1.001 / 255.0;
/// Mixes of crops that may be one level off.
const PASTED: f64 = 1.5 / 255.0;
/// Differences that may come from anything but a level.
const SLIGHT: f64 = 1e-4;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("DetailerForEach", Replay::Later(|context, case| Box::pin(detailer(context, case)))),
    ("MaskDetailerPipe", Replay::Later(|context, case| Box::pin(detailer(context, case)))),
];

/// What a case may ask for that is not there yet.
const MISSING: &[&str] = &[
    "wildcard",
    "detailer_hook",
    "control_net",
    "refiner_basic_pipe",
    "inpaint_model",
    "cond_mask",
    "scheduler_func",
];

/// Remembers every sampling call and gives each the recorded start, so that one flipped level in
/// an earlier paste does not spread to later segments.
#[derive(Default)]
struct Trace {
    recorded: Vec<Array>,
    seeds: Vec<String>,
    latents_in: Vec<Tensor<4>>,
    latents_out: Vec<Tensor<4>>,
    decoded: Vec<Frames>,
}

impl DetailerHook for Trace {
    fn cycle_latent(&mut self, latent: Latent, cycle: Cycle) -> Latent {
        let samples = latent.samples;
        if cycle.index > 0 {
            self.latents_out.push(samples.clone());
        }
        let recorded = self.recorded.get(self.latents_in.len());
        self.latents_in.push(samples.clone());
        let samples = match recorded {
            Some(Array { shape, data }) if shape[..] == samples.dims() => {
                latent_tensor(data.clone(), samples.dims(), &samples.device())
            }
            _ => samples,
        };
        Latent { samples, ..latent }
    }

    fn pre_ksample(&mut self, settings: KSampleSettings, _cycle: Cycle) -> KSampleSettings {
        self.seeds.push(settings.seed.to_string());
        settings
    }

    fn pre_decode(&mut self, latent: Latent) -> Latent {
        self.latents_out.push(latent.samples.clone());
        latent
    }

    fn post_decode(&mut self, frames: Frames) -> Frames {
        self.decoded.push(frames.clone());
        frames
    }
}

async fn detailer(context: &Context, case: &Case) -> Result<Outcome> {
    let is_set = |name: &&str| {
        let value = &case.params[*name];
        !(value.is_null() || *value == false || *value == "")
    };
    if MISSING.iter().any(is_set) {
        return Err(NotYet.into());
    }
    let settings = settings(case)?;
    sampler(&settings.sampler_name).map_err(|_| NotYet)?;
    scheduler(&settings.scheduler).map_err(|_| NotYet)?;
    let recorded = case.outputs(context, "trace_latent_in")?;
    let mut trace = Trace { recorded, ..Trace::default() };
    let result = run(context, case, &settings, &mut trace).await;
    if case.expect.get("error").is_some() {
        return Ok(Outcome::equal(refused(&result), true));
    }
    compare(context, case, &result?, trace).await
}

/// Whether nothing was made: an error, or segments that were all skipped.
fn refused(result: &Result<Detailed>) -> bool {
    let skipped = |outcome: &Enhanced| matches!(outcome, Enhanced::Skipped(_));
    result.as_ref().map_or(true, |made| made.segments.iter().all(|seg| skipped(&seg.outcome)))
}

async fn run(
    context: &Context,
    case: &Case,
    settings: &DetailerSettings,
    trace: &mut Trace,
) -> Result<Detailed> {
    let owner = case.params.get("basic_pipe").unwrap_or(&case.params);
    let name = |key: &str| owner[key].as_str().unwrap_or_default();
    let pipe = pipe(context, name("model"))?;
    let positive = &pipe.encode_prompt(name("positive"))?;
    let negative = &pipe.encode_prompt(name("negative"))?;
    let detailer = Detailer { pipe: &pipe, positive, negative, settings, monitor: &Silent };
    let image = case.input(context, "image")?.frames()?;
    if case.kind == "DetailerForEach" {
        return Ok(detailer.detail_segs(&image, segs(context, case)?, trace).await?);
    }
    let masks = masks_of(case.input(context, "mask")?)?;
    if let [mask] = &masks[..] {
        return Ok(detailer.detail_mask(&image, mask, trace).await?);
    }
    let items = masks.iter().flat_map(|mask| segs_from_mask(mask, settings).items).collect();
    Ok(detailer.detail_segs(&image, Segs { size: image.size, items }, trace).await?)
}

/// The case's widgets, where they are called otherwise or mean something else.
fn settings(case: &Case) -> Result<DetailerSettings> {
    let known = serde_json::to_value(DetailerSettings::default())?;
    let mut fields = Map::new();
    for (name, value) in case.params.as_object().into_iter().flatten() {
        let name = if name == "mask_mode" { "noise_mask" } else { name };
        if known.get(name).is_some() {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    let is_bbox = case.get::<bool>("guide_size_for")?;
    fields.insert("guide_size_for".to_owned(), json!(if is_bbox { "bbox" } else { "crop_region" }));
    Ok(serde_json::from_value(fields.into())?)
}

async fn compare(
    context: &Context,
    case: &Case,
    detailed: &Detailed,
    trace: Trace,
) -> Result<Outcome> {
    let calls = case.expect["trace"].as_array().cloned().unwrap_or_default();
    let seeds: Vec<String> = calls.iter().map(|call| text(&call["seed"])).collect();
    let mut outcome = Outcome::equal(trace.seeds, seeds);
    let is_uni_pc = case.get::<String>("sampler_name")?.starts_with("uni_pc");
    let sampled = if is_uni_pc { SAMPLED_BY_UNI_PC } else { SAMPLED };
    let latents = [("trace_latent_in", trace.latents_in), ("trace_latent_out", trace.latents_out)];
    let own_start = independent(detailed);
    for (name, latents) in latents {
        let recorded = case.outputs(context, name)?;
        outcome = outcome.and(Outcome::equal(latents.len(), recorded.len()));
        for (call, (latent, recorded)) in latents.into_iter().zip(recorded).enumerate() {
            if name == "trace_latent_in" && own_start.get(call) == Some(&false) {
                continue;
            }
            let base = if name == "trace_latent_in" { ENCODED.max(sampled) } else { sampled };
            let limit = limit(&case.noise, name, base);
            let found = read_back(latent).await?;
            outcome = outcome.and(Outcome::absolute(&found, &recorded.data, limit));
        }
    }
    for (decoded, recorded) in trace.decoded.iter().zip(case.outputs(context, "trace_decoded")?) {
        let limit = limit(&case.noise, "trace_decoded", 2e-4);
        outcome = outcome.and(Outcome::absolute(&decoded.data, &recorded.data, limit));
    }
    let crops = compare_crops(context, case, detailed)?;
    Ok(outcome.and(crops).and(compare_image(context, case, &detailed.image)?))
}

/// For every segment that was sampled, whether its crop shows nothing an earlier one painted.
fn independent(detailed: &Detailed) -> Vec<bool> {
    let mut painted: Vec<Rect> = Vec::new();
    let sampled =
        detailed.segments.iter().filter(|seg| matches!(seg.outcome, Enhanced::Detailed(_)));
    sampled
        .map(|seg| {
            let fresh = painted.iter().all(|area| area.intersection(seg.crop_region).is_empty());
            painted.push(seg.crop_region);
            fresh
        })
        .collect()
}

/// At most one level, on at most 2 % of the values.
fn compare_crops(context: &Context, case: &Case, detailed: &Detailed) -> Result<Outcome> {
    let mut crops: Vec<&Frames> = detailed
        .segments
        .iter()
        .filter_map(|seg| match &seg.outcome {
            Enhanced::Detailed(frames) => Some(frames),
            Enhanced::Skipped(_) => None,
        })
        .collect();
    let mut name = "new_segs_image";
    if case.kind == "MaskDetailerPipe" {
        name = "cropped_refined";
        let per_pass = crops.len() / detailed.image.count.max(1);
        for pass in crops.chunks_mut(per_pass.max(1)) {
            pass.sort_by_key(|crop| std::cmp::Reverse((crop.size.height, crop.size.width)));
        }
    }
    let mut recorded = case.outputs(context, name)?;
    if crops.is_empty() {
        // The original hands on a black square instead of an empty list.
        recorded.retain(|crop| crop.data.iter().any(|level| *level != 0.0));
    }
    let mut outcome = Outcome::equal(crops.len(), recorded.len());
    for (crop, recorded) in crops.iter().zip(&recorded) {
        let noise = case.noise[name].as_f64().unwrap_or_default();
        let limit = LEVEL.max(if noise > 1.0 { 20.0 * noise / 255.0 } else { 0.0 });
        outcome = outcome
            .and(Outcome::absolute(&crop.data, &recorded.data, limit))
            .and(rarely_off(&crop.data, &recorded.data, if noise > 1.0 { 1.0 } else { 0.02 }));
    }
    Ok(outcome)
}

/// Bit for bit outside the recorded rectangle.
fn compare_image(context: &Context, case: &Case, image: &Frames) -> Result<Outcome> {
    let input = case.input(context, "image")?.frames()?;
    let roi = case.expect.get("image_roi").map(rect).transpose()?;
    let mut outcome = Outcome::start();
    for index in 0..image.count {
        let frame = image.take_frame(index);
        let is_outside = |pixel: usize| {
            let (x, y) = (pixel as u32 % image.size.width, pixel as u32 / image.size.width);
            roi.is_none_or(|roi| !roi.contains(Rect::new(x, y, x + 1, y + 1)))
        };
        let pixels = frame.data.chunks(3).zip(input.data.chunks(3)).enumerate();
        let changed = pixels.filter(|(pixel, (new, old))| is_outside(*pixel) && new != old);
        outcome = outcome.and(Outcome::equal(changed.count(), 0));
        if let Some(roi) = roi {
            let inside = frame.crop(roi).data;
            let recorded = case.output(context, "image_roi")?.data;
            let recorded = &recorded[index * inside.len()..][..inside.len()];
            let noise = case.noise["image_roi"].as_f64().unwrap_or_default();
            let share = if noise > PASTED { 1.0 } else { 0.05 };
            let limit = limit(&case.noise, "image_roi", PASTED);
            outcome = outcome
                .and(Outcome::absolute(&inside, recorded, limit))
                .and(rarely_off(&inside, recorded, share));
        }
    }
    Ok(outcome)
}

/// The share of values that are off by more than rounding.
fn rarely_off(found: &[f32], expected: &[f32], share: f64) -> Outcome {
    let off = |(found, expected): &(&f32, &f32)| f64::from((**found - **expected).abs()) > SLIGHT;
    let count = found.iter().zip(expected).filter(off).count();
    let found = count as f32 / expected.len().max(1) as f32;
    Outcome::absolute(&[found], &[0.0], share)
}

fn segs(context: &Context, case: &Case) -> Result<Segs> {
    let recorded = case.param("segs")?;
    let items = Vec::<Value>::deserialize(&recorded["segs"])?;
    let masks = case.inputs(context, "segs_mask")?;
    let seg = |(seg, mask): (&Value, Array)| -> Result<Seg> {
        let mut masks = masks_of(mask)?;
        let cropped_mask = match masks.len() {
            1 => SegMask::Still(masks.remove(0)),
            _ => SegMask::PerFrame(masks),
        };
        let (crop_region, bbox) = (rect(&seg["crop_region"])?, rect(&seg["bbox"])?);
        let label = text(&seg["label"]);
        Ok(Seg { cropped_image: None, cropped_mask, confidence: 1.0, crop_region, bbox, label })
    };
    let items = items.iter().zip(masks).map(seg).collect::<Result<_>>()?;
    Ok(Segs { size: size(&recorded["header"])?, items })
}

/// Masks with any number of leading axes.
fn masks_of(array: Array) -> Result<Vec<Mask>> {
    let [.., height, width] = array.shape[..] else { return Err("a mask has two axes".into()) };
    let planes = array.data.len() / (height * width).max(1);
    Array { shape: vec![planes, height, width], data: array.data }.masks()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
