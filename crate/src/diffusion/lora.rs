//! A checkpoint under LoRAs, and the LoRAs at hand.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Pipe;
use crate::error::Result;
use crate::monitor::Silent;
use crate::weights::Patch;
use crate::weights::lora::{Lora, LoraPatch, LoraStrength};

/// The LoRA files at hand, by the names prompts know them by.
#[derive(Clone, Debug, Default)]
pub struct LoraFiles(BTreeMap<String, Rc<Lora>>);

impl LoraFiles {
    /// Adds a file under its own name, in place of another of that name.
    pub fn insert(&mut self, lora: Rc<Lora>) {
        self.0.insert(lora.name().to_owned(), lora);
    }

    /// Forgets the file of a name; whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    /// The names of all files.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }

    /// The file of exactly this name.
    pub fn get(&self, name: &str) -> Option<&Rc<Lora>> {
        self.0.get(name)
    }
}

impl Pipe {
    /// What `loras` would change here, without reading a weight: how many tensors, which of their
    /// own tensors belong nowhere, and whether they fit at all.
    pub fn match_loras(&self, loras: &[LoraStrength]) -> Result<LoraPatch> {
        LoraPatch::new(loras, &self.origin.source)
    }

    /// This checkpoint with `loras` on top of those it is under already.
    ///
    /// Layers that no LoRA changes share their memory with this pipe; the others are read from the
    /// file again, so they take their room twice while both pipes are there.
    pub fn with_loras(&self, loras: &[LoraStrength]) -> Result<Self> {
        let all = [&self.loras, loras].concat();
        let patch = Rc::new(self.match_loras(&all)?);
        let under = Some((self, patch as Rc<dyn Patch>));
        let mut pipe = Self::read(self.origin.clone(), &self.device, &Silent, under)?;
        pipe.clip.take_over(&self.clip);
        pipe.loras = all;
        Ok(pipe)
    }

    /// Whether this is what [`Self::with_loras`] of `base` gave for the same files and strengths.
    pub fn is_with_loras(&self, base: &Self, loras: &[LoraStrength]) -> bool {
        let is_same = |(a, b): (&LoraStrength, &LoraStrength)| {
            Rc::ptr_eq(&a.lora, &b.lora) && a.model == b.model && a.clip == b.clip
        };
        Rc::ptr_eq(&self.origin, &base.origin)
            && Rc::ptr_eq(&self.vae, &base.vae)
            && self.loras.len() == base.loras.len() + loras.len()
            && self.loras.iter().zip(base.loras.iter().chain(loras)).all(is_same)
    }
}
