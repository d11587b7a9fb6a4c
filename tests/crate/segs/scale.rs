use burnish::Error;
use burnish::geometry::{Rect, Size};
use burnish::image::{Frames, Mask};
use burnish::segs::{Seg, SegMask, Segs, scale_match};

fn one_seg(size: Size, region: Rect) -> Segs {
    let seg = Seg {
        cropped_image: Some(Frames::zeros(region.size(), 1, 3)),
        cropped_mask: SegMask::Still(Mask::filled(region.size(), 1.0)),
        confidence: 0.5,
        crop_region: region,
        bbox: region,
        label: "hand".to_owned(),
        controls: Vec::new(),
    };
    Segs { size, items: vec![seg] }
}

/// Near corners go by the width, far ones by the height: the reference's trap.
#[test]
fn the_far_corner_scales_by_the_height() {
    let segs = one_seg(Size::new(512, 512), Rect::new(100, 120, 300, 340));
    let scaled = scale_match(segs, Size::new(1024, 768)).expect("pixels are left");
    let seg = &scaled.items[0];
    assert_eq!(seg.crop_region, Rect::new(200, 240, 450, 510));
    assert_eq!(seg.cropped_mask.size(), Size::new(250, 270));
    assert_eq!(seg.cropped_image.as_ref().map(|image| image.size), Some(Size::new(250, 270)));
    assert_eq!((seg.confidence, seg.label.as_str()), (0.5, "hand"));
    assert_eq!(scaled.size, Size::new(1024, 768));
}

#[test]
fn segments_of_the_same_size_or_of_none_pass_unchanged() {
    for header in [Size::new(512, 256), Size::new(0, 0), Size::new(0, 7)] {
        let segs = one_seg(header, Rect::new(1, 2, 30, 40));
        assert_eq!(scale_match(segs.clone(), Size::new(512, 256)), Ok(segs));
    }
}

#[test]
fn a_segment_scaled_to_nothing_is_an_error() {
    let (from, to) = (Size::new(500, 500), Size::new(1000, 100));
    let segs = one_seg(from, Rect::new(100, 100, 300, 300));
    assert_eq!(scale_match(segs, to), Err(Error::ScaledAway { segment: 0, from, to }));
}
