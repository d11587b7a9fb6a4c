mod prompt;
mod tokenizer;
