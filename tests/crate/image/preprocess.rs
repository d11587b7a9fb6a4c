use burnish::geometry::Size;
use burnish::image::Frames;
use burnish::image::preprocess::Preprocessor;
use burnish::image::resize::nearest_exact;

use crate::support::{Random, assert_close};

const CANNY: Preprocessor = Preprocessor::Canny { low_threshold: 0.1, high_threshold: 0.2 };

/// Black on the left, white on the right.
fn halves(size: Size) -> Frames {
    let mut frames = Frames::zeros(size, 1, 3);
    let width = size.width as usize;
    for (pixel, values) in frames.data.chunks_exact_mut(3).enumerate() {
        values.fill(if pixel % width * 2 >= width { 1.0 } else { 0.0 });
    }
    frames
}

#[test]
fn canny_finds_the_edge_and_nothing_else() {
    let size = Size::new(16, 9);
    let edges = CANNY.apply(&halves(size));
    for (row, pixels) in edges.data.chunks_exact(16 * 3).enumerate() {
        let white: Vec<usize> = (0..16).filter(|x| pixels[x * 3] == 1.0).collect();
        assert_eq!(white.len(), 1, "row {row}: {white:?}");
        assert!([7, 8].contains(&white[0]), "row {row}: {white:?}");
    }
    let flat = Frames { data: vec![0.5; size.area() * 3], ..halves(size) };
    assert!(CANNY.apply(&flat).data.iter().all(|value| *value == 0.0));
}

#[test]
fn inverting_twice_is_the_picture() {
    let frames = Random(1).frames(Size::new(7, 5), 2);
    let twice = Preprocessor::Invert.apply(&Preprocessor::Invert.apply(&frames));
    assert_close(&twice.data, &frames.data, 1e-6);
}

#[test]
fn blur_keeps_what_is_flat_and_evens_out_what_is_not() {
    let frames = Frames { data: vec![0.25; 8 * 6 * 3], ..halves(Size::new(8, 6)) };
    assert_close(&Preprocessor::Blur { sigma: 2.0 }.apply(&frames).data, &frames.data, 1e-5);
    let blurred = Preprocessor::Blur { sigma: 2.0 }.apply(&halves(Size::new(8, 6)));
    let row: Vec<f32> = (0..8).map(|x| blurred.data[x * 3]).collect();
    assert!(row.is_sorted() && row[3] > 0.3 && row[4] < 0.7, "{row:?}");
    assert_eq!(Preprocessor::Blur { sigma: 0.0 }.apply(&frames), frames);
}

#[test]
fn tile_keeps_the_size() {
    for factor in [1.0, 2.0, 64.0] {
        let frames = Random(2).frames(Size::new(11, 6), 1);
        let tiled = Preprocessor::Tile { down_sample: factor }.apply(&frames);
        assert_eq!(tiled.size, frames.size);
        assert_eq!(tiled == frames, factor == 1.0);
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    for (preprocessor, message) in [
        (Preprocessor::Blur { sigma: 101.0 }, "sigma is 101, it must be between 0 and 100"),
        (
            Preprocessor::Tile { down_sample: 0.5 },
            "down_sample is 0.5, it must be between 1 and 64",
        ),
        (
            Preprocessor::Canny { low_threshold: 0.5, high_threshold: 0.2 },
            "high_threshold is 0.2, it must be between 0.5 and 1",
        ),
    ] {
        assert_eq!(preprocessor.validate().unwrap_err().to_string(), message);
    }
    assert_eq!(CANNY.validate(), Ok(()));
}

/// Source index: the whole part of `(i + 0.5) * in / out`.
#[test]
fn nearest_exact_takes_the_pixel_under_the_centre() {
    let frames = Frames::new(Size::new(5, 1), 1, 1, vec![0.0, 1.0, 2.0, 3.0, 4.0]).unwrap();
    assert_eq!(nearest_exact(&frames, Size::new(3, 1)).data, [0.0, 2.0, 4.0]);
    assert_eq!(nearest_exact(&frames, Size::new(2, 2)).data, [1.0, 3.0, 1.0, 3.0]);
    assert_eq!(nearest_exact(&frames, frames.size), frames);
}
