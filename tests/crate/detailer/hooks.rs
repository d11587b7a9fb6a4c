//! Tests of `crate/src/detailer/hooks`.

use burnish::detailer::hooks::{Cycle, DetailerHook, HookChain};
use burnish::diffusion::KSampleSettings;
use burnish::geometry::{Rect, Size};
use burnish::image::Frames;
use burnish::sampling::NoiseMode;

/// Multiplies, then adds.
struct Linear {
    factor: u32,
    offset: u32,
}

impl DetailerHook for Linear {
    fn touch_scaled_size(&mut self, size: Size) -> Size {
        Size::new(size.width * self.factor + self.offset, size.height)
    }

    fn pre_ksample(&mut self, settings: KSampleSettings, cycle: Cycle) -> KSampleSettings {
        let steps = settings.steps * self.factor as usize + cycle.index;
        KSampleSettings { steps, ..settings }
    }
}

/// Overrides nothing.
struct Idle;

impl DetailerHook for Idle {}

fn settings() -> KSampleSettings {
    KSampleSettings {
        seed: 1,
        steps: 4,
        cfg: 8.0,
        sampler_name: "euler".to_owned(),
        scheduler: "normal".to_owned(),
        denoise: 0.5,
        differential: false,
        noise_mode: NoiseMode::Current,
    }
}

#[test]
fn an_empty_chain_changes_nothing() {
    let cycle = Cycle { index: 0, count: 1 };
    let region = Rect::new(1, 2, 3, 4);
    let frames = Frames::zeros(Size::new(2, 2), 1, 3);
    for mut chain in [HookChain::default(), HookChain(vec![Box::new(Idle), Box::new(Idle)])] {
        assert_eq!(chain.touch_scaled_size(Size::new(5, 6)), Size::new(5, 6));
        assert_eq!(chain.post_crop_region(Size::new(9, 9), region, region), region);
        assert_eq!(chain.pre_ksample(settings(), cycle), settings());
        assert!(chain.custom_noise(1, None).is_none());
        assert_eq!(chain.post_decode(frames.clone()), frames);
        assert_eq!(chain.post_paste(frames.clone()), frames);
    }
}

#[test]
fn each_hook_sees_what_the_one_before_it_made() {
    let mut chain = HookChain(vec![
        Box::new(Linear { factor: 2, offset: 1 }),
        Box::new(Linear { factor: 3, offset: 0 }),
    ]);
    assert_eq!(chain.touch_scaled_size(Size::new(5, 6)), Size::new(33, 6));
    let sampled = chain.pre_ksample(settings(), Cycle { index: 1, count: 2 });
    assert_eq!(sampled.steps, (4 * 2 + 1) * 3 + 1);
}
