//! What the UNet keeps of a text for a sampling run.

use burn::tensor::Tensor;

use crate::nn::KeyValue;

/// Keys and values of a text for every cross attention, in the order they are used.
///
/// They depend on the text alone, so they are computed once and serve every step.
#[derive(Clone, Debug)]
pub struct ContextCache {
    pub(super) entries: Vec<KeyValue>,
    /// `[batch, time_embed_dim]`: what the network was told besides, to be added to the time.
    pub(super) label: Option<Tensor<2>>,
}

impl ContextCache {
    /// Number of items the text was given for.
    pub fn batch(&self) -> usize {
        self.entries.first().map_or(0, |entry| entry.key.dims()[0])
    }
}
