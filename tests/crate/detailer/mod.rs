mod hooks;
mod outside;
mod settings;
mod upscale;
