//! The UNet's blocks downwards and its middle, each followed by a convolution that starts at zero.

use burn::tensor::Tensor;

use super::hint::HintEncoder;
use crate::{
    Result,
    nn::{
        Before, ContextCache, Conv2d, Residuals, TimestepEmbedding, UnetBlock, timestep_embedding,
    },
    weights::Weights,
};

/// The network. All sizes come from the file, so narrow ones work as well.
#[derive(Debug)]
pub struct ControlNet {
    time_embed: TimestepEmbedding,
    /// Takes what the network is told besides text and time; Stable Diffusion XL.
    label_emb: Option<TimestepEmbedding>,
    input_hint_block: HintEncoder,
    input_blocks: Vec<UnetBlock>,
    zero_convs: Vec<Conv2d>,
    middle_block: UnetBlock,
    middle_block_out: Conv2d,
    model_channels: usize,
    averages: bool,
}

impl ControlNet {
    /// Reads the network below `w`, whose path ends in `control_model`.
    pub fn load(w: &Weights) -> Result<Self> {
        let first = w.shape("input_blocks.0.0.weight")?;
        let &[model_channels, in_channels, ..] = first.as_slice() else {
            return Err(w.wrong_shape("input_blocks.0.0.weight", "[out, in, 3, 3]", &first));
        };
        let time_embed = TimestepEmbedding::load(&w.pp("time_embed"), Some(model_channels), None)?;
        let time = time_embed.outputs();
        let mut before = Before::first(in_channels, time);
        let (input_blocks, skips) = UnetBlock::load_down(&w.pp("input_blocks"), &mut before)?;
        let middle_block = UnetBlock::load(&w.pp("middle_block"), &mut before)?;
        let zero_convs = w.pp("zero_convs");
        // Whether what they give fits the UNet shows beside it.
        let zero_conv = |w: &Weights, channels| Conv2d::load(w, Some(channels), None);
        let zero_convs = skips
            .iter()
            .enumerate()
            .map(|(index, skip)| zero_conv(&zero_convs.pp(index).pp(0), skip.channels));
        let label_emb = || TimestepEmbedding::load(&w.pp("label_emb.0"), None, Some(time));
        Ok(Self {
            time_embed,
            label_emb: w.has("label_emb.0.0.weight").then(label_emb).transpose()?,
            input_hint_block: HintEncoder::load(&w.pp("input_hint_block"), model_channels)?,
            zero_convs: zero_convs.collect::<Result<_>>()?,
            input_blocks,
            middle_block,
            middle_block_out: zero_conv(&w.pp("middle_block_out.0"), before.channels)?,
            model_channels,
            averages: false,
        })
    }

    /// The same network, of which only the mean over the picture is added: those that take colours
    /// from a shuffled picture were trained so. No tensor tells.
    #[must_use]
    pub fn averaging(self, averages: bool) -> Self {
        Self { averages, ..self }
    }

    /// Channels of every skip connection it adds to, in the order of the blocks.
    pub fn skip_channels(&self) -> Vec<usize> {
        self.zero_convs.iter().map(Conv2d::outputs).collect()
    }

    /// Width of the texts it reads; `None` if it reads none.
    pub fn context_width(&self) -> Option<usize> {
        self.blocks().find_map(UnetBlock::context_width)
    }

    /// How many numbers it is told besides text and time; 0 but for Stable Diffusion XL.
    pub fn label_channels(&self) -> usize {
        self.label_emb.as_ref().map_or(0, TimestepEmbedding::inputs)
    }

    /// What the network keeps of a picture. Values are in `[0, 1]`.
    ///
    /// # Shapes
    /// - `picture`: `[batch, 8 * height, 8 * width, 3]`
    /// - output: `[batch, height, width, model channels]`
    pub fn hint(&self, picture: Tensor<4>) -> Tensor<4> {
        self.input_hint_block.forward(picture)
    }

    /// Keys and values of `context` for every cross attention.
    ///
    /// # Shapes
    /// - `context`: `[batch, tokens, width]`
    pub fn context(&self, context: &Tensor<3>) -> ContextCache {
        self.context_with(context, None)
    }

    /// The same with what else the network is told.
    ///
    /// # Shapes
    /// - `label`: `[texts, label_channels]`
    pub fn context_with(&self, context: &Tensor<3>, label: Option<Tensor<2>>) -> ContextCache {
        let label = self.label_emb.as_ref().zip(label).map(|(layers, label)| layers.forward(label));
        ContextCache { label, ..ContextCache::new(self.blocks(), context) }
    }

    /// What to add to the UNet that is given the same `x`, `timesteps` and text.
    ///
    /// # Shapes
    /// - `x`: `[batch, 4, height, width]`, scaled to the model's input; `timesteps`: `batch` values
    /// - `hint`: as [`Self::hint`] returns it, for every item of the batch
    pub fn forward(
        &self,
        x: Tensor<4>,
        timesteps: &[f32],
        context: &ContextCache,
        hint: Tensor<4>,
    ) -> Residuals {
        let emb = timestep_embedding(timesteps, self.model_channels, &x.device());
        let emb = match context.labels(x.dims()[0]) {
            Some(label) => self.time_embed.forward_sum_silu(emb, label),
            None => self.time_embed.forward_silu(emb),
        };
        let contexts = &mut context.entries.iter();
        let mut h = x.permute([0, 2, 3, 1]);
        let mut hint = Some(hint);
        let mut skips = Vec::with_capacity(self.input_blocks.len());
        for (block, zero_conv) in self.input_blocks.iter().zip(&self.zero_convs) {
            h = block.forward_same(h, &emb, contexts);
            if let Some(hint) = hint.take() {
                h = h + hint;
            }
            skips.push(zero_conv.forward(h.clone()));
        }
        h = self.middle_block.forward_same(h, &emb, contexts);
        let added = Residuals { skips, middle: self.middle_block_out.forward(h) };
        if self.averages { added.averaged() } else { added }
    }

    fn blocks(&self) -> impl Iterator<Item = &UnetBlock> {
        self.input_blocks.iter().chain([&self.middle_block])
    }
}
