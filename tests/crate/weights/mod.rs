mod dtype;
mod fuzz;
mod header;
mod keys;
mod recognise;
mod safetensors;
mod view;
