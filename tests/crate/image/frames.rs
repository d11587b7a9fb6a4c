use crate::support::Random;
use burnish::Error;
use burnish::geometry::{Rect, Size};
use burnish::image::composite::paste;
use burnish::image::{Frames, Mask};

#[test]
fn data_of_the_wrong_length_is_refused() {
    let size = Size::new(4, 3);
    let error = Frames::new(size, 2, 3, vec![0.0; 71]).expect_err("one value is missing");
    assert_eq!(error, Error::PixelCount { size, channels: 6, expected: 72, found: 71 });
    let error = Mask::new(size, vec![0.0; 13]).expect_err("one value too many");
    assert_eq!(error, Error::PixelCount { size, channels: 1, expected: 12, found: 13 });
}

#[test]
fn a_crop_pasted_back_gives_the_image() {
    let mut random = Random(4);
    for _ in 0..200 {
        let size = random.size(24);
        let image = random.frames(size, 2);
        let region = random.rect(size);
        let mask = Mask::filled(region.size(), 1.0);
        let mut copy = image.clone();
        paste(&mut copy, &image.crop(region), (region.x1, region.y1), &mask);
        assert_eq!(copy, image);
    }
}

#[test]
fn a_crop_beyond_the_edge_is_cut() {
    let image = Random(5).frames(Size::new(6, 5), 1);
    assert_eq!(image.crop(Rect::new(4, 3, 90, 90)).size, Size::new(2, 2));
    assert!(image.crop(Rect::new(70, 0, 90, 90)).size.is_empty());
    assert!(image.crop(Rect::new(0, 50, 3, 51)).size.is_empty());
}
