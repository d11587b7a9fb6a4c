//! What the families of Stable Diffusion differ in beyond what their tensors' shapes tell.

use crate::models::clip::TextSpec;
use crate::models::clip::layout::{CLIP_L, OPEN_CLIP_G, OPEN_CLIP_H, XL_CLIP_L};
use crate::sampling::LatentFormat;
use crate::weights::Family;

use super::size_cond::Told;

/// One family.
#[derive(Debug)]
pub(super) struct FamilyRow {
    family: Family,
    /// Its text encoders, in the order of [`crate::weights::keys::text_encoders`].
    pub(super) texts: &'static [&'static TextSpec],
    /// The space its latents are sampled in.
    pub(super) latent: &'static LatentFormat,
    /// What its UNet is told besides text and time.
    pub(super) told: Told,
}

static SD1: FamilyRow = FamilyRow {
    family: Family::Sd1,
    texts: &[&CLIP_L],
    latent: &LatentFormat::SD,
    told: Told::Nothing,
};

static LATER: &[FamilyRow] = &[
    FamilyRow {
        family: Family::Sd2,
        texts: &[&OPEN_CLIP_H],
        latent: &LatentFormat::SD,
        told: Told::Nothing,
    },
    FamilyRow {
        family: Family::Sdxl,
        texts: &[&XL_CLIP_L, &OPEN_CLIP_G],
        latent: &LatentFormat::SDXL,
        told: Told::Sizes,
    },
    FamilyRow {
        family: Family::SdxlRefiner,
        texts: &[&OPEN_CLIP_G],
        latent: &LatentFormat::SDXL,
        told: Told::SizesAndScore,
    },
];

/// The row of a family.
pub(super) fn family_row(family: Family) -> &'static FamilyRow {
    LATER.iter().find(|row| row.family == family).unwrap_or(&SD1)
}
