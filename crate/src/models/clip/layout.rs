//! How text encoders name their tensors, and what their outputs are: a row per encoder.

use super::END_OF_TEXT;
use crate::ops::Activation;

/// Names of the tensors of a text encoder.
#[derive(Debug)]
pub struct TextKeys {
    pub(super) token_embedding: &'static str,
    pub(super) position_embedding: &'static str,
    pub(super) layers: &'static str,
    pub(super) layer_norm1: &'static str,
    pub(super) attention: &'static str,
    /// Whether queries, keys and values are one matrix.
    pub(super) is_fused: bool,
    pub(super) layer_norm2: &'static str,
    pub(super) fc1: &'static str,
    pub(super) fc2: &'static str,
    pub(super) final_layer_norm: &'static str,
    /// A matrix `[in, out]`, unlike the others.
    pub(super) text_projection: &'static str,
}

impl TextKeys {
    /// The table with a row per token.
    pub const fn token_table(&self) -> &'static str {
        self.token_embedding
    }
}

/// The names of transformers, used by single files for CLIP-L.
static TRANSFORMERS: TextKeys = TextKeys {
    token_embedding: "embeddings.token_embedding.weight",
    position_embedding: "embeddings.position_embedding.weight",
    layers: "encoder.layers",
    layer_norm1: "layer_norm1",
    attention: "self_attn",
    is_fused: false,
    layer_norm2: "layer_norm2",
    fc1: "mlp.fc1",
    fc2: "mlp.fc2",
    final_layer_norm: "final_layer_norm",
    text_projection: "text_projection",
};

/// The names of OpenCLIP.
static OPEN_CLIP: TextKeys = TextKeys {
    token_embedding: "token_embedding.weight",
    position_embedding: "positional_embedding",
    layers: "transformer.resblocks",
    layer_norm1: "ln_1",
    attention: "attn",
    is_fused: true,
    layer_norm2: "ln_2",
    fc1: "mlp.c_fc",
    fc2: "mlp.c_proj",
    final_layer_norm: "ln_final",
    text_projection: "text_projection",
};

/// Everything about a text encoder that its shapes do not tell.
#[derive(Debug)]
pub struct TextSpec {
    /// Names of its tensors.
    pub keys: &'static TextKeys,
    pub(super) activation: Activation,
    /// The token that fills a chunk after its end marker.
    pub pad: u32,
    /// Layers left out at the end, at the least.
    pub skip: usize,
    /// Whether the final normalisation follows the layer that is handed on.
    pub normalises: bool,
    /// Its tensor in a textual-inversion file that serves several encoders.
    pub embedding: &'static str,
}

/// CLIP-L as Stable Diffusion 1.x uses it.
pub static CLIP_L: TextSpec = TextSpec {
    keys: &TRANSFORMERS,
    activation: Activation::QuickGelu,
    pad: END_OF_TEXT,
    skip: 0,
    normalises: true,
    embedding: "clip_l",
};

/// CLIP-L as Stable Diffusion XL uses it.
pub static XL_CLIP_L: TextSpec = TextSpec {
    keys: &TRANSFORMERS,
    activation: Activation::QuickGelu,
    pad: END_OF_TEXT,
    skip: 1,
    normalises: false,
    embedding: "clip_l",
};

/// OpenCLIP-H of Stable Diffusion 2.x.
pub static OPEN_CLIP_H: TextSpec = TextSpec {
    keys: &OPEN_CLIP,
    activation: Activation::Gelu,
    pad: 0,
    skip: 1,
    normalises: true,
    embedding: "clip_h",
};

/// OpenCLIP-bigG of Stable Diffusion XL and its refiner.
pub static OPEN_CLIP_G: TextSpec = TextSpec {
    keys: &OPEN_CLIP,
    activation: Activation::Gelu,
    pad: 0,
    skip: 1,
    normalises: false,
    embedding: "clip_g",
};
