//! A LoRA file, sorted by the layers it changes.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::suffix::{Role, split};
use crate::error::{Error, Result};
use crate::weights::{ByteSource, Safetensors};

/// What a LoRA holds for one layer: paths of tensors by their role.
pub(super) type Module = BTreeMap<Role, String>;

/// A LoRA file. Only its header is in memory.
#[derive(Debug)]
pub struct Lora {
    name: String,
    pub(super) file: Safetensors,
    pub(super) modules: BTreeMap<String, Module>,
    /// Tensors whose role is unknown.
    pub(super) unknown: Vec<String>,
}

impl Lora {
    /// Reads the header of a file; `name` is what prompts call it, usually its path.
    pub fn open(name: impl Into<String>, source: Box<dyn ByteSource>) -> Result<Rc<Self>> {
        let (name, file) = (name.into(), Safetensors::open(source)?);
        let mut modules: BTreeMap<String, Module> = BTreeMap::new();
        let mut unknown = Vec::new();
        for path in file.tensors().keys() {
            match split(path) {
                Some((module, role)) => {
                    modules.entry(module.to_owned()).or_default().insert(role, path.clone());
                }
                None => unknown.push(path.clone()),
            }
        }
        if modules.is_empty() {
            let reason = "no tensor in it is named as in a LoRA, LoHa or LoKr".to_owned();
            return Err(Error::LoraUnusable { lora: name, reason });
        }
        Ok(Rc::new(Self { name, file, modules, unknown }))
    }

    /// What prompts call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Refuses a tensor that does not fit the layer it is for.
    pub(super) fn wrong_shape(&self, tensor: &str, expected: Vec<usize>) -> Error {
        let found = self.file.info(tensor).map(|info| info.shape.clone()).unwrap_or_default();
        let (lora, tensor) = (self.name.clone(), tensor.to_owned());
        Error::LoraShape { lora, tensor, expected, found }
    }

    /// Refuses a layer that lacks a part.
    pub(super) fn incomplete(&self, module: &str) -> Error {
        let reason = format!("what it holds for {module:?} is incomplete");
        Error::LoraUnusable { lora: self.name.clone(), reason }
    }
}
