mod clip;
mod unet;
mod vae;
