//! LoRAs and their relatives: small files that change the weights of a checkpoint.
//!
//! A file is a list of modules, each of which names a layer of the checkpoint in one of several
//! dialects (`names`) and holds the change to it in one of several formats (`adapter`). Formulas
//! are those of section 6.7 of the semantics this follows: LoRA and LoCon (Hu et al. 2021), LoHa
//! and LoKr (Yeh et al. 2023), DoRA (Liu et al. 2024).

mod adapter;
mod dora;
mod file;
mod matrix;
mod names;
mod patch;
mod suffix;

pub use file::Lora;
pub use names::Side;
pub use patch::{LoraPatch, LoraStrength};
