use crate::support::Random;
use burnish::geometry::{Rect, Size};
use burnish::image::Mask;
use burnish::segs::{Seg, SegMask, Segs, SegsPaste, segs_paste};

fn random_segs(random: &mut Random, size: Size, frames: usize, blank: bool) -> Segs {
    let items = (0..random.between(0, 4)).map(|_| {
        let region = random.rect(size);
        let mut mask = |_| {
            let mask = random.mask(region.size());
            if blank { mask.map(|_| 0.0) } else { mask }
        };
        let cropped_mask = SegMask::PerFrame((0..frames).map(&mut mask).collect());
        let cropped_image = Some(random.frames(region.size(), frames));
        let label = String::new();
        Seg {
            cropped_image,
            cropped_mask,
            confidence: 1.0,
            crop_region: region,
            bbox: region,
            label,
            controls: Vec::new(),
        }
    });
    Segs { size, items: items.collect() }
}

#[test]
fn blank_masks_no_opacity_and_no_segments_change_nothing() {
    let mut random = Random(26);
    for round in 0..60 {
        let size = random.size(24);
        let image = random.frames(size, 2);
        let feather = random.between(0, 9);
        let (blank, alpha) = if round % 2 == 0 { (true, 255) } else { (false, 0) };
        let segs = random_segs(&mut random, size, 2, blank);
        let pasted = segs_paste(&image, segs, None, SegsPaste { feather, alpha }).unwrap();
        assert_eq!(pasted, image);
    }
}

#[test]
fn nothing_changes_outside_the_crop_regions() {
    let mut random = Random(27);
    for _ in 0..60 {
        let size = random.size(24);
        let image = random.frames(size, 2);
        let segs = random_segs(&mut random, size, 2, false);
        let regions: Vec<Rect> = segs.items.iter().map(|seg| seg.crop_region).collect();
        let reference = random.frames(size, 2);
        let pasted = segs_paste(&image, segs, Some(&reference), SegsPaste::default()).unwrap();
        for (at, (before, after)) in image.data.iter().zip(&pasted.data).enumerate() {
            let (pixel, width) = (at / 3 % size.area(), size.width as usize);
            let (x, y) = ((pixel % width) as u32, (pixel / width) as u32);
            let inside =
                regions.iter().any(|region| region.contains(Rect::new(x, y, x + 1, y + 1)));
            assert!(inside || before == after, "pixel {x}, {y}");
        }
    }
}

#[test]
fn frames_must_match() {
    let mut random = Random(28);
    let size = Size::new(9, 9);
    let image = random.frames(size, 3);
    let mut segs = random_segs(&mut random, size, 2, false);
    while segs.items.is_empty() {
        segs = random_segs(&mut random, size, 2, false);
    }
    let options = SegsPaste::default();
    let refusal = segs_paste(&image, segs.clone(), None, options).unwrap_err().to_string();
    assert_eq!(refusal, "a segment's picture has 2 frames, 3 are needed");
    let reference = random.frames(size, 1);
    let refusal = segs_paste(&image, segs, Some(&reference), options).unwrap_err().to_string();
    assert_eq!(refusal, "the reference picture has 1 frames, 3 are needed");
}

#[test]
fn a_reference_of_another_size_is_refused() {
    let mut random = Random(29);
    let image = random.frames(Size::new(9, 9), 1);
    let reference = random.frames(Size::new(8, 9), 1);
    let segs = Segs { size: image.size, items: Vec::new() };
    let refusal = segs_paste(&image, segs, Some(&reference), SegsPaste::default()).unwrap_err();
    assert_eq!(refusal.code(), "segs_size");
}

#[test]
fn different_numbers_of_masks_become_one_outline() {
    let size = Size::new(4, 4);
    let region = Rect::of_size(size);
    let seg = Seg {
        cropped_image: Some(burnish::image::Frames::zeros(size, 3, 3)),
        cropped_mask: SegMask::PerFrame(vec![Mask::filled(size, 0.05), Mask::filled(size, 0.2)]),
        confidence: 1.0,
        crop_region: region,
        bbox: region,
        label: String::new(),
        controls: Vec::new(),
    };
    let mut image = Random(30).frames(size, 3);
    image.data.iter_mut().for_each(|value| *value += 1.0);
    let segs = Segs { size, items: vec![seg] };
    let pasted = segs_paste(&image, segs, None, SegsPaste { feather: 0, alpha: 255 }).unwrap();
    assert!(pasted.data.iter().all(|value| *value == 0.0));
}
