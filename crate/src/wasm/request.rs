//! What JavaScript sends, checked once.

use js_sys::{Array, Object};
use serde_json::{Map, Value};
use wasm_bindgen::{JsCast, JsValue};

use super::control::ControlRequest;
use super::convert::{self, Picture, field};
use super::error::{JsError, JsResult};
use super::hook::JsHook;
use super::motion::MotionRequest;
use crate::Error;
use crate::detailer::{DetailerSettings, NodeRow, Pictures, find_node};
use crate::diffusion::ModelManifest;
use crate::geometry::Size;
use crate::image::{Frames, Mask};
use crate::segs::{Segs, segs_from_json};
use crate::wildcards::WildcardFiles;

/// Longest side of a picture, in pixels. One picture takes 16 bytes a pixel in wasm's memory.
const MAX_SIDE: u32 = 8192;

/// One run, in the core's types.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) node: &'static NodeRow,
    /// All pictures, of one size.
    pub(super) frames: Frames,
    /// The same as they came, for their alpha.
    pub(super) pictures: Vec<Picture>,
    pub(super) marked: Marked,
    pub(super) prompt: String,
    pub(super) negative: String,
    pub(super) wildcards: WildcardFiles,
    pub(super) settings: DetailerSettings,
    /// For all segments, the first evaluated first.
    pub(super) control_nets: Vec<ControlRequest>,
    /// What works between the frames of a clip.
    pub(super) motion: Option<MotionRequest>,
    /// Whether finished segments are handed out when the run is cancelled.
    pub(super) keeps_finished: bool,
    /// The caller's own, after those of the settings.
    pub(super) hooks: Vec<JsHook>,
}

/// What is to be detailed.
#[derive(Debug)]
pub(super) enum Marked {
    /// Painted: one mask for all pictures, or one for each.
    Masks(Vec<Mask>),
    /// Found elsewhere.
    Segs(Segs),
}

impl Request {
    /// Reads and checks `{ node, image | frames, mask | frame_masks | segs, prompt, negative,
    /// wildcards, control_nets, motion, settings, keep_finished, hooks }`.
    pub(super) fn from_js(value: &JsValue) -> JsResult<Self> {
        let node = find_node(&text(value, "node")?)?;
        let settings = settings(field(value, "settings")?, node)?;
        settings.validate(node)?;
        let pictures = pictures(value, node)?;
        let marked = marked(value, pictures[0].size)?;
        Ok(Self {
            node,
            frames: frames(&pictures),
            pictures,
            marked,
            prompt: text(value, "prompt")?,
            negative: text(value, "negative")?,
            wildcards: wildcards(&field(value, "wildcards")?)?,
            settings,
            control_nets: ControlRequest::all(value)?,
            motion: MotionRequest::from_js(value)?,
            keeps_finished: field(value, "keep_finished")?.is_truthy(),
            hooks: hooks(&field(value, "hooks")?)?,
        })
    }
}

/// A field's text; nothing for one that is not there.
pub(super) fn text(value: &JsValue, name: &str) -> JsResult<String> {
    Ok(field(value, name)?.as_string().unwrap_or_default())
}

/// `image`, or the `frames` of a clip; at least one, all of one size.
fn pictures(value: &JsValue, node: &NodeRow) -> JsResult<Vec<Picture>> {
    let pictures = match given(value, "frames")? {
        Some(frames) => list(&frames).map(|frame| Picture::from_js(&frame)).collect(),
        None => Picture::from_js(&field(value, "image")?).map(|picture| vec![picture]),
    }?;
    let Some(first) = pictures.first() else {
        return Err(JsError::new("bad_request", "frames holds no picture"));
    };
    if first.size.width.max(first.size.height) > MAX_SIDE {
        return Err(Error::PictureTooLarge { size: first.size, limit: MAX_SIDE }.into());
    }
    if let Some(other) = pictures.iter().find(|picture| picture.size != first.size) {
        let message = format!(
            "the frames differ in size: {} and {}; crop them alike",
            first.size, other.size
        );
        return Err(JsError::new("bad_request", &message));
    }
    if node.pictures == Pictures::One && pictures.len() > 1 {
        let message = format!("{} takes one picture, {} were given", node.name, pictures.len());
        return Err(JsError::new("bad_request", &message));
    }
    Ok(pictures)
}

fn frames(pictures: &[Picture]) -> Frames {
    let mut all = pictures[0].frames();
    for picture in &pictures[1..] {
        all.data.append(&mut picture.frames().data);
        all.count += 1;
    }
    all
}

/// `segs`, `frame_masks` or `mask`, whichever is there.
fn marked(value: &JsValue, image: Size) -> JsResult<Marked> {
    if let Some(segs) = given(value, "segs")? {
        return Ok(Marked::Segs(segs_from_json(&segs.as_string().unwrap_or_default())?));
    }
    let masks = match given(value, "frame_masks")? {
        Some(masks) => list(&masks).map(|mask| convert::mask(&mask)).collect(),
        None => convert::mask(&field(value, "mask")?).map(|mask| vec![mask]),
    }?;
    if let Some(mask) = masks.iter().find(|mask| mask.size != image) {
        return Err(Error::MaskSize { mask: mask.size, image }.into());
    }
    if masks.iter().all(Mask::is_blank) {
        return Err(Error::NothingPainted.into());
    }
    Ok(Marked::Masks(masks))
}

/// `{ name: text }` for every wildcard file.
fn wildcards(value: &JsValue) -> JsResult<WildcardFiles> {
    let mut files = WildcardFiles::default();
    let Some(object) = value.dyn_ref::<Object>() else { return Ok(files) };
    for entry in Object::entries(object) {
        let entry: Array = entry.unchecked_into();
        let part = |index| entry.get(index).as_string().unwrap_or_default();
        files.add_file(&part(0), &part(1))?;
    }
    Ok(files)
}

/// The objects of a list.
fn hooks(value: &JsValue) -> JsResult<Vec<JsHook>> {
    let hook = |item: JsValue| match item.dyn_into::<Object>() {
        Ok(object) => Ok(JsHook::new(object)),
        Err(_) => Err(JsError::new("bad_request", "hooks must be a list of objects")),
    };
    list(value).map(hook).collect()
}

/// The settings `node` is asked to use, over its defaults.
pub(super) fn settings(value: JsValue, node: &NodeRow) -> JsResult<DetailerSettings> {
    if value.is_undefined() || value.is_null() {
        return Ok(node.defaults());
    }
    let given: Map<String, Value> = serde_wasm_bindgen::from_value(value)
        .map_err(|error| Error::BadRequest { reason: format!("settings: {error}") })?;
    Ok(node.read(&given)?)
}

/// The manifest sent along, or the one of a plain SD 1.x checkpoint.
pub(super) fn manifest(value: JsValue, file: &str) -> JsResult<ModelManifest> {
    if value.is_undefined() || value.is_null() {
        return Ok(ModelManifest::sd15(file));
    }
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| Error::BadRequest { reason: format!("model manifest: {error}") }.into())
}

/// A field, unless it is missing or `null`.
pub(super) fn given(value: &JsValue, name: &str) -> JsResult<Option<JsValue>> {
    let found = field(value, name)?;
    Ok((!found.is_undefined() && !found.is_null()).then_some(found))
}

/// The items of an array; none of anything else.
pub(super) fn list(value: &JsValue) -> impl Iterator<Item = JsValue> {
    let array = value.dyn_ref::<Array>().cloned().unwrap_or_default();
    (0..array.length()).map(move |index| array.get(index))
}
