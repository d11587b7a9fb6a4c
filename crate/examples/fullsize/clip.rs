//! What a clip takes on a device: the UNet of SD 1.5 at its own size under a version 3 motion module.

use std::path::PathBuf;
use std::time::Instant;

use burn::tensor::{Device, Tensor};
use burnish::models::motion::{Gain, MotionModule};
use burnish::models::unet::{PassSize, Unet};
use burnish::weights::{Precision, Weights, keys};
use std::rc::Rc;

use super::networks::Networks;
use super::{Result, arguments, open};

/// Tokens of a prompt, and values of each.
const TEXT: [usize; 2] = [77, 768];

/// Measures what the words after `clip` ask for.
pub fn run(arguments: &[String]) -> Result<()> {
    let (mut files, mut device) = (None, "gpu");
    let mut measured = Measured { frames: 16, side: 64, steps: 3, precision: Precision::F16 };
    arguments::each(arguments, |argument, value| {
        match argument {
            "--files" => files = Some(PathBuf::from(value()?)),
            "--device" => device = value()?,
            "--frames" => measured.frames = value()?.parse()?,
            "--side" => measured.side = value()?.parse()?,
            "--steps" => measured.steps = value()?.parse()?,
            "--precision" => measured.precision = Precision::named(value()?)?,
            other => return arguments::unknown(other),
        }
        Ok(())
    })?;
    let files = files.ok_or("--files in which folder?")?;
    measured.run(&Networks::new(files, open(device)?, Precision::Auto))
}

/// What to measure.
#[derive(Debug, Clone, Copy)]
struct Measured {
    /// Frames seen together.
    frames: usize,
    /// Cells of a latent's side, 64 for 512 pixels.
    side: usize,
    /// Guided steps, after a first one that also compiles the kernels.
    steps: usize,
    /// How weights are kept on the device.
    precision: Precision,
}

impl Measured {
    /// Loads both networks, runs guided steps and prints bytes and times: first with one side of
    /// guidance after the other, then with both in one batch.
    fn run(self, networks: &Networks) -> Result<()> {
        let Self { frames, side, steps, precision } = self;
        let device = &networks.device;
        let began = Instant::now();
        let unet = networks.weights("sd15", &keys::UNET, None)?.stored(precision);
        let unet = Unet::load(&unet)?;
        let file = Rc::new(networks.file("motion-v3")?);
        let module = Weights::new(file, device.clone()).stored(precision);
        let module = MotionModule::load(&module)?;
        println!(
            "loaded in {:.1} s, {}: {}",
            began.elapsed().as_secs_f64(),
            precision.name(),
            used(device)
        );
        for batch in [1, 2] {
            let pass =
                PassSize { batch: batch * frames, height: side, width: side, has_motion: true };
            let told = unet.pass_bytes(pass);
            let (gain, mut times) = (Gain::Same(1.0), Vec::new());
            for _ in 0..=steps {
                let began = Instant::now();
                for _ in 0..2 / batch {
                    let x = wave(batch * frames * 4 * side * side, device);
                    let x = x.reshape([batch * frames, 4, side, side]);
                    let text = wave(batch * TEXT.iter().product::<usize>(), device);
                    let context = unet.context(text.reshape([batch, TEXT[0], TEXT[1]]));
                    let temporal = module.pass(frames, &gain, &gain);
                    let timesteps = vec![500.0; batch * frames];
                    let output = unet.forward_clip(x, &timesteps, &context, None, Some(&temporal));
                    let mean = output.powi_scalar(2).mean().into_scalar::<f32>();
                    if !mean.is_finite() {
                        return Err("the output is not finite".into());
                    }
                }
                times.push(began.elapsed().as_secs_f64());
            }
            let first = times.remove(0);
            times.sort_by(f64::total_cmp);
            let median = times.get(times.len() / 2).copied().unwrap_or(first);
            println!(
                "{frames} frames of {side}x{side} cells, {}: {median:.3} s a guided step, the first \
                 {first:.1} s; {}; told {:.0} MiB beside the weights",
                ["one side after the other", "both sides in one batch"][batch - 1],
                used(device),
                told as f64 / MIB
            );
        }
        Ok(())
    }
}

const MIB: f64 = 1_048_576.0;

fn wave(count: usize, device: &Device) -> Tensor<1> {
    let values: Vec<f32> = (0..count).map(|at| (at as f32 * 12.9898).sin()).collect();
    Tensor::from_data(values.as_slice(), device)
}

/// Bytes the device's memory pools hold; they keep what they once needed, so that is the most so far.
pub fn used(device: &Device) -> String {
    let Some(usage) = device.memory_pool_usage() else { return "no memory pools".to_owned() };
    let [used, reserved] = [usage.bytes_in_use, usage.bytes_reserved].map(|b| b as f64 / MIB);
    format!("{used:.0} MiB in use, {reserved:.0} MiB reserved")
}
