use crate::support::Random;
use burnish::geometry::{Rect, Size};
use burnish::image::Mask;
use burnish::segs::{MaskToSegs, SegMask, Segs, mask_to_segs};

fn painted(rows: &[&str]) -> Mask {
    let size = Size::new(rows[0].len() as u32, rows.len() as u32);
    let data = rows.concat().chars().map(|c| f32::from(u8::from(c == '#'))).collect();
    Mask { size, data }
}

fn outlines(drop_size: u32) -> MaskToSegs {
    MaskToSegs { drop_size, crop_factor: 1.0, contour_fill: true, ..MaskToSegs::default() }
}

fn still(segs: &Segs, index: usize) -> &Mask {
    match &segs.items[index].cropped_mask {
        SegMask::Still(mask) => mask,
        SegMask::PerFrame(_) => panic!("a painted mask stands still"),
    }
}

#[test]
fn regions_come_lowest_first_and_right_before_left() {
    let segs = mask_to_segs(
        &painted(&["##....##..", "##....##..", "..........", "....##....", "....##...."]),
        &outlines(1),
    );
    let corners: Vec<_> = segs.items.iter().map(|seg| (seg.bbox.x1, seg.bbox.y1)).collect();
    assert_eq!(corners, [(4, 3), (6, 0), (0, 0)]);
}

#[test]
fn pixels_that_touch_at_a_corner_belong_together() {
    let segs = mask_to_segs(&painted(&["##..", "##..", "..##", "..##"]), &outlines(1));
    assert_eq!(segs.items.len(), 1);
    assert_eq!(segs.items[0].bbox, Rect::new(0, 0, 4, 4));
}

#[test]
fn holes_are_filled_and_islands_in_them_are_no_segments() {
    let ring = painted(&["#######", "#.....#", "#.###.#", "#.###.#", "#.....#", "#######"]);
    let segs = mask_to_segs(&ring, &outlines(1));
    assert_eq!(segs.items.len(), 1);
    assert!(still(&segs, 0).data.iter().all(|&value| value == 1.0));
    let kept = mask_to_segs(&ring, &MaskToSegs { contour_fill: false, ..outlines(1) });
    assert_eq!(still(&kept, 0), &ring);
}

#[test]
fn regions_must_be_larger_than_drop_size_both_ways() {
    let mask = painted(&["###.#", "###.#", "###.#", "....."]);
    assert_eq!(mask_to_segs(&mask, &outlines(2)).items.len(), 1);
    assert_eq!(mask_to_segs(&mask, &outlines(3)).items.len(), 0);
    // A line one pixel thin never counts, whatever is asked for.
    assert_eq!(mask_to_segs(&mask, &outlines(0)).items.len(), 1);
}

#[test]
fn nothing_painted_gives_no_segments() {
    let size = Size::new(9, 7);
    for combined in [false, true] {
        let options = MaskToSegs { combined, ..outlines(1) };
        let segs = mask_to_segs(&Mask::filled(size, 0.0), &options);
        assert_eq!(segs, Segs { size, items: Vec::new() });
        assert!(mask_to_segs(&Mask::filled(Size::new(0, 0), 0.0), &options).items.is_empty());
    }
}

#[test]
fn values_below_the_first_level_are_background() {
    let size = Size::new(4, 4);
    let just_below = Mask::filled(size, 0.999 / 255.0);
    let just_there = Mask::filled(size, 1.001 / 255.0);
    assert!(mask_to_segs(&just_below, &outlines(1)).items.is_empty());
    assert_eq!(mask_to_segs(&just_there, &outlines(1)).items.len(), 1);
}

/// Repeated spreading from pixel to pixel, a second way to the same regions.
#[test]
fn every_outer_region_is_found_once_and_nothing_else() {
    let mut random = Random(14);
    for round in 0..300 {
        let size = random.size(14);
        let share = 0.2 + 0.6 * random.unit();
        let mask = random.speckles(size, share);
        let options = MaskToSegs { crop_factor: 1.0, ..outlines(1) };
        let segs = mask_to_segs(&mask, &options);
        let mut covered = vec![0u32; size.area()];
        for (index, seg) in segs.items.iter().enumerate() {
            let own = still(&segs, index);
            assert_eq!(own.size, seg.bbox.size(), "round {round}");
            for y in seg.bbox.y1..seg.bbox.y2 {
                for x in seg.bbox.x1..seg.bbox.x2 {
                    if own.at(x - seg.bbox.x1, y - seg.bbox.y1) > 0.0 {
                        covered[(y * size.width + x) as usize] += 1;
                    }
                }
            }
        }
        let labels = spread(&mask);
        let outside = spread_outside(&mask);
        for (index, &label) in labels.iter().enumerate() {
            let region: Vec<usize> =
                (0..labels.len()).filter(|&other| label > 0 && labels[other] == label).collect();
            let columns = region.iter().map(|at| at % size.width as usize);
            let rows = region.iter().map(|at| at / size.width as usize);
            let thin = columns.clone().max() == columns.min() || rows.clone().max() == rows.min();
            let outer = region.iter().any(|&at| touches(&outside, at, size));
            if label > 0 && outer && !thin {
                assert_eq!(covered[index], 1, "round {round}, pixel {index}");
            }
            if label == 0 && outside[index] {
                assert_eq!(covered[index], 0, "round {round}, pixel {index}");
            }
        }
    }
}

/// Numbers of 8-connected regions, 0 for background: the largest index that reaches each pixel.
fn spread(mask: &Mask) -> Vec<usize> {
    let (width, height) = (mask.size.width as i64, mask.size.height as i64);
    let mut labels: Vec<usize> =
        mask.data.iter().enumerate().map(|(i, v)| if *v > 0.0 { i + 1 } else { 0 }).collect();
    loop {
        let before = labels.clone();
        for y in 0..height {
            for x in 0..width {
                let at = (y * width + x) as usize;
                for (dx, dy) in (0..9).map(|i| (i % 3 - 1, i / 3 - 1)) {
                    let (x, y) = (x + dx, y + dy);
                    if labels[at] > 0 && x >= 0 && y >= 0 && x < width && y < height {
                        labels[at] = labels[at].max(labels[(y * width + x) as usize]);
                    }
                }
            }
        }
        if labels == before {
            return labels;
        }
    }
}

/// Background pixels reached from beyond the border, edge by edge.
fn spread_outside(mask: &Mask) -> Vec<bool> {
    let mut outside = vec![false; mask.data.len()];
    loop {
        let before = outside.clone();
        for (at, reached) in outside.iter_mut().enumerate() {
            *reached |= mask.data[at] == 0.0 && touches(&before, at, mask.size);
        }
        if outside == before {
            return outside;
        }
    }
}

/// Whether a pixel has an edge in common with one that is set or with the world outside.
fn touches(set: &[bool], at: usize, size: Size) -> bool {
    let (x, y) = (at as i64 % i64::from(size.width), at as i64 / i64::from(size.width));
    [(1, 0), (-1, 0), (0, 1), (0, -1)].iter().any(|(dx, dy)| {
        let (x, y) = (x + dx, y + dy);
        let inside = x >= 0 && y >= 0 && x < size.width.into() && y < size.height.into();
        !inside || set[(y * i64::from(size.width) + x) as usize]
    })
}
