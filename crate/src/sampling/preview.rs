//! A rough picture of a latent: one matrix product per cell, no VAE.

use burn::tensor::Tensor;

use super::LatentFormat;
use super::math::read_back;
use crate::error::Result;
use crate::monitor::Event;

/// Reads the first latent of the batch back and paints it, one pixel per cell.
///
/// # Shapes
/// - `denoised`: `[batch, 4, height, width]`, model space of `format`
pub async fn preview(denoised: &Tensor<4>, format: &LatentFormat) -> Result<Event> {
    let [_, channels, height, width] = denoised.dims();
    let first = denoised.clone().slice([0..1, 0..channels, 0..height, 0..width]);
    let values = read_back(first).await?;
    let rgb = rgb_from_latent(&values, height * width, format);
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
