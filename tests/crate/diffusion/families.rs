//! Stable Diffusion 2.x and XL. Values: tiny networks of diffusers and transformers, by
//! `tests/golden/families/make.py`.

use burn::tensor::{Tensor, TensorData};
use burnish::diffusion::{
    Branches, ModelManifest, Pipe, PredictionType, Predictor, load_control_net,
};
use burnish::models::clip::{CHUNK, END_OF_TEXT};
use burnish::models::unet::label;
use burnish::monitor::Silent;
use burnish::sampling::LatentFormat;
use burnish::weights::{Family, MemorySource, Precision, Safetensors};

use pollster::block_on;

use crate::support::{
    hashed_checkpoint, noise_tensor, relative_error, test_device, tiny_vae, values,
};

/// Sums of float32 in another order, through a dozen layers.
const TOLERANCE: f32 = 5e-5;

struct Case {
    family: Family,
    pipe: Pipe,
    recorded: Safetensors,
}

impl Case {
    fn tensor<const D: usize>(&self, name: &str) -> Tensor<D> {
        let shape = self.recorded.info(name).expect("is recorded").shape.clone();
        let values = self.recorded.read_f32(name).expect("is recorded");
        Tensor::from_data(TensorData::new(values, shape), &test_device())
    }

    fn agrees<const D: usize>(&self, name: &str, found: Tensor<D>) {
        let error = relative_error(found, self.tensor(name));
        assert!(error < TOLERANCE, "{:?}: {name} is off by {error}", self.family);
    }
}

fn load(layout: &str, change: impl FnOnce(&mut crate::support::Checkpoint)) -> Pipe {
    let mut file = hashed_checkpoint(layout);
    file.join(tiny_vae("first_stage_model"));
    change(&mut file);
    let manifest = ModelManifest::sd15("tiny");
    Pipe::load(file.open(), &manifest, &test_device(), &Silent).expect("is complete")
}

macro_rules! case {
    ($family:expr, $name:literal) => {{
        let bytes: &'static [u8] =
            include_bytes!(concat!("../../golden/families/", $name, ".safetensors"));
        let recorded = Safetensors::open(Box::new(MemorySource::new($name, bytes)));
        Case {
            family: $family,
            pipe: load(include_str!(concat!("../../golden/families/", $name, ".json")), |_| ()),
            recorded: recorded.expect("is sound"),
        }
    }};
}

fn cases() -> [Case; 3] {
    [case!(Family::Sd2, "sd2"), case!(Family::Sdxl, "sdxl"), case!(Family::SdxlRefiner, "refiner")]
}

/// "a photo of a cat" as the recordings have it.
fn chunk() -> [(u32, f32); CHUNK] {
    let mut chunk = [(END_OF_TEXT, 1.0); CHUNK];
    let text = [49406, 320, 1125, 539, 320, 2368];
    chunk.iter_mut().zip(text).for_each(|(token, id)| token.0 = id);
    chunk
}

#[test]
fn texts_and_noise_agree_with_the_recorded_ones() {
    for case in cases() {
        let pipe = &case.pipe;
        assert_eq!(pipe.family, case.family);
        let encoded = pipe.clip.encode_chunks(&[chunk()], 1).expect("is text");
        case.agrees("context", encoded.cross_attn);
        let prompt = pipe.clip.encode("a photo of a cat").expect("is text");
        case.agrees("context", prompt);
        let told = if case.family == Family::Sd2 {
            None
        } else {
            case.agrees("pooled", encoded.pooled);
            let sizes = case.recorded.read_f32("sizes").expect("is recorded");
            Some(label(&case.tensor("pooled"), &sizes).repeat_dim(0, 2))
        };
        let context = case.tensor::<3>("context").repeat_dim(0, 2);
        let context = pipe.unet.context_with(context, told);
        let eps = pipe.unet.forward(case.tensor("x"), &[981.0, 21.0], &context);
        case.agrees("eps", eps);
    }
}

/// The predictor tells the sizes itself: `x / sqrt(sigma² + 1)` under timestep 981 and 21 each, with
/// the recorded prompt; the recorded sizes are those of 9x8 cells, and 2.5 is a negative score.
#[test]
fn the_predictor_tells_the_size_of_the_latent() {
    for case in cases() {
        let pipe = &case.pipe;
        let text = pipe.encode_prompt("a photo of a cat").expect("is text");
        for (item, timestep) in [981, 21].into_iter().enumerate() {
            let sigma = pipe.sampling.sigmas()[timestep];
            let input = case.tensor::<4>("x").slice([item..item + 1]);
            let x = input * (sigma * sigma + 1.0).sqrt();
            let predicted =
                block_on(pipe.predictor(&text, &text).predict(&x, sigma, Branches::Both)).unwrap();
            let denoised = match case.family {
                Family::SdxlRefiner => predicted.uncond.expect("was asked for"),
                _ => predicted.cond,
            };
            let eps = (x - denoised) / sigma;
            let expected = case.tensor::<4>("eps").slice([item..item + 1]);
            let error = relative_error(eps, expected);
            // Noise at timestep 21 is a small part of x, which it is taken out of.
            assert!(error < 5e-4, "{:?} at {timestep} is off by {error}", case.family);
        }
    }
}

/// Values: diffusers, as above.
#[test]
fn a_control_net_of_xl_is_told_the_sizes_too() {
    let case = case!(Family::Sdxl, "sdxl");
    let bytes: &'static [u8] = include_bytes!("../../golden/families/sdxl-control.safetensors");
    let recorded = Safetensors::open(Box::new(MemorySource::new("control", bytes)));
    let control = Case { recorded: recorded.expect("is sound"), ..case!(Family::Sdxl, "sdxl") };
    let layout = include_str!("../../golden/families/sdxl-control.json");
    let file = hashed_checkpoint(layout).open_own();
    let net =
        load_control_net(file, &test_device(), Precision::Auto, &Silent).expect("is complete");
    case.pipe.check_control_net("control", &net).expect("is for this UNet");

    let sizes = case.recorded.read_f32("sizes").expect("is recorded");
    let told = || Some(label(&case.tensor("pooled"), &sizes).repeat_dim(0, 2));
    let context = case.tensor::<3>("context").repeat_dim(0, 2);
    let hint = control.tensor::<4>("hint").permute([0, 2, 3, 1]);
    let added = net.forward(
        case.tensor("x"),
        &[981.0, 21.0],
        &net.context_with(&context, told()),
        net.hint(hint).repeat_dim(0, 2),
    );
    control.agrees("middle", added.middle.clone().permute([0, 3, 1, 2]));
    let context = case.pipe.unet.context_with(context, told());
    let x = case.tensor("x");
    let eps = case.pipe.unet.forward_controlled(x, &[981.0, 21.0], &context, Some(added));
    control.agrees("eps", eps);
}

#[test]
fn families_have_their_own_latents() {
    let scales = cases().map(|case| case.pipe.sampling.latent_format().scale);
    let [sd, sdxl] = [LatentFormat::SD.scale, LatentFormat::SDXL.scale];
    assert_eq!(scales, [sd, sdxl, sdxl]);
    assert_eq!([sd, sdxl], [0.18215, 0.13025]);
}

#[test]
fn marks_in_a_file_say_what_it_predicts() {
    let sdxl = include_str!("../../golden/families/sdxl.json");
    let plain = load(sdxl, |_| ());
    assert_eq!(plain.prediction, PredictionType::Epsilon);
    assert!((plain.sampling.sigma_max() - 14.614_641).abs() < 1e-4);
    let marked = load(sdxl, |file| {
        file.add_values("v_pred", &[0], Vec::new()).add_values("ztsnr", &[0], Vec::new());
    });
    assert_eq!(marked.prediction, PredictionType::V);
    assert!((marked.sampling.sigma_max() - 4518.7637).abs() < 0.1);
}

#[test]
fn the_last_transformers_biases_tell_what_stable_diffusion_2_predicts() {
    const TELLTALE: &str =
        "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias";
    let sd2 = include_str!("../../golden/families/sd2.json");
    for (spread, prediction) in [(0.08, PredictionType::Epsilon), (0.1, PredictionType::V)] {
        let pipe = load(sd2, |file| {
            file.add_values(TELLTALE, &[4], vec![spread, -spread, spread, -spread]);
        });
        assert_eq!(pipe.prediction, prediction);
    }
}

#[test]
fn a_vae_takes_the_place_of_the_checkpoints_own() {
    let mut pipe = load(include_str!("../../golden/families/sd2.json"), |_| ());
    let latent: Tensor<4> = noise_tensor(3, [1, 4, 4, 4]);
    let before = values(pipe.vae.decode(latent.clone()));
    let mut other = tiny_vae("x");
    other.without("x.decoder.conv_out.bias").add_values(
        "x.decoder.conv_out.bias",
        &[3],
        vec![0.3; 3],
    );
    let other = other.stripped("x.").open_own();
    pipe.replace_vae(other, &Silent).expect("is a VAE");
    assert_ne!(values(pipe.vae.decode(latent)), before);

    let lora = crate::support::Checkpoint::default()
        .add("lora_unet_a.lora_down.weight", &[4, 8])
        .open_own();
    let message = pipe.replace_vae(lora, &Silent).expect_err("is no VAE").to_string();
    assert!(message.contains("it is a LoRA, which changes what a checkpoint does"), "{message}");
}
