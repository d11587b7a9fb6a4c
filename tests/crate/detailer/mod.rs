mod families;
pub mod for_each;
mod hooks;
mod mask;
mod nodes;
mod outside;
mod settings;
mod upscale;
