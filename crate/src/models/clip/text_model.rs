//! The transformer over one chunk of 77 tokens.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use burn::tensor::{Tensor, TensorData};

use super::{CHUNK, FIRST_VECTOR};
use crate::{
    Result,
    nn::{LayerNorm, Linear},
    ops::{self, Activation},
    weights::Weights,
};

/// CLIP's text transformer. The table of token embeddings stays in the file, of which a prompt
/// needs a few rows: in full it is larger than WebGPU's default limit for a buffer.
#[derive(Debug)]
pub struct TextModel {
    /// Read row by row.
    token_embedding: Weights<'static>,
    /// Host memory: `[77, width]`.
    position_embedding: Vec<f32>,
    layers: Vec<EncoderLayer>,
    final_layer_norm: LayerNorm,
    width: usize,
}

impl TextModel {
    /// Reads the network below `w`, whose path ends in `text_model`. Weights are rounded to half
    /// precision, as the reference keeps them; arithmetic is single precision.
    pub fn load(w: &Weights, heads: usize) -> Result<Self> {
        let w = w.rounded_to_half();
        let embeddings = w.pp("embeddings");
        let token_embedding = embeddings.pp("token_embedding");
        let shape = token_embedding.shape("weight")?;
        let &[_, width] = shape.as_slice() else {
            return Err(token_embedding.wrong_shape("weight", "[tokens, width]", &shape));
        };
        let position_embedding = embeddings.pp("position_embedding");
        let shape = position_embedding.shape("weight")?;
        if shape != [CHUNK, width] {
            return Err(position_embedding.wrong_shape("weight", "[77, width]", &shape));
        }
        if heads == 0 || width % heads != 0 {
            return Err(token_embedding.wrong_shape(
                "weight",
                &format!("a width that {heads} heads can share"),
                &[CHUNK, width],
            ));
        }
        let layers = w.pp("encoder.layers");
        // A text encoder without a single layer is reported as a missing tensor.
        layers.pp(0).shape("layer_norm1.weight")?;
        Ok(Self {
            token_embedding: token_embedding.unwatched(),
            position_embedding: position_embedding.read("weight")?,
            layers: (0..)
                .map(|index| layers.pp(index))
                .take_while(|layer| layer.has("layer_norm1.weight"))
                .map(|layer| EncoderLayer::load(&layer, width, heads))
                .collect::<Result<_>>()?,
            final_layer_norm: LayerNorm::load(&w.pp("final_layer_norm"), width)?,
            width,
        })
    }

    /// Values per token.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Tokens plus positions, what the first layer sees.
    ///
    /// # Shapes
    /// - output: `[chunks.len(), 77, width]`
    pub fn embed(&self, chunks: &[[u32; CHUNK]]) -> Result<Tensor<3>> {
        self.embed_with(chunks, &[])
    }

    /// The same where numbers from [`FIRST_VECTOR`] on stand for `vectors`, which are as wide as a
    /// token.
    pub fn embed_with(&self, chunks: &[[u32; CHUNK]], vectors: &[Vec<f32>]) -> Result<Tensor<3>> {
        let mut rows: BTreeMap<u32, Vec<f32>> =
            (FIRST_VECTOR..).zip(vectors.iter().cloned()).collect();
        let mut values = Vec::with_capacity(chunks.len() * CHUNK * self.width);
        for chunk in chunks {
            for (&id, position) in
                chunk.iter().zip(self.position_embedding.chunks_exact(self.width))
            {
                if let Entry::Vacant(entry) = rows.entry(id) {
                    let row = id as usize;
                    entry.insert(self.token_embedding.read_rows("weight", row..row + 1)?);
                }
                values.extend(rows[&id].iter().zip(position).map(|(token, place)| token + place));
            }
        }
        let data = TensorData::new(values, [chunks.len(), CHUNK, self.width]);
        Ok(Tensor::from_data(data, self.token_embedding.device()))
    }

    /// The hidden state after the last layer, and after the one `skip` layers before it; both
    /// normalised.
    ///
    /// # Shapes
    /// - `x`, outputs: `[chunks, 77, width]`
    pub fn forward(&self, x: Tensor<3>, skip: usize) -> TextOutput {
        let [chunks, tokens, width] = x.dims();
        let mut x = x.reshape([chunks * tokens, width]);
        let chosen = self.layers.len().checked_sub(skip + 1).unwrap_or(self.layers.len() - 1);
        let mut hidden = None;
        for (index, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x, chunks);
            if index == chosen {
                hidden = Some(x.clone());
            }
        }
        let normalised =
            |x: Tensor<2>| self.final_layer_norm.forward(x).reshape([chunks, tokens, width]);
        let last = normalised(x);
        let hidden = if skip == 0 { last.clone() } else { hidden.map_or(last.clone(), normalised) };
        TextOutput { hidden, last }
    }
}

/// What the transformer hands on.
#[derive(Debug)]
pub struct TextOutput {
    /// After the chosen layer.
    pub hidden: Tensor<3>,
    /// After the last layer.
    pub last: Tensor<3>,
}

/// Causal attention, then two linear layers; each on normalised tokens, each added.
#[derive(Debug)]
struct EncoderLayer {
    layer_norm1: LayerNorm,
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
    out_proj: Linear,
    layer_norm2: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    heads: usize,
}

impl EncoderLayer {
    fn load(w: &Weights, width: usize, heads: usize) -> Result<Self> {
        let [attn, mlp] = [w.pp("self_attn"), w.pp("mlp")];
        Ok(Self {
            layer_norm1: LayerNorm::load(&w.pp("layer_norm1"), width)?,
            q_proj: Linear::load(&attn.pp("q_proj"))?,
            k_proj: Linear::load(&attn.pp("k_proj"))?,
            v_proj: Linear::load(&attn.pp("v_proj"))?,
            out_proj: Linear::load(&attn.pp("out_proj"))?,
            layer_norm2: LayerNorm::load(&w.pp("layer_norm2"), width)?,
            fc1: Linear::load(&mlp.pp("fc1"))?,
            fc2: Linear::load(&mlp.pp("fc2"))?,
            heads,
        })
    }

    /// # Shapes
    /// - `x`, output: `[chunks * 77, width]`
    fn forward(&self, x: Tensor<2>, chunks: usize) -> Tensor<2> {
        let [rows, width] = x.dims();
        let tokens = |x: Tensor<2>| x.reshape([chunks, rows / chunks, width]);
        let h = self.layer_norm1.forward(x.clone());
        let [q, k, v] = [&self.q_proj, &self.k_proj, &self.v_proj]
            .map(|layer| tokens(layer.forward(h.clone())));
        let h = ops::attention(q, k, v, self.heads, true).reshape([rows, width]);
        let x = self.out_proj.forward_residual(h, x);
        let h = self.layer_norm2.forward(x.clone());
        let h = self.fc1.forward_activated(h, Activation::QuickGelu);
        self.fc2.forward_residual(h, x)
    }
}
