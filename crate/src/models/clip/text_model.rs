//! The transformer over one chunk of 77 tokens.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use burn::tensor::{Tensor, TensorData};

use super::{CHUNK, FIRST_VECTOR, TextSpec};
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
    /// The file, of which the table of token embeddings is read row by row.
    token_embedding: Weights<'static>,
    /// Host memory: `[77, width]`.
    position_embedding: Vec<f32>,
    layers: Vec<EncoderLayer>,
    final_layer_norm: LayerNorm,
    /// `[width, out]`: what makes one vector of the text; where the file has it.
    text_projection: Option<Tensor<2>>,
    /// Name of the table of token embeddings.
    token_table: &'static str,
    normalises: bool,
    width: usize,
}

impl TextModel {
    /// Reads the network below `w` as `spec` describes it. Weights are rounded to half precision, as
    /// the reference keeps them; arithmetic is single precision.
    pub fn load(w: &Weights, spec: &TextSpec, heads: usize) -> Result<Self> {
        let w = w.rounded_to_half();
        let keys = spec.keys;
        let shape = w.shape(keys.token_embedding)?;
        let &[_, width] = shape.as_slice() else {
            return Err(w.wrong_shape(keys.token_embedding, "[tokens, width]", &shape));
        };
        let shape = w.shape(keys.position_embedding)?;
        if shape != [CHUNK, width] {
            return Err(w.wrong_shape(keys.position_embedding, "[77, width]", &shape));
        }
        if heads == 0 || width % heads != 0 {
            return Err(w.wrong_shape(
                keys.token_embedding,
                &format!("a width that {heads} heads can share"),
                &[CHUNK, width],
            ));
        }
        let layers = w.pp(keys.layers);
        let first_norm = format!("{}.weight", keys.layer_norm1);
        // A text encoder without a single layer is reported as a missing tensor.
        layers.pp(0).shape(&first_norm)?;
        let projection = keys.text_projection;
        let projected = |shape: Vec<usize>| match shape.as_slice() {
            &[inputs, out] if inputs == width => w.tensor2(projection, [inputs, out]),
            _ => Err(w.wrong_shape(projection, "[width, out]", &shape)),
        };
        let text_projection =
            w.has(projection).then(|| projected(w.shape(projection)?)).transpose()?;
        Ok(Self {
            position_embedding: w.read(keys.position_embedding)?,
            layers: (0..)
                .map(|index| layers.pp(index))
                .take_while(|layer| layer.has(&first_norm))
                .map(|layer| EncoderLayer::load(&layer, spec, width, heads))
                .collect::<Result<_>>()?,
            final_layer_norm: LayerNorm::load(&w.pp(keys.final_layer_norm), width)?,
            text_projection,
            token_table: keys.token_embedding,
            normalises: spec.normalises,
            token_embedding: w.unwatched(),
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
                    entry.insert(self.token_embedding.read_rows(self.token_table, row..row + 1)?);
                }
                values.extend(rows[&id].iter().zip(position).map(|(token, place)| token + place));
            }
        }
        let data = TensorData::new(values, [chunks.len(), CHUNK, self.width]);
        Ok(Tensor::from_data(data, self.token_embedding.device()))
    }

    /// Makes one vector of the last layer's answer at the end marker.
    ///
    /// # Shapes
    /// - `at_end`: `[texts, width]`; output: `[texts, out]`
    pub fn pooled(&self, at_end: Tensor<2>) -> Tensor<2> {
        match &self.text_projection {
            Some(projection) => at_end.matmul(projection.clone()),
            None => at_end,
        }
    }

    /// The hidden state after the last layer, normalised, and after the one `skip` layers before it,
    /// normalised where this encoder's is.
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
        let hidden = match hidden {
            Some(hidden) if !self.normalises => hidden.reshape([chunks, tokens, width]),
            Some(hidden) if skip > 0 => normalised(hidden),
            _ => last.clone(),
        };
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
    qkv: Qkv,
    out_proj: Linear,
    layer_norm2: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    activation: Activation,
    heads: usize,
}

/// The projections before attention.
#[derive(Debug)]
enum Qkv {
    /// One for each.
    Apart(Box<[Linear; 3]>),
    /// All three side by side.
    Fused(Box<Linear>),
}

impl Qkv {
    fn load(w: &Weights, is_fused: bool, width: usize) -> Result<Self> {
        if is_fused {
            let names = ["in_proj_weight", "in_proj_bias"];
            let fused = Linear::load_named(w, names, Some(width), Some(3 * width))?;
            return Ok(Self::Fused(Box::new(fused)));
        }
        let load = |name| Linear::load(&w.pp(name), Some(width), Some(width));
        let [q, k, v] = ["q_proj", "k_proj", "v_proj"].map(load);
        Ok(Self::Apart(Box::new([q?, k?, v?])))
    }

    /// # Shapes
    /// - `h`, outputs: `[rows, width]`
    fn forward(&self, h: Tensor<2>) -> [Tensor<2>; 3] {
        match self {
            Self::Apart(layers) => layers.each_ref().map(|layer| layer.forward(h.clone())),
            Self::Fused(layer) => {
                let width = layer.outputs() / 3;
                let all = layer.forward(h);
                [0, 1, 2].map(|part| all.clone().narrow(1, part * width, width))
            }
        }
    }
}

impl EncoderLayer {
    fn load(w: &Weights, spec: &TextSpec, width: usize, heads: usize) -> Result<Self> {
        let keys = spec.keys;
        let attn = w.pp(keys.attention);
        let fc1 = Linear::load(&w.pp(keys.fc1), Some(width), None)?;
        Ok(Self {
            layer_norm1: LayerNorm::load(&w.pp(keys.layer_norm1), width)?,
            qkv: Qkv::load(&attn, keys.is_fused, width)?,
            out_proj: Linear::load(&attn.pp("out_proj"), Some(width), Some(width))?,
            layer_norm2: LayerNorm::load(&w.pp(keys.layer_norm2), width)?,
            fc2: Linear::load(&w.pp(keys.fc2), Some(fc1.outputs()), Some(width))?,
            fc1,
            activation: spec.activation,
            heads,
        })
    }

    /// # Shapes
    /// - `x`, output: `[chunks * 77, width]`
    fn forward(&self, x: Tensor<2>, chunks: usize) -> Tensor<2> {
        let [rows, width] = x.dims();
        let tokens = |x: Tensor<2>| x.reshape([chunks, rows / chunks, width]);
        let h = self.layer_norm1.forward(x.clone());
        let [q, k, v] = self.qkv.forward(h).map(tokens);
        let h = ops::attention(q, k, v, self.heads, true).reshape([rows, width]);
        let x = self.out_proj.forward_residual(h, x);
        let h = self.layer_norm2.forward(x.clone());
        let h = self.fc1.forward_activated(h, self.activation);
        self.fc2.forward_residual(h, x)
    }
}
