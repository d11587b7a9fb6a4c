//! Which Stable Diffusion a network belongs to.

use serde::Serialize;

use super::facts::Facts;

/// Sinusoids per number that Stable Diffusion XL is told about the picture's size.
const SIZE_CHANNELS: usize = 256;

/// A line of models whose parts go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Stable Diffusion 1.x: CLIP-L, 8 heads, 512 pixels.
    Sd1,
    /// Stable Diffusion 2.x: OpenCLIP-H, heads of 64, 512 or 768 pixels.
    Sd2,
    /// Stable Diffusion XL: CLIP-L and OpenCLIP-bigG, told the picture's size; 1024 pixels.
    Sdxl,
    /// The second model of Stable Diffusion XL: OpenCLIP-bigG alone, told a score.
    SdxlRefiner,
}

impl Family {
    /// Its name for a person.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sd1 => "Stable Diffusion 1.x",
            Self::Sd2 => "Stable Diffusion 2.x",
            Self::Sdxl => "Stable Diffusion XL",
            Self::SdxlRefiner => "Stable Diffusion XL refiner",
        }
    }

    /// Its name for a program.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Sd1 => "sd1",
            Self::Sd2 => "sd2",
            Self::Sdxl => "sdxl",
            Self::SdxlRefiner => "sdxl_refiner",
        }
    }

    /// By the width of the text a network attends to.
    pub(super) const fn of_context(width: usize) -> Option<Self> {
        match width {
            768 => Some(Self::Sd1),
            1024 => Some(Self::Sd2),
            2048 => Some(Self::Sdxl),
            1280 => Some(Self::SdxlRefiner),
            _ => None,
        }
    }
}

/// What tells the families' UNets apart: how they are told more than text and time, and whether the
/// projections around their attention are convolutions.
#[derive(Debug)]
pub(super) struct UnetSigns {
    /// Below which its tensors stand; with a dot unless empty.
    pub(super) prefix: &'static str,
    /// The layer that takes what the network is told besides.
    pub(super) label: &'static str,
}

/// The single-file layout.
pub(super) static LDM: UnetSigns =
    UnetSigns { prefix: "model.diffusion_model.", label: "label_emb.0.0.weight" };
/// The same without its prefix.
pub(super) static LDM_BARE: UnetSigns = UnetSigns { prefix: "", label: "label_emb.0.0.weight" };
/// The diffusers layout.
pub(super) static DIFFUSERS: UnetSigns =
    UnetSigns { prefix: "", label: "add_embedding.linear_1.weight" };

/// The family of a UNet. Widths are compared with one another, not with the published ones, so
/// narrow models are told as well.
pub(super) fn of_unet(facts: &Facts<'_>, signs: &UnetSigns) -> Option<Family> {
    let context = facts.first_shape(signs.prefix, "attn2.to_k.weight").last().copied()?;
    let told = facts.shape(&format!("{}{}", signs.prefix, signs.label)).last().copied();
    let is_linear = facts.first_shape(signs.prefix, "proj_in.weight").len() == 2;
    match (told, is_linear) {
        (None, false) => Some(Family::Sd1),
        (None, true) => Some(Family::Sd2),
        // Told of a picture instead of a size.
        (Some(1536 | 2048), _) if context == 1024 => None,
        (Some(told), _) => match told.checked_sub(5 * SIZE_CHANNELS)? {
            pooled if pooled == context => Some(Family::SdxlRefiner),
            pooled if pooled > SIZE_CHANNELS && pooled - SIZE_CHANNELS <= context => {
                Some(Family::Sdxl)
            }
            _ => None,
        },
    }
}
