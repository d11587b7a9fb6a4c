//! Files and devices, as a native program has them.

use std::error::Error;
use std::path::Path;
use std::rc::Rc;

use burnish::device::{open_cpu, open_gpu};
use burnish::diffusion::{ModelManifest, Pipe};
use burnish::monitor::{Event, Monitor};
use burnish::weights::{FileSource, Safetensors};
use pollster::block_on;

use super::arguments::Processor;

/// Prints what happens.
#[derive(Debug)]
pub(crate) struct Progress;

impl Monitor for Progress {
    fn report(&self, event: Event) {
        match event {
            Event::Step { segment, step, steps, .. } => {
                eprintln!("segment {segment}: step {} of {steps}", step + 1);
            }
            Event::Skipped { segment, reason } => eprintln!("segment {segment}: {reason}"),
            _ => {}
        }
    }
}

/// The manifest in `path`, or Stable Diffusion 1.5's if `path` is a checkpoint itself.
pub(crate) fn read_manifest(path: &Path) -> Result<ModelManifest, Box<dyn Error>> {
    if is_checkpoint(path) {
        return Ok(ModelManifest::sd15(path.to_string_lossy()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path:?}: {error}"))?;
    Ok(serde_json::from_str(&text).map_err(|error| format!("{path:?}: {error}"))?)
}

/// The model that the manifest in `path` names, beside it.
pub(crate) fn load_pipe(
    path: &Path,
    manifest: &ModelManifest,
    processor: Processor,
) -> burnish::Result<Pipe> {
    let checkpoint = match path.parent() {
        Some(folder) if !is_checkpoint(path) => folder.join(&manifest.file),
        _ => path.to_owned(),
    };
    let device = match processor {
        Processor::Cpu => open_cpu(),
        Processor::Gpu => block_on(open_gpu())?.0,
    };
    let source = Safetensors::open(Box::new(FileSource::open(checkpoint)?))?;
    Pipe::load(Rc::new(source), manifest, &device, &Progress)
}

fn is_checkpoint(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "safetensors")
}
