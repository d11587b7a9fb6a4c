mod fuzz;
mod header;
mod safetensors;
