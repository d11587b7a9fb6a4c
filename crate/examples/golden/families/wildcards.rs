//! Wildcard texts: filled in, divided among segments, searched for LoRA tags.

use super::replay::{Case, Context, Outcome, Replay, Result, Row};
use burnish::wildcards::{
    SegmentPrompt, SegmentPrompts, WildcardFiles, lora_tags, populate as fill_in,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("wildcard_process", Replay::Now(process)),
    ("lora_tags", Replay::Now(loras)),
    ("wildcard_for_segs", Replay::Now(for_segs)),
];

#[derive(Deserialize)]
struct Filled {
    text: String,
    seed: String,
    out: Option<String>,
    error: Option<String>,
}

fn process(_: &Context, case: &Case) -> Result<Outcome> {
    let mut files = WildcardFiles::default();
    for (name, entries) in case.get::<BTreeMap<String, Vec<String>>>("wildcard_files")? {
        files.insert(&name, entries);
    }
    let mut outcome = Outcome::start();
    for Filled { text, seed, out, error } in Vec::<Filled>::deserialize(&case.expect)? {
        let found = fill_in(&text, seed.parse()?, &files);
        outcome = outcome.and(match error {
            Some(_) => Outcome::equal(found.is_err(), true),
            None => Outcome::equal(found.ok(), out),
        });
    }
    Ok(outcome)
}

#[derive(Deserialize)]
struct Tagged {
    text: String,
    loras: Value,
    rest: String,
}

fn loras(_: &Context, case: &Case) -> Result<Outcome> {
    let mut outcome = Outcome::start();
    for Tagged { text, loras, rest } in Vec::<Tagged>::deserialize(&case.expect)? {
        let (tags, found_rest) = lora_tags(&text);
        let found = tags.iter().map(|tag| {
            let blocks = tag.blocks.as_ref();
            let spec = blocks.map(|blocks| &blocks.spec);
            let (a, b) = (blocks.and_then(|blocks| blocks.a), blocks.and_then(|blocks| blocks.b));
            json!([tag.name, tag.model_weight, tag.clip_weight, spec, a, b])
        });
        outcome = outcome
            .and(Outcome::equal(found.collect::<Value>(), loras))
            .and(Outcome::equal(found_rest, rest));
    }
    Ok(outcome)
}

#[derive(Deserialize)]
struct Divided {
    text: String,
    result: DividedResult,
}

#[derive(Deserialize)]
struct DividedResult {
    mode: Option<String>,
    items: Vec<Value>,
}

fn for_segs(_: &Context, case: &Case) -> Result<Outcome> {
    let labels: Vec<Option<String>> = case.get("labels_in_order")?;
    let mut outcome = Outcome::start();
    for Divided { text, result } in Vec::<Divided>::deserialize(&case.expect)? {
        let mut prompts = SegmentPrompts::new(&text, 0);
        let by_label = result.mode.as_deref() == Some("LAB");
        for (label, expected) in labels.iter().zip(result.items) {
            let found = match prompts.next(label.as_deref().unwrap_or_default()) {
                SegmentPrompt::Text { text, .. } if by_label => json!(text),
                SegmentPrompt::Text { text, seed } => json!([seed, text]),
                other => json!(format!("{other:?}")),
            };
            outcome = outcome.and(Outcome::equal(found, expected));
        }
    }
    Ok(outcome)
}
