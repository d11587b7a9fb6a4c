//! What JavaScript sends, checked once, and what it gets back.

use js_sys::{Array, Object};
use serde::Serialize;
use serde_json::{Map, Value, json};
use wasm_bindgen::JsValue;

use super::convert::{self, Picture, field, set};
use super::error::{JsError, JsResult};
use super::monitor::Timing;
use super::source::JsSource;
use crate::Error;
use crate::detailer::{
    Detailed, DetailerSettings, Domain, NodeRow, find_node, largest_change_outside, segs_from_masks,
};
use crate::diffusion::ModelManifest;
use crate::image::{Frames, Mask};
use crate::sampling::{SamplerRow, SchedulerRow};
use crate::weights::ByteSource;

/// Longest side of a picture, in pixels. One picture takes 16 bytes a pixel in wasm's memory.
const MAX_SIDE: u32 = 8192;

/// One run, in the core's types.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) node: &'static NodeRow,
    pub(super) image: Frames,
    pub(super) mask: Mask,
    pub(super) prompt: String,
    pub(super) negative: String,
    pub(super) settings: DetailerSettings,
    picture: Picture,
}

impl Request {
    /// Reads and checks `{ node, image, mask, prompt, negative, settings }`.
    pub(super) fn from_js(value: JsValue) -> JsResult<Self> {
        let text =
            |name: &str| Ok::<_, JsError>(field(&value, name)?.as_string().unwrap_or_default());
        let node = find_node(&text("node")?)?;
        let settings = settings(field(&value, "settings")?, node)?;
        settings.validate(node)?;
        let picture = Picture::from_js(&field(&value, "image")?)?;
        let mask = convert::mask(&field(&value, "mask")?)?;
        if picture.size.width.max(picture.size.height) > MAX_SIDE {
            return Err(Error::PictureTooLarge { size: picture.size, limit: MAX_SIDE }.into());
        }
        if mask.size != picture.size {
            return Err(Error::MaskSize { mask: mask.size, image: picture.size }.into());
        }
        if mask.data.iter().all(|value| *value == 0.0) {
            return Err(Error::NothingPainted.into());
        }
        Ok(Self {
            node,
            image: picture.frames(),
            mask,
            prompt: text("prompt")?,
            negative: text("negative")?,
            settings,
            picture,
        })
    }

    /// The result as JavaScript gets it.
    pub(super) fn answer(&self, detailed: &Detailed, timings: &[Timing]) -> JsResult<JsValue> {
        let segs = segs_from_masks(std::slice::from_ref(&self.mask), &self.settings);
        let outside =
            largest_change_outside(&self.image, &detailed.image, &segs, self.settings.feather);
        let images = Array::new();
        for index in 0..detailed.image.count {
            let frame = detailed.image.take_frame(index);
            images.push(&self.picture.recoloured(&frame).to_js()?);
        }
        let answer = Object::new();
        set(&answer, "image", &images.get(0))?;
        set(&answer, "images", &images)?;
        set(&answer, "segments", &convert::to_js(&segments(detailed))?)?;
        set(&answer, "timings", &convert::to_js(&timings)?)?;
        set(&answer, "max_change_outside_mask", &outside.into())?;
        set(&answer, "heap_bytes", &heap_bytes().into())?;
        Ok(answer.into())
    }
}

fn settings(value: JsValue, node: &NodeRow) -> JsResult<DetailerSettings> {
    if value.is_undefined() || value.is_null() {
        return Ok(node.defaults());
    }
    let given: Map<String, Value> = serde_wasm_bindgen::from_value(value)
        .map_err(|error| Error::BadRequest { reason: format!("settings: {error}") })?;
    Ok(node.read(&given)?)
}

/// The manifest sent along, or the one of a plain SD 1.x checkpoint.
pub(super) fn manifest(value: JsValue, source: &JsSource) -> JsResult<ModelManifest> {
    if value.is_undefined() || value.is_null() {
        return Ok(ModelManifest::sd15(source.name()));
    }
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| Error::BadRequest { reason: format!("model manifest: {error}") }.into())
}

fn segments(detailed: &Detailed) -> Vec<Value> {
    detailed
        .segments
        .iter()
        .map(|segment| {
            let skipped = segment.skipped.map(|skip| skip.to_string());
            let [crop, bbox] = [segment.seg.crop_region, segment.seg.bbox];
            json!({
                "label": segment.seg.label,
                "crop_region": [crop.x1, crop.y1, crop.x2, crop.y2],
                "bbox": [bbox.x1, bbox.y1, bbox.x2, bbox.y2],
                "skipped": skipped,
            })
        })
        .collect()
}

/// Everything a form is made from.
#[derive(Serialize)]
pub(super) struct Tables {
    samplers: Vec<&'static str>,
    schedulers: Vec<&'static str>,
    nodes: Vec<Value>,
}

/// The tables of the core, with the default of each node's settings.
pub(super) fn tables(
    nodes: &[NodeRow],
    samplers: &[SamplerRow],
    schedulers: &[SchedulerRow],
) -> JsResult<Tables> {
    let internal = |error: serde_json::Error| JsError::new("internal", &error.to_string());
    let row = |name: &str, default: &Value, domain| -> Result<Value, serde_json::Error> {
        let mut row: Map<String, Value> = Map::new();
        row.insert("name".into(), name.into());
        row.insert("default".into(), default.clone());
        match domain {
            Domain::Choice(choice) => {
                row.insert("kind".into(), "choice".into());
                row.insert("names".into(), choice.names().into());
            }
            other => {
                if let Value::Object(fields) = serde_json::to_value(other)? {
                    row.extend(fields);
                }
            }
        }
        Ok(row.into())
    };
    let nodes = nodes
        .iter()
        .map(|node| {
            let defaults = serde_json::to_value(node.defaults())?;
            let settings: Result<Vec<Value>, _> = node
                .settings()
                .map(|setting| row(setting.name, &defaults[setting.name], setting.domain))
                .collect();
            Ok(json!({ "name": node.name, "settings": settings? }))
        })
        .collect::<Result<_, serde_json::Error>>()
        .map_err(internal)?;
    Ok(Tables {
        samplers: samplers.iter().map(|row| row.name).collect(),
        schedulers: schedulers.iter().map(|row| row.name).collect(),
        nodes,
    })
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
