//! A picture of a latent for whoever watches: one matrix product per cell and no VAE, unless there is a
//! network that paints.

use burn::tensor::Tensor;

use super::LatentFormat;
use super::math::read_back;
use crate::error::Result;
use crate::monitor::Event;

/// Reads a latent back and paints it, one pixel per cell.
///
/// # Shapes
/// - `denoised`: `[1, 4, height, width]`, model space of `format`
pub async fn preview(denoised: Tensor<4>, format: &LatentFormat) -> Result<Event> {
    let [_, _, height, width] = denoised.dims();
    let values = read_back(denoised).await?;
    let rgb = rgb_from_latent(&values, height * width, format);
    Ok(Event::Preview { width: width as u32, height: height as u32, rgb })
}

/// Reads back a picture that a network has painted.
///
/// # Shapes
/// - `picture`: `[1, height, width, 3]`, about 0..1
pub async fn painted(picture: Tensor<4>) -> Result<Event> {
    let [_, height, width, _] = picture.dims();
    let values = read_back(picture).await?;
    let rgb = values.iter().map(|value| (255.0 * value.clamp(0.0, 1.0)) as u8).collect();
    Ok(Event::Preview { width: width as u32, height: height as u32, rgb })
}

/// Interleaved 8-bit pixels of one `[4, cells]` latent in model space.
pub fn rgb_from_latent(latent: &[f32], cells: usize, format: &LatentFormat) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(cells * 3);
    for cell in 0..cells {
        for column in 0..3 {
            let colour: f32 = format
                .rgb
                .iter()
                .enumerate()
                .map(|(channel, row)| latent[channel * cells + cell] * row[column])
                .sum();
            let value = colour + format.bias[column];
            rgb.push((255.0 * ((value + 1.0) / 2.0).clamp(0.0, 1.0)) as u8);
        }
    }
    rgb
}
