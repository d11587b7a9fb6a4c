//! What a UNet or ControlNet keeps of a text for a sampling run.

use burn::tensor::Tensor;

use super::{KeyValue, UnetBlock};

/// Keys and values of a text for every cross attention, in the order they are used.
///
/// They depend on the text alone, so they are computed once and serve every step. A text may serve
/// several items of a batch, as the frames of a clip: each text serves an equal share, in order.
#[derive(Clone, Debug)]
pub struct ContextCache {
    /// One for each cross attention.
    pub entries: Vec<KeyValue>,
    /// `[texts, time_embed_dim]`: what the network was told besides, to be added to the time.
    pub label: Option<Tensor<2>>,
}

impl ContextCache {
    /// Keys and values of `context`, `[texts, tokens, width]`, for every cross attention of
    /// `blocks`.
    pub fn new<'a>(blocks: impl Iterator<Item = &'a UnetBlock>, context: &Tensor<3>) -> Self {
        let entries = blocks
            .flat_map(UnetBlock::transformers)
            .flat_map(|transformer| transformer.blocks())
            .map(|block| block.key_value(context.clone()))
            .collect();
        Self { entries, label: None }
    }

    /// Number of texts.
    pub fn texts(&self) -> usize {
        self.entries.first().map_or(0, |entry| entry.key.dims()[0])
    }

    /// `label` for every item of a batch.
    ///
    /// # Shapes
    /// - output: `[batch, time_embed_dim]`
    pub fn labels(&self, batch: usize) -> Option<Tensor<2>> {
        self.label.as_ref().map(|label| {
            let [texts, width] = label.dims();
            let each = label.clone().reshape([texts, 1, width]).repeat_dim(1, batch / texts);
            each.reshape([batch, width])
        })
    }
}
