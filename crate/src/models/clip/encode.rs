//! Prompts of weighted tokens to conditioning.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use burn::tensor::{Tensor, TensorData};

use super::{
    CHUNK, Chunk, END_OF_TEXT, EmbeddingFiles, Prompt, START_OF_TEXT, TextModel, TextSpec,
    Tokenizer, layout,
};
use crate::Result;
use crate::weights::{Safetensors, Weights};

/// Tokenizer and text encoders, with the arithmetic of prompt weights around them.
#[derive(Debug)]
pub struct Clip {
    tokenizer: Tokenizer,
    /// At least one; their outputs are put side by side.
    first: TextEncoder,
    others: Vec<TextEncoder>,
    skip: Cell<usize>,
    embeddings: RefCell<EmbeddingFiles>,
}

/// A transformer and how its chunks are filled.
#[derive(Debug)]
pub struct TextEncoder {
    model: TextModel,
    spec: &'static TextSpec,
}

/// A prompt, encoded.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// `[1, 77 * chunks, width]`.
    pub cross_attn: Tensor<3>,
    /// The whole text as one vector, `[1, width]`: the last encoder's last layer at the first end
    /// marker. Stable Diffusion 1.x and 2.x have no use for it.
    pub pooled: Tensor<2>,
}

impl TextEncoder {
    /// Reads a transformer. The number of heads is in no file.
    pub fn load(w: &Weights, spec: &'static TextSpec, heads: usize) -> Result<Self> {
        Ok(Self { model: TextModel::load(w, spec, heads)?, spec })
    }

    /// Encodes chunks of tokens with their weights, on their own, and puts them one after another.
    fn encode(&self, prompt: &Prompt, skip: usize) -> Result<Encoded> {
        let chunks = &prompt.chunks;
        let weighted = chunks.iter().flatten().any(|&(_, weight)| weight != 1.0);
        let mut ids: Vec<_> =
            chunks.iter().map(|chunk| padded(chunk.map(|(id, _)| id), self.spec.pad)).collect();
        if weighted {
            ids.push(padded(empty_chunk(), self.spec.pad));
        }
        let output = self.model.forward(self.model.embed_with(&ids, &prompt.vectors)?, skip);
        let width = self.model.width();
        let rows = chunks.len() * CHUNK;

        let mut z = output.hidden.clone().slice([0..chunks.len()]);
        if weighted {
            let empty = output.hidden.slice([chunks.len()..chunks.len() + 1]);
            let weights: Vec<f32> = chunks.iter().flatten().map(|&(_, weight)| weight).collect();
            let weights = TensorData::new(weights, [chunks.len(), CHUNK, 1]);
            let weights = Tensor::<3>::from_data(weights, &z.device());
            z = (z - empty.clone()) * weights + empty;
        }
        let end = ids[0].iter().position(|&id| id == END_OF_TEXT).unwrap_or(CHUNK - 1);
        let pooled = output.last.slice([0..1, end..end + 1]).reshape([1, width]);
        Ok(Encoded { cross_attn: z.reshape([1, rows, width]), pooled: self.model.pooled(pooled) })
    }
}

impl Clip {
    /// Reads the text encoder of Stable Diffusion 1.x. The number of heads is in no file: 12.
    pub fn load(w: &Weights, heads: usize) -> Result<Self> {
        Self::new(TextEncoder::load(w, &layout::CLIP_L, heads)?, Vec::new())
    }

    /// With text encoders whose outputs are put side by side, in this order.
    pub fn new(first: TextEncoder, others: Vec<TextEncoder>) -> Result<Self> {
        Ok(Self {
            tokenizer: Tokenizer::embedded()?,
            skip: Cell::default(),
            first,
            others,
            embeddings: RefCell::default(),
        })
    }

    /// From now on leaves out this many layers at the end: "clip skip" less one. More than there
    /// are leave out none, and fewer than the model was trained with (1 in Stable Diffusion 2.x and
    /// XL) leave out as many as that.
    pub fn set_skip(&self, layers: usize) {
        self.skip.set(layers);
    }

    /// From now on knows a textual-inversion file, as `embedding:path` in prompts, with or without
    /// its folders and its ending.
    pub fn add_embedding(&self, path: impl Into<String>, file: Rc<Safetensors>) {
        self.embeddings.borrow_mut().insert(path, file);
    }

    /// Forgets all textual-inversion files.
    pub fn clear_embeddings(&self) {
        self.embeddings.borrow_mut().clear();
    }

    /// From now on leaves out as many layers, and knows the same embeddings, as `other` does now.
    pub fn take_over(&self, other: &Self) {
        self.skip.set(other.skip.get());
        self.embeddings.replace(other.embeddings.borrow().clone());
    }

    /// Encodes a prompt with weights in parentheses and `embedding:name`.
    ///
    /// # Shapes
    /// - output: `[1, 77 * chunks, width]`
    pub fn encode(&self, prompt: &str) -> Result<Tensor<3>> {
        Ok(self.encode_pooled(prompt)?.cross_attn)
    }

    /// The same with the whole text as one vector.
    pub fn encode_pooled(&self, prompt: &str) -> Result<Encoded> {
        self.side_by_side(|encoder| {
            let width = encoder.model.width();
            let find =
                |name: &str| self.embeddings.borrow().find(name, encoder.spec.embedding, width);
            let skip = self.skip.get().max(encoder.spec.skip);
            encoder.encode(&Prompt::cut(&self.tokenizer, prompt, find)?, skip)
        })
    }

    /// The tokenizer, for callers that cut prompts themselves.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The first transformer alone.
    pub fn text_model(&self) -> &TextModel {
        &self.first.model
    }

    /// Encodes chunks of tokens with their weights, on their own, and puts them one after another.
    ///
    /// `skip` is the number of layers left out at the end ("clip skip" less one). A weight other
    /// than 1 moves its token away from, or towards, what the empty prompt has in its place.
    pub fn encode_chunks(&self, chunks: &[Chunk], skip: usize) -> Result<Encoded> {
        self.encode_prompt(&Prompt { chunks: chunks.to_vec(), vectors: Vec::new() }, skip)
    }

    /// The same with the vectors that stand between the tokens.
    pub fn encode_prompt(&self, prompt: &Prompt, skip: usize) -> Result<Encoded> {
        self.side_by_side(|encoder| encoder.encode(prompt, skip))
    }

    /// Every encoder's tokens side by side, as many as the shortest has, and the last one's vector.
    fn side_by_side(&self, encode: impl Fn(&TextEncoder) -> Result<Encoded>) -> Result<Encoded> {
        let mut joined = encode(&self.first)?;
        for encoder in &self.others {
            let Encoded { cross_attn, pooled } = encode(encoder)?;
            let tokens = joined.cross_attn.dims()[1].min(cross_attn.dims()[1]);
            let both = [joined.cross_attn, cross_attn].map(|text| text.narrow(1, 0, tokens));
            joined = Encoded { cross_attn: Tensor::cat(both.to_vec(), 2), pooled };
        }
        Ok(joined)
    }
}

/// A chunk with `pad` in place of the end markers after its first.
fn padded(mut ids: [u32; CHUNK], pad: u32) -> [u32; CHUNK] {
    let text = ids.iter().rposition(|&id| id != END_OF_TEXT).map_or(0, |last| last + 1);
    ids.iter_mut().skip(text + 1).for_each(|id| *id = pad);
    ids
}

/// The chunk of a prompt without words.
fn empty_chunk() -> [u32; CHUNK] {
    let mut chunk = [END_OF_TEXT; CHUNK];
    chunk[0] = START_OF_TEXT;
    chunk
}
