//! Tests of `crate/src/detailer/hooks`.

use burnish::detailer::hooks::{
    BlackPatchRetry, CfgSchedule, CoreMl, Cycle, CycleSettings, DenoiseSchedule, DetailerHook,
    HOOKS, HookChain, NoiseInjection, Pending, StepsSchedule, VariationNoise, at_once, hook_chain,
};
use burnish::detailer::{Choice, Detailer, DetailerSettings, Domain, find_node};
use burnish::diffusion::{BasicPipe, KSampleSettings, Latent};
use burnish::geometry::{Rect, Size};
use burnish::image::Frames;
use burnish::monitor::Silent;
use burnish::sampling::math::{latent_tensor, read_back};
use burnish::sampling::noise::randn;
use burnish::segs::Segs;
use pollster::block_on;
use serde_json::{Value, json};

use super::for_each::{RECTS, mask, picture, run_node, segs, tiny_pipe};
use crate::support::{assert_close, test_device};

/// Multiplies, then adds.
struct Linear {
    factor: u32,
    offset: u32,
}

impl DetailerHook for Linear {
    fn touch_scaled_size(&mut self, size: Size) -> Pending<'_, Size> {
        at_once(Ok(Size::new(size.width * self.factor + self.offset, size.height)))
    }

    fn pre_ksample(
        &mut self,
        settings: KSampleSettings,
        cycle: Cycle,
    ) -> Pending<'_, KSampleSettings> {
        let steps = settings.steps * self.factor as usize + cycle.index;
        at_once(Ok(KSampleSettings { steps, ..settings }))
    }
}

/// Overrides nothing.
struct Idle;

impl DetailerHook for Idle {}

fn settings() -> KSampleSettings {
    KSampleSettings { seed: 1, steps: 4, ..KSampleSettings::default() }
}

fn latent() -> Latent {
    let samples = latent_tensor(vec![0.5; 64], [1, 4, 4, 4], &test_device());
    Latent { samples, noise_mask: Vec::new() }
}

const ONLY: Cycle = Cycle { index: 0, count: 1 };

#[test]
fn an_empty_chain_changes_nothing() {
    let region = Rect::new(1, 2, 3, 4);
    let frames = Frames::zeros(Size::new(2, 2), 1, 3);
    for mut chain in [HookChain::default(), HookChain(vec![Box::new(Idle), Box::new(Idle)])] {
        assert_eq!(block_on(chain.touch_scaled_size(Size::new(5, 6))), Ok(Size::new(5, 6)));
        assert_eq!(block_on(chain.post_crop_region(Size::new(9, 9), region, region)), Ok(region));
        assert_eq!(block_on(chain.post_detection(Segs::default())), Ok(Segs::default()));
        assert_eq!(block_on(chain.pre_ksample(settings(), ONLY)), Ok(settings()));
        assert_eq!(block_on(chain.get_custom_sampler()), Ok(None));
        assert!(block_on(chain.get_custom_noise(1, &latent(), None)).expect("is idle").is_none());
        assert_eq!(block_on(chain.post_decode(frames.clone())), Ok(frames.clone()));
        assert_eq!(block_on(chain.should_retry_patch(&frames, 0)), Ok(false));
        assert_eq!(block_on(chain.post_paste(frames.clone())), Ok(frames.clone()));
    }
}

#[test]
fn each_hook_sees_what_the_one_before_it_made() {
    let mut chain = HookChain(vec![
        Box::new(Linear { factor: 2, offset: 1 }),
        Box::new(Linear { factor: 3, offset: 0 }),
    ]);
    assert_eq!(block_on(chain.touch_scaled_size(Size::new(5, 6))), Ok(Size::new(33, 6)));
    let sampled =
        block_on(chain.pre_ksample(settings(), Cycle { index: 1, count: 2 })).expect("is in range");
    assert_eq!(sampled.steps, (4 * 2 + 1) * 3 + 1);
}

/// Runs one segment with every provider of the table, twice over.
#[test]
fn every_row_runs_with_its_defaults() {
    for row in HOOKS {
        let mut hook = row.defaults();
        hook["type"] = row.name.into();
        if row.name == "coreml" {
            hook["mode"] = "64x72".into();
        }
        let mut one = segs();
        one.items.truncate(1);
        let settings =
            DetailerSettings { cycle: 2, detailer_hook: vec![hook], ..super::for_each::settings() };
        let made = run_node("DetailerForEach", &picture(), one, &settings, &Silent);
        let made = made.unwrap_or_else(|error| panic!("{}: {error}", row.name));
        assert!(made.segments[0].refined().is_some(), "{}", row.name);
    }
}

#[test]
fn every_row_describes_its_defaults() {
    for (row, setting) in HOOKS.iter().flat_map(|row| row.settings.iter().map(move |s| (row, s))) {
        let value = &row.defaults()[setting.name];
        let fits = match setting.domain {
            Domain::Number { min, max, .. } => {
                value.as_f64().is_some_and(|value| (min..=max).contains(&value))
            }
            Domain::Seed => value == "0",
            Domain::Text => value.is_null() || value == "all",
            Domain::Flag => value.is_boolean(),
            Domain::Choice(choice) => choice.names().contains(&value.as_str().expect("a name")),
            Domain::SchedulerFunc | Domain::Hooks => false,
        };
        assert!(fits, "{} {}: {value}", row.name, setting.name);
    }
    assert_eq!(Choice::Normalize.names(), ["disable", "enable"]);
}

#[test]
fn hooks_are_asked_for_by_name() {
    let (pipe, settings) = (&tiny_pipe(), &DetailerSettings::default());
    let [positive, negative] = &["a", "b"].map(|text| pipe.encode_prompt(text).expect("is text"));
    let detailer = Detailer::new(BasicPipe::new(pipe, positive, negative), settings, &Silent);
    let chain = |value: Value| hook_chain(&[value], &detailer).map_err(|error| error.to_string());
    assert_eq!(chain(json!({ "type": "denoise_schedule" })).expect("is known").0.len(), 1);
    let unknown = chain(json!({ "type": "zoom" })).expect_err("no such hook");
    assert!(unknown.starts_with("unknown hook \"zoom\", expected one of noise_inj"), "{unknown}");
    assert_eq!(
        chain(json!({ "type": "denoise_schedule", "target_denoise": 2 })).expect_err("too much"),
        "target_denoise is 2, it must be between 0.0001 and 1"
    );
}

#[test]
fn schedules_arrive_in_the_last_cycle() {
    let at = |hook: &mut dyn DetailerHook, index, count| {
        block_on(hook.pre_ksample(settings(), Cycle { index, count })).expect("is in range")
    };
    let mut denoise = DenoiseSchedule { target_denoise: 0.3 };
    let found = [0, 1, 2].map(|index| at(&mut denoise, index, 3).denoise);
    assert!((found[1] - 0.4).abs() < 1e-12 && (found[2] - 0.3).abs() < 1e-12, "{found:?}");
    assert_eq!(at(&mut denoise, 0, 1).denoise, 0.5);
    let mut cfg = CfgSchedule { target_cfg: 1.5 };
    assert_eq!([0, 1].map(|index| at(&mut cfg, index, 2).cfg), [8.0, 1.0]);
    let mut steps = StepsSchedule { target_steps: 9 };
    assert_eq!([0, 1, 2].map(|index| at(&mut steps, index, 3).steps), [4, 6, 9]);
}

#[test]
fn variation_keeps_the_variance_and_is_lost_in_company() {
    let variation = || VariationNoise { seed: 5, strength: 0.25 };
    let noise = |hooks: Vec<Box<dyn DetailerHook>>| {
        let mut chain = HookChain(hooks);
        let noise = block_on(chain.get_custom_noise(3, &latent(), None)).expect("is noise");
        block_on(read_back(noise.expect("is given"))).expect("can be read")
    };
    let scale = (0.75_f32 * 0.75 + 0.25 * 0.25).sqrt();
    let mixed: Vec<f32> =
        randn(3, 64).iter().zip(randn(5, 64)).map(|(a, b)| (0.75 * a + 0.25 * b) / scale).collect();
    assert_close(&noise(vec![Box::new(variation())]), &mixed, 1e-6);
    assert_eq!(noise(vec![Box::new(variation()), Box::new(Idle)]), vec![0.0; 64]);
}

#[test]
fn injected_noise_grows_from_the_second_cycle_on() {
    let mut hook = NoiseInjection { seed: 9, start_strength: 2.0, ..NoiseInjection::default() };
    let mut at = |index| {
        let found = block_on(hook.cycle_latent(latent(), Cycle { index, count: 3 }));
        block_on(read_back(found.expect("is a latent").samples)).expect("can be read")
    };
    assert_eq!(at(0), vec![0.5; 64]);
    let second: Vec<f32> = randn(9, 64).iter().map(|value| 0.5 + 2.0 * value).collect();
    assert_close(&at(1), &second, 1e-5);
    let third: Vec<f32> = randn(11, 64).iter().map(|value| 0.5 + 1.5 * value).collect();
    assert_close(&at(2), &third, 1e-5);
}

#[test]
fn fixed_sizes_keep_their_proportions() {
    let mut hook = CoreMl { mode: "512x768".to_owned() };
    assert_eq!(block_on(hook.touch_scaled_size(Size::new(9, 9))), Ok(Size::new(512, 768)));
    let region = block_on(hook.post_crop_region(
        Size::new(90, 90),
        Rect::new(10, 0, 30, 60),
        Rect::new(0, 0, 60, 60),
    ));
    assert_eq!(region, Ok(Rect::new(5, 0, 45, 60)));
    let message = block_on(CoreMl { mode: "wide".to_owned() }.touch_scaled_size(Size::new(9, 9)));
    assert!(message.expect_err("is no size").to_string().starts_with("mode is wide"));
}

#[test]
fn black_patches_are_made_again_until_enough_is_enough() {
    let mut hook = BlackPatchRetry { max_retries: 2, ..BlackPatchRetry::default() };
    let black = Frames::zeros(Size::new(4, 4), 1, 3);
    assert_eq!(block_on(hook.should_retry_patch(&picture(), 0)), Ok(false));
    assert_eq!(block_on(hook.should_retry_patch(&black, 1)), Ok(true));
    let message = block_on(hook.should_retry_patch(&black, 2)).expect_err("enough").to_string();
    assert_eq!(message, "a segment came out black 3 times; try another seed or another model");
}

#[test]
fn filters_choose_among_what_was_painted() {
    let (pipe, settings) = (&tiny_pipe(), &super::for_each::settings());
    let [positive, negative] = &["a", "b"].map(|text| pipe.encode_prompt(text).expect("is text"));
    let detailer = Detailer::new(BasicPipe::new(pipe, positive, negative), settings, &Silent);
    let boxes = |node: &str, hook: Value| {
        let mut hooks = hook_chain(&[hook], &detailer).expect("is known");
        let node = find_node(node).expect("is known");
        let segs = block_on(node.segs_from_masks(&[mask(&RECTS)], settings, &mut hooks))
            .expect("is found");
        segs.items.iter().map(|seg| seg.bbox).collect::<Vec<_>>()
    };
    let largest = json!({ "type": "ordered_filter" });
    assert_eq!(boxes("DetailerForEach", largest.clone()), [RECTS[1]]);
    assert_eq!(boxes("MaskDetailer", largest), RECTS);
    let left = json!({ "type": "range_filter", "target": "x1", "max_value": 20 });
    assert_eq!(boxes("DetailerForEach", left), [RECTS[0]]);
    assert!(boxes("DetailerForEach", json!({ "type": "label_filter", "labels": "B" })).is_empty());
    let square = json!({ "type": "coreml", "mode": "64x64" });
    assert_eq!(boxes("DetailerForEach", square), RECTS);
}

#[test]
fn a_cycles_settings_are_changed_field_by_field() {
    let given = settings();
    let shown = CycleSettings::of(&given);
    assert_eq!(shown.with(&json!({})).expect("is nothing").put_into(settings()), given);
    let changed = shown.with(&json!({ "seed": "18446744073709551615", "steps": 7, "cfg": 2.5 }));
    let changed = changed.expect("is in range").put_into(given.clone());
    assert_eq!(changed, KSampleSettings { seed: u64::MAX, steps: 7, cfg: 2.5, ..given });
    for (wrong, sentence) in [
        (json!({ "steps": 0 }), "steps is 0, it must be between 1 and 10000"),
        (json!({ "denoise": 0 }), "denoise is 0, it must be between 0.0001 and 1"),
        (json!({ "sampler_name": "eular" }), "unknown sampler \"eular\""),
        (json!({ "positive": "a cat" }), "the request is malformed: unknown field `positive`"),
    ] {
        let message = shown.with(&wrong).expect_err("is refused").to_string();
        assert!(message.starts_with(sentence), "{message}");
    }
}
