mod diffusers;
mod fuzz;
mod header;
mod keys;
mod lora;
mod safetensors;
mod view;
