//! What a checkpoint file does not say about itself.

use serde::{Deserialize, Serialize};

/// How tensors are named in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// One file with `model.diffusion_model`, `first_stage_model` and the text encoders; of which
    /// family follows from the file.
    #[default]
    Sd15,
}

/// What the UNet's output means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PredictionType {
    /// The noise.
    #[default]
    Epsilon,
    /// `alpha noise - sigma latent`, Salimans and Ho 2022.
    V,
}

/// Where a motion module is. What else stands there is for the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MotionManifest {
    /// File name, beside the manifest or in private storage.
    pub file: String,
    /// Settings of `motion` that suit it, over the defaults.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub recommended: serde_json::Map<String, serde_json::Value>,
}

/// The part of `models/*.json` that loading needs: where a checkpoint is and what its shapes leave
/// open. What else stands there is for the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelManifest {
    /// Short name.
    pub name: String,
    /// File name, beside the manifest or in private storage.
    #[serde(default)]
    pub file: String,
    /// Names in the file.
    #[serde(default)]
    pub layout: Layout,
    /// Attention heads of the text encoder. Without it the file's own metadata counts, else CLIP's
    /// rule of 64 values a head.
    #[serde(default)]
    pub clip_heads: Option<usize>,
    /// What the UNet predicts. Without it the file decides.
    #[serde(default)]
    pub prediction: Option<PredictionType>,
    /// Whether the UNet was trained up to pure noise (zero terminal signal-to-noise ratio). Without
    /// it the file decides.
    #[serde(default)]
    pub zero_terminal_snr: Option<bool>,
    /// A motion module made for this checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion: Option<MotionManifest>,
    /// Settings that suit the model, over the node's defaults.
    #[serde(default)]
    pub recommended: serde_json::Map<String, serde_json::Value>,
}

impl ModelManifest {
    /// For a checkpoint that came without a manifest: what it is follows from the file.
    pub fn sd15(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            file: name.clone(),
            name,
            layout: Layout::Sd15,
            clip_heads: None,
            prediction: None,
            zero_terminal_snr: None,
            motion: None,
            recommended: serde_json::Map::new(),
        }
    }
}
