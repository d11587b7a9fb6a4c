use crate::support::{Random, assert_close};
use burnish::geometry::Size;
use burnish::image::resize::{bilinear, lanczos};
use burnish::image::{Frames, Mask};

fn row_of_levels(levels: &[u8]) -> Frames {
    let data = levels.iter().flat_map(|&level| [f32::from(level) / 255.0; 3]).collect();
    Frames::new(Size::new(levels.len() as u32, 1), 1, 3, data).expect("three values a pixel")
}

/// Values: Pillow 12, `Image.resize(size, Image.LANCZOS)`.
#[test]
fn lanczos_is_pillows() {
    let source = row_of_levels(&[0, 64, 128, 255]);
    let wide = lanczos(&source, Size::new(8, 1));
    assert_eq!(wide, row_of_levels(&[0, 10, 45, 77, 101, 165, 234, 255]));
    assert_eq!(lanczos(&source, Size::new(2, 1)), row_of_levels(&[30, 187]));
}

#[test]
fn lanczos_to_the_same_size_only_quantises() {
    let size = Size::new(2, 1);
    let image = Frames::new(size, 1, 3, vec![0.5, 0.999, -0.2, 1.7, 0.0, 1.0]).expect("6 values");
    let expected = [127.0, 254.0, 0.0, 255.0, 0.0, 255.0].map(|level: f32| level / 255.0);
    assert_eq!(lanczos(&image, size).data, expected);
}

#[test]
fn pictures_on_levels_pass_unchanged() {
    let image = Random(6).frames(Size::new(31, 17), 2);
    assert_eq!(lanczos(&image, image.size), image);
}

#[test]
fn flat_colour_stays_flat() {
    let mut random = Random(7);
    for _ in 0..100 {
        let level = random.between(0, 255) as f32 / 255.0;
        let (from, to) = (random.size(40), random.size(40));
        let mut image = Frames::zeros(from, 1, 3);
        image.data.fill(level);
        assert!(lanczos(&image, to).data.iter().all(|&value| value == level), "{from} to {to}");
        let mask = bilinear(&Mask::filled(from, level), to);
        assert_close(&mask.data, &vec![level; to.area()], 1e-6);
    }
}

/// Values: `torch.nn.functional.interpolate(mode="bilinear")` by its definition: half-pixel centres.
#[test]
fn bilinear_takes_half_pixel_centres() {
    let mask = Mask::new(Size::new(2, 1), vec![0.0, 1.0]).expect("2 values");
    assert_close(&bilinear(&mask, Size::new(4, 1)).data, &[0.0, 0.25, 0.75, 1.0], 1e-7);
}

#[test]
fn nothing_can_be_made_of_nothing() {
    let size = Size::new(3, 2);
    let nothing = Size::new(0, 5);
    assert_eq!(lanczos(&Frames::zeros(nothing, 1, 3), size), Frames::zeros(size, 1, 3));
    assert_eq!(bilinear(&Mask::filled(nothing, 1.0), size), Mask::filled(size, 0.0));
    assert!(lanczos(&Frames::zeros(size, 1, 3), nothing).data.is_empty());
}
