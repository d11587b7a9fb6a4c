//! Tests of `crate/src/sampling/step_noise.rs`.

use burnish::sampling::noise::Generator;
use burnish::sampling::{NoiseMode, StepNoise};

/// Values: draws of shape `(1, 4, 8, 8)` of a generator seeded 42 or 43 in PyTorch.
#[test]
fn every_age_of_the_reference_draws_from_another_place() {
    let rows = [
        (NoiseMode::Current, [-0.0166036133, -0.466794938, 2.09089756]),
        (NoiseMode::SameSeed, [1.92691529, 1.48728406, 0.900717199]),
        (NoiseMode::Mid2024, [-0.685481608, 0.563558996, -1.50717509]),
    ];
    for (mode, expected) in rows {
        let mut initial = Generator::new(42);
        initial.normal(256);
        let drawn = StepNoise::after(initial, mode, 42, &[1.0, 0.0]).draw(256);
        assert_eq!(drawn[..3], expected, "{mode:?}");
    }
    assert_eq!(StepNoise::new(42, &[1.0, 0.0]).draw(256)[0], -0.0166036133);
}

#[test]
fn brownian_noise_is_the_same_in_every_age() {
    let drawn = [NoiseMode::Current, NoiseMode::SameSeed, NoiseMode::Mid2024].map(|mode| {
        StepNoise::after(Generator::new(7), mode, 7, &[9.0, 3.0, 0.0]).between(9.0, 3.0, 16)
    });
    assert!(drawn.iter().all(|noise| *noise == drawn[0]));
}
