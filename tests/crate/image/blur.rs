use crate::support::{Random, assert_close};
use burnish::geometry::Size;
use burnish::image::Mask;
use burnish::image::blur::gaussian_blur_mask;

/// A mask whose right half is 1.
fn edge() -> Mask {
    let size = Size::new(40, 20);
    let data = (0..size.area()).map(|index| f32::from(u8::from(index % 40 >= 20))).collect();
    Mask { size, data }
}

/// Values: torchvision's `GaussianBlur(11, sigma=10.0)` on a straight edge.
#[test]
fn a_straight_edge_fades_over_the_kernel_on_both_sides() {
    let blurred = gaussian_blur_mask(&edge(), 5);
    let ramp = [
        0.084259, 0.172396, 0.263672, 0.357260, 0.452261, 0.547739, 0.642740, 0.736328, 0.827604,
        0.915741, 1.0,
    ];
    assert_close(&blurred.row(10)[15..26], &ramp, 1e-6);
    assert_eq!(blurred.at(14, 10), 0.0);
}

#[test]
fn an_even_mask_stays_even_up_to_its_border() {
    let mut random = Random(8);
    for _ in 0..100 {
        let size = random.size(50);
        let blurred = gaussian_blur_mask(&Mask::filled(size, 1.0), random.between(1, 60));
        assert_close(&blurred.data, &vec![1.0; size.area()], 2e-6);
    }
}

/// The kernel shrinks to half the shorter side, made odd; below 3 nothing is left of it.
#[test]
fn small_masks_get_small_kernels() {
    let reach = |side: u32, kernel: u32| {
        let size = Size::new(60, side);
        let mut mask = Mask::filled(size, 0.0);
        let middle = (side / 2 * 60 + 30) as usize;
        mask.data[middle] = 1.0;
        let blurred = gaussian_blur_mask(&mask, kernel);
        blurred.row(side / 2).iter().filter(|value| **value > 0.0).count()
    };
    assert_eq!([3, 4, 7, 8, 11, 12].map(|side| reach(side, 5)), [1, 3, 3, 5, 5, 11]);
    assert_eq!(reach(40, 20), 21);
    assert_eq!(reach(40, 0), 1);
}

#[test]
fn a_mask_keeps_its_bounds() {
    let mut random = Random(9);
    for _ in 0..50 {
        let size = random.size(64);
        let blurred = gaussian_blur_mask(&random.mask(size), random.between(0, 100));
        assert!(blurred.data.iter().all(|value| (0.0..=1.000_001).contains(value)));
    }
}
