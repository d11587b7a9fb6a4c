mod families;
pub mod for_each;
mod guided;
mod hooks;
mod mask;
mod nodes;
mod outside;
mod settings;
mod upscale;
