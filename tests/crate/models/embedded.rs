//! The model in the repository against what diffusers and transformers compute with its weights:
//! `models/portrait/record.py` wrote `tests/golden/embedded`.

use std::rc::Rc;

use burn::tensor::Device;
use burnish::diffusion::{ModelManifest, Pipe, verify};
use burnish::monitor::Silent;
use burnish::weights::{FileSource, Safetensors};

use crate::support::{gpu, test_device};

/// Largest difference, relative to the largest recorded value: other libraries, other sums.
const TOLERANCE: f32 = 1e-3;
/// What the recording holds.
const RECORDED: [&str; 8] = [
    "text.last_hidden_state",
    "unet.eps_t20",
    "unet.eps_t500",
    "unet.eps_t999",
    "unet.odd_eps_t500",
    "vae.crop_mean",
    "vae.decoded",
    "vae.mean",
];

fn path(name: &str) -> String {
    format!("{}/../{name}", env!("CARGO_MANIFEST_DIR"))
}

fn open(name: &str) -> Safetensors {
    Safetensors::open(Box::new(FileSource::open(path(name)).unwrap())).unwrap()
}

fn embedded(manifest: &ModelManifest, device: &Device) -> Pipe {
    let file = open(&format!("models/{}", manifest.file));
    Pipe::load(Rc::new(file), manifest, device, &Silent).unwrap()
}

fn manifest() -> ModelManifest {
    let text = std::fs::read_to_string(path("models/embedded.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn agrees(manifest: &ModelManifest, device: &Device) {
    let recorded = open("tests/golden/embedded/embedded.safetensors");
    let pipe = embedded(manifest, device);
    let checks = pollster::block_on(verify(&pipe, &recorded)).unwrap();
    assert_eq!(checks.iter().map(|check| check.name.as_str()).collect::<Vec<_>>(), RECORDED);
    for check in checks {
        assert!(check.relative_error < TOLERANCE, "{check:?}");
    }
}

#[test]
fn it_agrees_on_the_cpu() {
    agrees(&manifest(), &test_device());
}

#[test]
fn it_agrees_on_the_gpu() {
    if let Some(device) = gpu() {
        agrees(&manifest(), &device);
    }
}

#[test]
fn it_needs_no_manifest() {
    let bare = ModelManifest { file: manifest().file, ..ModelManifest::sd15("dropped") };
    agrees(&bare, &test_device());
}
