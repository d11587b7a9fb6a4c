//! Loaded checkpoints, shared by the families that sample with one.

use super::networks::checkpoint;
use super::replay::{Context, Result};
use burnish::diffusion::{ModelManifest, Pipe};
use burnish::monitor::Silent;
use std::rc::Rc;

/// Text encoder heads of the tiny checkpoint, which no file tells.
const CLIP_HEADS: usize = 4;

/// The checkpoint of a name, with everything it takes to sample from it.
pub fn pipe(context: &Context, name: &str) -> Result<Rc<Pipe>> {
    context.shared(name, || {
        let file = checkpoint(context, name)?;
        let manifest = ModelManifest { clip_heads: Some(CLIP_HEADS), ..ModelManifest::sd15(name) };
        Ok(Pipe::load(file, &manifest, &context.device, &Silent)?)
    })
}

/// `base`, or twenty times what a second run of the original differs by.
pub fn limit(noise: &serde_json::Value, output: &str, base: f64) -> f64 {
    noise[output].as_f64().map_or(base, |noise| base.max(20.0 * noise))
}
