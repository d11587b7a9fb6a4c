mod clip;
mod controlnet;
mod embedded;
mod unet;
mod vae;
