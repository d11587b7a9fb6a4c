//! What a run gives back to JavaScript.

use js_sys::{Array, Object};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use super::convert::{self, Picture, set};
use super::error::{JsError, JsResult};
use super::monitor::Timing;
use super::request::Request;
use crate::detailer::{Detailed, largest_change_outside};
use crate::image::Frames;
use crate::segs::{Segs, segs_to_json};
use crate::weights::recognise::{Family, Recognised, Use};
use crate::weights::{DType, Precision};

/// The result of `request`, whose segments were `segs`.
pub(super) fn answer(
    request: &Request,
    segs: &Segs,
    detailed: &Detailed,
    timings: &[Timing],
) -> JsResult<JsValue> {
    let feather = request.settings.feather;
    let outside = largest_change_outside(&request.frames, &detailed.image, segs, feather);
    let images = Array::new();
    for index in 0..detailed.image.count {
        let original = &request.pictures[index % request.pictures.len()];
        images.push(&original.recoloured(&detailed.image.take_frame(index)).to_js()?);
    }
    let alphas = detailed.cropped_enhanced_alpha();
    let answer = Object::new();
    set(&answer, "image", &images.get(0))?;
    set(&answer, "images", &images)?;
    set(&answer, "segs", &segs_to_json(&detailed.segs())?.into())?;
    set(&answer, "cropped", &pictures(detailed.cropped())?)?;
    set(&answer, "refined", &pictures(detailed.cropped_refined())?)?;
    set(&answer, "cnet_images", &pictures(&detailed.cnet_images)?)?;
    set(&answer, "enhanced_alpha", &pictures(alphas.iter())?)?;
    set(&answer, "segments", &convert::to_js(&segments(detailed))?)?;
    set(&answer, "timings", &convert::to_js(&timings)?)?;
    set(&answer, "max_change_outside_mask", &outside.into())?;
    set(&answer, "cancelled", &detailed.cancelled.into())?;
    set(&answer, "heap_bytes", &heap_bytes().into())?;
    Ok(answer.into())
}

/// What is known of a file, as plain values.
pub(super) fn recognised(recognised: &Recognised, precision: Precision) -> Value {
    json!({
        "kind": recognised.kind.id(),
        "family": recognised.family.map(Family::id),
        "title": recognised.title(),
        "sentence": recognised.sentence(precision),
        "bytes": recognised.bytes,
        "dtype": recognised.dtype.map(DType::title),
        "parameters": recognised.parameters,
        "has_ema": recognised.has_ema,
        "parts": recognised.parts,
        "usable_as": recognised.usable_as.map(Use::id),
        "needs": recognised.needs,
        "gpu_bytes": recognised.gpu_bytes,
        "problem": problem(recognised, precision),
    })
}

/// Refuses what no memory is large enough for.
pub(super) fn fits(recognised: &Recognised, precision: Precision) -> JsResult<()> {
    match problem(recognised, precision) {
        Some(problem) => Err(JsError::new("too_large", &problem)),
        None => Ok(()),
    }
}

/// On the processor weights lie in wasm's memory, of which there are 4 GiB; how much a graphics card
/// has no browser tells.
fn problem(recognised: &Recognised, precision: Precision) -> Option<String> {
    const MOST: u64 = (4 << 30) - WORKING;
    /// What the networks and the picture take besides.
    const WORKING: u64 = 512 << 20;
    if cfg!(feature = "gpu") { None } else { recognised.problem(precision, MOST) }
}

/// Every frame of every crop.
fn pictures<'a>(crops: impl IntoIterator<Item = &'a Frames>) -> JsResult<JsValue> {
    let pictures = Array::new();
    for crop in crops {
        for index in 0..crop.count {
            pictures.push(&Picture::of_frame(&crop.take_frame(index)).to_js()?);
        }
    }
    Ok(pictures.into())
}

fn segments(detailed: &Detailed) -> Vec<Value> {
    let report = |segment: &crate::detailer::DetailedSeg| {
        let skipped = segment.skipped.map(|skip| skip.to_string());
        let [crop, bbox] = [segment.seg.crop_region, segment.seg.bbox];
        json!({
            "label": segment.seg.label,
            "crop_region": [crop.x1, crop.y1, crop.x2, crop.y2],
            "bbox": [bbox.x1, bbox.y1, bbox.x2, bbox.y2],
            "skipped": skipped,
        })
    };
    detailed.segments.iter().map(report).collect()
}

/// Bytes of wasm memory, which never shrinks: the peak so far.
fn heap_bytes() -> f64 {
    use wasm_bindgen::JsCast;
    wasm_bindgen::memory()
        .dyn_into::<js_sys::WebAssembly::Memory>()
        .ok()
        .and_then(|memory| memory.buffer().dyn_into::<js_sys::ArrayBuffer>().ok())
        .map_or(0.0, |buffer| f64::from(buffer.byte_length()))
}
