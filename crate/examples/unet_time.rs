//! Times a UNet's step: `unet_time CHECKPOINT [--device cpu|gpu] [--storage f32|f16|int8|int4]
//! [--steps N] SIDE...`, a side in latent pixels, 64 for 512 pixels.
//!
//! A step is both halves of guidance, batch 2. Prints the median of its times, and the bytes the
//! weights take on the device.

use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use burn::tensor::{Device, Tensor};
use burnish::models::unet::Unet;
use burnish::weights::{FileSource, Precision, Safetensors, Weights};
use pollster::block_on;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Tokens of a prompt.
const TOKENS: usize = 77;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let (mut path, mut sides) = (None, Vec::new());
    let (mut device, mut storage, mut steps) = ("gpu".to_owned(), Precision::F32, 10);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--device" => device = value()?,
            "--storage" => storage = Precision::named(&value()?)?,
            "--steps" => steps = value()?.parse()?,
            side if path.is_some() => sides.push(side.parse::<usize>()?),
            _ => path = Some(argument),
        }
    }
    let path = path.ok_or("which checkpoint?")?;
    let (device, name) = match device.as_str() {
        "cpu" => (burnish::device::open_cpu(), "processor".to_owned()),
        _ => block_on(burnish::device::open_gpu())?,
    };
    let file = Rc::new(Safetensors::open(Box::new(FileSource::open(Path::new(&path))?))?);
    let weights = Weights::new(file, device.clone()).stored(storage);
    let began = Instant::now();
    let unet = Unet::load(&weights.pp("model.diffusion_model"))?;
    println!("{name}, {storage:?}, loaded in {:.1} s", began.elapsed().as_secs_f64());
    for side in sides {
        let mut times =
            (0..=steps).map(|_| step(&unet, side, &device)).collect::<Result<Vec<_>>>()?;
        let first = times.remove(0);
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied().unwrap_or(first);
        println!("{side}x{side}: {median:.1} ms a step, the first {first:.0} ms");
    }
    Ok(())
}

/// Milliseconds of one step, the reading of a value of its output included.
fn step(unet: &Unet, side: usize, device: &Device) -> Result<f64> {
    let width = unet.context_width().unwrap_or(768);
    let wave = |count: usize| {
        let values: Vec<f32> = (0..count).map(|at| (at as f32 * 12.9898).sin()).collect();
        Tensor::<1>::from_data(values.as_slice(), device)
    };
    let x = wave(2 * side * side * 4).reshape([2, 4, side, side]);
    let context = unet.context(wave(2 * TOKENS * width).reshape([2, TOKENS, width]));
    let began = Instant::now();
    let output = unet.forward(x, &[500.0, 500.0], &context);
    let first = output.slice([0..1, 0..1, 0..1, 0..1]).into_data().try_to_vec::<f32>();
    let taken = began.elapsed().as_secs_f64() * 1e3;
    let first = first.map_err(|_| "the output is not f32")?;
    if first.iter().all(|value| value.is_finite()) {
        Ok(taken)
    } else {
        Err("the output is not finite".into())
    }
}
