//! The model in the repository against what diffusers and transformers compute with its weights:
//! `models/portrait/record.py` wrote `tests/golden/embedded`.

use std::rc::Rc;

use burn::tensor::{Tensor, TensorData};
use burnish::models::{
    clip::{CHUNK, Clip},
    unet::Unet,
    vae::Vae,
};
use burnish::weights::{FileSource, Safetensors, keys};

use crate::support::{test_device, values};

/// Largest difference, relative to the largest recorded value: other libraries, other sums.
const TOLERANCE: f32 = 1e-3;
const HEADS: usize = 4;

fn open(path: &str) -> Rc<Safetensors> {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    Rc::new(Safetensors::open(Box::new(FileSource::open(path).unwrap())).unwrap())
}

fn checkpoint() -> Rc<Safetensors> {
    open("models/portrait/portrait.safetensors")
}

/// What was recorded, by name.
struct Recorded(Rc<Safetensors>);

impl Recorded {
    fn open() -> Self {
        Self(open("tests/golden/embedded/embedded.safetensors"))
    }

    fn tensor<const N: usize>(&self, name: &str) -> Tensor<N> {
        let shape = self.0.info(name).unwrap().shape.clone();
        Tensor::from_data(TensorData::new(self.0.read_f32(name).unwrap(), shape), &test_device())
    }

    /// Pictures channels last.
    fn pictures(&self, name: &str) -> Tensor<4> {
        self.tensor::<4>(name).permute([0, 2, 3, 1])
    }

    #[track_caller]
    fn check<const N: usize>(name: &str, found: Tensor<N>, expected: Tensor<N>) {
        assert_eq!(found.dims(), expected.dims(), "{name}");
        let [found, expected] = [found, expected].map(values);
        let largest = expected.iter().fold(0.0, |most: f32, v| most.max(v.abs()));
        for (i, (f, e)) in found.iter().zip(&expected).enumerate() {
            let close = (f - e).abs() <= TOLERANCE * largest;
            assert!(close, "{name} at {i}: found {f}, recorded {e}");
        }
    }
}

#[test]
fn the_text_encoder_agrees() {
    let clip = Clip::load(&keys::CLIP.of(&checkpoint(), &test_device()).unwrap(), HEADS).unwrap();
    let recorded = Recorded::open();
    let ids: Vec<u32> = recorded
        .0
        .read_bytes("text.ids")
        .unwrap()
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| u32::from_le_bytes(*bytes))
        .collect();
    for (row, ids) in ids.chunks_exact(CHUNK).enumerate() {
        let chunk: [_; CHUNK] = std::array::from_fn(|i| (ids[i], 1.0));
        let expected: Tensor<3> = recorded.tensor("text.last_hidden_state");
        let encoded = clip.encode_chunks(&[chunk], 0).unwrap();
        Recorded::check("text", encoded.cross_attn, expected.slice([row..row + 1]));
    }
}

#[test]
fn the_unet_agrees_at_every_recorded_timestep() {
    let unet = Unet::load(&keys::UNET.of(&checkpoint(), &test_device()).unwrap()).unwrap();
    let recorded = Recorded::open();
    let text: Tensor<3> = recorded.tensor("text.last_hidden_state");
    let context = unet.context(text.clone());
    for t in [999_u16, 500, 20] {
        let name = format!("unet.eps_t{t}");
        let eps = unet.forward(recorded.tensor("unet.latent"), &[f32::from(t); 2], &context);
        Recorded::check(&name, eps, recorded.tensor(&name));
    }
    let context = unet.context(text.slice([0..1]));
    let eps = unet.forward(recorded.tensor("unet.odd_latent"), &[500.0], &context);
    Recorded::check("unet.odd_eps_t500", eps, recorded.tensor("unet.odd_eps_t500"));
}

#[test]
fn the_vae_agrees_both_ways() {
    let vae = Vae::load(&keys::VAE.of(&checkpoint(), &test_device()).unwrap()).unwrap();
    let recorded = Recorded::open();
    for (picture, mean) in [("vae.image", "vae.mean"), ("vae.crop", "vae.crop_mean")] {
        let pixels = (recorded.pictures(picture) + 1.0) / 2.0;
        Recorded::check(mean, vae.encode(pixels), recorded.tensor(mean));
    }
    let decoded = vae.decode(recorded.tensor("vae.z"));
    let expected = ((recorded.pictures("vae.decoded") + 1.0) / 2.0).clamp(0.0, 1.0);
    Recorded::check("vae.decoded", decoded, expected);
}
