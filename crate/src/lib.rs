//! Burnish: detail a masked region of a picture with Stable Diffusion.

pub mod ops;
