//! Which numbers about the picture Stable Diffusion XL is told besides text and time.

use burn::tensor::Tensor;

use super::latent::CELL;
use crate::geometry::Size;
use crate::models::unet;

/// Score that the refiner's prompt asks for, and the one its negative prompt has.
const SCORES: [f32; 2] = [6.0, 2.5];

/// Which numbers a UNet is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// None: Stable Diffusion 1.x and 2.x.
    Nothing,
    /// The picture's size, what was cut off its top and left, and the size that is wanted.
    Sizes,
    /// The picture's size, what was cut off, and how much people liked it.
    SizesAndScore,
}

/// Which prompt the numbers go with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Positive,
    Negative,
}

/// The numbers for a picture of `latent` cells, nothing of which was cut off.
fn numbers(told: Told, side: Side, latent: Size) -> Vec<f32> {
    let [width, height] = [latent.width, latent.height].map(|cells| (cells * CELL) as f32);
    let score = SCORES[usize::from(side == Side::Negative)];
    match told {
        Told::Nothing => Vec::new(),
        Told::Sizes => vec![height, width, 0.0, 0.0, height, width],
        Told::SizesAndScore => vec![height, width, 0.0, 0.0, score],
    }
}

/// Everything a UNet is told besides text and time; `None` if that is nothing.
///
/// # Shapes
/// - `pooled`: `[1, width]`; output: `[1, width + 256 * numbers]`
pub(super) fn label(
    told: Told,
    side: Side,
    pooled: Option<&Tensor<2>>,
    latent: Size,
) -> Option<Tensor<2>> {
    let pooled = pooled.filter(|_| told != Told::Nothing)?;
    Some(unet::label(pooled, &numbers(told, side, latent)))
}
