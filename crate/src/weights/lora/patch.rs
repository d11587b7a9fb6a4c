//! LoRAs against a checkpoint: which layer each of their parts changes, and by how much.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::adapter::{Adapter, apply_diff, check_diff};
use super::file::Lora;
use super::names::{Layer, Side, layers, motion_layers};
use super::suffix::Role;
use crate::error::{Error, Result};
use crate::weights::{Patch, Safetensors};

/// A LoRA and how strongly it counts; strengths may be negative.
#[derive(Debug, Clone)]
pub struct LoraStrength {
    /// The file.
    pub lora: Rc<Lora>,
    /// On the UNet.
    pub model: f32,
    /// On the text encoder.
    pub clip: f32,
}

/// LoRAs, one after the other, as changes to the tensors of one checkpoint.
#[derive(Debug)]
pub struct LoraPatch {
    changes: BTreeMap<String, Vec<Change>>,
    unmatched: Vec<(String, Vec<String>)>,
}

/// What one module of a LoRA does to one tensor.
#[derive(Debug)]
struct Change {
    lora: Rc<Lora>,
    module: String,
    strength: f32,
    is_bias: bool,
}

impl LoraPatch {
    /// Sorts the modules of `loras` by the layers of `checkpoint` and compares their shapes.
    ///
    /// # Errors
    /// [`Error::LoraShape`] for a LoRA of another family, [`Error::LoraUnusable`] for one that has
    /// no layer in common with the checkpoint.
    pub fn new(loras: &[LoraStrength], checkpoint: &Safetensors) -> Result<Self> {
        Self::over(loras, checkpoint, &layers(checkpoint))
    }

    /// The same for motion LoRAs and a motion module under its original names.
    pub fn for_motion(loras: &[LoraStrength], module: &Safetensors) -> Result<Self> {
        Self::over(loras, module, &motion_layers(module))
    }

    fn over(
        loras: &[LoraStrength],
        checkpoint: &Safetensors,
        layers: &BTreeMap<String, Layer>,
    ) -> Result<Self> {
        let mut patch = Self { changes: BTreeMap::new(), unmatched: Vec::new() };
        for LoraStrength { lora, model, clip } in loras {
            let mut unmatched = lora.unknown.clone();
            let mut matched = false;
            for (name, module) in &lora.modules {
                let Some(layer) = layers.get(name) else {
                    unmatched.extend(module.values().cloned());
                    continue;
                };
                matched = true;
                let strength = match layer.side {
                    Side::Model => *model,
                    Side::Clip => *clip,
                };
                let change = |is_bias| Change {
                    lora: lora.clone(),
                    module: name.clone(),
                    strength,
                    is_bias,
                };
                let weight = format!("{}.weight", layer.path);
                let adapter = Adapter::new(lora, name, module)?;
                adapter.check(&checkpoint.info(&weight)?.shape)?;
                patch.changes.entry(weight).or_default().push(change(false));
                if let Some(diff) = module.get(&Role::DiffBias) {
                    let bias = format!("{}.bias", layer.path);
                    match checkpoint.tensors().get(&bias) {
                        Some(info) => {
                            check_diff(lora, diff, &info.shape)?;
                            patch.changes.entry(bias).or_default().push(change(true));
                        }
                        None => unmatched.push(diff.clone()),
                    }
                }
            }
            if !matched {
                let reason = format!("it changes no layer that {:?} has", checkpoint.name());
                return Err(Error::LoraUnusable { lora: lora.name().to_owned(), reason });
            }
            unmatched.sort_unstable();
            patch.unmatched.push((lora.name().to_owned(), unmatched));
        }
        // Strength 0 leaves a layer as it is, so nothing needs to be read.
        patch.changes.values_mut().for_each(|all| all.retain(|change| change.strength != 0.0));
        patch.changes.retain(|_, all| !all.is_empty());
        Ok(patch)
    }

    /// Number of tensors of the checkpoint that are changed.
    pub fn touched(&self) -> usize {
        self.changes.len()
    }

    /// For each LoRA its name and the tensors of it that belong to no layer of the checkpoint.
    pub fn unmatched(&self) -> &[(String, Vec<String>)] {
        &self.unmatched
    }
}

impl Patch for LoraPatch {
    fn touches(&self, path: &str) -> bool {
        self.changes.contains_key(path)
    }

    fn apply(&self, path: &str, shape: &[usize], values: &mut Vec<f32>) -> Result<()> {
        for Change { lora, module, strength, is_bias } in
            self.changes.get(path).into_iter().flatten()
        {
            let Some(tensors) = lora.modules.get(module) else { continue };
            match tensors.get(&Role::DiffBias) {
                Some(diff) if *is_bias => apply_diff(lora, diff, values, *strength)?,
                _ => Adapter::new(lora, module, tensors)?.apply(shape, values, *strength)?,
            }
        }
        Ok(())
    }
}
