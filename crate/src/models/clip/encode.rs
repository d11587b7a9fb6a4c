//! Prompts of weighted tokens to conditioning.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use burn::tensor::{Tensor, TensorData};

use super::{
    CHUNK, Chunk, END_OF_TEXT, EmbeddingFiles, Prompt, START_OF_TEXT, TextModel, Tokenizer,
};
use crate::Result;
use crate::weights::{Safetensors, Weights};

/// Tokenizer and text encoder, with the arithmetic of prompt weights around them.
#[derive(Debug)]
pub struct Clip {
    tokenizer: Tokenizer,
    text_model: TextModel,
    skip: Cell<usize>,
    embeddings: RefCell<EmbeddingFiles>,
}

/// A prompt, encoded.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// `[1, 77 * chunks, width]`.
    pub cross_attn: Tensor<3>,
    /// The last layer at the first end marker, `[1, width]`; Stable Diffusion 1.x has no use for it.
    pub pooled: Tensor<2>,
}

impl Clip {
    /// Reads the text encoder. The number of heads is in no file: 12 for Stable Diffusion 1.x.
    pub fn load(w: &Weights, heads: usize) -> Result<Self> {
        let tokenizer = Tokenizer::embedded()?;
        Ok(Self {
            tokenizer,
            text_model: TextModel::load(w, heads)?,
            skip: Cell::default(),
            embeddings: RefCell::default(),
        })
    }

    /// From now on leaves out this many layers at the end: "clip skip" less one. More than there
    /// are leave out none.
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
        let width = self.text_model.width();
        let find = |name: &str| self.embeddings.borrow().find(name, width);
        let prompt = Prompt::cut(&self.tokenizer, prompt, find)?;
        Ok(self.encode_prompt(&prompt, self.skip.get())?.cross_attn)
    }

    /// The tokenizer, for callers that cut prompts themselves.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The transformer alone.
    pub fn text_model(&self) -> &TextModel {
        &self.text_model
    }

    /// Encodes chunks of tokens with their weights, on their own, and puts them side by side.
    ///
    /// `skip` is the number of layers left out at the end, 0 by default ("clip skip" less one).
    /// A weight other than 1 moves its token away from, or towards, what the empty prompt has in
    /// its place.
    pub fn encode_chunks(&self, chunks: &[Chunk], skip: usize) -> Result<Encoded> {
        self.encode_prompt(&Prompt { chunks: chunks.to_vec(), vectors: Vec::new() }, skip)
    }

    /// The same with the vectors that stand between the tokens.
    pub fn encode_prompt(&self, prompt: &Prompt, skip: usize) -> Result<Encoded> {
        let chunks = &prompt.chunks;
        let weighted = chunks.iter().flatten().any(|&(_, weight)| weight != 1.0);
        let mut ids: Vec<_> = chunks.iter().map(|chunk| chunk.map(|(id, _)| id)).collect();
        if weighted {
            ids.push(empty_chunk());
        }
        let output =
            self.text_model.forward(self.text_model.embed_with(&ids, &prompt.vectors)?, skip);
        let width = self.text_model.width();
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
        Ok(Encoded { cross_attn: z.reshape([1, rows, width]), pooled })
    }
}

/// The chunk of a prompt without words.
fn empty_chunk() -> [u32; CHUNK] {
    let mut chunk = [END_OF_TEXT; CHUNK];
    chunk[0] = START_OF_TEXT;
    chunk
}
