//! ControlNets for single segments: the reference's `control_net_wrapper`.

use std::rc::Rc;

use super::Segs;
use crate::image::Frames;
use crate::image::preprocess::Preprocessor;
use crate::image::resize::lanczos;

/// A ControlNet that guides a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct SegControl {
    /// Name of the network.
    pub control_net: String,
    /// Factor of everything it adds, 0 to 10; 0 changes nothing.
    pub strength: f32,
    /// Which prompts it guides, and when.
    pub mode: ControlMode,
    /// What makes the picture to follow out of the segment's crop, if none is given.
    pub preprocessor: Option<Preprocessor>,
    /// The picture to follow, in the size of the segment's crop region; without one and without a
    /// preprocessor it is the enlarged crop itself.
    pub control_image: Option<Frames>,
}

/// Which prompts a ControlNet guides, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ControlMode {
    /// The positive prompt, and with it the negative one: ControlNetApply (SEGS).
    Plain,
    /// Both on their own, from a share of the way from full noise (0) to none (1) to another:
    /// ControlNetApplyAdvanced (SEGS).
    Advanced {
        /// Where it begins.
        start_percent: f64,
        /// Where it ends.
        end_percent: f64,
    },
}

/// Every segment guided by `control` too, after the ControlNets it has.
///
/// `image` is the whole picture to follow; it is brought to the size of the segments' picture, of
/// which each takes its part.
#[must_use]
pub fn with_control(mut segs: Segs, control: &SegControl, image: Option<&Frames>) -> Segs {
    let image = image.map(|image| lanczos(image, segs.size));
    for seg in &mut segs.items {
        let own = image.as_ref().map(|image| image.crop(seg.crop_region));
        let control_image = own.or_else(|| control.control_image.clone());
        seg.controls.push(Rc::new(SegControl { control_image, ..control.clone() }));
    }
    segs
}

/// Every segment without ControlNets: Clear (SEGS).
#[must_use]
pub fn without_controls(mut segs: Segs) -> Segs {
    segs.items.iter_mut().for_each(|seg| seg.controls.clear());
    segs
}
