//! The noise levels a discrete diffusion model was trained on, and the way between sigma and
//! timestep.

use std::f64::consts::FRAC_PI_2;

use super::LatentFormat;

/// Where the training noise begins and ends.
const BETA_START: f64 = 0.00085;
const BETA_END: f64 = 0.012;
/// Where it ends for AnimateDiff's modules for SDXL.
const SDXL_MOTION_BETA_END: f64 = 0.02;
/// Keeps the first betas of the cosine schedule from being too small.
const COSINE_OFFSET: f64 = 0.008;
/// Training timesteps.
const TIMESTEPS: usize = 1000;
/// Last cumulative alpha of a zero-terminal-SNR table, which would otherwise be 0.
const ZSNR_LAST_ALPHA: f64 = 4.897_345_189_085_343_5e-8;

/// How the training noise grows from the first timestep to the last. The names are ComfyUI's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BetaSchedule {
    /// Linear in the root of beta ("scaled linear" elsewhere): SD 1.x, 2.x and SDXL.
    #[default]
    Linear,
    /// Linear in beta itself: AnimateDiff for SD 1.5.
    SqrtLinear,
    /// As [`Self::Linear`], but up to a beta of 0.02: AnimateDiff for SDXL.
    LinearSdxlMotion,
    /// The root of what grows linearly.
    Sqrt,
    /// Nichol and Dhariwal 2021, equation 17, with betas of at most 0.999.
    Cosine,
}

/// A table of noise levels, ascending, one for each training timestep, or for some of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSampling {
    sigmas: Vec<f32>,
    log_sigmas: Vec<f32>,
    format: &'static LatentFormat,
    /// Training timesteps from one entry to the next; the first entry is timestep `spacing - 1`.
    spacing: usize,
    /// Whether the model answers as a latent consistency model does.
    is_consistency: bool,
}

impl Default for ModelSampling {
    /// Stable Diffusion 1.5.
    fn default() -> Self {
        Self::new(BetaSchedule::Linear)
    }
}

impl ModelSampling {
    /// The table of a schedule from beta 0.00085 to 0.012 over 1000 timesteps.
    pub fn new(schedule: BetaSchedule) -> Self {
        Self::from_alphas(&alphas_cumprod(schedule))
    }

    /// The same with zero terminal signal-to-noise ratio (Lin et al. 2023, algorithm 1).
    pub fn zero_terminal_snr(schedule: BetaSchedule) -> Self {
        let roots: Vec<f64> = alphas_cumprod(schedule).iter().map(|alpha| alpha.sqrt()).collect();
        let (first, last) = (roots[0], roots[TIMESTEPS - 1]);
        let mut alphas: Vec<f64> =
            roots.iter().map(|root| ((root - last) * first / (first - last)).powi(2)).collect();
        alphas[TIMESTEPS - 1] = ZSNR_LAST_ALPHA;
        Self::from_alphas(&alphas)
    }

    fn from_alphas(alphas: &[f64]) -> Self {
        let sigmas: Vec<f64> = alphas.iter().map(|alpha| ((1.0 - alpha) / alpha).sqrt()).collect();
        Self {
            log_sigmas: sigmas.iter().map(|sigma| sigma.ln() as f32).collect(),
            sigmas: sigmas.iter().map(|&sigma| sigma as f32).collect(),
            format: &LatentFormat::SD,
            spacing: 1,
            is_consistency: false,
        }
    }

    /// The mean of two tables, entry by entry.
    #[must_use]
    pub fn mean(&self, other: &Self) -> Self {
        let pairs = self.sigmas.iter().zip(&other.sigmas);
        let sigmas: Vec<f32> = pairs.map(|(a, b)| (a + b) / 2.0).collect();
        Self { log_sigmas: sigmas.iter().map(|sigma| sigma.ln()).collect(), sigmas, ..*self }
    }

    /// For a latent consistency model (Luo et al. 2023) distilled with `steps` timesteps, a divisor
    /// of 1000: only those are left in the table.
    #[must_use]
    pub fn consistency(&self, steps: usize) -> Self {
        let spacing = TIMESTEPS / steps;
        let kept = |values: &[f32]| -> Vec<f32> {
            values.iter().skip(spacing - 1).step_by(spacing).copied().collect()
        };
        Self {
            sigmas: kept(&self.sigmas),
            log_sigmas: kept(&self.log_sigmas),
            format: self.format,
            spacing,
            is_consistency: true,
        }
    }

    /// How much of the noisy latent and how much of the guess make the clean one, for a latent
    /// consistency model; `None` for any other, whose guess is the clean latent.
    pub fn boundary(&self, sigma: f32) -> Option<[f32; 2]> {
        const SIGMA_DATA_SQUARED: f32 = 0.25;
        const SCALE: f32 = 10.0;
        self.is_consistency.then(|| {
            let time = SCALE * self.timestep(sigma) as f32;
            let variance = time * time + SIGMA_DATA_SQUARED;
            [SIGMA_DATA_SQUARED / variance, time / variance.sqrt()]
        })
    }

    /// The same noise levels over latents of another kind than Stable Diffusion 1.x has.
    #[must_use]
    pub fn over(self, format: &'static LatentFormat) -> Self {
        Self { format, ..self }
    }

    /// The space of the latents.
    pub fn latent_format(&self) -> &'static LatentFormat {
        self.format
    }

    /// Every noise level, ascending; the index is the timestep, unless the table leaves some out.
    pub fn sigmas(&self) -> &[f32] {
        &self.sigmas
    }

    /// The least noise.
    pub fn sigma_min(&self) -> f32 {
        self.sigmas[0]
    }

    /// The most noise.
    pub fn sigma_max(&self) -> f32 {
        self.sigmas[self.sigmas.len() - 1]
    }

    /// The timestep of the least noise: 0 where the table has all of them.
    pub fn first_timestep(&self) -> usize {
        self.spacing - 1
    }

    /// The last timestep, 999.
    pub fn last_timestep(&self) -> usize {
        self.spacing * self.sigmas.len() - 1
    }

    /// The timestep whose logarithm of sigma is nearest; the first of two equally near.
    pub fn timestep(&self, sigma: f32) -> usize {
        let log_sigma = sigma.ln();
        let mut nearest = (0, f32::INFINITY);
        for (index, other) in self.log_sigmas.iter().enumerate() {
            let distance = (log_sigma - other).abs();
            if distance < nearest.1 {
                nearest = (index, distance);
            }
        }
        self.spacing * nearest.0 + self.first_timestep()
    }

    /// The noise level of a fractional timestep, which is clamped to the table.
    pub fn sigma(&self, timestep: f32) -> f32 {
        let place = (timestep - self.first_timestep() as f32) / self.spacing as f32;
        let place = place.clamp(0.0, (self.sigmas.len() - 1) as f32);
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        let share = place - place.floor();
        let log_sigma = (1.0 - share) * self.log_sigmas[low] + share * self.log_sigmas[high];
        f64::from(log_sigma).exp() as f32
    }

    /// The noise level at a share of the way from full noise (0) to none (1).
    ///
    /// 0 and below give a number above every sigma, 1 and above give 0.
    pub fn percent_to_sigma(&self, percent: f64) -> f32 {
        match percent {
            p if p <= 0.0 => 999_999_999.9,
            p if p >= 1.0 => 0.0,
            p => self.sigma(((1.0 - p) * self.last_timestep() as f64) as f32),
        }
    }

    /// Whether a run beginning at `sigma` begins at the most noise there is.
    pub fn is_max_denoise(&self, sigma: f32) -> bool {
        let (sigma, max) = (f64::from(sigma), f64::from(self.sigma_max()));
        sigma > max || (sigma - max).abs() <= 1e-5 * sigma.max(max)
    }
}

fn alphas_cumprod(schedule: BetaSchedule) -> Vec<f64> {
    let beta = |index: usize| match schedule {
        BetaSchedule::Linear => linspace(BETA_START.sqrt(), BETA_END.sqrt(), index).powi(2),
        BetaSchedule::SqrtLinear => linspace(BETA_START, BETA_END, index),
        BetaSchedule::LinearSdxlMotion => {
            linspace(BETA_START.sqrt(), SDXL_MOTION_BETA_END.sqrt(), index).powi(2)
        }
        BetaSchedule::Sqrt => linspace(BETA_START, BETA_END, index).sqrt(),
        BetaSchedule::Cosine => {
            let left = |index: usize| {
                let time = index as f64 / TIMESTEPS as f64;
                ((time + COSINE_OFFSET) / (1.0 + COSINE_OFFSET) * FRAC_PI_2).cos().powi(2)
            };
            (1.0 - left(index + 1) / left(index)).clamp(0.0, 0.999)
        }
    };
    (0..TIMESTEPS)
        .scan(1.0, |product, index| {
            *product *= 1.0 - beta(index);
            Some(*product)
        })
        .collect()
}

/// Counted from the nearer end, as torch does it.
fn linspace(start: f64, end: f64, index: usize) -> f64 {
    let step = (end - start) / (TIMESTEPS - 1) as f64;
    if index < TIMESTEPS / 2 {
        start + step * index as f64
    } else {
        end - step * (TIMESTEPS - 1 - index) as f64
    }
}
