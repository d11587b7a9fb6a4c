//! What loading a checkpoint costs beyond reading its bytes and putting its numbers on the device.
//!
//! ```text
//! fullsize load CHECKPOINT [--device cpu|gpu] [--precision auto|f32|f16|int8|int4] [--rounds N]
//!     [--adapter NAME]
//! ```
//!
//! `--adapter "nvidia h200"` loads as a graphics card does on any adapter.
//!
//! Three times, least of the rounds: the whole file read in pieces; as many bytes put on the device,
//! tensor by tensor; and the checkpoint loaded. The ratio of the last to the sum of the
//! others should not be above 1.5; the file should be in the system's cache.

use std::{rc::Rc, time::Instant};

use burn::tensor::{Device, Tensor, TensorData};
use burnish::{
    diffusion::{ModelManifest, Pipe},
    monitor::Silent,
    ops::{Adapter, set_adapter},
    weights::{ByteSource, FileSource, Precision, Recognised, Safetensors, keys},
};

use super::{Result, arguments, clip::used, open};

/// Bytes read at once.
const PIECE: usize = 4 << 20;

pub fn run(arguments: &[String]) -> Result<()> {
    let (mut path, mut device, mut rounds, mut precision) = (None, "gpu", 3, Precision::Auto);
    let mut adapter = None;
    arguments::each(arguments, |argument, value| {
        match argument {
            "--device" => device = value()?,
            "--precision" => precision = Precision::named(value()?)?,
            "--rounds" => rounds = value()?.parse()?,
            "--adapter" => adapter = Some(value()?),
            flag if flag.starts_with('-') => return arguments::unknown(flag),
            file => path = Some(file),
        }
        Ok(())
    })?;
    let path = path.ok_or("which checkpoint?")?;
    if device == "cpu" {
        precision = Precision::F32;
    }
    let device = open(device)?;
    if let Some(name) = adapter {
        set_adapter(Adapter::from_name(name));
    }
    let [mut read, mut uploaded, mut load] = [f64::INFINITY; 3];
    let mut memory = String::new();
    for _ in 0..rounds {
        read = read.min(seconds(|| read_all(path))?);
        uploaded = uploaded.min(seconds(|| upload(path, &device, precision))?);
        device.memory_cleanup();
        let loaded = || {
            memory = load_pipe(path, &device, precision)?;
            Ok(())
        };
        load = load.min(seconds(loaded)?);
        device.memory_cleanup();
    }
    println!("read {read:.2} s, upload {uploaded:.2} s, load {load:.2} s");
    println!("ratio {:.2}; {memory}", load / (read + uploaded));
    Ok(())
}

fn seconds(run: impl FnOnce() -> Result<()>) -> Result<f64> {
    let began = Instant::now();
    run()?;
    Ok(began.elapsed().as_secs_f64())
}

fn read_all(path: &str) -> Result<()> {
    let file = FileSource::open(path)?;
    for offset in (0..file.len()).step_by(PIECE) {
        let length = (file.len() - offset).min(PIECE as u64) as usize;
        std::hint::black_box(file.read(offset, length)?);
    }
    Ok(())
}

/// As many tensors, of as many bytes, as loading puts on the device.
fn upload(path: &str, device: &Device, precision: Precision) -> Result<()> {
    let file = Safetensors::open(Box::new(FileSource::open(path)?))?;
    let recognised = Recognised::of(&file);
    let share = recognised.gpu_bytes.at(precision) as f64 / recognised.gpu_bytes.f32 as f64;
    let parts = keys::parts(recognised.family);
    let mut kept = Vec::new();
    for (path, info) in file.tensors() {
        if parts.iter().any(|part| part.reads(&file, path)) {
            let count = (info.element_count() as f64 * share).ceil() as usize;
            // Not zero: untouched pages of zeros cost nothing to read.
            let data = TensorData::new(vec![1.0_f32; count], [count]);
            kept.push(Tensor::<1>::from_data(data, device));
            device.flush()?;
        }
    }
    device.sync()?;
    Ok(())
}

/// Loads the checkpoint; what it takes on the device.
fn load_pipe(path: &str, device: &Device, precision: Precision) -> Result<String> {
    let file = Rc::new(Safetensors::open(Box::new(FileSource::open(path)?))?);
    let manifest = ModelManifest::sd15("measured");
    let pipe = Pipe::load_stored(file, &manifest, device, precision, &Silent)?;
    device.sync()?;
    let memory = used(device);
    drop(pipe);
    Ok(memory)
}
