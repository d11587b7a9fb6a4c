mod clip;
mod controlnet;
mod embedded;
mod motion;
mod unet;
mod vae;
