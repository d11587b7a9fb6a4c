use burnish::geometry::{Rect, Size};
use burnish::image::{Frames, Mask};
use burnish::segs::combine::and_mask;
use burnish::segs::{ControlMode, SegControl, Segs, with_control, without_controls};

use crate::detailer::for_each::segs;

fn control() -> SegControl {
    SegControl {
        control_net: "canny".to_owned(),
        strength: 0.5,
        mode: ControlMode::Plain,
        preprocessor: None,
        control_image: None,
    }
}

fn names(segs: &Segs) -> Vec<usize> {
    segs.items.iter().map(|seg| seg.controls.len()).collect()
}

#[test]
fn every_segment_gets_its_part_of_the_picture() {
    let segs = segs();
    let mut picture = Frames::zeros(segs.size, 1, 3);
    let region = segs.items[0].crop_region;
    for (pixel, values) in picture.data.chunks_exact_mut(3).enumerate() {
        let (x, y) = (pixel as u32 % segs.size.width, pixel as u32 / segs.size.width);
        values.fill(f32::from(u8::from(region.contains(Rect::new(x, y, x + 1, y + 1)))));
    }
    let guided = with_control(segs, &control(), Some(&picture));
    let own = guided.items[0].controls[0].control_image.clone().unwrap();
    assert_eq!(own.size, region.size());
    assert!(own.data.iter().all(|value| *value == 1.0));
}

#[test]
fn a_picture_of_another_size_is_brought_to_that_of_the_segments() {
    let guided = with_control(segs(), &control(), Some(&Frames::zeros(Size::new(9, 9), 1, 3)));
    for seg in &guided.items {
        let image = seg.controls[0].control_image.as_ref().unwrap();
        assert_eq!(image.size, seg.crop_region.size());
    }
}

#[test]
fn they_come_one_after_the_other_and_can_be_cleared() {
    let twice = with_control(with_control(segs(), &control(), None), &control(), None);
    assert_eq!(names(&twice), [2, 2]);
    assert_eq!(names(&without_controls(twice)), [0, 0]);
}

/// Spec: the resulting segment loses its `control_net_wrapper`.
#[test]
fn meeting_a_mask_takes_them_away() {
    let guided = with_control(segs(), &control(), None);
    let met = and_mask(&guided, &Mask::filled(guided.size, 1.0)).unwrap();
    assert_eq!(names(&met), [0, 0]);
}
