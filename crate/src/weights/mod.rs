//! Tensors by dotted path, read from a file by byte range. Knows no model.

pub mod diffusers;
mod dtype;
mod header;
mod joined;
mod kept;
pub mod keys;
pub mod lora;
pub mod motion;
mod pack;
mod patch;
mod precision;
mod progress;
pub mod recognise;
mod safetensors;
mod source;
mod view;

pub use dtype::DType;
pub use header::TensorInfo;
pub use joined::join;
pub use kept::KeptTensors;
pub use patch::Patch;
pub use precision::Precision;
pub use progress::LoadProgress;
pub use recognise::{Family, Recognised, recognise};
pub use safetensors::Safetensors;
#[cfg(not(target_arch = "wasm32"))]
pub use source::FileSource;
pub use source::{ByteSource, MemorySource};
pub use view::Weights;
