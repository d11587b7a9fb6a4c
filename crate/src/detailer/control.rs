//! A segment's ControlNets put on its prompts.

use std::rc::Rc;

use super::enhance::Segment;
use super::noise_masks::NoiseMasks;
use super::run::Detailer;
use crate::diffusion::{Conditioning, Control, ControlNets};
use crate::error::Result;
use crate::image::Frames;
use crate::segs::{ControlMode, SegControl};

/// Prompts under ControlNets, and what those follow.
#[derive(Debug)]
pub(super) struct Guided {
    pub(super) positive: Conditioning,
    pub(super) negative: Conditioning,
    /// In the order of the ControlNets.
    pub(super) hints: Vec<Frames>,
}

/// Puts the ControlNets of `segment` on its prompts; `pixels` is its crop, enlarged.
///
/// Clips follow their crops as they are, and both prompts are guided on their own.
pub(super) fn guided(
    detailer: &Detailer<'_>,
    segment: &Segment<'_>,
    pixels: &Frames,
) -> Result<Guided> {
    let (positive, negative) = (segment.base.positive.clone(), segment.base.negative.clone());
    let mut guided = Guided { positive, negative, hints: Vec::new() };
    let none = ControlNets::default();
    let nets = detailer.control_nets.unwrap_or(&none);
    let is_clip = matches!(segment.noise_masks, NoiseMasks::Frames(_));
    let source = if is_clip { segment.crop } else { pixels };
    for SegControl { control_net, strength, mode, preprocessor, control_image } in
        segment.controls.iter().map(Rc::as_ref)
    {
        let net = nets.get(control_net)?;
        segment.base.pipe.check_control_net(control_net, net)?;
        let made = || preprocessor.map_or_else(|| source.clone(), |made| made.apply(source));
        let hint = control_image.clone().unwrap_or_else(made);
        guided.hints.push(hint.clone());
        let (both_sides, range) = match *mode {
            ControlMode::Plain => (!is_clip, [0.0, 1.0]),
            ControlMode::Advanced { start_percent, end_percent } => {
                (false, [start_percent, end_percent])
            }
        };
        let hint = Rc::new(hint);
        let control = Rc::new(Control { net: net.clone(), hint, strength: *strength, range });
        if both_sides {
            guided.positive = guided.positive.with_control(&control);
        } else {
            guided.positive = guided.positive.with_control_of_this_side(&control);
            guided.negative = guided.negative.with_control_of_this_side(&control);
        }
    }
    Ok(guided)
}
