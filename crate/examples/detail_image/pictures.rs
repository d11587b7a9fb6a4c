//! Picture files to frames and masks.

use std::error::Error;
use std::path::Path;

use burnish::geometry::Size;
use burnish::image::{Frames, Mask};

/// One frame of red, green and blue in `[0, 1]`.
pub(crate) fn read_image(path: &Path) -> Result<Frames, Box<dyn Error>> {
    let image = open(path)?.into_rgb8();
    let size = Size::new(image.width(), image.height());
    let data = image.into_raw().into_iter().map(|level| f32::from(level) / 255.0).collect();
    Ok(Frames::new(size, 1, 3, data)?)
}

/// 1 wherever the picture is not black.
pub(crate) fn read_mask(path: &Path) -> Result<Mask, Box<dyn Error>> {
    let image = open(path)?.into_luma8();
    let size = Size::new(image.width(), image.height());
    let data = image.into_raw().into_iter().map(|level| f32::from(u8::from(level > 0))).collect();
    Ok(Mask::new(size, data)?)
}

/// Writes the first frame, rounded to 8 bit.
pub(crate) fn write_image(path: &Path, frames: &Frames) -> Result<(), Box<dyn Error>> {
    let levels = frames.frame(0).iter().map(|value| (value * 255.0).round() as u8).collect();
    let Size { width, height } = frames.size;
    let image = image::RgbImage::from_raw(width, height, levels).ok_or("a frame of 3 channels")?;
    image.save(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn open(path: &Path) -> Result<image::DynamicImage, Box<dyn Error>> {
    image::open(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
