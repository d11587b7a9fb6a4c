//! What detailing one 512 px segment costs outside the networks, in a small and in a large picture.
//!
//! `cargo run --release --example overhead -- [--device cpu|gpu] [--rounds N]` prints a line for
//! each step: its name, milliseconds in a picture of 1024 px, and in one of 4096 px. Each is the
//! least of all rounds.

use std::time::Instant;

use burn::tensor::Device;
use burnish::Result;
use burnish::device::{open_cpu, open_gpu};
use burnish::geometry::{Rect, Size};
use burnish::image::blur::gaussian_blur_mask;
use burnish::image::composite::paste;
use burnish::image::resize::lanczos;
use burnish::image::{Frames, Mask};
use burnish::sampling::math::{latent_tensor, read_back};
use burnish::segs::{MaskToSegs, mask_to_segs};
use pollster::block_on;

/// Sides of the pictures.
const PICTURES: [u32; 2] = [1024, 4096];
/// Side of the segment's crop, and the size it is worked on.
const CROP: u32 = 384;
const WORKED_ON: u32 = 512;
/// The node's own defaults.
const FEATHER: u32 = 5;
const NOISE_MASK_FEATHER: u32 = 20;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let rounds = value("--rounds").and_then(|number| number.parse().ok()).unwrap_or(10);
    let device = match value("--device").map(String::as_str) {
        Some("gpu") => block_on(open_gpu())?.0,
        _ => open_cpu(),
    };
    let [small, large] = PICTURES.map(|side| measure(side, rounds, &device));
    for ((name, small), (_, large)) in small?.into_iter().zip(large?) {
        println!("{name:<28} {small:>9.2} ms {large:>9.2} ms");
    }
    Ok(())
}

type Row = (&'static str, f64);

fn measure(side: u32, rounds: usize, device: &Device) -> Result<Vec<Row>> {
    let size = Size::new(side, side);
    let image = Frames { data: noise(size.area() * 3), ..Frames::zeros(size, 1, 3) };
    let mut painted = Mask::filled(size, 0.0);
    let near = (side - CROP / 2) / 2;
    for y in near..near + CROP / 2 {
        let row = y as usize * side as usize;
        painted.data[row + near as usize..][..CROP as usize / 2].fill(1.0);
    }
    let region =
        Rect::new(near - CROP / 4, near - CROP / 4, near + 3 * CROP / 4, near + 3 * CROP / 4);
    let mask = painted.crop(region);
    let crop = image.crop(region);
    let enlarged = lanczos(&crop, Size::new(WORKED_ON, WORKED_ON));
    let shape = [1, WORKED_ON as usize, WORKED_ON as usize, 3];
    let tensor = latent_tensor(enlarged.data.clone(), shape, device);
    let feathered = gaussian_blur_mask(&mask, FEATHER);
    let mut canvas = image.clone();

    let mut rows = Vec::new();
    let mut step = |name: &'static str, run: &mut dyn FnMut() -> Result<()>| -> Result<()> {
        run()?;
        let mut least = f64::INFINITY;
        for _ in 0..rounds {
            let began = Instant::now();
            run()?;
            least = least.min(began.elapsed().as_secs_f64() * 1e3);
        }
        rows.push((name, least));
        Ok(())
    };
    step("crop", &mut || done(image.crop(region)))?;
    step("resize up", &mut || done(lanczos(&crop, enlarged.size)))?;
    step("blur the noise mask", &mut || done(gaussian_blur_mask(&mask, NOISE_MASK_FEATHER)))?;
    step("upload", &mut || done(latent_tensor(enlarged.data.clone(), shape, device)))?;
    step("readback", &mut || block_on(read_back(tensor.clone())).map(drop))?;
    step("resize down", &mut || done(lanczos(&enlarged, crop.size)))?;
    step("blur the paste mask", &mut || done(gaussian_blur_mask(&mask, FEATHER)))?;
    let at = (region.x1, region.y1);
    step("paste", &mut || {
        paste(&mut canvas, &crop, at, &feathered);
        done(())
    })?;
    let segment: f64 = rows.iter().map(|row: &Row| row.1).sum();
    rows.push(("each segment", segment));
    let mut step = |name: &'static str, run: &mut dyn FnMut()| {
        let mut least = f64::INFINITY;
        for _ in 0..rounds {
            let began = Instant::now();
            run();
            least = least.min(began.elapsed().as_secs_f64() * 1e3);
        }
        rows.push((name, least));
    };
    step("once: mask to segments", &mut || drop(mask_to_segs(&painted, &MaskToSegs::default())));
    step("once: copy the picture", &mut || drop(image.clone()));
    Ok(rows)
}

fn done<T>(value: T) -> Result<()> {
    drop(std::hint::black_box(value));
    Ok(())
}

/// Values that are no levels, the same on every run.
fn noise(len: usize) -> Vec<f32> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 16_777_216.0
    };
    (0..len).map(|_| next()).collect()
}
