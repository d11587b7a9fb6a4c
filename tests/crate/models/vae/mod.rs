mod tiling;
mod vae;
