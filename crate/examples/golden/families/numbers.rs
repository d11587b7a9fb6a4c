//! Noise, noise levels and schedules.

use super::replay::{Case, Context, Outcome, Replay, Result, Row};
use burnish::sampling::model_sampling::{BetaSchedule, ModelSampling};
use burnish::sampling::noise::{Brownian, prepare_noise};
use burnish::sampling::schedules::{gits, scheduler};
use burnish::sampling::sub_schedule::sub_schedule;

/// Relative; the reference's own exponentials and logarithms differ by this much.
const SIGMA: f64 = 2e-6;
/// Relative; stretched lists.
const STRETCHED: f64 = 1e-5;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("prepare_noise", Replay::Now(noise)),
    ("prepare_noise_batch_index", Replay::Now(noise)),
    ("brownian", Replay::Now(brownian)),
    ("model_sampling", Replay::Now(model)),
    ("sigmas", Replay::Now(sigmas)),
    ("gits", Replay::Now(gits_row)),
];

fn noise(context: &Context, case: &Case) -> Result<Outcome> {
    let indices: Option<Vec<usize>> = case.get("batch_index").ok();
    let found = prepare_noise(case.seed()?, case.get("shape")?, indices.as_deref());
    Ok(Outcome::absolute(&found, &case.output(context, "noise")?.data, 0.0))
}

fn brownian(context: &Context, case: &Case) -> Result<Outcome> {
    let shape: [usize; 4] = case.get("shape")?;
    let sigmas: Vec<f32> = case.get("sigmas")?;
    let pairs: Vec<[usize; 2]> = case.get("pairs")?;
    let mut path = Brownian::new(case.seed()?, &sigmas, shape.iter().product());
    let noise: Vec<f32> =
        pairs.iter().flat_map(|[from, to]| path.noise(sigmas[*from], sigmas[*to])).collect();
    Ok(Outcome::absolute(&noise, &case.output(context, "noise")?.data, 1e-6))
}

fn model_sampling(case: &Case) -> Result<ModelSampling> {
    match case.get::<String>("model_sampling")?.as_str() {
        "sd15" => Ok(ModelSampling::default()),
        "animatediff_sqrt_linear" => Ok(ModelSampling::new(BetaSchedule::SqrtLinear)),
        "sd15_zsnr" => Ok(ModelSampling::zero_terminal_snr(BetaSchedule::Linear)),
        other => Err(format!("unknown model sampling {other:?}").into()),
    }
}

fn model(context: &Context, case: &Case) -> Result<Outcome> {
    let model = model_sampling(case)?;
    let timesteps: Vec<f32> = case.get("t")?;
    let found: Vec<f32> = timesteps.iter().map(|&t| model.sigma(t)).collect();
    let table: Vec<f32> = model.sigmas().iter().copied().step_by(37).collect();
    let probes = case.output(context, "probe_sigmas")?.data;
    let nearest: Vec<f32> = probes.iter().map(|&sigma| model.timestep(sigma) as f32).collect();
    let expected = |name| Ok::<_, Box<dyn std::error::Error>>(case.output(context, name)?.data);
    let mut outcome = Outcome::relative(&found, &expected("sigma_of_t")?, SIGMA)
        .and(Outcome::relative(&table, &expected("sigma_table_every_37")?, SIGMA))
        .and(Outcome::absolute(&nearest, &expected("timestep_of_sigma")?, 0.0));
    for (percent, sigma) in case.expect["percent_to_sigma"].as_object().ok_or("no percents")? {
        let found = model.percent_to_sigma(percent.parse()?);
        let expected = sigma.as_f64().ok_or("no sigma")? as f32;
        outcome = outcome.and(Outcome::relative(&[found], &[expected], SIGMA));
    }
    Ok(outcome)
}

fn sigmas(context: &Context, case: &Case) -> Result<Outcome> {
    let sampler: String = case.get("sampler")?;
    let discard = ["dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"].contains(&sampler.as_str());
    let name: String = case.get("scheduler")?;
    let (row, steps, denoise) = (scheduler(&name)?, case.get("steps")?, case.get("denoise")?);
    let found = sub_schedule(&model_sampling(case)?, row, discard, steps, denoise)?;
    if case.expect["not_finite"] == true {
        // The reference divides zero by zero; ours begins at the most noise there is.
        return Ok(Outcome::equal(found.total.iter().all(|sigma| sigma.is_finite()), true));
    }
    let outcome = Outcome::equal(found.schedule_steps, case.get("schedule_steps")?)
        .and(Outcome::equal(found.start, case.get("start")?))
        .and(Outcome::equal(found.start + steps, case.get("end")?));
    let tolerance =
        if name.starts_with("AYS") || name.starts_with("GITS") { STRETCHED } else { SIGMA };
    let executed: &[f32] = if case.expect["no_change"] == true { &[] } else { &found.executed };
    let mut outcome = outcome.and(Outcome::relative(
        &found.total,
        &case.output(context, "total")?.data,
        tolerance,
    ));
    if case.has_output("executed") {
        let expected = case.output(context, "executed")?.data;
        outcome = outcome.and(Outcome::relative(executed, &expected, tolerance));
    }
    Ok(outcome)
}

fn gits_row(context: &Context, case: &Case) -> Result<Outcome> {
    let coefficient: f64 = case.get("coeff")?;
    let found = (gits(coefficient)?.sigmas)(&ModelSampling::default(), case.get("steps")?);
    Ok(Outcome::relative(&found, &case.output(context, "sigmas")?.data, STRETCHED))
}
