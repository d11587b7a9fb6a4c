//! Every hook that can be asked for by name, with its settings.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::unsampler::{Unsampler, UnsamplerSettings};
use super::{
    BlackPatchRetry, CfgSchedule, CoreMl, CustomSampler, DenoiseSchedule, DetailerHook, HookChain,
    LabelFilter, NoiseInjection, OrderedFilter, Preview, RangeFilter, StepsSchedule,
    VariationNoise,
};
use crate::detailer::Detailer;
use crate::detailer::setting::{CFG, Choice, DENOISE, Domain, STEPS, SettingRow, number, setting};
use crate::error::{Error, Result};

/// One provider.
#[derive(Debug, Clone, Copy)]
pub struct HookRow {
    /// Its name, as requests give it.
    pub name: &'static str,
    /// What it listens to.
    pub settings: &'static [SettingRow],
    defaults: fn() -> Value,
    make: for<'a> fn(Value, &Detailer<'a>) -> Result<Box<dyn DetailerHook + 'a>>,
}

impl HookRow {
    /// The settings with their defaults.
    pub fn defaults(&self) -> Value {
        (self.defaults)()
    }
}

const CYCLES: Domain = Domain::Choice(Choice::CycleSchedule);
const STRENGTH: Domain = number(0.0, 200.0, 0.01);
/// Most pixels a segment may have.
const AREA: f64 = 67_108_864.0;
const LEVEL: Domain = number(0.0, 255.0, 1.0);

/// Every provider, in the order the page lists them.
pub static HOOKS: &[HookRow] = &[
    plain::<NoiseInjection>(
        "noise_injection",
        &[
            setting("schedule_for_cycle", CYCLES),
            setting("seed", Domain::Seed),
            setting("start_strength", STRENGTH),
            setting("end_strength", STRENGTH),
        ],
    ),
    plain::<VariationNoise>(
        "variation_noise",
        &[setting("seed", Domain::Seed), setting("strength", number(0.0, 1.0, 0.01))],
    ),
    HookRow {
        name: "unsampler",
        settings: &[
            setting("steps", STEPS),
            setting("start_end_at_step", number(0.0, 10000.0, 1.0)),
            setting("end_end_at_step", number(0.0, 10000.0, 1.0)),
            setting("cfg", CFG),
            setting("sampler_name", Domain::Choice(Choice::Sampler)),
            setting("scheduler", Domain::Choice(Choice::Scheduler)),
            setting("normalize", Domain::Choice(Choice::Normalize)),
            setting("positive", Domain::Text),
            setting("negative", Domain::Text),
            setting("schedule_for_cycle", CYCLES),
        ],
        defaults: || json!(UnsamplerSettings::default()),
        make: |settings, detailer| Ok(Box::new(Unsampler::new(read(settings)?, detailer)?)),
    },
    plain::<DenoiseSchedule>("denoise_schedule", &[setting("target_denoise", DENOISE)]),
    plain::<CfgSchedule>("cfg_schedule", &[setting("target_cfg", CFG)]),
    plain::<StepsSchedule>("steps_schedule", &[setting("target_steps", STEPS)]),
    plain::<CustomSampler>(
        "custom_sampler",
        &[setting("sampler_name", Domain::Choice(Choice::Sampler))],
    ),
    plain::<CoreMl>("coreml", &[setting("mode", Domain::Choice(Choice::CoreMlMode))]),
    plain::<BlackPatchRetry>(
        "black_patch_retry",
        &[
            setting("mean_thresh", LEVEL),
            setting("var_thresh", LEVEL),
            setting("max_retries", number(1.0, 10.0, 1.0)),
        ],
    ),
    plain::<OrderedFilter>(
        "ordered_filter",
        &[
            setting("target", Domain::Choice(Choice::Measure)),
            setting("order", Domain::Flag),
            setting("take_start", number(0.0, 1000.0, 1.0)),
            setting("take_count", number(0.0, 1000.0, 1.0)),
        ],
    ),
    plain::<RangeFilter>(
        "range_filter",
        &[
            setting("target", Domain::Choice(Choice::Measure)),
            setting("mode", Domain::Flag),
            setting("min_value", number(0.0, AREA, 1.0)),
            setting("max_value", number(0.0, AREA, 1.0)),
        ],
    ),
    plain::<LabelFilter>("label_filter", &[setting("labels", Domain::Text)]),
    HookRow {
        name: "preview",
        settings: &[],
        defaults: || json!({}),
        make: |_, detailer| Ok(Box::new(Preview { monitor: detailer.monitor })),
    },
];

/// The hooks that `requests` name, `{ type, ... }` each, in their order.
///
/// A setting that is left out has its default.
pub fn hook_chain<'a>(requests: &[Value], detailer: &Detailer<'a>) -> Result<HookChain<'a>> {
    requests.iter().map(|request| hook(request, detailer)).collect::<Result<_>>().map(HookChain)
}

fn hook<'a>(request: &Value, detailer: &Detailer<'a>) -> Result<Box<dyn DetailerHook + 'a>> {
    let mut settings = request.clone();
    let name = settings.as_object_mut().and_then(|fields| fields.remove("type"));
    let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
    let row = HOOKS.iter().find(|row| row.name == name).ok_or_else(|| Error::UnknownHook {
        name: name.to_owned(),
        known: HOOKS.iter().map(|row| row.name).collect(),
    })?;
    row.settings.iter().try_for_each(|setting| setting.check(&settings))?;
    (row.make)(settings, detailer)
}

/// A hook that is nothing but its settings.
const fn plain<H>(name: &'static str, settings: &'static [SettingRow]) -> HookRow
where
    H: DetailerHook + Default + Serialize + DeserializeOwned + 'static,
{
    HookRow { name, settings, defaults: || json!(H::default()), make: make::<H> }
}

fn make<'a, H: DetailerHook + DeserializeOwned + 'static>(
    settings: Value,
    _detailer: &Detailer<'a>,
) -> Result<Box<dyn DetailerHook + 'a>> {
    Ok(Box::new(read::<H>(settings)?))
}

fn read<T: DeserializeOwned>(settings: Value) -> Result<T> {
    serde_json::from_value(settings)
        .map_err(|error| Error::BadRequest { reason: format!("detailer_hook: {error}") })
}
