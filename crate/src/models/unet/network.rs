//! Blocks downwards, a middle, blocks upwards with skip connections.

use burn::tensor::Tensor;

use crate::{
    Result,
    nn::{
        Before, ContextCache, Conv2d, GroupNorm, LATENT_CHANNELS, PassSize, Residuals, Slot,
        Temporal, TimestepEmbedding, UnetBlock, UnetShape, timestep_embedding,
    },
    weights::Weights,
};

/// The noise predictor. All sizes come from the checkpoint, so narrow models work as well.
#[derive(Debug)]
pub struct Unet {
    time_embed: TimestepEmbedding,
    /// Takes what the network is told besides text and time; Stable Diffusion XL.
    label_emb: Option<TimestepEmbedding>,
    input_blocks: Vec<UnetBlock>,
    middle_block: UnetBlock,
    output_blocks: Vec<UnetBlock>,
    out_norm: GroupNorm,
    out_conv: Conv2d,
    shape: UnetShape,
    in_channels: usize,
    model_channels: usize,
}

impl Unet {
    /// Reads the network below `w`, whose path ends in `diffusion_model`.
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
        let output_blocks = UnetBlock::load_up(&w.pp("output_blocks"), &mut before, &skips)?;
        let label_emb = || TimestepEmbedding::load(&w.pp("label_emb.0"), None, Some(time));
        Ok(Self {
            time_embed,
            label_emb: w.has("label_emb.0.0.weight").then(label_emb).transpose()?,
            input_blocks,
            middle_block,
            output_blocks,
            out_norm: GroupNorm::load(&w.pp("out.0"), before.channels, 1e-5)?,
            out_conv: Conv2d::load(&w.pp("out.2"), Some(before.channels), Some(LATENT_CHANNELS))?,
            shape: UnetShape::read(w)?,
            in_channels,
            model_channels,
        })
    }

    /// Channels of the input: 4, or 9 for an inpainting model (latent, mask, masked latent).
    pub fn in_channels(&self) -> usize {
        self.in_channels
    }

    /// How many numbers the network is told besides text and time: 0, or in Stable Diffusion XL 2816
    /// (the text as one vector, and sizes).
    pub fn label_channels(&self) -> usize {
        self.label_emb.as_ref().map_or(0, TimestepEmbedding::inputs)
    }

    /// Keys and values of `context` for every cross attention.
    ///
    /// # Shapes
    /// - `context`: `[texts, tokens, width]`, each for an equal share of a batch
    pub fn context(&self, context: Tensor<3>) -> ContextCache {
        self.context_with(context, None)
    }

    /// The same with what else the network is told.
    ///
    /// # Shapes
    /// - `label`: `[texts, label_channels]`
    pub fn context_with(&self, context: Tensor<3>, label: Option<Tensor<2>>) -> ContextCache {
        let label = self.label_emb.as_ref().zip(label).map(|(layers, label)| layers.forward(label));
        ContextCache { label, ..ContextCache::new(self.blocks(), &context) }
    }

    /// Width of the texts it reads; `None` if it reads none.
    pub fn context_width(&self) -> Option<usize> {
        self.blocks().find_map(UnetBlock::context_width)
    }

    /// Channels of every skip connection, in the order of the blocks on the way down.
    pub fn skip_channels(&self) -> Vec<usize> {
        let mut channels = self.model_channels;
        let each = self.input_blocks.iter().map(|block| {
            channels = block.outputs().unwrap_or(channels);
            channels
        });
        each.collect()
    }

    /// Bytes a pass takes on the device beside the weights, in single precision, at most.
    pub fn pass_bytes(&self, pass: PassSize) -> usize {
        size_of::<f32>() * self.shape.most_numbers(pass)
    }

    /// Channels where something may work between frames: on the way down, in the middle, on the way
    /// up.
    pub fn temporal_channels(&self) -> [Vec<usize>; 3] {
        let of = |blocks: &[UnetBlock]| {
            blocks.iter().filter_map(UnetBlock::temporal_channels).collect::<Vec<_>>()
        };
        let middle = std::slice::from_ref(&self.middle_block);
        [of(&self.input_blocks), of(middle), of(&self.output_blocks)]
    }

    /// The predicted noise. `x` is scaled to the model's input, and `timesteps` are in `0..1000`.
    ///
    /// # Shapes
    /// - `x`: `[batch, in_channels, height, width]`; `timesteps`: `batch` values
    /// - output: `[batch, 4, height, width]`
    pub fn forward(&self, x: Tensor<4>, timesteps: &[f32], context: &ContextCache) -> Tensor<4> {
        self.forward_controlled(x, timesteps, context, None)
    }

    /// [`Self::forward`] with what ControlNets add. An addition counts where its skip connection
    /// is used, on the way up.
    pub fn forward_controlled(
        &self,
        x: Tensor<4>,
        timesteps: &[f32],
        context: &ContextCache,
        control: Option<Residuals>,
    ) -> Tensor<4> {
        self.forward_clip(x, timesteps, context, control, None)
    }

    /// [`Self::forward_controlled`] with layers that work between the items of the batch, the
    /// frames of a clip.
    pub fn forward_clip(
        &self,
        x: Tensor<4>,
        timesteps: &[f32],
        context: &ContextCache,
        control: Option<Residuals>,
        temporal: Option<&dyn Temporal>,
    ) -> Tensor<4> {
        let (mut added, middle) =
            control.map_or((Vec::new(), None), |control| (control.skips, Some(control.middle)));
        let emb = timestep_embedding(timesteps, self.model_channels, &x.device());
        let emb = match context.labels(x.dims()[0]) {
            Some(label) => self.time_embed.forward_sum_silu(emb, label),
            None => self.time_embed.forward_silu(emb),
        };
        let contexts = &mut context.entries.iter();

        let mut h = x.permute([0, 2, 3, 1]);
        let mut skips = Vec::with_capacity(self.input_blocks.len());
        let mut places = 0..;
        for block in &self.input_blocks {
            let size = picture_size(&h);
            let slot = slot(block, &mut places).map(Slot::Down);
            h = block.forward(h, &emb, contexts, size, temporal.zip(slot));
            skips.push(h.clone());
        }
        let size = picture_size(&h);
        let middle_slot = temporal.map(|temporal| (temporal, Slot::Middle));
        h = self.middle_block.forward(h, &emb, contexts, size, middle_slot);
        if let Some(middle) = middle {
            h = h + middle;
        }
        let mut places = 0..;
        for block in &self.output_blocks {
            if let Some(skip) = skips.pop() {
                let skip = match added.pop() {
                    Some(added) => skip + added,
                    None => skip,
                };
                h = Tensor::cat(vec![h, skip], 3);
            }
            let up_to = picture_size(skips.last().unwrap_or(&h));
            let slot = slot(block, &mut places).map(Slot::Up);
            h = block.forward(h, &emb, contexts, up_to, temporal.zip(slot));
        }
        let span = temporal.map_or(1, Temporal::norm_span);
        self.out_conv.forward(self.out_norm.forward_silu_over(h, span)).permute([0, 3, 1, 2])
    }

    fn blocks(&self) -> impl Iterator<Item = &UnetBlock> {
        let middle = std::iter::once(&self.middle_block);
        self.input_blocks.iter().chain(middle).chain(&self.output_blocks)
    }
}

/// The next number, if something may work between frames in `block`.
fn slot(block: &UnetBlock, numbers: &mut std::ops::RangeFrom<usize>) -> Option<usize> {
    block.temporal_channels().and_then(|_| numbers.next())
}

fn picture_size(x: &Tensor<4>) -> [usize; 2] {
    let [_, height, width, _] = x.dims();
    [height, width]
}
