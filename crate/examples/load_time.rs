//! What loading a checkpoint costs beyond reading its bytes and putting its numbers on the device.
//!
//! `cargo run --release --example load_time -- CHECKPOINT [--device cpu|gpu] [--rounds N]`
//!
//! Three times, least of the rounds: the whole file read in pieces; as many numbers of zero put on
//! the device, tensor by tensor; and the checkpoint loaded. The ratio of the last to the sum of the
//! others should not be above 1.5; the file should be in the system's cache.

use std::{rc::Rc, time::Instant};

use burn::tensor::{Device, Tensor, TensorData};
use burnish::{
    device::{open_cpu, open_gpu},
    diffusion::{ModelManifest, Pipe},
    monitor::Silent,
    weights::{ByteSource, FileSource, Recognised, Safetensors, keys},
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Bytes read at once.
const PIECE: usize = 4 << 20;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut path, mut device, mut rounds) = (None, "gpu".to_owned(), 3);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--device" => device = arguments.next().unwrap_or_default(),
            "--rounds" => rounds = arguments.next().unwrap_or_default().parse()?,
            _ => path = Some(argument),
        }
    }
    let path = path.ok_or("which checkpoint?")?;
    let device = match device.as_str() {
        "cpu" => open_cpu(),
        _ => pollster::block_on(open_gpu())?.0,
    };
    let [mut read, mut upload, mut load] = [f64::INFINITY; 3];
    for _ in 0..rounds {
        read = read.min(seconds(|| read_all(&path))?);
        upload = upload.min(seconds(|| upload_zeros(&path, &device))?);
        device.memory_cleanup();
        load = load.min(seconds(|| load_pipe(&path, &device))?);
        device.memory_cleanup();
    }
    println!("read {read:.2} s, upload {upload:.2} s, load {load:.2} s");
    println!("ratio {:.2}", load / (read + upload));
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

/// As many tensors, of as many numbers, as loading puts on the device.
fn upload_zeros(path: &str, device: &Device) -> Result<()> {
    let file = Safetensors::open(Box::new(FileSource::open(path)?))?;
    let parts = keys::parts(Recognised::of(&file).family);
    let mut kept = Vec::new();
    for (path, info) in file.tensors() {
        if parts.iter().any(|part| part.reads(&file, path)) {
            let count = info.element_count();
            // Not zero: untouched pages of zeros cost nothing to read.
            let data = TensorData::new(vec![1.0_f32; count], [count]);
            kept.push(Tensor::<1>::from_data(data, device));
            device.flush()?;
        }
    }
    device.sync()?;
    Ok(())
}

fn load_pipe(path: &str, device: &Device) -> Result<()> {
    let file = Rc::new(Safetensors::open(Box::new(FileSource::open(path)?))?);
    let pipe = Pipe::load(file, &ModelManifest::sd15("measured"), device, &Silent)?;
    device.sync()?;
    drop(pipe);
    Ok(())
}
