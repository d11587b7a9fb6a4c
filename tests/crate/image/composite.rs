use crate::support::{Random, assert_close};
use burnish::geometry::Size;
use burnish::image::Mask;
use burnish::image::composite::paste;

#[test]
fn an_empty_mask_changes_nothing() {
    let mut random = Random(10);
    for _ in 0..100 {
        let size = random.size(20);
        let image = random.frames(size, 2);
        let patch_size = random.size(20);
        let patch = random.frames(patch_size, 1);
        let mut pasted = image.clone();
        let at = (random.between(0, 25), random.between(0, 25));
        paste(&mut pasted, &patch, at, &Mask::filled(patch_size, 0.0));
        assert_eq!(pasted, image);
    }
}

#[test]
fn only_pixels_under_the_patch_change() {
    let mut random = Random(11);
    for _ in 0..100 {
        let size = random.size(20);
        let image = random.frames(size, 1);
        let patch_size = random.size(20);
        let patch = random.frames(patch_size, 1);
        let (x, y) = (random.between(0, 25), random.between(0, 25));
        let mut pasted = image.clone();
        paste(&mut pasted, &patch, (x, y), &Mask::filled(patch_size, 1.0));
        for row in 0..size.height {
            for column in 0..size.width {
                let at = (row * size.width + column) as usize * 3;
                let under = (x..x + patch_size.width).contains(&column)
                    && (y..y + patch_size.height).contains(&row);
                let expected = if under {
                    let from = ((row - y) * patch_size.width + column - x) as usize * 3;
                    &patch.data[from..from + 3]
                } else {
                    &image.data[at..at + 3]
                };
                assert_eq!(&pasted.data[at..at + 3], expected);
            }
        }
    }
}

#[test]
fn a_half_mask_mixes_half_and_half() {
    let mut random = Random(12);
    let size = Size::new(5, 4);
    let (image, patch) = (random.frames(size, 1), random.frames(size, 1));
    let mut pasted = image.clone();
    // Half the size: it is stretched to the patch.
    paste(&mut pasted, &patch, (0, 0), &Mask::filled(Size::new(2, 2), 0.5));
    let mean: Vec<f32> = image.data.iter().zip(&patch.data).map(|(a, b)| (a + b) / 2.0).collect();
    assert_close(&pasted.data, &mean, 1e-6);
}
