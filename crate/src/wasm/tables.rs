//! The core's tables as JavaScript gets them: what forms are made from.

use serde::Serialize;
use serde_json::{Value, json};

use super::convert;
use super::error::{JsError, JsResult};
use crate::detailer::hooks::HOOKS;
use crate::detailer::{CONTEXT, Domain, MOTION, MOTION_LORA, NODES, Pictures, SettingRow};
use crate::diffusion::MotionSettings;
use crate::sampling::context::ContextOptions;
use crate::sampling::{SAMPLERS, SCHEDULERS};

/// Everything a form is made from.
#[derive(Serialize)]
struct Tables {
    samplers: Vec<&'static str>,
    schedulers: Vec<&'static str>,
    nodes: Vec<Value>,
    hooks: Vec<Value>,
    motion: Value,
}

/// Samplers, schedulers, nodes, hooks and what goes for motion modules, with the defaults and ranges of their settings.
pub(super) fn tables() -> JsResult<wasm_bindgen::JsValue> {
    let tables = collect()
        .map_err(|error: serde_json::Error| JsError::new("internal", &error.to_string()))?;
    convert::to_js(&tables)
}

fn collect() -> serde_json::Result<Tables> {
    let node = |node: &crate::detailer::NodeRow| {
        let pictures = match node.pictures {
            Pictures::One => "one",
            Pictures::Frames => "frames",
        };
        let settings = settings(node.settings(), &serde_json::to_value(node.defaults())?)?;
        Ok(json!({
            "name": node.name,
            "pictures": pictures,
            "pastes": node.pastes,
            "settings": settings,
        }))
    };
    let hook = |hook: &crate::detailer::hooks::HookRow| {
        let settings = settings(hook.settings.iter(), &hook.defaults())?;
        Ok(json!({ "name": hook.name, "settings": settings }))
    };
    Ok(Tables {
        samplers: SAMPLERS.iter().map(|row| row.name).collect(),
        schedulers: SCHEDULERS.iter().map(|row| row.name).collect(),
        nodes: NODES.iter().map(node).collect::<serde_json::Result<_>>()?,
        hooks: HOOKS.iter().map(hook).collect::<serde_json::Result<_>>()?,
        motion: motion()?,
    })
}

/// The settings of a motion module, of its windows, and of each motion LoRA.
fn motion() -> serde_json::Result<Value> {
    let defaults = serde_json::to_value(MotionSettings::default())?;
    let windows = serde_json::to_value(ContextOptions::default())?;
    Ok(json!({
        "settings": settings(MOTION.iter(), &defaults)?,
        "context": settings(CONTEXT.iter(), &windows)?,
        "lora": settings(MOTION_LORA.iter(), &json!({ "strength": 1.0 }))?,
    }))
}

/// `{ name, default, kind, ... }` each.
fn settings<'a>(
    rows: impl Iterator<Item = &'a SettingRow>,
    defaults: &Value,
) -> serde_json::Result<Vec<Value>> {
    rows.map(|row| {
        let mut fields = match row.domain {
            Domain::Choice(choice) => json!({ "kind": "choice", "names": choice.names() }),
            other => serde_json::to_value(other)?,
        };
        fields["name"] = row.name.into();
        fields["default"] = defaults[row.name].clone();
        Ok(fields)
    })
    .collect()
}
