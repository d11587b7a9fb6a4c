mod embeddings;
mod encode;
mod prompt;
mod text_model;
mod tokenizer;
