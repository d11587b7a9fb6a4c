//! Files, devices and waiting, as a native program has them.

use std::error::Error;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use burn::tensor::{Device, DeviceKind};
use burnish::diffusion::{ModelManifest, Pipe};
use burnish::monitor::{Event, Monitor};
use burnish::weights::{FileSource, Safetensors};

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
        Processor::Cpu => Device::flex(),
        Processor::Gpu => Device::webgpu(DeviceKind::DefaultDevice),
    };
    let source = Safetensors::open(Box::new(FileSource::open(checkpoint)?))?;
    Pipe::load(Rc::new(source), manifest, &device, &Progress)
}

fn is_checkpoint(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "safetensors")
}

/// Runs `future` to its end on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}
