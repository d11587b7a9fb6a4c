//! Rows that are whole networks, out of the checkpoint that `bench/peer/networks.py` writes.

use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};
use burnish::models::clip::TextModel;
use burnish::models::clip::layout::CLIP_L;
use burnish::models::unet::Unet;
use burnish::models::vae::{Decoder, Encoder, SCALE};
use burnish::weights::{ByteSource, Safetensors, Weights};
use burnish::{Error, Result};

use crate::row::Operation;
use crate::values::{transposed, uniform};

/// Tokens of a prompt.
const TOKENS: usize = 77;
const CLIP_HEADS: usize = 12;

/// The file, and the network that several rows share.
pub(crate) struct Networks {
    device: Device,
    file: Option<Rc<Safetensors>>,
    unet: Option<Rc<Unet>>,
}

impl Networks {
    pub(crate) fn new(device: Device) -> Self {
        Self { device, file: None, unet: None }
    }

    pub(crate) fn open(&mut self, source: Box<dyn ByteSource>) -> Result<()> {
        self.unet = None;
        self.file = Some(Rc::new(Safetensors::open(source)?));
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.unet = None;
    }

    fn weights(&self, prefix: &str) -> Result<Weights<'static>> {
        let file = self.file.clone().ok_or_else(|| Error::Read {
            file: "networks.safetensors".to_owned(),
            offset: 0,
            len: 0,
            reason: "no checkpoint is open".to_owned(),
        })?;
        Ok(Weights::new(file, self.device.clone()).pp(prefix))
    }

    /// A picture of the peer's order, `[1, channels, side, side]`, with its channels last.
    fn picture(&self, channels: usize, side: usize) -> Tensor<4> {
        let values = transposed(&uniform(channels * side * side, 1), channels, side * side);
        Tensor::from_data(TensorData::new(values, [1, side, side, channels]), &self.device)
    }

    pub(crate) fn unet(&mut self, side: usize) -> Result<Operation> {
        let unet = match self.unet.clone() {
            Some(unet) => unet,
            None => Rc::new(Unet::load(&self.weights("model.diffusion_model")?)?),
        };
        self.unet = Some(unet.clone());
        let width = unet.context_width().unwrap_or(1);
        let tensor = |values, seed: u32| -> Tensor<1> {
            Tensor::from_data(uniform(values, seed).as_slice(), &self.device)
        };
        let x = tensor(2 * 4 * side * side, 1).reshape([2, 4, side, side]);
        let context = unet.context(tensor(2 * TOKENS * width, 3).reshape([2, TOKENS, width]));
        let run = move || unet.forward(x.clone(), &[500.0; 2], &context).flatten(0, 3);
        Ok(Operation { run: Box::new(run), in_peers_order: Box::new(|values| values) })
    }

    pub(crate) fn decode(&mut self, side: usize) -> Result<Operation> {
        let decoder = Decoder::load(&self.weights("first_stage_model")?)?;
        let x = self.picture(4, side).permute([0, 3, 1, 2]);
        let run = move || decoder.forward(x.clone()).flatten(0, 3);
        let pixels = (SCALE * side).pow(2);
        let order = move |values: Vec<f32>| transposed(&values, pixels, 3);
        Ok(Operation { run: Box::new(run), in_peers_order: Box::new(order) })
    }

    pub(crate) fn encode(&mut self, side: usize) -> Result<Operation> {
        let encoder = Encoder::load(&self.weights("first_stage_model")?)?;
        let x = self.picture(3, SCALE * side);
        let run = move || encoder.forward(x.clone()).flatten(0, 3);
        Ok(Operation { run: Box::new(run), in_peers_order: Box::new(|values| values) })
    }

    pub(crate) fn clip(&mut self) -> Result<Operation> {
        let weights = self.weights("cond_stage_model.transformer.text_model")?;
        let words = weights.shape("embeddings.token_embedding.weight")?;
        let heads = if words[1] < 64 * CLIP_HEADS { 4 } else { CLIP_HEADS };
        let model = TextModel::load(&weights, &CLIP_L, heads)?;
        let mut ids = [0; TOKENS];
        for (at, id) in ids.iter_mut().enumerate() {
            *id = (at * 7919 % words[0]) as u32;
        }
        let x = model.embed(&[ids])?;
        let run = move || model.forward(x.clone(), 0).last.flatten(0, 2);
        Ok(Operation { run: Box::new(run), in_peers_order: Box::new(|values| values) })
    }
}
