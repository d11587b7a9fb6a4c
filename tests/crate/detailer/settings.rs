//! Tests of `crate/src/detailer/settings.rs` and `nodes.rs`.

use burnish::detailer::{Choice, DetailerSettings, Domain, GuideSizeFor, NODES, find_node};
use serde_json::json;

fn settings(value: serde_json::Value) -> Result<DetailerSettings, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn problem(value: serde_json::Value) -> String {
    let node = find_node("MaskDetailer").expect("is in the table");
    let checked = settings(value).expect("is understood").validate(node);
    checked.expect_err("is out of range").to_string()
}

#[test]
fn every_node_accepts_the_defaults() {
    for node in NODES {
        node.defaults().validate(node).expect(node.name);
    }
}

#[test]
fn every_row_names_a_setting_of_its_kind() {
    let defaults = serde_json::to_value(DetailerSettings::default()).expect("plain data");
    for row in NODES.iter().flat_map(|node| node.settings()) {
        let value = &defaults[row.name];
        let fits = match row.domain {
            Domain::Number { .. } => value.is_number(),
            Domain::Flag => value.is_boolean(),
            Domain::Seed => value == "0",
            Domain::Text => value.is_string(),
            Domain::SchedulerFunc => value.is_null(),
            Domain::Hooks => value.is_array(),
            Domain::Choice(choice) => choice.names().contains(&value.as_str().expect("a name")),
        };
        assert!(fits, "{}: {value}", row.name);
    }
    assert_eq!(Choice::GuideSizeFor.names(), ["bbox", "crop_region"]);
}

#[test]
fn seeds_keep_all_their_bits_as_decimals() {
    let given = settings(json!({ "seed": "18446744073709551615" })).expect("is a seed");
    assert_eq!(given.seed, u64::MAX);
    let sent = serde_json::to_value(&given).expect("plain data");
    assert_eq!(sent["seed"], "18446744073709551615");
    assert_eq!(settings(json!({ "seed": 7 })).expect("is a seed").seed, 7);
    let message = settings(json!({ "seed": "-1" })).expect_err("is no seed");
    assert_eq!(message, "seed is \"-1\", it must be a whole number below 2^64");
}

#[test]
fn what_is_left_out_has_its_default_and_what_is_unknown_is_named() {
    let given = settings(json!({ "guide_size_for": "crop_region" })).expect("is understood");
    let expected =
        DetailerSettings { guide_size_for: GuideSizeFor::CropRegion, ..Default::default() };
    assert_eq!(given, expected);
    let message = settings(json!({ "step": 3 })).expect_err("no such setting");
    assert!(message.starts_with("unknown field `step`"), "{message}");
}

#[test]
fn a_setting_out_of_range_is_named_with_its_range() {
    let cases = [
        (json!({ "denoise": 1.5 }), "denoise is 1.5, it must be between 0.0001 and 1"),
        (json!({ "steps": 0 }), "steps is 0, it must be between 1 and 10000"),
        (json!({ "guide_size": 32 }), "guide_size is 32, it must be between 64 and 16384"),
        (json!({ "cfg": 101 }), "cfg is 101, it must be between 0 and 100"),
        (json!({ "feather": 101 }), "feather is 101, it must be between 0 and 100"),
        (json!({ "crop_factor": 0.5 }), "crop_factor is 0.5, it must be between 1 and 10"),
        (json!({ "cycle": 11 }), "cycle is 11, it must be between 1 and 10"),
    ];
    for (given, message) in cases {
        assert_eq!(problem(given), message);
    }
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let message = problem(json!({ "scheduler": "karas" }));
    assert!(message.starts_with("unknown scheduler \"karas\", expected one of "), "{message}");
    let message = find_node("FaceDetailer").expect_err("no such node").to_string();
    assert_eq!(
        message,
        "unknown node \"FaceDetailer\", expected one of MaskDetailerPipe, DetailerForEach, \
         SEGSDetailer, SEGSDetailerForAnimateDiff, DetailerForEachPipeForAnimateDiff"
    );
}

#[test]
fn every_node_has_defaults_of_its_own_and_hears_only_its_settings() {
    let node = find_node("SEGSDetailer").expect("is in the table");
    assert_eq!(node.defaults().max_size, 768.0);
    let given = json!({ "feather": 30, "steps": 7, "mask_mode": false });
    let given = node.read(given.as_object().expect("is an object")).expect("is understood");
    assert!(!given.noise_mask);
    let heard = node.heard(&given).expect("is plain data");
    assert_eq!((heard.feather, heard.steps, heard.max_size), (5, 7, 768.0));
    let message = node.read(json!({ "step": 3 }).as_object().expect("is an object"));
    let message = message.expect_err("no such setting").to_string();
    assert!(message.contains("unknown field `step`"), "{message}");
}
