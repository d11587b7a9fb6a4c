mod clip;
mod controlnet;
mod embedded;
mod motion;
mod taesd;
mod unet;
mod vae;
