//! Tests of `crate/src/detailer/nodes.rs`: what sets the five nodes apart.

use burnish::detailer::{Detailed, DetailerSettings, Skip};
use burnish::image::{Frames, Mask};
use burnish::monitor::Silent;
use burnish::segs::{SegMask, Segs};

use super::for_each::{picture, run_node, segs, settings};

fn run(node: &str, image: &Frames, segs: Segs, settings: &DetailerSettings) -> Detailed {
    run_node(node, image, segs, settings, &Silent).expect("runs")
}

/// Frames that are all the same picture.
fn clip(count: usize) -> Frames {
    let picture = picture();
    Frames { count, data: picture.data.repeat(count), ..picture }
}

#[test]
fn segs_detailer_pastes_nothing_and_shares_one_seed_that_is_one_higher() {
    let image = picture();
    let found = run("SEGSDetailer", &image, segs(), &settings());
    assert_eq!(found.image, image);
    let mut second = segs();
    second.items.remove(0);
    let next = DetailerSettings { seed: 1, ..settings() };
    let pasted = run("DetailerForEach", &image, second, &next);
    assert_eq!(found.segs().items[1], pasted.segs().items[0]);
}

#[test]
fn segs_detailer_hands_out_every_pass() {
    let settings = DetailerSettings { batch_size: 2, ..settings() };
    let found = run("SEGSDetailer", &picture(), segs(), &settings);
    assert_eq!((found.image.count, found.segs().items.len()), (1, 4));
    assert_ne!(found.segs().items[0], found.segs().items[2]);
}

#[test]
fn segs_detailer_keeps_what_it_skips() {
    let mut blank = segs();
    let size = blank.items[0].crop_region.size();
    blank.items[0].cropped_mask = SegMask::Still(Mask::filled(size, 0.0));
    let settings = DetailerSettings { force_inpaint: false, guide_size: 20.0, ..settings() };
    let image = picture();
    let found = run("SEGSDetailer", &image, blank, &settings);
    let items = found.segs().items;
    assert_eq!(found.segments[0].skipped, Some(Skip::EmptyMask));
    assert_eq!(items[0].cropped_image, None);
    assert_eq!(items[1].cropped_image, Some(image.crop(items[1].crop_region)));
}

#[test]
fn segs_detailer_prefers_a_segments_own_picture() {
    let image = picture();
    let mut own = segs();
    for seg in &mut own.items {
        seg.cropped_image = Some(image.crop(seg.crop_region));
    }
    let black = Frames::zeros(image.size, 1, 3);
    let from_own = run("SEGSDetailer", &black, own, &settings()).segs();
    assert_eq!(from_own, run("SEGSDetailer", &image, segs(), &settings()).segs());
}

#[test]
fn frames_are_sampled_together_and_never_skipped() {
    let settings = DetailerSettings { guide_size: 64.0, force_inpaint: false, ..settings() };
    let clip = clip(3);
    let found = run("SEGSDetailerForAnimateDiff", &clip, segs(), &settings);
    assert_eq!(found.image, clip);
    let crop = found.segments[0].refined().expect("is not skipped");
    assert_eq!(crop.count, 3);
    // One draw of noise covers the batch, so frames differ although the input does not.
    assert_ne!(crop.frame(0), crop.frame(1));
}

#[test]
fn a_single_frame_comes_out_as_a_still_does() {
    let image = picture();
    let still = run("DetailerForEach", &image, segs(), &settings());
    let clip = run("DetailerForEachPipeForAnimateDiff", &image, segs(), &settings());
    assert_eq!(still.image.size, clip.image.size);
    let worst = still.image.data.iter().zip(&clip.image.data).map(|(a, b)| (a - b).abs());
    assert!(worst.fold(0.0, f32::max) > 0.0, "the second segment has another seed");
    assert_eq!(still.segs().items[0].crop_region, clip.segs().items[0].crop_region);
}

#[test]
fn each_frame_goes_by_its_own_mask() {
    let clip = clip(2);
    let mut masked = segs();
    masked.items.truncate(1);
    let size = masked.items[0].crop_region.size();
    let masks = vec![Mask::filled(size, 0.0), masked.items[0].cropped_mask.masks()[0].clone()];
    masked.items[0].cropped_mask = SegMask::PerFrame(masks);
    let found = run("DetailerForEachPipeForAnimateDiff", &clip, masked, &settings());
    assert_eq!(found.image.frame(0), clip.frame(0));
    assert_ne!(found.image.frame(1), clip.frame(1));
}

#[test]
fn wildcard_texts_order_leave_out_and_reseed() {
    let asked = |wildcard: &str| {
        let settings = DetailerSettings { wildcard: wildcard.to_owned(), ..settings() };
        run("DetailerForEach", &picture(), segs(), &settings)
    };
    assert_eq!(asked("a cat").image, asked("").image);
    assert_ne!(asked("a dog").image, asked("").image);
    let dropped = asked("[DSC][SKIP][SEP]a cat");
    assert_eq!(dropped.segments[0].skipped, Some(Skip::NotWanted));
    assert_eq!(dropped.segments[0].seg.crop_region, segs().items[1].crop_region);
    assert_eq!(dropped.segs().items.len(), 1);
    assert!(asked("[ASC][STOP]").segs().items.is_empty());
}
