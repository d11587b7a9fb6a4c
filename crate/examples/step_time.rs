//! Seconds per network pass of a checkpoint on the CPU.
//!
//! `cargo run --release --example step_time -- CHECKPOINT [PIXELS] [PASSES]`

use std::{rc::Rc, time::Instant};

use burn::tensor::{Device, Distribution, Tensor};
use burnish::{
    Result,
    models::{unet::Unet, vae::Vae},
    weights::{FileSource, Safetensors, keys},
};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("usage: step_time CHECKPOINT [PIXELS] [PASSES]");
        return Ok(());
    };
    let mut number = |default| arguments.next().and_then(|n| n.parse().ok()).unwrap_or(default);
    let [pixels, passes]: [usize; 2] = [number(128), number(5)];

    let device = Device::flex();
    let file = Rc::new(Safetensors::open(Box::new(FileSource::open(&path)?))?);
    let unet = time("load unet", 1, || Unet::load(&keys::UNET.of(&file, &device)?))?;
    let vae = time("load vae", 1, || Vae::load(&keys::VAE.of(&file, &device)?))?;
    let width = file
        .info("model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight")?
        .shape[1];

    let normal = Distribution::Normal(0.0, 1.0);
    let cells = pixels / 8;
    let x = Tensor::<4>::random([2, unet.in_channels(), cells, cells], normal, &device);
    let context = unet.context(Tensor::random([2, 77, width], normal, &device));
    time("unet, batch of 2", passes, || unet.forward(x.clone(), &[500.0, 500.0], &context));
    let picture =
        Tensor::<4>::random([1, pixels, pixels, 3], Distribution::Uniform(0.0, 1.0), &device);
    let latent = time("vae encode", passes, || vae.encode(picture.clone()));
    time("vae decode", passes, || vae.decode(latent.clone()));
    Ok(())
}

/// Runs `f` `passes` times and prints the mean; the CPU computes at once.
fn time<T>(name: &str, passes: usize, f: impl Fn() -> T) -> T {
    let began = Instant::now();
    let mut result = f();
    for _ in 1..passes {
        result = f();
    }
    let seconds = began.elapsed().as_secs_f64() / passes as f64;
    println!("{name}: {seconds:.3} s");
    result
}
