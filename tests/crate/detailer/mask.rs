//! Tests of MaskDetailer and of `crate/src/detailer/detect.rs`.

use burnish::detailer::{Detailed, DetailerSettings, segs_from_masks};
use burnish::geometry::Rect;
use burnish::image::Mask;
use burnish::monitor::Silent;

use super::for_each::{RECTS, mask, picture, run_node, settings};

fn run(mask: &Mask, settings: &DetailerSettings) -> burnish::Result<Detailed> {
    let segs = segs_from_masks(std::slice::from_ref(mask), settings);
    run_node("MaskDetailer", &picture(), segs, settings, &Silent)
}

#[test]
fn regions_are_worked_on_from_the_lowest_up() {
    let segs = segs_from_masks(&[mask(&RECTS)], &settings());
    assert_eq!(segs.items.iter().map(|seg| seg.bbox).collect::<Vec<_>>(), RECTS);
    assert_eq!(segs.items[0].crop_region, Rect::new(2, 30, 38, 63));
}

#[test]
fn small_regions_are_dropped() {
    let settings = DetailerSettings { drop_size: 24, ..settings() };
    let segs = segs_from_masks(&[mask(&RECTS)], &settings);
    assert_eq!(segs.items.iter().map(|seg| seg.bbox).collect::<Vec<_>>(), RECTS[1..]);
}

/// Version 1 starts where segment 1 of version 0 stood: its first segment has seed 1.
#[test]
fn a_batch_holds_versions_with_seeds_one_higher_each() {
    let mask = mask(&RECTS);
    let both = run(&mask, &DetailerSettings { batch_size: 2, ..settings() }).expect("runs");
    assert_eq!((both.image.count, both.segments.len()), (2, 4));
    for (version, seed) in [(0, 0), (1, 1)] {
        let single = run(&mask, &DetailerSettings { seed, ..settings() }).expect("runs");
        assert_eq!(both.image.take_frame(version), single.image);
        assert_eq!(both.segments[2 * version..2 * version + 2], single.segments);
    }
}

#[test]
fn force_inpaint_is_always_on() {
    let settings = DetailerSettings { guide_size: 20.0, force_inpaint: false, ..settings() };
    assert_ne!(run(&mask(&RECTS), &settings).expect("runs").image, picture());
}

#[test]
fn an_empty_mask_gives_the_picture_back() {
    let detailed = run(&mask(&[]), &settings()).expect("runs");
    assert_eq!(detailed.image, picture());
    assert!(detailed.segments.is_empty());
}
