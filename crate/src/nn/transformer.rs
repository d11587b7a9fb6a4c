//! The transformer between residual blocks: where the text reaches the picture.

use burn::tensor::Tensor;

use super::{CrossAttention, FeedForward, GroupNorm, KeyValue, LayerNorm, Linear};
use crate::{Result, weights::Weights};

/// Attention to the picture, attention to the text, feed-forward; each on normalised tokens.
#[derive(Debug)]
pub struct BasicTransformerBlock {
    norm1: LayerNorm,
    attn1: CrossAttention,
    norm2: LayerNorm,
    attn2: CrossAttention,
    norm3: LayerNorm,
    ff: FeedForward,
}

impl BasicTransformerBlock {
    /// Reads a block for tokens of `channels` values and a text of `context`.
    pub fn load(
        w: &Weights,
        channels: usize,
        context: Option<usize>,
        heads: usize,
    ) -> Result<Self> {
        Ok(Self {
            norm1: LayerNorm::load(&w.pp("norm1"), channels)?,
            attn1: CrossAttention::load(&w.pp("attn1"), channels, Some(channels), heads)?,
            norm2: LayerNorm::load(&w.pp("norm2"), channels)?,
            attn2: CrossAttention::load(&w.pp("attn2"), channels, context, heads)?,
            norm3: LayerNorm::load(&w.pp("norm3"), channels)?,
            ff: FeedForward::load(&w.pp("ff"), channels)?,
        })
    }

    /// Width of the text it attends to.
    pub fn context_width(&self) -> usize {
        self.attn2.context_width()
    }

    /// Keys and values this block attends to in `context`.
    pub fn key_value(&self, context: Tensor<3>) -> KeyValue {
        self.attn2.key_value(context)
    }

    /// Each text of `context` serves an equal share of the batch, in order.
    ///
    /// # Shapes
    /// - `x`, output: `[batch * tokens, channels]`
    pub fn forward(&self, x: Tensor<2>, batch: usize, context: &KeyValue) -> Tensor<2> {
        let [rows, channels] = x.dims();
        let tokens = |x: Tensor<2>, items: usize| x.reshape([items, rows / items, channels]);
        let normed = tokens(self.norm1.forward(x.clone()), batch);
        let own = self.attn1.key_value(normed.clone());
        let x = self.attn1.forward_residual(normed, own, x);
        let normed = tokens(self.norm2.forward(x.clone()), context.key.dims()[0]);
        let x = self.attn2.forward_residual(normed, context.clone(), x);
        let normed = self.norm3.forward(x.clone());
        self.ff.forward_residual(normed, x)
    }
}

/// Pixels as tokens through transformer blocks, added to the picture.
#[derive(Debug)]
pub struct SpatialTransformer {
    norm: GroupNorm,
    proj_in: Linear,
    transformer_blocks: Vec<BasicTransformerBlock>,
    proj_out: Linear,
}

impl SpatialTransformer {
    /// Added to the variance; unlike the residual blocks' 1e-5.
    const EPS: f32 = 1e-6;
    /// Channels of a head in models later than Stable Diffusion 1.x.
    const HEAD_DIM: usize = 64;

    /// Reads as many blocks as the file has, for pictures of `channels` and a text of `context`. Where the projections are convolutions, as in Stable
    /// Diffusion 1.x, there are `heads` heads; where they are linear, as in every later model, heads
    /// have 64 channels.
    pub fn load(
        w: &Weights,
        channels: usize,
        mut context: Option<usize>,
        heads: usize,
    ) -> Result<Self> {
        let proj_in = Linear::load(&w.pp("proj_in"), Some(channels), None)?;
        let is_linear = w.shape("proj_in.weight")?.len() == 2;
        let heads = if is_linear { (proj_in.outputs() / Self::HEAD_DIM).max(1) } else { heads };
        let blocks = w.pp("transformer_blocks");
        let inner = proj_in.outputs();
        let mut transformer_blocks = Vec::new();
        for block in (0..).map(|index| blocks.pp(index)) {
            if !block.has("norm1.weight") {
                break;
            }
            let block = BasicTransformerBlock::load(&block, inner, context, heads)?;
            context = Some(block.context_width());
            transformer_blocks.push(block);
        }
        Ok(Self {
            norm: GroupNorm::load(&w.pp("norm"), channels, Self::EPS)?,
            proj_in,
            transformer_blocks,
            proj_out: Linear::load(&w.pp("proj_out"), Some(inner), Some(channels))?,
        })
    }

    /// Channels of what goes in and comes out.
    pub fn channels(&self) -> usize {
        self.proj_in.inputs()
    }

    /// The blocks, in the order [`Self::forward`] wants their contexts.
    pub fn blocks(&self) -> &[BasicTransformerBlock] {
        &self.transformer_blocks
    }

    /// Takes the keys and values of its blocks from `contexts`.
    ///
    /// # Shapes
    /// - `x`, output: `[batch, height, width, channels]`
    pub fn forward<'a>(
        &self,
        x: Tensor<4>,
        contexts: &mut impl Iterator<Item = &'a KeyValue>,
    ) -> Tensor<4> {
        self.forward_over(x, contexts, 1)
    }

    /// [`Self::forward`] with its normalisation over `span` items of the batch at a time.
    pub fn forward_over<'a>(
        &self,
        x: Tensor<4>,
        contexts: &mut impl Iterator<Item = &'a KeyValue>,
        span: usize,
    ) -> Tensor<4> {
        let [batch, height, width, channels] = x.dims();
        let rows = [batch * height * width, channels];
        let mut h = self.proj_in.forward(self.norm.forward_over(x.clone(), span).reshape(rows));
        for (block, context) in self.transformer_blocks.iter().zip(contexts) {
            h = block.forward(h, batch, context);
        }
        self.proj_out.forward_residual(h, x.reshape(rows)).reshape([batch, height, width, channels])
    }
}
