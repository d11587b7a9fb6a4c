//! The motion module of a request, checked once, and the files it comes from.

use std::rc::Rc;

use js_sys::{Function, Object};
use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::Burnish;
use super::convert::{self, field};
use super::error::JsResult;
use super::monitor::JsMonitor;
use super::request::{given, list, text};
use super::source::JsSource;
use crate::Error;
use crate::detailer::{MOTION_LORA, read_motion};
use crate::diffusion::{Lora, Motion, MotionFile, MotionFiles, MotionSettings, Multival, Pipe};
use crate::models::motion::MotionVersion;
use crate::weights::{ByteSource, Safetensors};

/// Settings that may be given by masks.
const BY_MASKS: [&str; 2] = ["scale", "effect"];

/// What a request wants between the frames.
#[derive(Debug)]
pub(super) struct MotionRequest {
    /// None leaves the frames to themselves, but for windows and noise.
    module: Option<String>,
    loras: Vec<(String, f32)>,
    settings: MotionSettings,
}

impl MotionRequest {
    /// Reads and checks `motion`, `{ module, loras: [{ name, strength }], beta_schedule, context,
    /// noise_type, scale, effect }`; without `module` only `context`, `noise_type` and `beta_schedule`
    /// count; `scale` and `effect` are a number, a list of one for each frame,
    /// or `{ min, max, masks }`.
    pub(super) fn from_js(request: &JsValue) -> JsResult<Option<Self>> {
        let Some(value) = given(request, "motion")? else { return Ok(None) };
        let mut plain: Map<String, Value> = Map::new();
        let mut by_masks = Vec::new();
        let object = value.dyn_ref::<Object>().cloned().unwrap_or_default();
        for key in Object::keys(&object).iter().filter_map(|key| key.as_string()) {
            let found = field(&value, &key)?;
            let masks = given_masks(&key, &found)?;
            match key.as_str() {
                "module" | "loras" => {}
                _ if masks.is_some() => by_masks.extend(masks.map(|masks| (key, masks))),
                _ if found.is_undefined() => {}
                _ => {
                    let value = serde_wasm_bindgen::from_value(found).map_err(|error| {
                        Error::BadRequest { reason: format!("motion.{key}: {error}") }
                    })?;
                    plain.insert(key, value);
                }
            }
        }
        let mut settings = read_motion(&plain)?;
        for (name, masks) in by_masks {
            let place = if name == "scale" { &mut settings.scale } else { &mut settings.effect };
            *place = masks;
        }
        let loras = given(&value, "loras")?.unwrap_or_default();
        let loras = list(&loras).map(|lora| -> JsResult<(String, f32)> {
            let strength = field(&lora, "strength")?.as_f64();
            MOTION_LORA[0].check(&json!({ "strength": strength }))?;
            Ok((text(&lora, "name")?, strength.unwrap_or(1.0) as f32))
        });
        let loras = loras.collect::<JsResult<Vec<_>>>()?;
        let module = Some(text(&value, "module")?).filter(|name| !name.is_empty());
        if module.is_none() && !loras.is_empty() {
            let reason = "motion.loras need motion.module, the module they change".to_owned();
            return Err(Error::BadRequest { reason }.into());
        }
        Ok(Some(Self { module, loras, settings }))
    }

    /// The module on `pipe`, for a clip of `frames` frames.
    pub(super) fn on(
        &self,
        pipe: &Pipe,
        files: &MotionFiles,
        frames: usize,
    ) -> crate::Result<Motion> {
        let Self { module, loras, settings } = self;
        let motion = match module {
            None => Motion::without_module(pipe, settings.clone())?,
            Some(name) => {
                let (file, loras) = (files.get(name)?, files.loras(loras)?);
                Motion::new(pipe, name, file, &loras, settings.clone())?
            }
        };
        motion.check(frames)?;
        Ok(motion)
    }
}

/// `{ min, max, masks }` of a setting that may be given so.
fn given_masks(name: &str, value: &JsValue) -> JsResult<Option<Multival>> {
    if !BY_MASKS.contains(&name) || !value.is_object() {
        return Ok(None);
    }
    let Some(masks) = given(value, "masks")? else { return Ok(None) };
    let masks = list(&masks).map(|mask| convert::mask(&mask)).collect::<JsResult<Vec<_>>>()?;
    let number = |end: &str, usual: f64| -> JsResult<f32> {
        let number = field(value, end)?.as_f64().unwrap_or(usual);
        read_motion(&Map::from_iter([(name.to_owned(), json!(number))]))?;
        Ok(number as f32)
    };
    if masks.is_empty() {
        let reason = format!("motion.{name}.masks holds no mask");
        return Err(Error::BadRequest { reason }.into());
    }
    Ok(Some(Multival::Masks { min: number("min", 0.0)?, max: number("max", 1.0)?, masks }))
}

#[wasm_bindgen]
impl Burnish {
    /// Loads a motion module, for requests to name in `motion`. Arguments as for
    /// [`Self::load_pipe`]; `source` must stay readable while motion LoRAs are used. Answers
    /// `{ name, version, frames }`: its generation, and how many frames it sees at once.
    ///
    /// # Errors
    /// `unsupported_motion` for a file that does not fit the loaded checkpoint.
    pub fn add_motion_module(&self, source: Object, on_event: Function) -> JsResult<JsValue> {
        let _busy = self.begin()?;
        let source = JsSource::new(&source)?;
        let name = source.name().to_owned();
        let monitor = JsMonitor::new(on_event, self.cancelled.clone());
        // The memory of an old one of this name is returned before the new one's is taken.
        self.motion.borrow_mut().remove(&name);
        let file = Safetensors::open(Box::new(source))?;
        let file = MotionFile::load(file, &self.device, &monitor)?;
        if let Some(pipe) = &*self.pipe.borrow() {
            pipe.check_motion(&name, file.module())?;
        }
        let config = file.module().config();
        self.motion.borrow_mut().insert(name.clone(), Rc::new(file));
        let version = match config.version {
            MotionVersion::V1 => "v1",
            MotionVersion::V2 => "v2",
            MotionVersion::V3 => "v3",
        };
        convert::to_js(&json!({ "name": name, "version": version, "frames": config.frames }))
    }

    /// Forgets a motion module; whether there was one of that name.
    pub fn remove_motion_module(&self, name: &str) -> JsResult<bool> {
        let _busy = self.begin()?;
        Ok(self.motion.borrow_mut().remove(name))
    }

    /// Makes a motion LoRA known, for requests to name in `motion.loras`; `source` as for
    /// [`Self::load_pipe`]. Its numbers are read when a request asks for it, so `source` must stay
    /// readable. Answers `{ name }`.
    pub fn add_motion_lora(&self, source: Object) -> JsResult<JsValue> {
        let _busy = self.begin()?;
        let source = JsSource::new(&source)?;
        let lora = Lora::open(source.name().to_owned(), Box::new(source))?;
        let name = lora.name().to_owned();
        self.motion.borrow_mut().loras.insert(lora);
        convert::to_js(&json!({ "name": name }))
    }

    /// Forgets a motion LoRA; whether there was one of that name.
    pub fn remove_motion_lora(&self, name: &str) -> JsResult<bool> {
        let _busy = self.begin()?;
        Ok(self.motion.borrow_mut().loras.remove(name))
    }
}
