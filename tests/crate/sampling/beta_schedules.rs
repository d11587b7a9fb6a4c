use burnish::sampling::{
    BETA_SCHEDULES, LatentFormat, ModelSampling, MotionBase, SDXL_MOTION, beta_schedule,
};

use crate::support::assert_close;

fn levels(name: &str) -> ModelSampling {
    let own = &ModelSampling::default().over(&LatentFormat::SDXL);
    beta_schedule(name, MotionBase { own, trained: SDXL_MOTION }).unwrap()
}

/// Values: the table of section 2.3 of the semantics this follows: most noise, and timestep 500.
#[test]
fn choices_end_at_the_noise_of_the_reference() {
    for (name, most, middle) in [
        ("sqrt_linear (AnimateDiff)", 25.146_114, 2.284_732_8),
        ("linear (AnimateDiff-SDXL)", 65.928_66, 2.218_206_6),
        ("autoselect", 65.928_66, 2.218_206_6),
        ("linear (HotshotXL/default)", 14.614_641, 1.618_278_9),
        ("use existing", 14.614_641, 1.618_278_9),
        ("avg(sqrt_linear,linear)", 19.880_378, 1.951_505_8),
    ] {
        let levels = levels(name);
        assert_close(&[levels.sigma_max() / most, levels.sigma(500.0) / middle], &[1.0; 2], 1e-6);
        assert_close(&[levels.sigma_min()], &[0.029_167_16], 1e-7);
    }
    let cosine = levels("cosine");
    let ends = [cosine.sigma_min() / 0.006_425_41, cosine.sigma_max() / 20_291.17];
    assert_close(&ends, &[1.0; 2], 1e-5);
}

/// Values: section 2.2, latent consistency models.
#[test]
fn consistency_models_know_few_timesteps() {
    let lcm = levels("lcm");
    assert_eq!(lcm.sigmas().len(), 50);
    assert_close(&[lcm.sigma_min(), lcm.sigma_max()], &[0.134_450_67, 14.614_641], 1e-5);
    assert_eq!([lcm.timestep(0.01), lcm.timestep(20.0)], [19, 999]);
    assert_close(&[lcm.sigma(0.0), lcm.sigma(19.0)], &[0.134_450_67; 2], 1e-6);
    assert_close(&[lcm.sigma(39.0)], &lcm.sigmas()[1..2], 1e-6);
    let [kept, made] = lcm.boundary(14.6).unwrap();
    assert_close(&[kept, made], &[0.25 / 9990.0_f32.powi(2), 1.0], 1e-7);
    assert!(ModelSampling::default().boundary(14.6).is_none());
    assert_eq!(levels("lcm[100_ots]").sigmas().len(), 100);
    assert_close(&[levels("lcm >> sqrt_linear").sigma_max()], &[25.146_114], 1e-4);
}

#[test]
fn every_choice_keeps_the_latents_and_falls() {
    for row in BETA_SCHEDULES {
        let levels = levels(row.name);
        assert_eq!(levels.latent_format(), &LatentFormat::SDXL, "{}", row.name);
        assert!(levels.sigmas().is_sorted(), "{}", row.name);
        for schedule in burnish::sampling::SCHEDULERS {
            let sigmas = (schedule.sigmas)(&levels, 7);
            assert!(sigmas.iter().all(|sigma| sigma.is_finite()), "{}", row.name);
        }
    }
}

#[test]
fn an_unknown_choice_is_answered_with_those_there_are() {
    let own = &ModelSampling::default();
    let message = beta_schedule("sqrt", MotionBase { own, trained: SDXL_MOTION });
    assert!(message.is_ok());
    let message = beta_schedule("linear", MotionBase { own, trained: SDXL_MOTION }).unwrap_err();
    assert!(
        message.to_string().starts_with("unknown beta schedule \"linear\", expected one of auto")
    );
}
