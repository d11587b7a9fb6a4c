use crate::support::Random;
use burnish::geometry::{Rect, Size};
use burnish::image::Mask;
use burnish::segs::{MaskToSegs, SegMask, mask_to_segs_per_frame};

#[test]
fn segments_cover_what_any_frame_has_and_keep_each_frames_own_mask() {
    let mut random = Random(31);
    for _ in 0..100 {
        let size = random.size(24);
        let count = random.between(2, 4) as usize;
        let masks: Vec<Mask> = (0..count).map(|_| random.speckles(size, 0.2)).collect();
        let options = MaskToSegs { combined: true, ..MaskToSegs::default() };
        let segs = mask_to_segs_per_frame(&masks, &options);
        assert_eq!(segs, mask_to_segs_per_frame(&masks, &options), "the order is stable");
        for seg in &segs.items {
            let SegMask::PerFrame(own) = &seg.cropped_mask else { panic!("one mask for a frame") };
            let cut: Vec<Mask> = masks.iter().map(|mask| mask.crop(seg.crop_region)).collect();
            assert_eq!(own, &cut);
            assert!(Rect::of_size(size).contains(seg.crop_region));
            assert!(seg.crop_region.contains(seg.bbox));
        }
    }
}

#[test]
fn no_frames_give_no_segments() {
    assert!(mask_to_segs_per_frame(&[], &MaskToSegs::default()).items.is_empty());
}

#[test]
fn a_single_mask_gives_still_segments() {
    let masks = [Mask::filled(Size::new(6, 6), 1.0)];
    let options = MaskToSegs { drop_size: 1, ..MaskToSegs::default() };
    let segs = mask_to_segs_per_frame(&masks, &options);
    assert!(matches!(segs.items[0].cropped_mask, SegMask::Still(_)));
}
