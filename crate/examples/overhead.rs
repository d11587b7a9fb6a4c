//! What detailing one 512 px segment costs outside the networks, in a small and in a large picture.
//!
//! `cargo run --release --example overhead -- [--device cpu|gpu] [--rounds N]` prints a line for
//! each step: its name, milliseconds in a picture of 1024 px, and in one of 4096 px, each the least
//! of all rounds. Then it runs 20 steps with the embedded model, in both pictures, and says which
//! share of that the steps above are. Ends with 1 if it is 3 % or more.

use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use burn::tensor::Device;
use burnish::Result;
use burnish::detailer::hooks::HookChain;
use burnish::detailer::{Detailer, DetailerSettings, GuideSizeFor, find_node, segs_from_masks};
use burnish::device::{open_cpu, open_gpu};
use burnish::diffusion::{BasicPipe, ModelManifest, Pipe};
use burnish::geometry::{Rect, Size};
use burnish::image::blur::gaussian_blur_mask;
use burnish::image::composite::paste;
use burnish::image::resize::lanczos;
use burnish::image::{Frames, Mask};
use burnish::monitor::Silent;
use burnish::sampling::math::{latent_tensor, read_back};
use burnish::segs::{MaskToSegs, mask_to_segs};
use burnish::weights::{FileSource, Safetensors};
use pollster::block_on;

/// Sides of the pictures.
const PICTURES: [u32; 2] = [1024, 4096];
/// Side of the segment's crop, and the size it is worked on.
const CROP: u32 = 384;
const WORKED_ON: u32 = 512;
/// The node's own defaults.
const FEATHER: u32 = 5;
const NOISE_MASK_FEATHER: u32 = 20;
/// The row that sums up those before it.
const SEGMENT: &str = "each segment";
/// What is outside the networks stays below this share of a run.
const MOST_PERCENT: f64 = 3.0;

fn main() -> Result<ExitCode> {
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
    let rows: Vec<_> = small?.into_iter().zip(large?).collect();
    for ((name, small), (_, large)) in &rows {
        println!("{name:<28} {small:>9.2} ms {large:>9.2} ms");
    }
    let [outside, large] = [|row: &(Row, Row)| row.0.1, |row: &(Row, Row)| row.1.1].map(|column| {
        let counted = rows.iter().filter(|row| row.0.0 != SEGMENT);
        counted.map(column).sum::<f64>()
    });
    let pipe = embedded(&device)?;
    let [run, run_large] = PICTURES.map(|side| whole_run(&pipe, side));
    let (run, run_large) = (run?, run_large?);
    println!("{:<28} {run:>9.0} ms {run_large:>9.0} ms", "20 steps, everything");
    let shares = [outside / run * 100.0, large / run_large * 100.0];
    println!("{:<28} {:>10.2} % {:>10.2} %", "share outside the networks", shares[0], shares[1]);
    let within = shares.iter().all(|share| *share < MOST_PERCENT);
    Ok(if within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The model that ships with the repository.
fn embedded(device: &Device) -> Result<Pipe> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let manifest: ModelManifest =
        serde_json::from_str(include_str!("../../models/embedded.json")).expect("is a manifest");
    let source = FileSource::open(folder.join(&manifest.file))?;
    let file = Rc::new(Safetensors::open(Box::new(source))?);
    Pipe::load(file, &manifest, device, &Silent)
}

/// Milliseconds of a run over one segment in a picture of `side` pixels.
fn whole_run(pipe: &Pipe, side: u32) -> Result<f64> {
    let (image, painted, _) = picture(side);
    let node = find_node("DetailerForEach")?;
    let settings = DetailerSettings {
        guide_size: f64::from(WORKED_ON),
        guide_size_for: GuideSizeFor::CropRegion,
        max_size: f64::from(WORKED_ON),
        feather: FEATHER,
        noise_mask_feather: NOISE_MASK_FEATHER,
        ..node.defaults()
    };
    let prompt = pipe.encode_prompt("a portrait")?;
    let base = BasicPipe::new(pipe, &prompt, &prompt);
    let detailer = Detailer::new(base, &settings, &Silent);
    let mut hooks = HookChain::default();
    let began = Instant::now();
    let segs =
        segs_from_masks(&[painted], &DetailerSettings { crop_factor: 2.0, ..settings.clone() });
    let made = block_on(detailer.run(node, &image, segs, &mut hooks))?;
    let milliseconds = began.elapsed().as_secs_f64() * 1e3;
    assert_eq!(made.segments.iter().filter(|segment| segment.refined().is_some()).count(), 1);
    Ok(milliseconds)
}

/// A picture of noise, half of a crop painted in its middle, and the crop.
fn picture(side: u32) -> (Frames, Mask, Rect) {
    let size = Size::new(side, side);
    let image = Frames { data: noise(size.area() * 3), ..Frames::zeros(size, 1, 3) };
    let mut painted = Mask::filled(size, 0.0);
    let near = (side - CROP / 2) / 2;
    for y in near..near + CROP / 2 {
        let row = y as usize * side as usize;
        painted.data[row + near as usize..][..CROP as usize / 2].fill(1.0);
    }
    let [from, to] = [near - CROP / 4, near + 3 * CROP / 4];
    (image, painted, Rect::new(from, from, to, to))
}

type Row = (&'static str, f64);

fn measure(side: u32, rounds: usize, device: &Device) -> Result<Vec<Row>> {
    let (image, painted, region) = picture(side);
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
    rows.push((SEGMENT, segment));
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
