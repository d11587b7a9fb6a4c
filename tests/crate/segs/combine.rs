use crate::support::Random;
use burnish::geometry::{Rect, Size};
use burnish::image::Mask;
use burnish::segs::combine::{and_mask, combined_mask, subtract_mask};
use burnish::segs::{MaskToSegs, mask_to_segs};

#[test]
fn the_segments_of_a_mask_make_it_up_again() {
    let mut random = Random(15);
    for _ in 0..100 {
        let size = random.size(20);
        let mask = random.speckles(size, 0.4);
        let segs = mask_to_segs(&mask, &MaskToSegs { combined: true, ..MaskToSegs::default() });
        if segs.items.is_empty() {
            continue;
        }
        assert_eq!(combined_mask(&segs), mask);
        assert!(combined_mask(&subtract_mask(&segs, &mask).unwrap()).is_blank());
        assert_eq!(combined_mask(&and_mask(&segs, &mask).unwrap()), mask);
    }
}

#[test]
fn soft_masks_meet_bit_by_bit() {
    let size = Size::new(3, 3);
    let level = |level: f32| Mask::filled(size, level / 255.0);
    let options = MaskToSegs { combined: true, crop_factor: 2.0, ..MaskToSegs::default() };
    let segs = mask_to_segs(&level(128.0), &options);
    assert_eq!(segs.items[0].crop_region, Rect::of_size(size));
    assert!(combined_mask(&and_mask(&segs, &level(127.0)).unwrap()).is_blank());
    assert_eq!(combined_mask(&subtract_mask(&segs, &level(28.0)).unwrap()), level(100.0));
    assert!(combined_mask(&subtract_mask(&segs, &level(200.0)).unwrap()).is_blank());
}
