use crate::support::Random;
use burnish::geometry::{BoundingBox, Rect, Size, make_crop_region};

/// Values: the reference's `make_crop_region`.
#[test]
fn the_crop_region_is_widened_and_shifted_inside() {
    let rows = [
        ((1024, 768), [100.0, 100.0, 200.0, 220.0], 3.0, None, [0, 0, 300, 360]),
        ((1024, 768), [1000.0, 700.0, 1024.0, 768.0], 3.0, None, [952, 564, 1024, 768]),
        ((512, 512), [200.0, 200.0, 400.0, 420.0], 3.0, None, [0, 0, 512, 512]),
        ((512, 512), [10.0, 20.0, 41.0, 67.0], 1.5, None, [2, 8, 48, 78]),
        ((512, 512), [5.0, 5.0, 36.0, 36.0], 2.5, None, [0, 0, 77, 77]),
        ((640, 480), [300.0, 200.0, 310.0, 210.0], 3.0, Some(50.0), [280, 180, 330, 230]),
        ((512, 512), [490.0, 3.0, 511.0, 30.0], 2.3, None, [463, 0, 512, 62]),
        ((100, 100), [93.0, 93.0, 99.0, 99.0], 5.1, None, [69, 69, 100, 100]),
        ((640, 480), [12.7, 33.4, 98.2, 140.9], 3.0, None, [0, 0, 256, 322]),
    ];
    for ((width, height), [x1, y1, x2, y2], factor, min_size, [a, b, c, d]) in rows {
        let bbox = BoundingBox { x1, y1, x2, y2 };
        let region = make_crop_region(Size::new(width, height), bbox, factor, min_size);
        assert_eq!(region, Rect::new(a, b, c, d), "{bbox:?}");
    }
}

#[test]
fn a_crop_region_holds_its_box_and_stays_in_the_image() {
    let mut random = Random(1);
    for _ in 0..5000 {
        let image = random.size(300);
        let bbox = random.rect(image);
        let factor = 1.0 + 4.0 * f64::from(random.unit());
        let region = make_crop_region(image, bbox, factor, None);
        assert!(Rect::of_size(image).contains(region), "{region} leaves {image}");
        let (lost_x, lost_y) = (region.x2 < bbox.x2, region.y2 < bbox.y2);
        // The far edge loses its fraction twice, so one pixel of the box may fall off there.
        assert!(region.x1 <= bbox.x1 && region.y1 <= bbox.y1, "{region} {bbox} {factor}");
        assert!(region.x2 + u32::from(lost_x) >= bbox.x2, "{region} {bbox} {factor}");
        assert!(region.y2 + u32::from(lost_y) >= bbox.y2, "{region} {bbox} {factor}");
    }
}

#[test]
fn a_factor_of_one_is_the_box_itself() {
    let mut random = Random(2);
    for _ in 0..1000 {
        let image = random.size(300);
        let bbox = random.rect(image);
        assert_eq!(make_crop_region(image, bbox, 1.0, None), bbox);
    }
}

#[test]
fn rectangles_that_do_not_meet_have_an_empty_part_in_common() {
    let mut random = Random(3);
    for _ in 0..1000 {
        let (a, b) = (random.rect(Size::new(50, 50)), random.rect(Size::new(50, 50)));
        let both = a.intersection(b);
        assert_eq!(both.size(), b.intersection(a).size());
        let covered = |x, y| {
            let pixel = Rect::new(x, y, x + 1, y + 1);
            a.contains(pixel) && b.contains(pixel)
        };
        let count =
            (0..50).flat_map(|y| (0..50).map(move |x| (x, y))).filter(|p| covered(p.0, p.1));
        assert_eq!(both.size().area(), count.count());
    }
}

#[test]
fn sizes_and_rectangles_read_well() {
    assert_eq!(Size::new(640, 480).to_string(), "640x480");
    assert_eq!(Rect::new(1, 2, 3, 4).to_string(), "(1, 2)-(3, 4)");
}
