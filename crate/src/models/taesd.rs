//! TAESD's decoder: a small network that paints a latent about as its VAE would, for previews.
//!
//! Layers are numbered as in the file (section 6.6 of the semantics this follows); files in the
//! layout of diffusers count one less.

use burn::tensor::{Tensor, activation::relu};

use crate::nn::{Conv2d, LATENT_CHANNELS, RGB};
use crate::{Result, weights::Weights};

/// Latents are bent to this magnitude before the first layer.
const BOUND: f32 = 3.0;
/// The last layer.
const LAST: usize = 19;

/// Doubles a latent of model space three times.
#[derive(Debug)]
pub struct Taesd {
    first: Conv2d,
    layers: Vec<Layer>,
    last: Conv2d,
}

#[derive(Debug)]
enum Layer {
    /// Three convolutions around which the input is carried.
    Block(Box<[Conv2d; 3]>),
    /// On the picture enlarged twice.
    Doubled(Box<Conv2d>),
}

impl Taesd {
    /// Reads a decoder below `w`, in either layout.
    pub fn load(w: &Weights) -> Result<Self> {
        const THEIRS: &str = "decoder.layers";
        let is_theirs = w.pp(THEIRS).has("0.weight");
        let layer = |number: usize| match is_theirs {
            true => w.pp(THEIRS).pp(number - 1),
            false => w.pp(number),
        };
        let first = Conv2d::load(&layer(1), Some(LATENT_CHANNELS), None)?;
        let channels = Some(first.outputs());
        let layers = (2..LAST).map(layer).filter_map(|w| {
            let conv = |w: &Weights| Conv2d::load(w, channels, channels);
            if w.has("conv.0.weight") {
                let conv = |index: usize| conv(&w.pp("conv").pp(index));
                Some(conv(0).and_then(|a| Ok(Layer::Block(Box::new([a, conv(2)?, conv(4)?])))))
            } else {
                w.has("weight").then(|| conv(&w).map(|conv| Layer::Doubled(Box::new(conv))))
            }
        });
        Ok(Self {
            layers: layers.collect::<Result<_>>()?,
            last: Conv2d::load(&layer(LAST), channels, Some(RGB))?,
            first,
        })
    }

    /// # Shapes
    /// - `latent`: `[batch, 4, height / 8, width / 8]`, model space
    /// - output: `[batch, height, width, 3]`, about 0..1
    pub fn decode(&self, latent: Tensor<4>) -> Tensor<4> {
        let x = (latent.permute([0, 2, 3, 1]) / BOUND).tanh() * BOUND;
        let x = relu(self.first.forward(x));
        let x = self.layers.iter().fold(x, |x, layer| match layer {
            Layer::Doubled(conv) => conv.forward_doubled(x),
            Layer::Block(convs) => {
                let [a, b, c] = &**convs;
                let y = relu(b.forward(relu(a.forward(x.clone()))));
                relu(c.forward_residual(y, x))
            }
        });
        self.last.forward(x)
    }
}
