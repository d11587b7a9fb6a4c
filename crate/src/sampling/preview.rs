//! A rough picture of a latent: one matrix product per cell, no VAE.

use burn::tensor::Tensor;

use super::math::read_back;
use crate::error::Result;
use crate::monitor::Event;

/// Red, green and blue per latent channel for SD 1.x, as the reference tabulates them.
const LATENT_RGB: [[f32; 3]; 4] = [
    [0.3512, 0.2297, 0.3227],
    [0.3250, 0.4974, 0.2350],
    [-0.2829, 0.1762, 0.2721],
    [-0.2120, -0.2616, -0.7177],
];

/// Reads the first latent of the batch back and paints it, one pixel per cell.
///
/// # Shapes
/// - `denoised`: `[batch, 4, height, width]`, model space
pub async fn preview(denoised: &Tensor<4>) -> Result<Event> {
    let [_, channels, height, width] = denoised.dims();
    let first = denoised.clone().slice([0..1, 0..channels, 0..height, 0..width]);
    let values = read_back(first).await?;
    let rgb = rgb_from_latent(&values, height * width);
    Ok(Event::Preview { width: width as u32, height: height as u32, rgb })
}

/// Interleaved 8-bit pixels of one `[4, cells]` latent in model space.
pub fn rgb_from_latent(latent: &[f32], cells: usize) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(cells * 3);
    for cell in 0..cells {
        for column in 0..3 {
            let value: f32 = LATENT_RGB
                .iter()
                .enumerate()
                .map(|(channel, row)| latent[channel * cells + cell] * row[column])
                .sum();
            rgb.push((255.0 * ((value + 1.0) / 2.0).clamp(0.0, 1.0)) as u8);
        }
    }
    rgb
}
