//! The model in the repository against what diffusers and transformers compute with its weights:
//! `models/portrait/record.py` wrote `tests/golden/embedded`.

use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};
use burnish::detailer::read_motion;
use burnish::diffusion::{ModelManifest, Pipe, verify};
use burnish::models::motion::{Gain, MotionModule};
use burnish::monitor::Silent;
use burnish::weights::{FileSource, Safetensors, Weights, motion::original_layout};

use crate::support::{gpu, relative_error, test_device};

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

fn recorded<const D: usize>(file: &Safetensors, name: &str, device: &Device) -> Tensor<D> {
    let data =
        TensorData::new(file.read_f32(name).unwrap(), file.info(name).unwrap().shape.clone());
    Tensor::from_data(data, device)
}

#[test]
fn its_motion_module_agrees() {
    let (manifest, device) = (manifest(), test_device());
    let pipe = embedded(&manifest, &device);
    let motion = manifest.motion.unwrap();
    read_motion(&motion.recommended).unwrap();
    let file = open(&format!("models/{}", motion.file));
    let file = Rc::new(original_layout(file).unwrap());
    let module = MotionModule::load(&Weights::new(file, device.clone())).unwrap();

    let file = open("tests/golden/embedded/embedded.safetensors");
    let text: Tensor<3> = recorded(&file, "text.last_hidden_state", &device);
    let clips: Tensor<4> = recorded(&file, "motion.latent", &device);
    let frames = clips.dims()[0] / text.dims()[0];
    let texts = (0..text.dims()[0]).map(|row| text.clone().slice([row..row + 1]));
    let context = Tensor::cat(texts.map(|text| text.repeat_dim(0, frames)).collect(), 0);
    let one = Gain::Same(1.0);
    let pass = module.pass(frames, &one, &one);
    let times = vec![500.0; clips.dims()[0]];
    let found =
        pipe.unet.forward_clip(clips, &times, &pipe.unet.context(context), None, Some(&pass));
    assert!(relative_error(found, recorded(&file, "motion.eps_t500", &device)) < TOLERANCE);
}
