mod choice;
mod files;
mod lora;
mod populate;
mod prompt;
mod segments;
