//! The noise that stochastic samplers put in between steps.

use super::noise::{Brownian, Generator};

/// Two sources, both of the same seed and each made when first asked.
#[derive(Debug)]
pub struct StepNoise {
    seed: u64,
    generator: Generator,
    span: Vec<f32>,
    brownian: Option<Brownian>,
}

impl StepNoise {
    /// `seed` is that of the initial noise. Brownian noise is laid out over the sigmas in `span`.
    pub fn new(seed: u64, span: &[f32]) -> Self {
        // On a CPU the reference draws ancestral noise from a generator of its own, seeded one
        // higher.
        let generator = Generator::new(seed.wrapping_add(1));
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
