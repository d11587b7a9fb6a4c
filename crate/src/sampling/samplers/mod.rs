//! One file and one row per sampler.
//!
//! Every sampler walks from `sigmas[0]` to the last sigma, which is 0 unless noise is to be left, and
//! ends each step with [`Run::finish_step`]. In their formulas `a` and `b` are the sigmas a step goes from and to.

mod ddim;
mod ddpm;
mod deis;
mod dpm_2;
mod dpm_solver;
mod dpmpp_2m;
mod dpmpp_2m_sde;
mod dpmpp_2s_ancestral;
mod dpmpp_3m_sde;
mod dpmpp_sde;
mod er_sde;
mod euler;
mod euler_ancestral;
mod euler_cfg_pp;
mod gradient_estimation;
mod heun;
mod heunpp2;
mod ipndm;
mod ipndm_v;
mod lcm;
mod lms;
mod res_multistep;
mod sa_solver;
mod seeds;
mod uni_pc;

use std::future::Future;
use std::pin::Pin;

use burn::tensor::Tensor;

use self::dpmpp_2m_sde::Correction;
use self::res_multistep::Kind;
use self::sa_solver::Mode;
use self::seeds::Second;
use self::uni_pc::Variant;
use super::Run;
use crate::error::{Error, Result};

/// A sampler's loop, waiting for the device at the end of each step.
pub type Sampled<'a> = Pin<Box<dyn Future<Output = Result<Tensor<4>>> + 'a>>;

/// What is mixed into the part of the latent that the noise mask keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InpaintNoise {
    /// The noise the run started from.
    Initial,
    /// A draw of its own, seeded one higher.
    NextSeed,
}

/// Which sigmas Brownian noise is laid out over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrownianSpan {
    /// Those of the run.
    Run,
    /// Those of the whole schedule, also when only its end is run.
    Schedule,
}

/// A sampler as the page lists it.
#[derive(Debug)]
pub struct SamplerRow {
    /// Name in the list and in requests.
    pub name: &'static str,
    /// Whether it runs a schedule one step longer with the last but one sigma removed.
    pub discard_penultimate_sigma: bool,
    /// Noise for the kept part under a noise mask.
    pub inpaint_noise: InpaintNoise,
    /// Layout of Brownian noise, for samplers that use it.
    pub brownian_span: BrownianSpan,
    /// The loop; `x` is at noise level `sigmas[0]`.
    pub sample: for<'a> fn(&'a mut Run<'_>, x: Tensor<4>, sigmas: &'a [f32]) -> Sampled<'a>,
}

const fn row(
    name: &'static str,
    sample: for<'a> fn(&'a mut Run<'_>, Tensor<4>, &'a [f32]) -> Sampled<'a>,
) -> SamplerRow {
    SamplerRow {
        name,
        discard_penultimate_sigma: false,
        inpaint_noise: InpaintNoise::Initial,
        brownian_span: BrownianSpan::Run,
        sample,
    }
}

/// Every sampler, in the order the page lists them.
pub static SAMPLERS: &[SamplerRow] = &[
    row("euler", |run, x, sigmas| Box::pin(euler::sample(run, x, sigmas))),
    row("euler_cfg_pp", |run, x, sigmas| Box::pin(euler_cfg_pp::sample(run, x, sigmas))),
    row("euler_ancestral", |run, x, sigmas| Box::pin(euler_ancestral::sample(run, x, sigmas))),
    row("euler_ancestral_cfg_pp", |run, x, sigmas| {
        Box::pin(euler_cfg_pp::sample_ancestral(run, x, sigmas))
    }),
    row("heun", |run, x, sigmas| Box::pin(heun::sample(run, x, sigmas))),
    row("heunpp2", |run, x, sigmas| Box::pin(heunpp2::sample(run, x, sigmas))),
    row("exp_heun_2_x0", |run, x, sigmas| {
        Box::pin(seeds::sample_2(run, x, sigmas, Second::Heun { noise: false }))
    }),
    row("exp_heun_2_x0_sde", |run, x, sigmas| {
        Box::pin(seeds::sample_2(run, x, sigmas, Second::Heun { noise: true }))
    }),
    SamplerRow {
        discard_penultimate_sigma: true,
        ..row("dpm_2", |run, x, sigmas| Box::pin(dpm_2::sample(run, x, sigmas)))
    },
    SamplerRow {
        discard_penultimate_sigma: true,
        ..row("dpm_2_ancestral", |run, x, sigmas| Box::pin(dpm_2::sample_ancestral(run, x, sigmas)))
    },
    row("lms", |run, x, sigmas| Box::pin(lms::sample(run, x, sigmas))),
    row("dpm_fast", |run, x, sigmas| Box::pin(dpm_solver::sample_fast(run, x, sigmas))),
    row("dpm_adaptive", |run, x, sigmas| Box::pin(dpm_solver::sample_adaptive(run, x, sigmas))),
    row("dpmpp_2s_ancestral", |run, x, sigmas| {
        Box::pin(dpmpp_2s_ancestral::sample(run, x, sigmas))
    }),
    row("dpmpp_2s_ancestral_cfg_pp", |run, x, sigmas| {
        Box::pin(dpmpp_2s_ancestral::sample_cfg_pp(run, x, sigmas))
    }),
    SamplerRow {
        brownian_span: BrownianSpan::Schedule,
        ..row("dpmpp_sde", |run, x, sigmas| Box::pin(dpmpp_sde::sample(run, x, sigmas)))
    },
    SamplerRow {
        brownian_span: BrownianSpan::Schedule,
        ..row("dpmpp_sde_gpu", |run, x, sigmas| Box::pin(dpmpp_sde::sample(run, x, sigmas)))
    },
    row("dpmpp_2m", |run, x, sigmas| Box::pin(dpmpp_2m::sample(run, x, sigmas))),
    row("dpmpp_2m_cfg_pp", |run, x, sigmas| Box::pin(dpmpp_2m::sample_cfg_pp(run, x, sigmas))),
    SamplerRow {
        brownian_span: BrownianSpan::Schedule,
        ..row("dpmpp_2m_sde", |run, x, sigmas| {
            Box::pin(dpmpp_2m_sde::sample(run, x, sigmas, Correction::Midpoint))
        })
    },
    SamplerRow {
        brownian_span: BrownianSpan::Schedule,
        ..row("dpmpp_2m_sde_gpu", |run, x, sigmas| {
            Box::pin(dpmpp_2m_sde::sample(run, x, sigmas, Correction::Midpoint))
        })
    },
    row("dpmpp_2m_sde_heun", |run, x, sigmas| {
        Box::pin(dpmpp_2m_sde::sample(run, x, sigmas, Correction::Heun))
    }),
    row("dpmpp_2m_sde_heun_gpu", |run, x, sigmas| {
        Box::pin(dpmpp_2m_sde::sample(run, x, sigmas, Correction::Heun))
    }),
    SamplerRow {
        brownian_span: BrownianSpan::Schedule,
        ..row("dpmpp_3m_sde", |run, x, sigmas| Box::pin(dpmpp_3m_sde::sample(run, x, sigmas)))
    },
    SamplerRow {
        brownian_span: BrownianSpan::Schedule,
        ..row("dpmpp_3m_sde_gpu", |run, x, sigmas| Box::pin(dpmpp_3m_sde::sample(run, x, sigmas)))
    },
    row("ddpm", |run, x, sigmas| Box::pin(ddpm::sample(run, x, sigmas))),
    row("lcm", |run, x, sigmas| Box::pin(lcm::sample(run, x, sigmas))),
    row("ipndm", |run, x, sigmas| Box::pin(ipndm::sample(run, x, sigmas))),
    row("ipndm_v", |run, x, sigmas| Box::pin(ipndm_v::sample(run, x, sigmas))),
    row("deis", |run, x, sigmas| Box::pin(deis::sample(run, x, sigmas))),
    row("res_multistep", |run, x, sigmas| {
        Box::pin(res_multistep::sample(run, x, sigmas, Kind { ancestral: false, cfg_pp: false }))
    }),
    row("res_multistep_cfg_pp", |run, x, sigmas| {
        Box::pin(res_multistep::sample(run, x, sigmas, Kind { ancestral: false, cfg_pp: true }))
    }),
    row("res_multistep_ancestral", |run, x, sigmas| {
        Box::pin(res_multistep::sample(run, x, sigmas, Kind { ancestral: true, cfg_pp: false }))
    }),
    row("res_multistep_ancestral_cfg_pp", |run, x, sigmas| {
        Box::pin(res_multistep::sample(run, x, sigmas, Kind { ancestral: true, cfg_pp: true }))
    }),
    row("gradient_estimation", |run, x, sigmas| {
        Box::pin(gradient_estimation::sample(run, x, sigmas))
    }),
    row("gradient_estimation_cfg_pp", |run, x, sigmas| {
        Box::pin(gradient_estimation::sample_cfg_pp(run, x, sigmas))
    }),
    row("er_sde", |run, x, sigmas| Box::pin(er_sde::sample(run, x, sigmas))),
    row("seeds_2", |run, x, sigmas| Box::pin(seeds::sample_2(run, x, sigmas, Second::Halfway))),
    row("seeds_3", |run, x, sigmas| Box::pin(seeds::sample_3(run, x, sigmas))),
    row("sa_solver", |run, x, sigmas| Box::pin(sa_solver::sample(run, x, sigmas, Mode::Pec))),
    row("sa_solver_pece", |run, x, sigmas| Box::pin(sa_solver::sample(run, x, sigmas, Mode::Pece))),
    SamplerRow {
        inpaint_noise: InpaintNoise::NextSeed,
        ..row("ddim", |run, x, sigmas| Box::pin(ddim::sample(run, x, sigmas)))
    },
    SamplerRow {
        discard_penultimate_sigma: true,
        ..row("uni_pc", |run, x, sigmas| Box::pin(uni_pc::sample(run, x, sigmas, Variant::Bh1)))
    },
    SamplerRow {
        discard_penultimate_sigma: true,
        ..row("uni_pc_bh2", |run, x, sigmas| Box::pin(uni_pc::sample(run, x, sigmas, Variant::Bh2)))
    },
];

/// The row called `name`, or an error that lists the names there are.
pub fn sampler(name: &str) -> Result<&'static SamplerRow> {
    SAMPLERS.iter().find(|row| row.name == name).ok_or_else(|| Error::UnknownSampler {
        name: name.to_owned(),
        known: SAMPLERS.iter().map(|row| row.name).collect(),
    })
}
