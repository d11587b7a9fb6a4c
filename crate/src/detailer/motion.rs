//! The settings of a motion module, as requests give them.

use serde_json::{Map, Value};

use super::setting::{Choice, Domain, SettingRow, number, setting};
use crate::diffusion::MotionSettings;
use crate::error::{Error, Result};
use crate::sampling::context::ContextOptions;

/// How strongly motion counts: a number, or a list of one for each frame.
const MULTIVAL: Domain = number(0.0, 10.0, 0.01);

/// What a motion module listens to, apart from `context`.
pub static MOTION: &[SettingRow] = &[
    setting("scale", MULTIVAL),
    setting("effect", MULTIVAL),
    setting("beta_schedule", Domain::Choice(Choice::BetaSchedule)),
    setting("noise_type", Domain::Choice(Choice::NoiseType)),
];

/// Its `context`, the sliding windows.
pub static CONTEXT: &[SettingRow] = &[
    setting("schedule", Domain::Choice(Choice::ContextSchedule)),
    setting("length", number(1.0, 128.0, 1.0)),
    setting("overlap", number(0.0, 128.0, 1.0)),
    setting("stride", number(1.0, 32.0, 1.0)),
    setting("closed_loop", Domain::Flag),
    setting("fuse_method", Domain::Choice(Choice::FuseMethod)),
    setting("use_on_equal_length", Domain::Flag),
];

/// Strength of a motion LoRA.
pub static MOTION_LORA: &[SettingRow] = &[setting("strength", number(-10.0, 10.0, 0.01))];

/// Reads `given` over the defaults and checks names and ranges.
pub fn read_motion(given: &Map<String, Value>) -> Result<MotionSettings> {
    let whole = Value::Object(given.clone());
    MOTION.iter().try_for_each(|row| check(row, &whole))?;
    if let Some(context) = given.get("context").filter(|context| !context.is_null()) {
        CONTEXT.iter().try_for_each(|row| check(row, context))?;
    }
    let settings: MotionSettings = serde_json::from_value(whole)
        .map_err(|error| Error::BadRequest { reason: format!("motion: {error}") })?;
    settings.context.as_ref().map_or(Ok(()), ContextOptions::validate)?;
    Ok(settings)
}

/// Checks a number, every number of a list, or a name.
fn check(row: &SettingRow, settings: &Value) -> Result<()> {
    let value = &settings[row.name];
    if let (Domain::Choice(choice), Some(name)) = (row.domain, value.as_str()) {
        let known = choice.names();
        if !known.contains(&name) {
            return Err(Error::UnknownChoice { what: row.name, name: name.to_owned(), known });
        }
    }
    match value.as_array() {
        Some(values) => values.iter().try_for_each(|value| {
            row.check(&Value::Object(Map::from_iter([(row.name.to_owned(), value.clone())])))
        }),
        None => row.check(settings),
    }
}
