//! Tests of the nodes for clips, with the tiny checkpoint and the tiny motion module.

use std::cell::RefCell;

use burnish::Error;
use burnish::detailer::hooks::hook_chain;
use burnish::detailer::{Detailed, Detailer, DetailerSettings, find_node, segs_from_masks};
use burnish::diffusion::{BasicPipe, Motion, MotionSettings, Multival};
use burnish::image::Frames;
use burnish::monitor::{Event, Monitor, Silent};
use burnish::sampling::context::ContextOptions;
use burnish::segs::{MaskToSegs, Segs, mask_to_segs_per_frame};
use pollster::block_on;

use super::for_each::{RECTS, mask, settings, tiny_pipe};
use crate::diffusion::motion::tiny_motion_on;
use crate::support::Random;

const PASTING: &str = "DetailerForEachPipeForAnimateDiff";

fn clip(count: usize) -> Frames {
    Random(5).frames(super::for_each::picture().size, count)
}

fn segs() -> Segs {
    segs_from_masks(&[mask(&RECTS[..1])], &settings())
}

fn run(
    node: &str,
    frames: &Frames,
    segs: Segs,
    motion: Option<MotionSettings>,
) -> burnish::Result<Detailed> {
    watched(node, frames, segs, motion, &Silent)
}

/// The same; what is finished is kept when `monitor` cancels.
fn watched(
    node: &str,
    frames: &Frames,
    segs: Segs,
    motion: Option<MotionSettings>,
    monitor: &dyn Monitor,
) -> burnish::Result<Detailed> {
    let pipe = &tiny_pipe();
    let motion = motion.map(|motion| tiny_motion_on(pipe, motion)).transpose()?;
    let [positive, negative] = &["a cat", "blurry"].map(|text| pipe.encode_prompt(text).unwrap());
    let motion: Option<&Motion> = motion.as_ref();
    let base = BasicPipe { pipe, motion, positive, negative };
    let settings = DetailerSettings { noise_mask_feather: 2, ..settings() };
    let detailer = Detailer::new(base, &settings, monitor);
    let detailer = Detailer { keeps_finished: true, ..detailer };
    let mut hooks = hook_chain(&[], &detailer)?;
    block_on(detailer.run(find_node(node)?, frames, segs, &mut hooks))
}

fn still_levels(effect: f32) -> MotionSettings {
    let beta_schedule = "use existing".to_owned();
    MotionSettings { beta_schedule, effect: Multival::Same(effect), ..MotionSettings::default() }
}

/// A frame on its own is what it is without a module; in company it is not.
#[test]
fn frames_see_each_other_through_the_module_alone() {
    let frames = clip(3);
    let alone = run(PASTING, &frames, segs(), None).unwrap();
    let without = run(PASTING, &frames, segs(), Some(still_levels(0.0))).unwrap();
    assert_eq!(without.image.count, 3);
    let most = |a: &Frames, b: &Frames| {
        a.data.iter().zip(&b.data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    };
    // A level of 8 bit may fall to the other side.
    assert!(most(&without.image, &alone.image) < 0.02);
    let with = run(PASTING, &frames, segs(), Some(still_levels(1.0))).unwrap();
    assert!(most(&with.image, &alone.image) > 0.02);
}

#[test]
fn each_frame_changes_under_its_own_mask_alone() {
    let frames = clip(2);
    let masks = RECTS.map(|rect| mask(&[rect]));
    let options = MaskToSegs { crop_factor: 1.2, ..MaskToSegs::default() };
    let segs = mask_to_segs_per_frame(&masks, &options);
    assert_eq!(segs.items.len(), 2);
    let detailed = run(PASTING, &frames, segs, Some(MotionSettings::default())).unwrap();
    for (index, own) in masks.iter().enumerate() {
        let [before, after] = [frames.frame(index), detailed.image.frame(index)];
        let pixels = before.chunks(3).zip(after.chunks(3)).enumerate();
        let changed: Vec<usize> =
            pixels.filter(|(_, (a, b))| a != b).map(|(pixel, _)| pixel).collect();
        let inside = own.data.iter().filter(|value| **value > 0.0).count();
        assert!(changed.len() >= inside * 9 / 10, "frame {index}");
        let other = &masks[1 - index];
        assert!(changed.iter().all(|pixel| other.data[*pixel] == 0.0), "frame {index}");
    }
}

#[test]
fn crops_are_handed_out_for_every_frame() {
    let detailed =
        run("SEGSDetailerForAnimateDiff", &clip(3), segs(), Some(MotionSettings::default()));
    let detailed = detailed.unwrap();
    assert_eq!(detailed.image, clip(3));
    let crop = detailed.segs().items[0].cropped_image.clone().unwrap();
    assert_eq!((crop.count, crop.size), (3, segs().items[0].crop_region.size()));
}

#[test]
fn a_long_clip_needs_a_context() {
    let error = run(PASTING, &clip(9), segs(), Some(MotionSettings::default())).unwrap_err();
    assert_eq!(error.code(), "too_many_frames");
    let context = Some(ContextOptions { length: 4, overlap: 1, ..ContextOptions::default() });
    let cut = MotionSettings { context, ..MotionSettings::default() };
    let detailed = run(PASTING, &clip(9), segs(), Some(cut)).unwrap();
    assert_eq!(detailed.image.count, 9);
}

/// Counts windows and stops at the last of `to_go`.
struct Windows {
    seen: RefCell<Vec<(usize, usize, usize)>>,
    to_go: usize,
}

impl Monitor for Windows {
    fn report(&self, event: Event) {
        if let Event::Window { segment, index, count, .. } = event {
            self.seen.borrow_mut().push((segment, index, count));
        }
    }

    fn cancelled(&self) -> bool {
        self.seen.borrow().len() >= self.to_go
    }
}

/// Four windows in each of two steps.
fn in_windows() -> Option<MotionSettings> {
    let context = Some(ContextOptions { length: 3, overlap: 1, ..ContextOptions::default() });
    Some(MotionSettings { context, ..MotionSettings::default() })
}

#[test]
fn every_window_of_a_step_is_reported_and_a_run_can_stop_after_it() {
    let windows = Windows { seen: RefCell::default(), to_go: usize::MAX };
    let steps = settings().steps;
    watched(PASTING, &clip(9), segs(), in_windows(), &windows).unwrap();
    let each: Vec<_> = (0..4).map(|index| (0, index, 4)).collect();
    assert_eq!(windows.seen.into_inner(), each.repeat(steps));

    let windows = Windows { seen: RefCell::default(), to_go: 2 };
    let stopped = watched(PASTING, &clip(9), segs(), in_windows(), &windows);
    assert_eq!(stopped.err(), Some(Error::Cancelled), "nothing is finished yet");
    assert_eq!(windows.seen.into_inner().len(), 2);
}

#[test]
fn what_is_finished_when_a_run_is_cancelled_is_kept() {
    let frames = clip(9);
    let two = segs_from_masks(&[mask(&RECTS)], &settings());
    assert_eq!(two.items.len(), 2);
    let mut first = two.clone();
    first.items.truncate(1);
    let done = run(PASTING, &frames, first, in_windows()).unwrap();
    assert!(!done.cancelled);
    let windows = Windows { seen: RefCell::default(), to_go: 4 * settings().steps + 1 };
    let kept = watched(PASTING, &frames, two, in_windows(), &windows).unwrap();
    assert!(kept.cancelled);
    assert_eq!(kept.segments.len(), 1);
    assert_eq!(kept.image, done.image);
}
