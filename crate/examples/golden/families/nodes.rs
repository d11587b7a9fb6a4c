//! The detailer nodes with the tiny checkpoint, call by call.

use super::conditioning::prompt;
use super::controls::{CONTROL_NET, compare_hints, control_net, controlled};
use super::loras::load_lora;
use super::motion::motion;
use super::pipes::{limit, pipe};
use super::replay::{Array, Case, Context, NotYet, Outcome, Replay, Result, Row, rect, size};
use super::trace::Trace;
use burnish::detailer::hooks::hook_chain;
use burnish::detailer::{Detailed, Detailer, DetailerSettings, find_node, segs_from_masks};
use burnish::diffusion::{BasicPipe, Conditioning, ControlNets, LoraFiles, Motion, Pipe};
use burnish::geometry::Rect;
use burnish::image::{Frames, Mask};
use burnish::monitor::Silent;
use burnish::sampling::math::read_back;
use burnish::sampling::samplers::sampler;
use burnish::sampling::schedules::scheduler;
use burnish::segs::{Seg, SegMask, Segs};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// Sampled latents, whose values go up to about 20; uni_pc subtracts nearly equal logarithms.
const SAMPLED: f64 = 2e-3;
const SAMPLED_BY_UNI_PC: f64 = 2e-2;
/// Encoded crops: the tiny VAE in double precision is up to 4e-3 from the recordings.
const ENCODED: f64 = 5e-3;
/// One level of 8 bit and what single precision adds to it.
pub const LEVEL: f64 = 1.001 / 255.0;
/// Mixes of crops that may be one level off.
const PASTED: f64 = 1.5 / 255.0;
/// The same for crops whose proportions a hook changes, as noise of the original.
const DISTORTED: f64 = 1.1;
/// Differences that may come from anything but a level.
const SLIGHT: f64 = 1e-4;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("DetailerForEach", Replay::Later(|context, case| Box::pin(detailer(context, case)))),
    ("SEGSDetailer", Replay::Later(|context, case| Box::pin(detailer(context, case)))),
    ("MaskDetailerPipe", Replay::Later(|context, case| Box::pin(detailer(context, case)))),
    (
        "SEGSDetailerForAnimateDiff",
        Replay::Later(|context, case| Box::pin(detailer(context, case))),
    ),
    (
        "DetailerForEachPipeForAnimateDiff",
        Replay::Later(|context, case| Box::pin(detailer(context, case))),
    ),
];

async fn detailer(context: &Context, case: &Case) -> Result<Outcome> {
    let settings = settings(case)?;
    sampler(&settings.sampler_name).map_err(|_| NotYet)?;
    scheduler(&settings.scheduler).map_err(|_| NotYet)?;

    let owner = case.params.get("basic_pipe").unwrap_or(&case.params);
    let base = prompted(context, case, owner)?;
    let refiner = match &case.params["refiner_basic_pipe"] {
        Value::Null => None,
        refiner => Some(prompted(context, case, refiner)?),
    };
    let mut detailer = Detailer::new(base.basic_pipe(), &settings, &Silent);
    detailer.refiner = refiner.as_ref().map(Prompted::basic_pipe);
    let (mut loras, mut control_nets) = (LoraFiles::default(), ControlNets::default());
    loras.insert(load_lora(context, "tiny-lora")?);
    control_nets.insert(CONTROL_NET, control_net(context, CONTROL_NET)?);
    (detailer.loras, detailer.control_nets) = (Some(&loras), Some(&control_nets));

    let mut node = *find_node(&case.kind)?;
    node.hooks_see_all = true;
    let mut trace = Trace {
        hooks: hook_chain(&settings.detailer_hook, &detailer)?,
        recorded: case.outputs(context, "trace_latent_in")?,
        ..Trace::default()
    };
    let (image, segs) = (picture(context, case)?, segs(context, case, &settings)?);
    let segs = controlled(context, case, segs)?;
    let result = detailer.run(&node, &image, segs, &mut trace).await;
    if case.expect.get("error").is_some() {
        return Ok(Outcome::equal(refused(&result), true));
    }
    compare(context, case, &result?, trace).await
}

/// Whether nothing was made: an error, or segments that were all skipped.
fn refused(result: &burnish::Result<Detailed>) -> bool {
    result.as_ref().map_or(true, |made| made.segments.iter().all(|seg| seg.skipped.is_some()))
}

/// A model under the prompts of a case.
struct Prompted {
    pipe: Rc<Pipe>,
    motion: Option<Motion>,
    positive: Conditioning,
    negative: Conditioning,
}

impl Prompted {
    fn basic_pipe(&self) -> BasicPipe<'_> {
        let Self { pipe, motion, positive, negative } = self;
        BasicPipe { pipe, motion: motion.as_ref(), positive, negative }
    }
}

fn prompted(context: &Context, case: &Case, params: &Value) -> Result<Prompted> {
    let name = |key: &str| params[key].as_str().unwrap_or_default();
    let pipe = pipe(context, name("model"))?;
    let mut positive = pipe.encode_prompt(name("positive"))?;
    let negative = pipe.encode_prompt(name("negative"))?;
    if let Some(recipe) = params["cond_mask"].as_str() {
        // `positive = combine(setmask(...), positive)`
        let masked = recipe
            .strip_prefix("positive = combine(")
            .and_then(|rest| rest.strip_suffix(", positive)"));
        positive = prompt(context, case, &pipe, &masked.into())?.combine(positive);
    }
    let motion = motion(context, &pipe, params)?;
    Ok(Prompted { pipe, motion, positive, negative })
}

/// The case's widgets, where they are called otherwise or mean something else.
fn settings(case: &Case) -> Result<DetailerSettings> {
    let known = serde_json::to_value(DetailerSettings::default())?;
    let mut fields = Map::new();
    for (name, value) in case.params.as_object().into_iter().flatten() {
        let name = match name.as_str() {
            "mask_mode" => "noise_mask",
            "scheduler_func" => "scheduler_func_opt",
            name => name,
        };
        if known.get(name).is_some() {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    let is_bbox = case.get::<bool>("guide_size_for")?;
    fields.insert("guide_size_for".to_owned(), json!(if is_bbox { "bbox" } else { "crop_region" }));
    fields.insert("detailer_hook".to_owned(), hooks(&case.params["detailer_hook"]).into());
    Ok(serde_json::from_value(fields.into())?)
}

/// The hooks of a case, one after the other.
fn hooks(recorded: &Value) -> Vec<Value> {
    let mut hook = recorded.clone();
    match hook["type"].as_str() {
        None => Vec::new(),
        Some("combine") => [hooks(&hook["hook1"]), hooks(&hook["hook2"])].concat(),
        Some(name) => {
            let name = name.trim_end_matches("_on_detailer_interface").to_owned();
            hook["type"] = name.into();
            vec![hook]
        }
    }
}

async fn compare(
    context: &Context,
    case: &Case,
    detailed: &Detailed,
    trace: Trace<'_>,
) -> Result<Outcome> {
    let calls = case.expect["trace"].as_array().cloned().unwrap_or_default();
    let seeds: Vec<String> = calls.iter().map(|call| text(&call["seed"])).collect();
    let mut outcome = Outcome::equal(trace.seeds, seeds);
    let is_uni_pc = case.get::<String>("sampler_name")?.starts_with("uni_pc");
    let sampled = if is_uni_pc { SAMPLED_BY_UNI_PC } else { SAMPLED };
    let sampled = if is_inpainting(case) { sampled.max(2.0 * ENCODED) } else { sampled };
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
    if let Some(recorded) = case.expect.get("new_segs") {
        outcome = outcome.and(compare_segs(recorded, &detailed.segs())?);
    }
    outcome = outcome.and(compare_hints(context, case, detailed)?);
    outcome = outcome.and(compare_crops(context, case, detailed)?);
    outcome = outcome.and(compare_alpha(context, case, detailed)?);
    if case.expect.get("image_shape").is_none() {
        return Ok(outcome);
    }
    Ok(outcome.and(compare_image(context, case, &detailed.image)?))
}

/// For every segment that was sampled, whether its crop shows nothing an earlier one painted.
fn independent(detailed: &Detailed) -> Vec<bool> {
    let mut painted: Vec<Rect> = Vec::new();
    let sampled = detailed.segments.iter().filter(|segment| segment.skipped.is_none());
    sampled
        .map(|segment| {
            let region = segment.seg.crop_region;
            let fresh = painted.iter().all(|area| area.intersection(region).is_empty());
            if segment.paste_mask.is_some() {
                painted.push(region);
            }
            fresh
        })
        .collect()
}

/// The SEGS output but for its pictures.
fn compare_segs(recorded: &Value, segs: &Segs) -> Result<Outcome> {
    let found: Vec<Value> = segs.items.iter().map(described).collect();
    let fields = ["crop_region", "bbox", "label", "has_image"];
    let recorded_segs = recorded["segs"].as_array().into_iter().flatten();
    let expected: Vec<Value> = recorded_segs
        .map(|seg| fields.iter().map(|field| ((*field).to_owned(), seg[*field].clone())).collect())
        .map(|fields: Map<String, Value>| fields.into())
        .collect();
    let size = size(&recorded["header"])?;
    Ok(Outcome::equal(found, expected).and(Outcome::equal(segs.size, size)))
}

fn described(seg: &Seg) -> Value {
    let corners = |rect: Rect| [rect.x1, rect.y1, rect.x2, rect.y2];
    json!({
        "crop_region": corners(seg.crop_region),
        "bbox": corners(seg.bbox),
        "label": seg.label,
        "has_image": seg.cropped_image.is_some(),
    })
}

/// Tallest first, then widest: the order of the original's lists.
fn sort_by_shape(crops: &mut [&Frames]) {
    crops.sort_by_key(|crop| std::cmp::Reverse((crop.size.height, crop.size.width)));
}

/// New crops with the masks they were pasted by.
fn compare_alpha(context: &Context, case: &Case, detailed: &Detailed) -> Result<Outcome> {
    let mut outcome = Outcome::start();
    let crops = detailed.cropped_enhanced_alpha();
    let mut crops: Vec<&Frames> = crops.iter().collect();
    sort_by_shape(&mut crops);
    for name in ["enhanced_alpha", "cropped_enhanced_alpha"] {
        let recorded = case.outputs(context, name)?;
        for (crop, recorded) in crops.iter().zip(&recorded) {
            let limit = limit(&case.noise, name, LEVEL);
            outcome = outcome.and(Outcome::absolute(&crop.data, &recorded.data, limit));
        }
    }
    Ok(outcome)
}

/// At most one level, on at most 2 % of the values.
fn compare_crops(context: &Context, case: &Case, detailed: &Detailed) -> Result<Outcome> {
    let segs = detailed.segs();
    let mut crops: Vec<&Frames> =
        segs.items.iter().filter_map(|seg| seg.cropped_image.as_ref()).collect();
    let mut name = "new_segs_image";
    if case.kind == "MaskDetailerPipe" {
        name = "cropped_refined";
        let per_pass = crops.len() / detailed.image.count.max(1);
        for pass in crops.chunks_mut(per_pass.max(1)) {
            sort_by_shape(pass);
        }
    }
    if !case.has_output(name) {
        return Ok(Outcome::start());
    }
    let mut recorded = case.outputs(context, name)?;
    if crops.is_empty() {
        // The original hands on a black square instead of an empty list.
        recorded.retain(|crop| crop.data.iter().any(|level| *level != 0.0));
    }
    let mut outcome = Outcome::equal(crops.len(), recorded.len());
    for (crop, recorded) in crops.iter().zip(&recorded) {
        let noise = case.noise[name].as_f64().unwrap_or_default();
        let noise = if is_distorted(case) { DISTORTED.max(noise) } else { noise };
        let limit = LEVEL.max(if noise > 1.0 { 20.0 * noise / 255.0 } else { 0.0 });
        outcome = outcome
            .and(Outcome::absolute(&crop.data, &recorded.data, limit))
            .and(rarely_off(&crop.data, &recorded.data, share_off(case, noise > 1.0, 0.02)));
    }
    Ok(outcome)
}

/// Bit for bit outside the recorded rectangle.
fn compare_image(context: &Context, case: &Case, image: &Frames) -> Result<Outcome> {
    let input = picture(context, case)?;
    let roi = case.expect.get("image_roi").map(rect).transpose()?;
    let mut outcome = Outcome::start();
    for index in 0..image.count {
        let frame = image.take_frame(index);
        let is_outside = |pixel: usize| {
            let (x, y) = (pixel as u32 % image.size.width, pixel as u32 / image.size.width);
            roi.is_none_or(|roi| !roi.contains(Rect::new(x, y, x + 1, y + 1)))
        };
        let input = input.frame(index % input.count);
        let pixels = frame.data.chunks(3).zip(input.chunks(3)).enumerate();
        let changed = pixels.filter(|(pixel, (new, old))| is_outside(*pixel) && new != old);
        outcome = outcome.and(Outcome::equal(changed.count(), 0));
        if let Some(roi) = roi {
            let inside = frame.crop(roi).data;
            let recorded = case.output(context, "image_roi")?.data;
            let recorded = &recorded[index * inside.len()..][..inside.len()];
            let noise = case.noise["image_roi"].as_f64().unwrap_or_default();
            let share = share_off(case, noise > PASTED, 0.05);
            let base = if is_distorted(case) { 20.0 * DISTORTED / 255.0 } else { PASTED };
            let limit = limit(&case.noise, "image_roi", base);
            outcome = outcome
                .and(Outcome::absolute(&inside, recorded, limit))
                .and(rarely_off(&inside, recorded, share));
        }
    }
    Ok(outcome)
}

/// The share of values that may be off by a level.
fn share_off(case: &Case, is_noisy: bool, usual: f64) -> f64 {
    let usual = if is_inpainting(case) { 2.0 * usual } else { usual };
    if is_noisy || is_distorted(case) { 1.0 } else { usual }
}

/// Whether an inpainting model is shown the picture, which is encoded here and not recorded.
fn is_inpainting(case: &Case) -> bool {
    case.params["basic_pipe"]["model"] == "tiny-sd15-inpaint"
}

/// Whether a hook changes the proportions of crops. The original's version of Pillow shrinks the
/// rows of such a crop before its columns, which moves single values by a few levels.
fn is_distorted(case: &Case) -> bool {
    case.params["detailer_hook"]["type"] == "coreml"
}

/// The share of values that are off by more than rounding.
fn rarely_off(found: &[f32], expected: &[f32], share: f64) -> Outcome {
    let off = |(found, expected): &(&f32, &f32)| f64::from((**found - **expected).abs()) > SLIGHT;
    let count = found.iter().zip(expected).filter(off).count();
    let found = count as f32 / expected.len().max(1) as f32;
    Outcome::absolute(&[found], &[0.0], share)
}

/// The picture or the frames a case works on.
fn picture(context: &Context, case: &Case) -> Result<Frames> {
    let is_clip = case.params.get("frames").is_some();
    case.input(context, if is_clip { "image_frames" } else { "image" })?.frames()
}

/// The segments of a case, or those MaskDetailer finds in its mask.
fn segs(context: &Context, case: &Case, settings: &DetailerSettings) -> Result<Segs> {
    let Some(recorded) = case.params.get("segs") else {
        return Ok(segs_from_masks(&masks_of(case.input(context, "mask")?)?, settings));
    };
    let mut pictures = case.inputs(context, "segs_image")?.into_iter();
    let mut items = Vec::new();
    let recorded_segs = Vec::<Value>::deserialize(&recorded["segs"])?;
    for (seg, mask) in recorded_segs.iter().zip(case.inputs(context, "segs_mask")?) {
        let mut masks = masks_of(mask)?;
        let cropped_mask = match masks.len() {
            1 => SegMask::Still(masks.remove(0)),
            _ => SegMask::PerFrame(masks),
        };
        let picture = if seg["has_image"] == true { pictures.next() } else { None };
        items.push(Seg {
            cropped_image: picture.map(Array::frames).transpose()?,
            cropped_mask,
            confidence: 1.0,
            crop_region: rect(&seg["crop_region"])?,
            bbox: rect(&seg["bbox"])?,
            label: text(&seg["label"]),
            controls: Vec::new(),
        });
    }
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
