//! Where a text of a conditioning counts: its part of the latent, and its weight there.

use super::conditioning::{Area, CondMask, CondText, Conditioning};
use crate::geometry::{Rect, Size};
use crate::image::Mask;
use crate::image::resize::bilinear;

/// Cells over which the weight of an area rises at an edge inside the latent.
const FEATHER: u32 = 8;
/// Sides of the smallest area made from a mask's bounds, in cells.
const SMALLEST: u32 = 8;

/// A text with its part of a latent.
#[derive(Debug, Clone)]
pub(super) struct Placed<'a> {
    /// Where and when it counts.
    pub(super) options: &'a CondText,
    /// What the model is given.
    pub(super) inputs: &'a CondText,
    /// Its mask, stretched over the latent.
    mask: Option<Mask>,
    /// Its part, in cells; `None` is all of it.
    pub(super) area: Option<Rect>,
}

impl<'a> Placed<'a> {
    /// Every text of a side over a latent of `size` cells.
    pub(super) fn all(side: &'a Conditioning, size: Size) -> Vec<Self> {
        side.texts.iter().map(|text| Self::new(text, size)).collect()
    }

    fn new(text: &'a CondText, size: Size) -> Self {
        let mask = text.mask.as_ref().map(|CondMask { mask, .. }| match mask.size.is_empty() {
            // Nothing was left of it when it was cut to a segment.
            true => Mask::filled(size, 0.0),
            false => bilinear(mask, size),
        });
        let bounds = match (&text.mask, &mask) {
            (Some(options), Some(mask)) if options.within_bounds => Some(bounds(mask)),
            _ => None,
        };
        let area = bounds.or(text.area.map(|area| cells(area, size)));
        let area = area.map(|area| area.intersection(Rect::of_size(size)));
        Self { options: text, inputs: text, mask, area }
    }

    /// Its weight over its area, or over all of a latent of `size` cells; `None` is 1 everywhere.
    pub(super) fn weight(&self, size: Size) -> Option<Mask> {
        let strength = self.options.strength;
        let area = self.area.unwrap_or(Rect::of_size(size));
        match (&self.mask, &self.options.mask) {
            (Some(mask), Some(options)) => {
                Some(mask.crop(area).map(|value| value * options.strength * strength))
            }
            _ if self.area.is_some() => Some(feathered(area, size, strength)),
            _ => (strength != 1.0).then(|| Mask::filled(size, strength)),
        }
    }
}

/// Gives every area of `from` a counterpart in `to`: what `to` says there, evaluated on the same
/// part with the same weight.
pub(super) fn add_counterparts<'a>(from: &[Placed<'a>], to: &mut Vec<Placed<'a>>) {
    for placed in from {
        let Some(area) = placed.area else { continue };
        // All of the latent counts as larger than any area.
        let size = |other: &Placed<'_>| other.area.map_or(usize::MAX, |area| area.size().area());
        let encloses = |other: &&Placed<'_>| other.area.is_none_or(|other| other.contains(area));
        let smallest = to.iter().filter(encloses).min_by_key(|other| size(other));
        let Some(smallest) = smallest.filter(|smallest| smallest.area != Some(area)) else {
            continue;
        };
        let inputs = smallest.inputs;
        to.push(Placed { inputs, ..placed.clone() });
    }
}

fn cells(area: Area, size: Size) -> Rect {
    match area {
        Area::Cells(area) => area,
        Area::Shares { x, y, width, height } => {
            let along = |side: u32, share: f64| (f64::from(side) * share).round_ties_even() as u32;
            let (x1, y1) = (along(size.width, x), along(size.height, y));
            let width = along(size.width, width).max(1);
            let height = along(size.height, height).max(1);
            Rect::new(x1, y1, x1 + width, y1 + height)
        }
    }
}

/// The box around all that is not 0, made larger to the right and below if it is tiny.
fn bounds(mask: &Mask) -> Rect {
    let width = mask.size.width as usize;
    let marked = mask.data.iter().enumerate().filter(|(_, value)| **value != 0.0);
    let places = marked.map(|(index, _)| ((index % width) as u32, (index / width) as u32));
    let empty = Rect::new(u32::MAX, u32::MAX, 0, 0);
    let found = places.fold(empty, |found, (x, y)| {
        let (x1, y1) = (found.x1.min(x), found.y1.min(y));
        Rect { x1, y1, x2: found.x2.max(x + 1), y2: found.y2.max(y + 1) }
    });
    let (x1, y1) = if found == empty { (0, 0) } else { (found.x1, found.y1) };
    Rect::new(x1, y1, found.x2.max(x1 + SMALLEST), found.y2.max(y1 + SMALLEST))
}

/// `strength`, rising from the edges that lie inside the latent.
fn feathered(area: Rect, size: Size, strength: f32) -> Mask {
    let Size { width, height } = area.size();
    let ramp = |at: u32, side: u32, from_border: bool, to_border: bool| {
        let width = FEATHER.min(side / 4);
        let rise = |distance: u32, is_border: bool| match distance < width && !is_border {
            true => (distance + 1) as f32 / width as f32,
            false => 1.0,
        };
        rise(at, from_border) * rise(side - 1 - at, to_border)
    };
    let columns: Vec<f32> =
        (0..width).map(|x| ramp(x, width, area.x1 == 0, area.x2 >= size.width)).collect();
    let rows = (0..height).map(|y| ramp(y, height, area.y1 == 0, area.y2 >= size.height));
    let data = rows.flat_map(|row| columns.iter().map(move |column| strength * row * column));
    Mask { size: area.size(), data: data.collect() }
}
