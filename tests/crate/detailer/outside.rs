//! Tests of `crate/src/detailer/outside.rs`.

use burnish::detailer::{DetailerSettings, largest_change_outside, segs_from_masks};
use burnish::geometry::Size;
use burnish::image::{Frames, Mask};

const SIDE: u32 = 64;

/// A square from 24 to 40 in the middle of a picture.
fn mask() -> Mask {
    let inside = |at: usize| (24..40).contains(&at);
    let data = (0..SIDE as usize * SIDE as usize)
        .map(|pixel| inside(pixel % 64) && inside(pixel / 64))
        .map(|inside| f32::from(u8::from(inside)))
        .collect();
    Mask::new(Size::new(SIDE, SIDE), data).expect("a value for each pixel")
}

fn change_at(x: usize, y: usize, feather: u32) -> f32 {
    let before = Frames::zeros(Size::new(SIDE, SIDE), 1, 3);
    let mut after = before.clone();
    after.data[(y * SIDE as usize + x) * 3 + 1] = 0.25;
    let segs = segs_from_masks(&[mask()], &DetailerSettings::default());
    largest_change_outside(&before, &after, &segs, feather)
}

#[test]
fn changes_count_from_the_end_of_the_feather_on() {
    assert_eq!(change_at(32, 32, 5), 0.0);
    assert_eq!(change_at(19, 32, 5), 0.0);
    assert_eq!(change_at(18, 32, 5), 0.25);
    assert_eq!(change_at(23, 32, 0), 0.25);
    assert_eq!(change_at(24, 32, 0), 0.0);
}
