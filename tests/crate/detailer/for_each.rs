//! Tests of `crate/src/detailer/run.rs` and `enhance.rs`, with a tiny random checkpoint.

use std::cell::{Cell, RefCell};

use burnish::Error;
use burnish::detailer::hooks::hook_chain;
use burnish::detailer::{
    Detailed, Detailer, DetailerSettings, Skip, find_node, largest_change_outside, segs_from_masks,
};
use burnish::diffusion::{BasicPipe, ModelManifest, Pipe};
use burnish::geometry::{Rect, Size};
use burnish::image::{Frames, Mask};
use burnish::monitor::{Event, Monitor, Silent, Stage};
use burnish::segs::Segs;
use pollster::block_on;

use crate::support::{Random, test_device, tiny_checkpoint};

const SIZE: Size = Size::new(96, 64);

/// The checkpoint every test of the nodes uses; its pictures mean nothing.
pub fn tiny_pipe() -> Pipe {
    let manifest = ModelManifest { clip_heads: Some(4), ..ModelManifest::sd15("tiny") };
    let file = tiny_checkpoint(4).open();
    Pipe::load(file, &manifest, &test_device(), &Silent).expect("is complete")
}

/// Two steps on small crops.
pub fn settings() -> DetailerSettings {
    DetailerSettings {
        guide_size: 64.0,
        guide_size_for: burnish::detailer::GuideSizeFor::CropRegion,
        steps: 2,
        crop_factor: 1.5,
        ..DetailerSettings::default()
    }
}

pub fn picture() -> Frames {
    Random(5).frames(SIZE, 1)
}

/// White rectangles on black.
pub fn mask(rects: &[Rect]) -> Mask {
    let mut mask = Mask::filled(SIZE, 0.0);
    for rect in rects {
        for y in rect.y1..rect.y2 {
            for x in rect.x1..rect.x2 {
                mask.data[(y * SIZE.width + x) as usize] = 1.0;
            }
        }
    }
    mask
}

/// Two that do not touch, the second higher up.
pub const RECTS: [Rect; 2] = [Rect::new(8, 36, 32, 58), Rect::new(56, 10, 84, 36)];

/// A node under two prompts, with the hooks its settings name.
pub fn run_node(
    node: &str,
    image: &Frames,
    segs: Segs,
    settings: &DetailerSettings,
    monitor: &dyn Monitor,
) -> burnish::Result<Detailed> {
    let pipe = &tiny_pipe();
    let [positive, negative] =
        &["a cat", "blurry"].map(|text| pipe.encode_prompt(text).expect("is text"));
    let detailer = Detailer::new(BasicPipe::new(pipe, positive, negative), settings, monitor);
    let mut hooks = hook_chain(&settings.detailer_hook, &detailer)?;
    block_on(detailer.run(find_node(node)?, image, segs, &mut hooks))
}

fn run(image: &Frames, segs: Segs, settings: &DetailerSettings) -> burnish::Result<Detailed> {
    run_watched(image, segs, settings, &Silent)
}

fn run_watched(
    image: &Frames,
    segs: Segs,
    settings: &DetailerSettings,
    monitor: &dyn Monitor,
) -> burnish::Result<Detailed> {
    run_node("DetailerForEach", image, segs, settings, monitor)
}

pub fn segs() -> Segs {
    segs_from_masks(&[mask(&RECTS)], &settings())
}

#[test]
fn only_the_feathered_masks_change() {
    let (image, settings) = (picture(), settings());
    let detailed = run(&image, segs(), &settings).expect("runs");
    assert_eq!(largest_change_outside(&image, &detailed.image, &segs(), settings.feather), 0.0);
    assert_ne!(detailed.image, image);
    assert_eq!(detailed.segments.len(), 2);
    for seg in &detailed.segments {
        let region = seg.seg.crop_region;
        let crop = seg.refined().expect("is not skipped");
        assert_eq!(crop.size, region.size());
        assert_ne!(*crop, image.crop(region));
        assert_eq!(seg.refined_alpha().expect("was pasted").channels, 4);
    }
}

#[test]
fn a_seed_means_one_picture_and_counts_up_with_the_segments() {
    let (image, settings) = (picture(), settings());
    let first = run(&image, segs(), &settings).expect("runs");
    assert_eq!(run(&image, segs(), &settings).expect("runs"), first);
    let other = DetailerSettings { seed: 1, ..settings.clone() };
    assert_ne!(run(&image, segs(), &other).expect("runs").image, first.image);
    let mut second_only = segs();
    second_only.items.remove(0);
    let alone = run(&image, second_only, &other).expect("runs");
    assert_eq!(alone.segments[0], first.segments[1]);
}

#[test]
fn a_segment_without_a_mask_is_skipped_and_keeps_its_seed() {
    let image = picture();
    let mut with_blank = segs();
    let blank = Mask::filled(with_blank.items[0].crop_region.size(), 0.0);
    with_blank.items[0].cropped_mask = burnish::segs::SegMask::Still(blank);
    let detailed = run(&image, with_blank, &settings()).expect("runs");
    assert_eq!(detailed.segments[0].skipped, Some(Skip::EmptyMask));
    assert_eq!(detailed.segs().items.len(), 1);
    let whole = run(&image, segs(), &settings()).expect("runs");
    assert_eq!(detailed.segments[1], whole.segments[1]);
}

#[test]
fn what_is_large_enough_is_left_alone_unless_forced() {
    let image = picture();
    let settings = DetailerSettings { guide_size: 20.0, force_inpaint: false, ..settings() };
    let detailed = run(&image, segs(), &settings).expect("runs");
    assert_eq!(detailed.image, image);
    let skip = Skip::LargeEnough { bbox: Size::new(24, 22) };
    assert_eq!(detailed.segments[0].skipped, Some(skip));
    let forced = DetailerSettings { force_inpaint: true, ..settings };
    assert_ne!(run(&image, segs(), &forced).expect("runs").image, image);
}

#[test]
fn a_picture_no_wider_than_a_latent_cell_is_skipped() {
    let image = picture();
    let mut thin = segs();
    thin.items.truncate(1);
    thin.items[0].crop_region = Rect::new(10, 0, 11, 64);
    thin.items[0].bbox = Rect::new(10, 0, 11, 64);
    let settings = DetailerSettings { max_size: 64.0, ..settings() };
    let detailed = run(&image, thin, &settings).expect("runs");
    let skip = Skip::TooThin { size: Size::new(1, 64) };
    assert_eq!(detailed.segments[0].skipped, Some(skip));
}

#[test]
fn several_pictures_at_once_are_refused() {
    let image = Random(5).frames(SIZE, 2);
    let message = run(&image, segs(), &settings()).expect_err("two frames").to_string();
    assert_eq!(message, "image has 2 frames, 1 are needed");
}

/// Writes events down as words.
#[derive(Default)]
struct Diary {
    events: RefCell<Vec<String>>,
    steps_to_go: Cell<Option<usize>>,
}

impl Monitor for Diary {
    fn report(&self, event: Event) {
        let word = match event {
            Event::Segment { index, count, .. } => format!("segment {index}/{count}"),
            Event::Stage(stage) => Stage::name(stage).to_owned(),
            Event::Step { segment, cycle, step, steps } => {
                if let Some(to_go) = self.steps_to_go.get() {
                    self.steps_to_go.set(Some(to_go.saturating_sub(1)));
                }
                format!("step {segment}.{cycle}.{step}/{steps}")
            }
            Event::Preview { width, height, rgb } => {
                assert_eq!(rgb.len(), (width * height * 3) as usize);
                format!("preview {width}x{height}")
            }
            Event::Skipped { segment, reason } => format!("skipped {segment}: {reason}"),
            other => format!("{other:?}"),
        };
        self.events.borrow_mut().push(word);
    }

    fn cancelled(&self) -> bool {
        self.steps_to_go.get() == Some(0)
    }

    fn wants_preview(&self) -> bool {
        true
    }
}

#[test]
fn progress_names_segments_stages_cycles_and_steps() {
    let diary = Diary::default();
    let mut one = segs();
    one.items.truncate(1);
    let settings = DetailerSettings { cycle: 2, ..settings() };
    run_watched(&picture(), one, &settings, &diary).expect("runs");
    let preview = "preview 8x8";
    assert_eq!(
        *diary.events.borrow(),
        [
            "segment 0/1",
            "encode",
            "sample",
            preview,
            "step 0.0.0/2",
            preview,
            "step 0.0.1/2",
            preview,
            "step 0.1.0/2",
            preview,
            "step 0.1.1/2",
            "decode",
            "paste",
        ]
    );
}

#[test]
fn cancelling_is_seen_at_the_next_step() {
    let diary = Diary { steps_to_go: Cell::new(Some(3)), ..Diary::default() };
    let result = run_watched(&picture(), segs(), &settings(), &diary);
    assert_eq!(result.expect_err("was cancelled"), Error::Cancelled);
    assert_eq!(diary.events.borrow().last().map(String::as_str), Some("step 1.0.0/2"));
}
