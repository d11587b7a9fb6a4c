//! The networks of synthetic files, no more than one UNet at a time.

use burn::tensor::Device;
use burnish::models::clip::{TextModel, TextSpec};
use burnish::models::unet::Unet;
use burnish::weights::keys::{self, Part};
use burnish::weights::lora::{Lora, LoraPatch, LoraStrength};
use burnish::weights::{FileSource, Patch, Precision, Safetensors, Weights};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use super::{Result, make};

/// Values of a head in every text encoder.
const HEAD_DIM: usize = 64;

/// A folder of files and the device networks go to.
pub struct Networks {
    folder: PathBuf,
    pub device: Device,
    /// How weights are kept.
    pub precision: Precision,
    /// The last UNet that was asked for, as cases that share one follow each other.
    unet: RefCell<Option<(String, Rc<Unet>)>>,
}

impl Networks {
    pub fn new(folder: PathBuf, device: Device, precision: Precision) -> Self {
        Self { folder, device, precision, unet: RefCell::default() }
    }

    /// Opens the file of a kind, which is made if it is not there.
    pub fn file(&self, kind: &str) -> Result<Safetensors> {
        Ok(Safetensors::open(Box::new(self.source(kind)?))?)
    }

    fn source(&self, kind: &str) -> Result<FileSource> {
        let path = self.folder.join(format!("{kind}.safetensors"));
        if !path.exists() {
            make(kind, &self.folder, false)?;
        }
        Ok(FileSource::open(&path)?)
    }

    /// The tensors of one network of a kind's file, under a LoRA if one is named.
    pub fn weights(
        &self,
        kind: &str,
        part: &Part,
        lora: Option<(&str, f32)>,
    ) -> Result<Weights<'static>> {
        let file = Rc::new(self.file(kind)?);
        let weights = part.of(&file, &self.device)?.stored(self.precision);
        let Some((lora, strength)) = lora else { return Ok(weights) };
        let lora = Lora::open(lora, Box::new(self.source(lora)?))?;
        let patch =
            LoraPatch::new(&[LoraStrength { lora, model: strength, clip: strength }], &file)?;
        Ok(weights.patched(Rc::new(patch) as Rc<dyn Patch>))
    }

    /// The UNet of a kind's file.
    pub fn unet(&self, kind: &str, lora: Option<(&str, f32)>) -> Result<Rc<Unet>> {
        let name = format!("{kind} {lora:?}");
        let known = self.unet.borrow();
        if let Some((_, unet)) = known.as_ref().filter(|(known, _)| *known == name) {
            return Ok(unet.clone());
        }
        drop(known);
        // The memory of the old one is returned before the new one's is taken.
        self.unet.replace(None);
        let unet = Rc::new(Unet::load(&self.weights(kind, &keys::UNET, lora)?)?);
        self.unet.replace(Some((name, unet.clone())));
        Ok(unet)
    }

    /// A text encoder of a kind's file, as `spec` describes it.
    pub fn text_model(
        &self,
        kind: &str,
        part: &Part,
        spec: &TextSpec,
        lora: Option<(&str, f32)>,
    ) -> Result<TextModel> {
        let weights = self.weights(kind, part, lora)?;
        let width = weights.shape(spec.keys.token_table())?.last().copied().unwrap_or_default();
        Ok(TextModel::load(&weights, spec, width / HEAD_DIM)?)
    }
}
