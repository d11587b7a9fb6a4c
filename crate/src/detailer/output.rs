//! What a node hands out.

use super::skip::Skip;
use crate::geometry::Size;
use crate::image::resize::bilinear;
use crate::image::{Frames, Mask};
use crate::segs::{Seg, Segs};

/// The result of a node. Pipes go through a node unchanged and are not repeated here.
#[derive(Debug, Clone, PartialEq)]
pub struct Detailed {
    /// The picture or the frames with every new crop in it, one version after the other; outside
    /// the feathered masks bit for bit the input. Nodes that do not paste hand the input back.
    pub image: Frames,
    /// Size the segments refer to.
    pub size: Size,
    /// Every segment, pass by pass in the order they were worked on.
    pub segments: Vec<DetailedSeg>,
    /// What ControlNets were shown.
    pub cnet_images: Vec<Frames>,
    /// Whether it was cancelled on the way, and holds what was finished by then.
    pub cancelled: bool,
}

/// A segment, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailedSeg {
    /// As the node hands it out: its picture is the new crop.
    pub seg: Seg,
    /// Why no new crop was made.
    pub skipped: Option<Skip>,
    /// Whether the node hands it out at all.
    pub handed_out: bool,
    /// What was cut out before; nodes for clips do not hand it out.
    pub cropped: Option<Frames>,
    /// How far each pixel of the new crop went into the image, if it did.
    pub paste_mask: Option<Mask>,
}

impl DetailedSeg {
    /// The new crop, in the size of its crop region.
    pub fn refined(&self) -> Option<&Frames> {
        self.seg.cropped_image.as_ref().filter(|_| self.skipped.is_none())
    }

    /// The new crop with its paste mask as a fourth channel.
    pub fn refined_alpha(&self) -> Option<Frames> {
        let refined = self.refined()?;
        let alpha = bilinear(self.paste_mask.as_ref()?, refined.size);
        let pixels = refined.data.chunks(refined.channels).zip(alpha.data.iter().cycle());
        let data = pixels.flat_map(|(pixel, alpha)| pixel.iter().chain([alpha]).copied());
        Some(Frames {
            size: refined.size,
            count: refined.count,
            channels: refined.channels + 1,
            data: data.collect(),
        })
    }
}

impl Detailed {
    /// Whether any segment was made anew.
    pub fn has_new(&self) -> bool {
        self.segments.iter().any(|segment| segment.skipped.is_none())
    }

    /// The SEGS output.
    pub fn segs(&self) -> Segs {
        let handed_out = self.segments.iter().filter(|segment| segment.handed_out);
        Segs { size: self.size, items: handed_out.map(|segment| segment.seg.clone()).collect() }
    }

    /// The list `cropped`: what was cut out, before anything was painted over it.
    pub fn cropped(&self) -> Vec<&Frames> {
        self.segments.iter().filter_map(|segment| segment.cropped.as_ref()).collect()
    }

    /// The list `cropped_refined`: the new crops, in the order of the segments.
    pub fn cropped_refined(&self) -> Vec<&Frames> {
        self.segments.iter().filter_map(DetailedSeg::refined).collect()
    }

    /// The list `cropped_enhanced_alpha`: the new crops with the masks they were pasted by.
    pub fn cropped_enhanced_alpha(&self) -> Vec<Frames> {
        self.segments.iter().filter_map(DetailedSeg::refined_alpha).collect()
    }
}
