pub mod for_each;
mod hooks;
mod mask;
mod outside;
mod settings;
mod upscale;
