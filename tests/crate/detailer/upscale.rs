//! Tests of `crate/src/detailer/upscale.rs`.

use burnish::detailer::upscale::{GuideSize, plan_upscale};
use burnish::detailer::{GuideSizeFor, Skip};
use burnish::geometry::{Rect, Size};

fn plan(
    crop: (u32, u32),
    bbox: (u32, u32),
    guide: (f64, GuideSizeFor, f64),
    force_inpaint: bool,
) -> Result<(f64, u32, u32), Skip> {
    let (guide_size, guide_size_for, max_size) = guide;
    let guide = GuideSize { guide_size, guide_size_for, max_size };
    let bbox = Rect::new(3, 5, 3 + bbox.0, 5 + bbox.1);
    plan_upscale(bbox, Size::new(crop.0, crop.1), &guide, force_inpaint)
        .map(|upscale| (upscale.factor, upscale.size.width, upscale.size.height))
}

/// Values: the examples of the size decision in the semantics this follows.
#[test]
fn the_guide_size_decides_within_the_largest_size() {
    let (bbox, crop) = (GuideSizeFor::Bbox, GuideSizeFor::CropRegion);
    for force in [false, true] {
        let (factor, width, height) =
            plan((300, 360), (100, 120), (512.0, bbox, 1024.0), force).expect("grows");
        assert!((factor - 2.844753).abs() < 1e-6);
        assert_eq!((width, height), (853, 1024));
        let (factor, width, height) =
            plan((300, 360), (100, 120), (512.0, crop, 1024.0), force).expect("grows");
        assert!((factor - 1.706667).abs() < 1e-6);
        assert_eq!((width, height), (512, 614));
        let (factor, width, height) =
            plan((300, 360), (100, 120), (256.0, bbox, 768.0), force).expect("grows");
        assert!((factor - 2.134723).abs() < 1e-6);
        assert_eq!((width, height), (640, 768));
    }
}

/// Values: the recorded node case with these settings; 36 times 264/108 would be 88.
#[test]
fn the_largest_size_can_fall_one_short() {
    let guide = (96.0, GuideSizeFor::CropRegion, 88.0);
    let (_, width, height) = plan((32, 36), (18, 20), guide, true).expect("grows");
    assert_eq!((width, height), (78, 87));
}

#[test]
fn what_cannot_grow_is_sampled_as_it_is_only_when_forced() {
    let guide = (512.0, GuideSizeFor::Bbox, 1024.0);
    assert_eq!(plan((900, 1200), (300, 400), guide, true), Ok((1.0, 900, 1200)));
    assert_eq!(plan((2000, 2000), (700, 700), guide, true), Ok((1.0, 2000, 2000)));
    let skip = plan((1200, 1500), (400, 500), guide, false).expect_err("does not grow");
    assert_eq!(skip.to_string(), "this segment would not get larger (factor 0.683)");
}

#[test]
fn a_bounding_box_as_large_as_the_guide_size_is_left_alone() {
    let guide = (512.0, GuideSizeFor::Bbox, 1024.0);
    let skip = plan((1200, 1500), (600, 700), guide, false).expect_err("large enough");
    assert_eq!(skip, Skip::LargeEnough { bbox: Size::new(600, 700) });
    assert_eq!(skip.to_string(), "600x700 is already as large as the guide size");
    assert!(plan((1200, 1500), (600, 511), (512.0, GuideSizeFor::Bbox, 9000.0), false).is_ok());
}

#[test]
fn nothing_is_planned_for_a_side_of_no_pixels() {
    let guide = (512.0, GuideSizeFor::CropRegion, 1024.0);
    assert_eq!(plan((300, 300), (0, 20), guide, true), Err(Skip::ZeroSized));
    assert_eq!(plan((300, 0), (10, 20), guide, true), Err(Skip::ZeroSized));
}
