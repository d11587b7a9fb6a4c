//! Tests of `crate/src/sampling/samplers`.

use burn::tensor::Tensor;

use burnish::Error;
use burnish::diffusion::{Branches, CfgDenoiser, NoiseMask, Predicted, Predictor, stretched_over};
use burnish::geometry::Size;
use burnish::image::Mask;
use burnish::monitor::{Event, Monitor, Silent};
use burnish::sampling::math::latent_tensor;
use burnish::sampling::noise::prepare_noise;
use burnish::sampling::samplers::sampler;
use burnish::sampling::schedules::{GITS, SCHEDULERS, scheduler};
use burnish::sampling::sub_schedule::{sub_schedule, total_sigmas};
use burnish::sampling::{ModelSampling, Place, Run, SAMPLERS, StepNoise};

use pollster::block_on;

use crate::support::{assert_close, test_device};

/// Six karras steps as they were recorded: Brownian noise differs with the last digit.
const KARRAS: [f32; 7] = [14.6146431, 6.0821514, 2.2321544, 0.6925706, 0.1697566, 0.0291672, 0.0];
const SHAPE: [usize; 4] = [1, 4, 2, 2];

/// `mu + tanh((x - mu) / (1 + sigma²))`, `mu` 0.5 with the prompt and -0.25 without.
struct Toy;

impl Predictor for Toy {
    async fn predict(
        &mut self,
        x: &Tensor<4>,
        sigma: f32,
        _branches: Branches,
    ) -> burnish::Result<Predicted> {
        let guess = |mu: f32| ((x.clone() - mu) / (1.0 + sigma * sigma)).tanh() + mu;
        Ok(Predicted { cond: guess(0.5), uncond: Some(guess(-0.25)) })
    }
}

fn values(tensor: Tensor<4>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("latents are f32")
}

/// Six karras steps from seed 42, cfg 2, over an empty latent.
fn six_karras_steps(name: &str, monitor: &dyn Monitor) -> burnish::Result<Vec<f32>> {
    let row = sampler(name)?;
    let sigmas = if row.discard_penultimate_sigma {
        total_sigmas(&ModelSampling::default(), scheduler("karras")?, true, 6)
    } else {
        KARRAS.to_vec()
    };
    let scale = (1.0 + sigmas[0] * sigmas[0]).sqrt();
    let noise = prepare_noise(42, SHAPE, None).into_iter().map(|value| value * scale).collect();
    let x = latent_tensor(noise, SHAPE, &test_device());
    let mut denoiser = CfgDenoiser { predictor: Toy, cfg: 2.0, noise_mask: None };
    let (model, noise) = (ModelSampling::default(), StepNoise::new(42, &sigmas));
    let mut run = Run::new(&mut denoiser, &model, noise, monitor, Place::default());
    Ok(values(block_on((row.sample)(&mut run, x, &sigmas))?))
}

/// Values: the table of the first three elements and the mean in the semantics this follows,
/// recorded from the reference on the same toy.
#[test]
fn every_sampler_follows_the_reference_on_a_toy_model() {
    let expected: &[(&str, [f32; 4])] = &[
        ("euler", [2.133808, 2.121858, 2.091722, 1.349880]),
        ("euler_cfg_pp", [2.197239, 2.194136, 2.188004, 1.924504]),
        ("euler_ancestral", [2.011017, 2.058742, 1.236230, 1.611906]),
        ("euler_ancestral_cfg_pp", [2.076175, 2.094496, 1.558970, 1.765171]),
        ("heun", [2.122268, 2.120456, 2.118632, 1.361019]),
        ("heunpp2", [2.135000, 2.123769, 2.095873, 1.335970]),
        ("exp_heun_2_x0", [2.134087, 2.126721, 2.111404, 1.365329]),
        ("exp_heun_2_x0_sde", [2.080489, 2.089325, 0.257155, 1.516255]),
        ("dpm_2", [2.165979, 2.151337, 2.121889, 1.189639]),
        ("dpm_2_ancestral", [2.169690, 2.135052, 1.635414, 1.565176]),
        ("lms", [2.136928, 2.127934, 2.106189, 1.310630]),
        ("dpm_fast", [2.287966, 2.272471, 2.225714, 1.095927]),
        ("dpm_adaptive", [2.187174, 2.163847, 2.120341, 1.257276]),
        ("dpmpp_2s_ancestral", [2.118367, 2.101696, 1.738664, 1.727186]),
        ("dpmpp_2s_ancestral_cfg_pp", [2.146447, 2.131930, 2.099007, 1.995810]),
        ("dpmpp_sde", [1.704945, 2.068640, 2.088248, 1.795986]),
        ("dpmpp_sde_gpu", [1.704945, 2.068640, 2.088248, 1.795986]),
        ("dpmpp_2m", [2.147117, 2.144451, 2.138254, 1.214475]),
        ("dpmpp_2m_cfg_pp", [2.242419, 2.242202, 2.241882, 2.238688]),
        ("dpmpp_2m_sde", [0.457249, 2.066022, 2.095031, 1.588030]),
        ("dpmpp_2m_sde_gpu", [0.457249, 2.066022, 2.095031, 1.588030]),
        ("dpmpp_2m_sde_heun", [0.102065, 2.111183, 2.133666, 1.546747]),
        ("dpmpp_2m_sde_heun_gpu", [0.102065, 2.111183, 2.133666, 1.546747]),
        ("dpmpp_3m_sde", [0.032484, 2.174301, 2.190475, 1.517131]),
        ("dpmpp_3m_sde_gpu", [0.032484, 2.174301, 2.190475, 1.517131]),
        ("ddpm", [2.011012, 2.058739, 1.236227, 1.611901]),
        ("lcm", [1.906127, 2.050944, 0.999518, 1.662044]),
        ("ipndm", [2.128418, 2.109082, 2.096087, 1.264747]),
        ("ipndm_v", [2.134428, 2.126667, 2.115744, 1.271664]),
        ("deis", [2.138776, 2.131099, 2.113594, 1.254245]),
        ("res_multistep", [2.149973, 2.149314, 2.148070, 1.176947]),
        ("res_multistep_cfg_pp", [1.408095, 1.375803, 1.313550, 0.678573]),
        ("res_multistep_ancestral", [2.118368, 2.144667, -0.006256, 1.355542]),
        ("res_multistep_ancestral_cfg_pp", [0.064399, 0.561677, 0.071320, 0.294560]),
        ("gradient_estimation", [2.130450, 2.121617, 2.116465, 1.227869]),
        ("gradient_estimation_cfg_pp", [1.971820, 1.939660, 1.891242, 1.112216]),
        ("er_sde", [2.130335, 2.118044, 2.093015, 1.328811]),
        ("seeds_2", [2.091088, 2.061167, 0.375311, 1.611436]),
        ("seeds_3", [2.085161, 2.106245, 2.084933, 1.802765]),
        ("sa_solver", [2.117584, 2.031543, 2.048862, 1.415259]),
        ("sa_solver_pece", [2.117179, 2.093500, 2.027453, 1.576913]),
        ("ddim", [2.133808, 2.121858, 2.091722, 1.349880]),
        ("uni_pc", [2.179681, 2.171858, 2.153491, 1.097214]),
        ("uni_pc_bh2", [2.174851, 2.163094, 2.135096, 1.119063]),
    ];
    let tested: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(tested, SAMPLERS.iter().map(|row| row.name).collect::<Vec<_>>());
    for (name, [x0, x1, x2, mean]) in expected {
        let x = six_karras_steps(name, &Silent).expect(name);
        let found = [x[0], x[1], x[2], x.iter().sum::<f32>() / x.len() as f32];
        // Single precision over six steps, as the values were recorded; uni_pc subtracts nearly
        // equal logarithms.
        let limit = match *name {
            "uni_pc" | "uni_pc_bh2" => 3e-4,
            // The size of its first steps follows from rounding errors.
            "dpm_adaptive" => 2e-3,
            _ => 2e-5,
        };
        assert_close(&found, &[*x0, *x1, *x2, *mean], limit);
    }
}

/// Twelve steps are long enough for every order to be reached and short enough for every schedule.
#[test]
fn every_sampler_goes_through_every_schedule() {
    let model = ModelSampling::default();
    for row in SAMPLERS {
        for scheduler in SCHEDULERS.iter().chain(GITS) {
            for steps in [1, 2, 3, 12] {
                let discard = row.discard_penultimate_sigma;
                let sigmas = total_sigmas(&model, scheduler, discard, steps);
                let noise = prepare_noise(3, SHAPE, None);
                let noise = noise.into_iter().map(|value| value * sigmas[0]).collect();
                let x = latent_tensor(noise, SHAPE, &test_device());
                let mut denoiser = CfgDenoiser { predictor: Toy, cfg: 2.0, noise_mask: None };
                let noise = StepNoise::new(3, &sigmas);
                let mut run = Run::new(&mut denoiser, &model, noise, &Silent, Place::default());
                let place = format!("{} over {} in {steps} steps", row.name, scheduler.name);
                let x = values(block_on((row.sample)(&mut run, x, &sigmas)).expect(&place));
                // What the toy predicts is below 6; uni_pc and the DPM-Solvers may stop before it.
                let largest = 20.0 + 3.0 * sigmas[0];
                assert!(x.iter().all(|value| value.abs() < largest), "{place}: {x:?}");
            }
        }
    }
}

/// Values: as above, for a masked run over the last five of ten steps.
#[test]
fn a_noise_mask_keeps_what_it_does_not_cover() {
    let expected: &[(&str, [f32; 5])] = &[
        ("euler", [0.096451, -0.240383, -0.388616, -0.625, 0.421897]),
        ("euler_ancestral", [0.250653, -0.209831, -0.388300, -0.625, 0.403729]),
        ("ddim", [0.096451, -0.236407, -0.390917, -0.625, 0.431400]),
        ("dpmpp_2m", [-0.011009, -0.234434, -0.376099, -0.625, 0.413291]),
        ("lcm", [1.480068, -0.221916, -0.387799, -0.625, 0.528264]),
    ];
    let model = ModelSampling::default();
    let mask = Mask::new(Size::new(2, 2), vec![1.0, 0.75, 0.5, 0.0]).expect("four values");
    let normal = scheduler("normal").expect("is in the table");
    for (name, [x0, x1, x2, x3, mean]) in expected {
        let row = sampler(name).expect(name);
        let sigmas = sub_schedule(&model, normal, false, 5, 0.5).expect("in range").executed;
        let device = test_device();
        let tensor = |values| latent_tensor(values, SHAPE, &device);
        let latent = tensor((0..16).map(|index| (index as f32 - 8.0) / 8.0).collect());
        let noise = tensor(prepare_noise(7, SHAPE, None));
        let inpaint_seed = if *name == "ddim" { 8 } else { 7 };
        let inpaint_noise = tensor(prepare_noise(inpaint_seed, SHAPE, None));
        let x = latent.clone() + noise * sigmas[0];
        let mask = stretched_over(std::slice::from_ref(&mask), &latent).expect("there is one");
        let noise_mask = Some(NoiseMask::new(mask, latent, inpaint_noise, None));
        let mut denoiser = CfgDenoiser { predictor: Toy, cfg: 2.0, noise_mask };
        let noise = StepNoise::new(7, &sigmas);
        let mut run = Run::new(&mut denoiser, &model, noise, &Silent, Place::default());
        let x = values(block_on((row.sample)(&mut run, x, &sigmas)).expect(name));
        let found = [x[0], x[1], x[2], x[3], x.iter().sum::<f32>() / 16.0];
        assert_close(&found, &[*x0, *x1, *x2, *x3, *mean], 2e-5);
    }
}

/// Asks to stop once two steps are done.
#[derive(Default)]
struct StopAfterTwo(std::cell::Cell<usize>);

impl Monitor for StopAfterTwo {
    fn report(&self, event: Event) {
        if let Event::Step { step, steps, .. } = event {
            assert!(step < steps && step <= self.0.get(), "step {step} of {steps}");
            self.0.set(self.0.get() + 1);
        }
    }

    fn cancelled(&self) -> bool {
        self.0.get() == 2
    }
}

#[test]
fn every_sampler_stops_at_the_step_where_it_is_asked_to() {
    for row in SAMPLERS {
        let monitor = StopAfterTwo::default();
        assert_eq!(six_karras_steps(row.name, &monitor), Err(Error::Cancelled), "{}", row.name);
        assert_eq!(monitor.0.get(), 2, "{}", row.name);
    }
}

#[test]
fn an_unknown_sampler_is_answered_with_the_known_ones() {
    let message = sampler("eulr").expect_err("no such row").to_string();
    assert!(message.starts_with("unknown sampler \"eulr\", expected one of euler, "), "{message}");
    assert!(message.ends_with(", uni_pc_bh2"), "{message}");
}
