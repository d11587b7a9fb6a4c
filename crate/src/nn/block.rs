//! One entry of a UNet's `input_blocks`, `middle_block` or `output_blocks`.

use burn::tensor::Tensor;

use super::{
    Conv2d, KeyValue, ResnetBlock, ResnetKeys, Slot, SpatialTransformer, Temporal, downsample,
    upsample,
};
use crate::{Result, weights::Weights};

/// Heads of every attention in Stable Diffusion 1.x; later models have heads of 64 channels.
const HEADS: usize = 8;

/// A layer that stands under a number in a block.
#[derive(Debug)]
enum Layer {
    Conv(Conv2d),
    Resnet(Box<ResnetBlock>),
    Transformer(Box<SpatialTransformer>),
    Down(Conv2d),
    Up(Conv2d),
}

/// The layers of a block, in the order of their numbers.
#[derive(Debug)]
pub struct UnetBlock {
    layers: Vec<Layer>,
    /// The layer that what works between frames comes after: the last transformer, else the first
    /// residual block.
    temporal_after: Option<usize>,
}

/// What comes before a layer, and what it has to fit.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    /// Channels of the picture.
    pub channels: usize,
    /// How often the picture has been halved.
    pub halvings: usize,
    /// Values of the timestep's embedding.
    pub time: usize,
    /// Width of the text, once a layer reads it.
    pub context: Option<usize>,
}

impl Before {
    /// The beginning of a network that takes `channels`, and a timestep of `time` values.
    pub const fn first(channels: usize, time: usize) -> Self {
        Self { channels, halvings: 0, time, context: None }
    }
}

impl UnetBlock {
    /// Reads layers until a number is missing; what each is can be told from its tensors.
    pub fn load(w: &Weights, before: &mut Before) -> Result<Self> {
        let layers = (0..).map_while(|index| Layer::load(&w.pp(index), before).transpose());
        let layers = layers.collect::<Result<Vec<_>>>()?;
        let transformer = layers.iter().rposition(|l| matches!(l, Layer::Transformer(_)));
        let resnet = || layers.iter().position(|l| matches!(l, Layer::Resnet(_)));
        Ok(Self { temporal_after: transformer.or_else(resnet), layers })
    }

    /// Reads blocks until a number is missing, and what comes after each of them: what its skip
    /// connection carries.
    pub fn load_down(w: &Weights, before: &mut Before) -> Result<(Vec<Self>, Vec<Before>)> {
        let (mut blocks, mut skips) = (Vec::new(), Vec::new());
        loop {
            let block = Self::load(&w.pp(blocks.len()), before)?;
            if block.is_empty() {
                return Ok((blocks, skips));
            }
            blocks.push(block);
            skips.push(*before);
        }
    }

    /// Reads a block for each of `skips`, the last one first.
    pub fn load_up(w: &Weights, before: &mut Before, skips: &[Before]) -> Result<Vec<Self>> {
        let load = |(index, skip): (usize, &Before)| {
            let w = w.pp(index);
            if skip.halvings != before.halvings {
                return Err(
                    w.unsupported("is for a picture of another size than its skip connection")
                );
            }
            before.channels += skip.channels;
            let block = Self::load(&w, before)?;
            if block.is_empty() {
                // The missing block is named by the first layer it must have.
                w.shape("0.in_layers.0.weight")?;
            }
            Ok(block)
        };
        skips.iter().rev().enumerate().map(load).collect()
    }

    /// Whether the file has no such block.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The transformers of the block.
    pub fn transformers(&self) -> impl Iterator<Item = &SpatialTransformer> {
        self.layers.iter().filter_map(|layer| match layer {
            Layer::Transformer(transformer) => Some(&**transformer),
            _ => None,
        })
    }

    /// Channels of its output, where a layer of it sets them.
    pub fn outputs(&self) -> Option<usize> {
        self.layers.iter().rev().find_map(Layer::outputs)
    }

    /// Channels of what may work between frames here; `None` if there is no place for it.
    pub fn temporal_channels(&self) -> Option<usize> {
        match self.layers.get(self.temporal_after?)? {
            Layer::Transformer(transformer) => Some(transformer.channels()),
            Layer::Resnet(resnet) => Some(resnet.outputs()),
            _ => None,
        }
    }

    /// Width of the text it reads; `None` if it reads none.
    pub fn context_width(&self) -> Option<usize> {
        let block = self.transformers().flat_map(SpatialTransformer::blocks).next()?;
        Some(block.context_width())
    }

    /// [`Self::forward`] for a block that enlarges nothing.
    pub fn forward_same<'a>(
        &self,
        x: Tensor<4>,
        emb: &Tensor<2>,
        contexts: &mut impl Iterator<Item = &'a KeyValue>,
    ) -> Tensor<4> {
        let [_, height, width, _] = x.dims();
        self.forward(x, emb, contexts, [height, width], None)
    }

    /// `up_to` is the size an upsampling layer goes to; `temporal` works between frames in the place
    /// that is given with it.
    ///
    /// # Shapes
    /// - `x`, output: `[batch, height, width, channels]`; `emb`: `[batch, time_embed_dim]`
    pub fn forward<'a>(
        &self,
        x: Tensor<4>,
        emb: &Tensor<2>,
        contexts: &mut impl Iterator<Item = &'a KeyValue>,
        up_to: [usize; 2],
        temporal: Option<(&dyn Temporal, Slot)>,
    ) -> Tensor<4> {
        let span = temporal.map_or(1, |(temporal, _)| temporal.norm_span());
        self.layers.iter().enumerate().fold(x, |x, (index, layer)| {
            let x = match layer {
                Layer::Conv(conv) => conv.forward(x),
                Layer::Resnet(resnet) => resnet.forward_over(x, Some(emb), span),
                Layer::Transformer(transformer) => transformer.forward_over(x, contexts, span),
                Layer::Down(conv) => downsample(conv, x),
                Layer::Up(conv) => upsample(conv, x, up_to),
            };
            match temporal.filter(|_| self.temporal_after == Some(index)) {
                Some((temporal, slot)) => temporal.forward(slot, x),
                None => x,
            }
        })
    }
}

impl Layer {
    fn load(w: &Weights, before: &mut Before) -> Result<Option<Self>> {
        let Before { channels, time, context, .. } = *before;
        let conv = |w: &Weights| Conv2d::load(w, Some(channels), None);
        let layer = if w.has("in_layers.0.weight") {
            let resnet = ResnetBlock::load(w, &ResnetKeys::UNET, channels, Some(time))?;
            Self::Resnet(Box::new(resnet))
        } else if w.has("proj_in.weight") {
            let transformer = SpatialTransformer::load(w, channels, context, HEADS)?;
            before.context = transformer.blocks().first().map(|it| it.context_width()).or(context);
            Self::Transformer(Box::new(transformer))
        } else if w.has("op.weight") {
            before.halvings += 1;
            Self::Down(conv(&w.pp("op"))?)
        } else if w.has("conv.weight") {
            before.halvings = before.halvings.saturating_sub(1);
            Self::Up(conv(&w.pp("conv"))?)
        } else if w.has("weight") {
            Self::Conv(conv(w)?)
        } else {
            return Ok(None);
        };
        before.channels = layer.outputs().unwrap_or(channels);
        Ok(Some(layer))
    }

    /// Channels of its output, where it sets them.
    fn outputs(&self) -> Option<usize> {
        match self {
            Self::Conv(conv) | Self::Down(conv) | Self::Up(conv) => Some(conv.outputs()),
            Self::Resnet(resnet) => Some(resnet.outputs()),
            Self::Transformer(_) => None,
        }
    }
}
