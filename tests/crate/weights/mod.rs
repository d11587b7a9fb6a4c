mod fuzz;
mod header;
mod keys;
mod safetensors;
mod view;
