mod clip;
mod embedded;
mod unet;
mod vae;
