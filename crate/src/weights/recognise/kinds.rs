//! What a row of the table of kinds says: how a kind shows and what can be done with it.

use super::facts::Facts;
use super::family::Family;
use super::table::{KINDS, UNKNOWN};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table has a title for each")]
pub enum Kind {
    Checkpoint,
    Unet,
    UnetDiffusers,
    Vae,
    VaeDiffusers,
    TaesdDecoder,
    TaesdEncoder,
    ClipL,
    ClipG,
    ClipH,
    ControlNet,
    ControlLora,
    T2iAdapter,
    IpAdapter,
    Lora,
    Embedding,
    Motion,
    MotionLora,
    Video,
    Flux,
    Sd3,
    Cascade,
    PixArt,
    T5,
    ClipVision,
    Upscaler,
    Quantised,
    Unknown,
    Pickle,
    Gguf,
    LfsPointer,
    WebPage,
    Json,
    Hdf5,
    Picture,
    Archive,
    Empty,
}

/// What a file can serve as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it all")]
pub enum Use {
    Checkpoint,
    Vae,
    Lora,
    ControlNet,
    Embedding,
    Motion,
    MotionLora,
    Taesd,
}

impl Use {
    /// Its name for a program.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Vae => "vae",
            Self::Lora => "lora",
            Self::ControlNet => "controlnet",
            Self::Embedding => "embedding",
            Self::Motion => "motion",
            Self::MotionLora => "motion_lora",
            Self::Taesd => "taesd",
        }
    }
}

/// One kind of file.
pub(super) struct Row {
    pub(super) kind: Kind,
    /// Its name for a program.
    pub(super) id: &'static str,
    /// Its name for a person, after "a" or "an".
    pub(super) title: &'static str,
    /// What it serves as, if it is whole.
    pub(super) usable_as: Option<Use>,
    /// What to do with it, or instead of it; the end of "It ...".
    pub(super) advice: &'static str,
    /// Whether a header shows it; the first row that does counts.
    pub(super) shows: fn(&Facts<'_>) -> bool,
    /// The models it belongs to.
    pub(super) family: fn(&Facts<'_>) -> Option<Family>,
    /// What kind of its kind it is.
    pub(super) variant: fn(&Facts<'_>) -> Option<&'static str>,
}

impl Row {
    /// A kind that shows in no header.
    pub(super) const fn foreign(
        kind: Kind,
        id: &'static str,
        title: &'static str,
        advice: &'static str,
    ) -> Self {
        Self::useless(kind, id, title, advice, |_| false)
    }

    /// A kind that nothing can be done with.
    pub(super) const fn useless(
        kind: Kind,
        id: &'static str,
        title: &'static str,
        advice: &'static str,
        shows: fn(&Facts<'_>) -> bool,
    ) -> Self {
        let (family, variant) =
            (no_family as fn(&Facts<'_>) -> _, no_variant as fn(&Facts<'_>) -> _);
        Self { kind, id, title, usable_as: None, advice, shows, family, variant }
    }
}

impl Kind {
    /// Its row.
    pub(super) fn row(self) -> &'static Row {
        KINDS.iter().find(|row| row.kind == self).unwrap_or(&UNKNOWN)
    }

    /// Its name for a program.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// Its name for a person, to follow "a" or "an".
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// What to do with a file of this kind, or instead.
    pub fn advice(self) -> &'static str {
        self.row().advice
    }
}

pub(super) const fn no_family(_: &Facts<'_>) -> Option<Family> {
    None
}

pub(super) const fn no_variant(_: &Facts<'_>) -> Option<&'static str> {
    None
}
