//! The noise that stochastic samplers put in between steps.

use serde::{Deserialize, Serialize};

use super::noise::{Brownian, Generator};

/// Where ancestral samplers take their noise from, which the reference's core has changed twice.
/// Brownian noise and the noise a run starts from are the same in all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseMode {
    /// A generator of its own, seeded one higher; since the end of 2025.
    #[default]
    Current,
    /// A generator of its own with the run's seed, so that the first draw is the initial noise once
    /// more; through 2025.
    SameSeed,
    /// The generator that gave the initial noise goes on; before 2025.
    Mid2024,
}

/// Two sources, both of the same seed; the Brownian one is made when first asked.
#[derive(Debug)]
pub struct StepNoise {
    seed: u64,
    generator: Generator,
    span: Vec<f32>,
    brownian: Option<Brownian>,
}

impl StepNoise {
    /// In the current mode. `seed` is that of the initial noise. Brownian noise is laid out over
    /// the sigmas in `span`.
    pub fn new(seed: u64, span: &[f32]) -> Self {
        let initial = Generator::new(seed);
        Self::after(initial, NoiseMode::Current, seed, span)
    }

    /// The same in any mode; `initial` is the generator that gave the initial noise.
    pub fn after(initial: Generator, mode: NoiseMode, seed: u64, span: &[f32]) -> Self {
        let generator = match mode {
            NoiseMode::Current => Generator::new(seed.wrapping_add(1)),
            NoiseMode::SameSeed => Generator::new(seed),
            NoiseMode::Mid2024 => initial,
        };
        Self { seed, generator, span: span.to_vec(), brownian: None }
    }

    /// The next draw of `len` standard normal values.
    pub fn draw(&mut self, len: usize) -> Vec<f32> {
        self.generator.normal(len)
    }

    /// `len` standard normal values for a step from sigma `a` to sigma `b`; values for steps that
    /// overlap are correlated. `len` is the same in every call.
    pub fn between(&mut self, a: f32, b: f32, len: usize) -> Vec<f32> {
        let make = || Brownian::new(self.seed, &self.span, len);
        self.brownian.get_or_insert_with(make).noise(a, b)
    }
}
