//! The promise that nothing outside the masks changes, as a number.

use crate::geometry::Rect;
use crate::image::Frames;
use crate::image::blur::gaussian_blur_mask;
use crate::segs::Segs;

/// Largest difference between `before` and `after` outside the feathered masks of `segs`; 0 says that
/// nothing changed there. `after` may hold several versions of `before`, one after the other.
pub fn largest_change_outside(before: &Frames, after: &Frames, segs: &Segs, feather: u32) -> f32 {
    let covered = covered_by(segs, before, feather);
    let mut largest = 0.0_f32;
    for index in 0..after.count {
        let pixels = before.frame(index % before.count).chunks(before.channels);
        let pairs = pixels.zip(after.frame(index).chunks(after.channels));
        for ((old, new), _) in pairs.zip(&covered).filter(|(_, covered)| !**covered) {
            let changes = old.iter().zip(new).map(|(a, b)| (a - b).abs());
            largest = changes.fold(largest, f32::max);
        }
    }
    largest
}

/// For every pixel of `image`, whether a feathered mask reaches it.
fn covered_by(segs: &Segs, image: &Frames, feather: u32) -> Vec<bool> {
    let mut covered = vec![false; image.size.area()];
    for seg in &segs.items {
        let region = seg.crop_region.intersection(Rect::of_size(image.size));
        for mask in seg.cropped_mask.masks() {
            let mask = gaussian_blur_mask(mask, feather);
            for y in region.y1..region.y2 {
                let row = y as usize * image.size.width as usize;
                for x in region.x1..region.x2 {
                    let (in_x, in_y) = (x - region.x1, y - region.y1);
                    let inside = in_x < mask.size.width && in_y < mask.size.height;
                    covered[row + x as usize] |= inside && mask.at(in_x, in_y) != 0.0;
                }
            }
        }
    }
    covered
}
