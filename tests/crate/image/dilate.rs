use crate::support::Random;
use burnish::geometry::Size;
use burnish::image::Mask;
use burnish::image::dilate::dilate;

/// How far a single pixel grows to the left and to the right, values of OpenCV's `dilate`.
#[test]
fn even_sizes_grow_one_pixel_more_to_the_right_and_bottom() {
    for (amount, left, right) in [(1, 0, 0), (2, 0, 1), (3, 1, 1), (4, 1, 2), (5, 2, 2), (10, 4, 5)]
    {
        let mut mask = Mask::filled(Size::new(31, 31), 0.0);
        mask.data[15 * 31 + 15] = 1.0;
        let grown = dilate(&mask, amount);
        let painted = |index: &u32| grown.at(*index, 15) > 0.0;
        let columns: Vec<u32> = (0..31).filter(painted).collect();
        let rows: Vec<u32> = (0..31).filter(|&y| grown.at(15, y) > 0.0).collect();
        assert_eq!((columns[0], columns[columns.len() - 1]), (15 - left, 15 + right));
        assert_eq!(rows, columns);
    }
}

/// Values: OpenCV's `erode` with a 4x4 element on x 5..=19, y 0..=14.
#[test]
fn shrinking_does_not_eat_from_the_border() {
    let size = Size::new(30, 30);
    let inside = |x: u32, y: u32| (5..=19).contains(&x) && y <= 14;
    let data = (0..900).map(|i| f32::from(u8::from(inside(i % 30, i / 30)))).collect();
    let shrunk = dilate(&Mask { size, data }, -4);
    for (x, y, value) in [(7, 0, 1.0), (18, 13, 1.0), (6, 5, 0.0), (19, 5, 0.0), (10, 14, 0.0)] {
        assert_eq!(shrunk.at(x, y), value, "at {x}, {y}");
    }
}

#[test]
fn growing_is_the_largest_value_within_reach() {
    let mut random = Random(13);
    for _ in 0..50 {
        let size = random.size(16);
        let mask = random.mask(size);
        let amount = random.between(1, 9) as i64;
        let grown = dilate(&mask, amount as i32);
        for y in 0..i64::from(size.height) {
            for x in 0..i64::from(size.width) {
                let mut most = 0.0f32;
                for (dx, dy) in (0..amount * amount).map(|i| (i % amount, i / amount)) {
                    let (x, y) = (x + dx - amount / 2, y + dy - amount / 2);
                    let inside =
                        x >= 0 && y >= 0 && x < size.width.into() && y < size.height.into();
                    if inside {
                        most = most.max(mask.at(x as u32, y as u32));
                    }
                }
                assert_eq!(grown.at(x as u32, y as u32), most);
            }
        }
    }
}
