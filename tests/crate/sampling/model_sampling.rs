use crate::support::{Random, assert_close};
use burnish::sampling::model_sampling::{BetaSchedule, ModelSampling};

/// Values: ComfyUI's `ModelSamplingDiscrete` for Stable Diffusion 1.5.
#[test]
fn the_table_is_that_of_stable_diffusion() {
    let model = ModelSampling::default();
    let picked = [0, 1, 10, 100, 250, 500, 750, 900, 998, 999].map(|t| model.sigmas()[t]);
    let expected = [
        0.02916716,
        0.04131441,
        0.09829108,
        0.34393123,
        0.69579893,
        1.61827886,
        4.09916401,
        8.34659672,
        14.52627563,
        14.61464119,
    ];
    assert_close(&picked, &expected, 2e-6);
    assert_eq!(model.sigma_min(), 0.029167159);
    assert_eq!(model.sigma_max(), 14.614641190);
}

#[test]
fn other_schedules_end_at_other_noise() {
    let animatediff = ModelSampling::new(BetaSchedule::SqrtLinear);
    assert_close(&[animatediff.sigma_max()], &[25.14611435], 1e-5);
    let zero_snr = ModelSampling::zero_terminal_snr(BetaSchedule::Linear);
    assert_close(&[zero_snr.sigma_max()], &[4518.763672], 1e-2);
}

#[test]
fn the_nearest_timestep_is_found() {
    let model = ModelSampling::default();
    let found = [14.6, 7.0, 1.0, 0.1, 0.03, 20.0, 0.001].map(|sigma| model.timestep(sigma));
    assert_eq!(found, [999, 866, 354, 10, 0, 999, 0]);
    for (timestep, &sigma) in model.sigmas().iter().enumerate() {
        assert_eq!(model.timestep(sigma), timestep);
    }
}

#[test]
fn sigma_interpolates_logarithms() {
    let model = ModelSampling::default();
    let found = [0.5, 499.5, 998.75, -3.0, 5000.0].map(|t| model.sigma(t));
    assert_close(&found, &[0.03471345, 1.61558032, 14.59249973, 0.02916716, 14.61464], 2e-5);
}

#[test]
fn the_start_of_full_noise_is_told_from_a_later_one() {
    let model = ModelSampling::default();
    assert!(model.is_max_denoise(14.614640));
    assert!(model.is_max_denoise(20.0));
    assert!(!model.is_max_denoise(14.6));
}

#[test]
fn noise_falls_along_the_schedule() {
    let mut random = Random(2);
    for model in [ModelSampling::default(), ModelSampling::new(BetaSchedule::SqrtLinear)] {
        for _ in 0..500 {
            let mut shares = [f64::from(random.unit()), f64::from(random.unit())];
            shares.sort_by(f64::total_cmp);
            let [early, late] = shares.map(|share| model.percent_to_sigma(share));
            assert!(early >= late, "{shares:?}");
            let timestep = random.unit() * 999.0;
            let back = model.timestep(model.sigma(timestep)) as f32;
            assert!((back - timestep).abs() <= 0.51, "{timestep} comes back as {back}");
        }
    }
}
