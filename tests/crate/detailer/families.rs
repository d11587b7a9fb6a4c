//! The nodes with tiny checkpoints of Stable Diffusion 2.x and XL, whose pictures mean nothing.

use burnish::detailer::{Detailer, DetailerSettings, find_node};
use burnish::diffusion::{BasicPipe, ModelManifest, Pipe, PredictionType};
use burnish::monitor::Silent;
use pollster::block_on;

use super::for_each::{picture, segs, settings};
use crate::support::{hashed_checkpoint, test_device, tiny_vae};

fn pipe(layout: &str, manifest: &ModelManifest) -> Pipe {
    let mut file = hashed_checkpoint(layout);
    file.join(tiny_vae("first_stage_model"));
    Pipe::load(file.open(), manifest, &test_device(), &Silent).expect("is complete")
}

fn detail(base: &Pipe, refiner: Option<&Pipe>, settings: &DetailerSettings) -> Vec<f32> {
    let prompts = |pipe: &Pipe| {
        ["a (cat:1.2)", "blurry"].map(|text| pipe.encode_prompt(text).expect("is text"))
    };
    let [positive, negative] = &prompts(base);
    let detailer = Detailer::new(BasicPipe::new(base, positive, negative), settings, &Silent);
    let refined = refiner.map(prompts);
    let refiner = refiner
        .zip(refined.as_ref())
        .map(|(pipe, [positive, negative])| BasicPipe::new(pipe, positive, negative));
    let detailer = Detailer { refiner, ..detailer };
    let node = find_node("MaskDetailerPipe").expect("is a node");
    let mut hooks = burnish::detailer::hooks::hook_chain(&[], &detailer).expect("is no hook");
    let image = picture();
    let detailed = block_on(detailer.run(node, &image, segs(), &mut hooks)).expect("runs");
    assert_ne!(detailed.image, image);
    let levels = &detailed.image.data;
    // Paste mixes two pictures; their shares add up to 1 but for the last bit.
    let wrong = levels.iter().find(|level| !(-1e-5..=1.00001).contains(*level));
    assert_eq!(wrong, None, "every level lies between black and white");
    detailed.image.data
}

#[test]
fn every_family_details_a_picture() {
    let plain = ModelManifest::sd15("tiny");
    let velocities = ModelManifest {
        prediction: Some(PredictionType::V),
        zero_terminal_snr: Some(true),
        ..plain.clone()
    };
    let sd2 = include_str!("../../golden/families/sd2.json");
    let sdxl = include_str!("../../golden/families/sdxl.json");
    for (layout, manifest) in
        [(sd2, &plain), (sd2, &velocities), (sdxl, &plain), (sdxl, &velocities)]
    {
        detail(&pipe(layout, manifest), None, &settings());
    }
}

#[test]
fn the_refiner_takes_over_from_stable_diffusion_xl() {
    let plain = ModelManifest::sd15("tiny");
    let base = pipe(include_str!("../../golden/families/sdxl.json"), &plain);
    let refiner = pipe(include_str!("../../golden/families/refiner.json"), &plain);
    let settings = DetailerSettings { refiner_ratio: 0.5, ..settings() };
    let alone = detail(&base, None, &settings);
    let both = detail(&base, Some(&refiner), &settings);
    assert_ne!(alone, both);
}
