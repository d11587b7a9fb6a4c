//! What an inpainting model is shown beside the latent: a mask, and the picture without the part
//! under it.

use burn::tensor::{DType, Device, Tensor};

use super::latent::{CELL, Latent, encode};
use super::noise_mask::stretched_over;
use crate::geometry::{Rect, Size};
use crate::image::resize::bilinear;
use crate::image::{Frames, Mask};
use crate::models::vae::Vae;
use crate::sampling::math::latent_tensor;

/// Channels of the mask and the picture.
pub(super) const EXTRA_CHANNELS: usize = 5;
/// A grey picture in model space, as the reference tabulates it.
const GREY: [f32; 4] = [0.8223, -0.6876, 0.6364, 0.1380];

/// The picture an inpainting model paints into.
#[derive(Debug, Clone)]
pub struct InpaintImage {
    /// The picture with the masked part in grey, encoded: of the sampled latent's shape, unscaled.
    pub latent: Tensor<4>,
    /// 1 = to be painted; in pixels and in `[0, 1]`. Rounded where the model is shown it.
    pub mask: Mask,
}

/// Prepares `pixels` (in `[0, 1]`) for an inpainting model: the latent to sample, under `mask`, and
/// what the model is to be shown with it. Sides lose what is over a multiple of 8, half of it at
/// each end.
///
/// `mask` has any size and is stretched over the picture.
pub fn inpaint_conditioning(
    vae: &Vae,
    pixels: &Frames,
    mask: &Mask,
    device: &Device,
) -> (Latent, InpaintImage) {
    let region = whole_cells(pixels.size);
    let mask = bilinear(mask, pixels.size).crop(region);
    let pixels = pixels.crop(region);
    let samples = encode(vae, &pixels, device);
    let latent = encode(vae, &greyed(pixels, &mask), device);
    (Latent { samples, noise_mask: vec![mask.clone()] }, InpaintImage { latent, mask })
}

/// Mask and picture for a run over `latent` (model space): those of `image`, or else the run's own
/// mask and the latent itself, or else nothing but grey to be painted. `scale` leads to model space.
///
/// # Shapes
/// - `noise_mask`: `[1 or batch, 1, height, width]`
/// - output: `[1 or batch, 5, height, width]`
pub(super) fn extra_channels(
    image: Option<&InpaintImage>,
    latent: &Tensor<4>,
    noise_mask: Option<&Tensor<4>>,
    scale: f32,
) -> Tensor<4> {
    let [_, _, height, width] = latent.dims();
    let size = Size::new(width as u32, height as u32);
    let (mask, picture) = match (image, noise_mask) {
        (Some(image), _) => {
            let mask = image.mask.crop(centred(image.mask.size, size));
            (stretched_over(&[mask], latent), image.latent.clone() * scale)
        }
        (None, Some(mask)) => (Some(mask.clone()), latent.clone()),
        (None, None) => {
            let grey = GREY.iter().flat_map(|level| std::iter::repeat_n(*level, size.area()));
            (None, latent_tensor(grey.collect(), [1, 4, height, width], &latent.device()))
        }
    };
    let batch = picture.dims()[0];
    let everything = || picture.clone().narrow(1, 0, 1).ones_like();
    let mask = mask.map_or_else(everything, |mask| {
        // Halves are rounded to even, so 0.5 keeps.
        let missing = batch / mask.dims()[0];
        mask.greater_elem(0.5).float().cast(DType::F32).repeat_dim(0, missing)
    });
    Tensor::cat(vec![mask, picture], 1)
}

/// The largest middle part whose sides are whole latent cells.
fn whole_cells(size: Size) -> Rect {
    let along = |side: u32| {
        let start = side % CELL / 2;
        (start, start + side / CELL * CELL)
    };
    let ((x1, x2), (y1, y2)) = (along(size.width), along(size.height));
    Rect { x1, y1, x2, y2 }
}

/// Grey where the rounded mask is 1.
fn greyed(mut pixels: Frames, mask: &Mask) -> Frames {
    let channels = pixels.channels;
    let kept: Vec<f32> = mask.data.iter().map(|value| 1.0 - value.round_ties_even()).collect();
    for (pixel, kept) in pixels.data.chunks_exact_mut(channels).zip(kept.iter().cycle()) {
        pixel.iter_mut().for_each(|value| *value = (*value - 0.5) * kept + 0.5);
    }
    pixels
}

/// The middle part of `from` with the proportions of `to`.
pub(super) fn centred(from: Size, to: Size) -> Rect {
    let [width, height] = [from.width, from.height].map(f64::from);
    let (old, new) = (width / height, f64::from(to.width) / f64::from(to.height));
    let cut = |side: f64, share: f64| ((side - side * share) / 2.0).round_ties_even() as u32;
    let x = if old > new { cut(width, new / old) } else { 0 };
    let y = if old < new { cut(height, old / new) } else { 0 };
    Rect::new(x, y, from.width - x, from.height - y)
}
