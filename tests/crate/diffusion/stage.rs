//! Tests of `crate/src/diffusion/stage.rs`.

use std::rc::Rc;

use burn::tensor::Tensor;

use burnish::diffusion::ksampler::Watch;
use burnish::diffusion::stage::whole_schedule;
use burnish::diffusion::{
    Branches, KSampleSettings, Latent, ModelManifest, Pipe, Predicted, Predictor, Stage, ksample,
    ksample_advanced, sample_stage,
};
use burnish::monitor::Silent;
use burnish::sampling::{ModelSampling, Place, SAMPLERS, SCHEDULERS};
use burnish::weights::{FileSource, Safetensors};
use pollster::block_on;

use crate::support::{assert_close, noise_tensor, test_device, values};

const WATCH: Watch<'_> = Watch { monitor: &Silent, place: Place { segment: 0, cycle: 0 } };
const WHOLE: Stage = Stage { start: 0, end: 100, add_noise: true, leftover_noise: false };

/// Half of what it sees at noise, all of it without.
struct Toy;

impl Predictor for Toy {
    async fn predict(
        &mut self,
        x: &Tensor<4>,
        sigma: f32,
        _branches: Branches,
    ) -> burnish::Result<Predicted> {
        Ok(Predicted { cond: (x.clone() / (1.0 + sigma)).tanh(), uncond: None })
    }
}

fn settings(sampler_name: &str, scheduler: &str, steps: usize) -> KSampleSettings {
    KSampleSettings {
        seed: 3,
        steps,
        cfg: 1.0,
        sampler_name: sampler_name.to_owned(),
        scheduler: scheduler.to_owned(),
        denoise: 1.0,
        ..KSampleSettings::default()
    }
}

fn latent() -> Latent {
    Latent { samples: noise_tensor(1, [1, 4, 4, 4]), noise_mask: Vec::new() }
}

/// A run of the toy over the stages, one after the other.
fn advanced(sampler: &str, stages: &[Stage]) -> Vec<f32> {
    let settings = settings(sampler, "karras", 8);
    let sampling = ModelSampling::default();
    let latent = stages.iter().fold(latent(), |latent, stage| {
        block_on(ksample_advanced(Toy, &sampling, latent, &settings, *stage, WATCH)).expect("runs")
    });
    values(latent.samples)
}

#[test]
fn two_stages_with_leftover_noise_are_one_run() {
    // Single step samplers without noise of their own carry nothing over from step to step.
    for sampler in ["euler", "heun"] {
        let whole = advanced(sampler, &[WHOLE]);
        for middle in 1..8 {
            let first = Stage { end: middle, leftover_noise: true, ..WHOLE };
            let second = Stage { start: middle, add_noise: false, ..WHOLE };
            assert_close(&advanced(sampler, &[first, second]), &whole, 1e-4);
        }
    }
}

#[test]
fn noise_that_is_not_left_over_is_taken_out() {
    let cut = advanced("euler", &[Stage { end: 3, ..WHOLE }]);
    let left = advanced("euler", &[Stage { end: 3, leftover_noise: true, ..WHOLE }]);
    let size = |values: &[f32]| values.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    // The toy predicts values of up to 1 in model space.
    assert!(size(&cut) <= 1.0 / 0.18, "{}", size(&cut));
    assert!(size(&left) > 1.0 / 0.18, "{}", size(&left));
}

#[test]
fn a_stage_beyond_the_schedule_leaves_the_latent_alone() {
    let untouched = values(latent().samples);
    assert_eq!(advanced("euler", &[Stage { start: 8, ..WHOLE }]), untouched);
    assert_eq!(advanced("euler", &[Stage { end: 0, leftover_noise: true, ..WHOLE }]), untouched);
}

#[test]
fn the_detailer_returns_the_last_prediction_and_the_sampler_its_state() {
    let sampling = ModelSampling::default();
    // Ends at the least sigma of the schedule and not at 0.
    let settings = settings("dpm_fast", "karras", 8);
    let total = whole_schedule(&sampling, &settings, 8).expect("both names are known");
    let stage = |stage| {
        let run = sample_stage(Toy, &sampling, latent(), &settings, &total, stage, None, WATCH);
        values(block_on(run).expect("runs").samples)
    };
    let prediction = stage(WHOLE);
    assert_ne!(prediction, advanced("dpm_fast", &[WHOLE]));
    let by_settings = block_on(ksample(Toy, &sampling, latent(), &settings, None, WATCH));
    assert_eq!(values(by_settings.expect("runs").samples), prediction);
    let leftover = Stage { end: 4, leftover_noise: true, ..WHOLE };
    assert_eq!(stage(leftover), advanced("dpm_fast", &[leftover]));
}

/// The model in the repository, over a latent as small as a run may be short: there are hundreds.
#[test]
fn every_sampler_goes_through_every_schedule_with_the_embedded_model() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/portrait/portrait.safetensors");
    let source = FileSource::open(path).expect("is in the repository");
    let file = Rc::new(Safetensors::open(Box::new(source)).expect("is a checkpoint"));
    let manifest = ModelManifest { clip_heads: Some(4), ..ModelManifest::sd15("portrait") };
    let pipe = Pipe::load(file, &manifest, &test_device(), &Silent).expect("is complete");
    let prompt = pipe.encode_prompt("a portrait").expect("is text");
    for sampler in SAMPLERS {
        for scheduler in SCHEDULERS {
            let settings = settings(sampler.name, scheduler.name, 2);
            let samples = Tensor::zeros([1, 4, 4, 4], &test_device());
            let latent = Latent { samples, noise_mask: Vec::new() };
            let predictor = pipe.predictor(&prompt, &prompt);
            let run = ksample(predictor, &pipe.sampling, latent, &settings, None, WATCH);
            let place = format!("{} over {}", sampler.name, scheduler.name);
            let x = values(block_on(run).expect(&place).samples);
            assert!(x.iter().all(|value| value.is_finite()), "{place}");
            assert!(x.iter().any(|value| *value != 0.0), "{place}");
        }
    }
}
