//! Why a segment can come back as it was.

use std::fmt;

use crate::geometry::Size;
use crate::image::Frames;

/// A reason to leave a segment alone; none of them is an error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Skip {
    /// Nothing of the segment is marked.
    EmptyMask,
    /// The wildcard text leaves it out.
    NotWanted,
    /// Crop region or bounding box have a side of no pixels.
    ZeroSized,
    /// Both sides of the bounding box already reach the guide size.
    LargeEnough {
        /// The bounding box.
        bbox: Size,
    },
    /// Enlarging would not enlarge.
    NoUpscale {
        /// What the sides would be multiplied with.
        factor: f64,
    },
    /// The enlarged crop is narrower than one cell of the latent.
    TooThin {
        /// The enlarged crop.
        size: Size,
    },
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyMask => write!(f, "nothing of this segment is marked"),
            Self::NotWanted => write!(f, "the wildcard text leaves this segment out"),
            Self::ZeroSized => write!(f, "this segment has no pixels"),
            Self::LargeEnough { bbox } => {
                write!(f, "{bbox} is already as large as the guide size")
            }
            Self::NoUpscale { factor } => {
                write!(f, "this segment would not get larger (factor {factor:.3})")
            }
            Self::TooThin { size } => write!(f, "{size} is too thin to be sampled"),
        }
    }
}

/// What became of a segment.
#[derive(Debug, Clone, PartialEq)]
pub enum Enhanced {
    /// Made anew.
    Detailed {
        /// The new crop, in the size of its crop region.
        refined: Frames,
        /// What its ControlNets followed, in their order.
        hints: Vec<Frames>,
    },
    /// Left as it was.
    Skipped(Skip),
}
