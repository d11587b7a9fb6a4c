//! The picture a ControlNet follows, brought to the size of a latent.

use burn::tensor::{Tensor, activation::silu};

use crate::nn::{Conv2d, RGB};
use crate::{Result, ops::Pad, weights::Weights};

/// Layers with a step of 2: three halvings make a latent cell of 8 pixels.
const HALVING: [usize; 3] = [2, 4, 6];
/// Layers in all.
const LAYERS: usize = 8;

/// Eight convolutions with SiLU between.
#[derive(Debug)]
pub(super) struct HintEncoder {
    layers: Vec<Conv2d>,
}

impl HintEncoder {
    /// Reads the convolutions, which stand under even numbers, up to `outputs` channels.
    pub(super) fn load(w: &Weights, outputs: usize) -> Result<Self> {
        let mut channels = RGB;
        let layers = (0..LAYERS).map(|index| {
            let outputs = (index == LAYERS - 1).then_some(outputs);
            let layer = Conv2d::load(&w.pp(2 * index), Some(channels), outputs)?;
            channels = layer.outputs();
            Ok(layer)
        });
        Ok(Self { layers: layers.collect::<Result<_>>()? })
    }

    /// # Shapes
    /// - `x`: `[batch, 8 * height, 8 * width, 3]`; output: `[batch, height, width, channels]`
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.layers.iter().enumerate().fold(x, |x, (index, layer)| {
            let x = if index == 0 { x } else { silu(x) };
            if HALVING.contains(&index) {
                layer.forward_halved(x, Pad::all(1))
            } else {
                layer.forward(x)
            }
        })
    }
}
