//! One entry of a UNet's `input_blocks`, `middle_block` or `output_blocks`.

use burn::tensor::Tensor;

use super::{
    Conv2d, KeyValue, ResnetBlock, ResnetKeys, Slot, SpatialTransformer, Temporal, downsample,
    upsample,
};
use crate::{Result, weights::Weights};

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

impl UnetBlock {
    /// Reads layers until a number is missing; what each is can be told from its tensors.
    pub fn load(w: &Weights, heads: usize) -> Result<Self> {
        let layers = (0..).map_while(|index| Layer::load(&w.pp(index), heads).transpose());
        let layers = layers.collect::<Result<Vec<_>>>()?;
        let transformer = layers.iter().rposition(|l| matches!(l, Layer::Transformer(_)));
        let resnet = || layers.iter().position(|l| matches!(l, Layer::Resnet(_)));
        Ok(Self { temporal_after: transformer.or_else(resnet), layers })
    }

    /// Reads blocks until a number is missing.
    pub fn load_all(w: &Weights, heads: usize) -> Result<Vec<Self>> {
        let blocks = (0..).map(|index| Self::load(&w.pp(index), heads));
        blocks.take_while(|block| !matches!(block, Ok(block) if block.is_empty())).collect()
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
        self.layers.iter().rev().find_map(|layer| match layer {
            Layer::Conv(conv) | Layer::Down(conv) | Layer::Up(conv) => Some(conv.outputs()),
            Layer::Resnet(resnet) => Some(resnet.outputs()),
            Layer::Transformer(_) => None,
        })
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
    fn load(w: &Weights, heads: usize) -> Result<Option<Self>> {
        Ok(Some(if w.has("in_layers.0.weight") {
            Self::Resnet(Box::new(ResnetBlock::load(w, &ResnetKeys::UNET)?))
        } else if w.has("proj_in.weight") {
            Self::Transformer(Box::new(SpatialTransformer::load(w, heads)?))
        } else if w.has("op.weight") {
            Self::Down(Conv2d::load(&w.pp("op"))?)
        } else if w.has("conv.weight") {
            Self::Up(Conv2d::load(&w.pp("conv"))?)
        } else if w.has("weight") {
            Self::Conv(Conv2d::load(w)?)
        } else {
            return Ok(None);
        }))
    }
}
