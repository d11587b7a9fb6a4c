//! Files beside the checkpoint: LoRAs and ControlNets, known by the names of their files.

use std::rc::Rc;

use js_sys::{Function, Object};
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::error::JsResult;
use super::monitor::JsMonitor;
use super::source::JsSource;
use super::{Burnish, convert};
use crate::diffusion::{Lora, LoraStrength, load_control_net};
use crate::weights::{ByteSource, Precision, Safetensors};

#[wasm_bindgen]
impl Burnish {
    /// Makes a LoRA known, as `<lora:name:model_weight:clip_weight>` in prompts and wildcard texts;
    /// `source` as for [`Self::load_pipe`]. Its numbers are read when a prompt asks for it, so
    /// `source` must stay readable.
    ///
    /// Answers `{ name, changed, unmatched }`: how many tensors of the loaded checkpoint it
    /// changes, and which of its own belong to none; both `null` without a checkpoint.
    ///
    /// # Errors
    /// `lora_shape` and `lora_unusable` for a file that does not fit the loaded checkpoint.
    pub fn add_lora(&self, source: Object) -> JsResult<JsValue> {
        let _busy = self.begin()?;
        let source = JsSource::new(&source)?;
        let lora = Lora::open(source.name().to_owned(), Box::new(source))?;
        let name = lora.name().to_owned();
        let pipe = self.pipe.borrow().clone();
        let strength = LoraStrength { lora: lora.clone(), model: 1.0, clip: 1.0 };
        let found = pipe.map(|pipe| pipe.match_loras(&[strength])).transpose()?;
        self.loras.borrow_mut().insert(lora);
        convert::to_js(&match found {
            None => json!({ "name": name, "changed": null, "unmatched": null }),
            Some(found) => {
                let unmatched: Vec<&String> =
                    found.unmatched().iter().flat_map(|(_, tensors)| tensors).collect();
                json!({ "name": name, "changed": found.touched(), "unmatched": unmatched })
            }
        })
    }

    /// Forgets a LoRA; whether there was one of that name.
    pub fn remove_lora(&self, name: &str) -> JsResult<bool> {
        let _busy = self.begin()?;
        self.lora_pipes.take();
        Ok(self.loras.borrow_mut().remove(name))
    }

    /// Loads a ControlNet, for requests to name in `control_nets`. Arguments as for
    /// [`Self::load_pipe`]; its weights are kept as the loaded checkpoint's. Answers `{ name }`.
    ///
    /// # Errors
    /// `unsupported_control_net` for a file that does not fit the loaded checkpoint.
    pub fn add_control_net(&self, source: Object, on_event: Function) -> JsResult<JsValue> {
        let _busy = self.begin()?;
        let source = JsSource::new(&source)?;
        let name = source.name().to_owned();
        let monitor = JsMonitor::new(on_event, self.cancelled.clone());
        // The memory of an old one of this name is returned before the new one's is taken.
        self.control_nets.borrow_mut().remove(&name);
        let file = Safetensors::open(Box::new(source))?;
        let precision =
            self.pipe.borrow().as_ref().map_or_else(Precision::default, |p| p.precision());
        let net = load_control_net(file, &self.device, precision, &monitor)?;
        if let Some(pipe) = &*self.pipe.borrow() {
            pipe.check_control_net(&name, &net)?;
        }
        self.control_nets.borrow_mut().insert(name.clone(), Rc::new(net));
        convert::to_js(&json!({ "name": name }))
    }

    /// Forgets a ControlNet; whether there was one of that name.
    pub fn remove_control_net(&self, name: &str) -> JsResult<bool> {
        let _busy = self.begin()?;
        Ok(self.control_nets.borrow_mut().remove(name))
    }
}
