//! The text encoders of Stable Diffusion: CLIP-L, OpenCLIP-H and OpenCLIP-bigG.

mod embeddings;
mod encode;
pub mod layout;
pub mod prompt;
pub mod text_model;
pub mod tokenizer;

pub use embeddings::{EmbeddingFiles, embedding_tokens};
pub use encode::{Clip, Encoded, TextEncoder};
pub use layout::TextSpec;
pub use prompt::{Chunk, Prompt, chunks};
pub use text_model::TextModel;
pub use tokenizer::Tokenizer;

/// Tokens in a chunk, the two markers included.
pub const CHUNK: usize = 77;
/// The marker a chunk begins with.
pub const START_OF_TEXT: u32 = 49406;
/// Numbers from here on stand for vectors a prompt brought along, beyond any vocabulary.
pub const FIRST_VECTOR: u32 = 1 << 16;
/// The marker that ends the text of a chunk and fills the rest of it.
pub const END_OF_TEXT: u32 = 49407;
