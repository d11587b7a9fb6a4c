use burnish::geometry::{Rect, Size};
use burnish::image::Mask;
use burnish::segs::crop_condition_mask;

/// Halves go to the even pixel: (101, 203, 401, 603) becomes (50, 102, 200, 302).
#[test]
fn a_prompts_mask_is_cut_in_its_own_pixels() {
    let size = Size::new(512, 512);
    let data = (0..512 * 512).map(|index| index as f32).collect();
    let mask = Mask { size, data };
    let region = Rect::new(101, 203, 401, 603);
    let cropped = crop_condition_mask(&mask, Size::new(1024, 1024), region);
    assert_eq!(cropped, mask.crop(Rect::new(50, 102, 200, 302)));
}
