use crate::support::Random;
use burnish::geometry::Size;
use burnish::image::dilate::dilate as dilate_mask;
use burnish::segs::edit::{dilate, with_image, without_image};
use burnish::segs::{MaskToSegs, SegMask, Segs, mask_to_segs_per_frame};

fn segs(random: &mut Random, size: Size) -> Segs {
    let masks = [random.speckles(size, 0.3), random.speckles(size, 0.3)];
    mask_to_segs_per_frame(&masks, &MaskToSegs { drop_size: 1, ..MaskToSegs::default() })
}

#[test]
fn every_mask_grows_in_its_crop() {
    let mut random = Random(24);
    let segs = segs(&mut random, Size::new(20, 20));
    assert!(matches!(segs.items[0].cropped_mask, SegMask::PerFrame(_)));
    for amount in [-3, 0, 4] {
        let grown = dilate(segs.clone(), amount);
        for (before, after) in segs.items.iter().zip(&grown.items) {
            let expected = before.cropped_mask.map(|mask| dilate_mask(mask, amount));
            assert_eq!(after.cropped_mask, expected);
        }
    }
}

#[test]
fn pictures_are_set_and_cleared() {
    let mut random = Random(25);
    let size = Size::new(20, 20);
    let segs = segs(&mut random, size);
    let (image, other) = (random.frames(size, 2), random.frames(size, 1));
    let set = with_image(segs.clone(), &image, false).unwrap();
    for seg in &set.items {
        assert_eq!(seg.cropped_image, Some(image.crop(seg.crop_region)));
    }
    assert_eq!(with_image(set.clone(), &other, false), Ok(set.clone()));
    assert_ne!(with_image(set.clone(), &other, true), Ok(set.clone()));
    assert_eq!(without_image(set), segs);
    let small = random.frames(Size::new(3, 3), 1);
    assert_eq!(with_image(segs, &small, true).unwrap_err().code(), "segs_size");
}
