//! Choosing among segments.

use super::{Seg, Segs};
use crate::error::{Error, Result};

/// A number of a segment to filter or sort by.
pub type Measure = fn(&Seg) -> f64;

/// What a filter measures of a segment, by name.
pub static MEASURES: &[(&str, Measure)] = &[
    ("area", |seg| f64::from(seg.crop_region.width()) * f64::from(seg.crop_region.height())),
    ("width", |seg| seg.crop_region.width().into()),
    ("height", |seg| seg.crop_region.height().into()),
    ("x1", |seg| seg.crop_region.x1.into()),
    ("y1", |seg| seg.crop_region.y1.into()),
    ("x2", |seg| seg.crop_region.x2.into()),
    ("y2", |seg| seg.crop_region.y2.into()),
    ("length_percent", |seg| {
        let (width, height) = (seg.crop_region.width(), seg.crop_region.height());
        f64::from(width.max(height)) / f64::from(width.min(height)) * 100.0
    }),
    ("confidence", |seg| f64::from(seg.confidence) * 100.0),
];

/// Labels that stand for those of both sides.
const BOTH_SIDES: &[(&str, [&str; 2])] = &[
    ("eyes", ["left_eye", "right_eye"]),
    ("eyebrows", ["left_eyebrow", "right_eyebrow"]),
    ("pupils", ["left_pupil", "right_pupil"]),
];

/// Segments that were chosen, and the others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chosen {
    /// The chosen ones.
    pub kept: Segs,
    /// All others.
    pub rest: Segs,
}

/// Keeps segments with one of the labels in `labels`, which commas divide; `all` keeps every one.
///
/// `eyes`, `eyebrows` and `pupils` mean both the left and the right one.
pub fn filter_by_label(segs: Segs, labels: &str) -> Chosen {
    let labels: Vec<&str> = labels.split(',').map(str::trim).collect();
    let both = BOTH_SIDES.iter().filter(|(name, _)| labels.contains(name));
    let sides: Vec<&str> = both.flat_map(|(_, sides)| *sides).collect();
    let has = |label: &str| labels.contains(&label) || sides.contains(&label);
    divide(segs, |seg| labels.contains(&"all") || has(seg.label.as_str()))
}

/// Keeps segments whose `measure`, one of [`MEASURES`], lies between `min` and `max`, both
/// included, or with `inside` off those whose does not.
///
/// All but `confidence`, from 0 to 100, is about the crop region.
pub fn filter_by_range(
    segs: Segs,
    measure: &str,
    inside: bool,
    min: f64,
    max: f64,
) -> Result<Chosen> {
    let measure = find_measure(measure)?;
    Ok(divide(segs, |seg| (min..=max).contains(&measure(seg)) == inside))
}

/// Sorts segments by `measure`, one of [`MEASURES`], and keeps `count` of them from `start` on.
///
/// Equal ones stay in the order they were; the rest is sorted too.
pub fn filter_ordered(
    mut segs: Segs,
    measure: &str,
    descending: bool,
    start: usize,
    count: usize,
) -> Result<Chosen> {
    let measure = find_measure(measure)?;
    segs.items.sort_by(|a, b| {
        let order = measure(a).total_cmp(&measure(b));
        if descending { order.reverse() } else { order }
    });
    let taken = start..start.saturating_add(count);
    let mut place = 0..;
    Ok(divide(segs, |_| place.next().is_some_and(|place| taken.contains(&place))))
}

/// Keeps the segments with these numbers, counted from 1, in their own order.
pub fn pick(segs: Segs, numbers: &[usize]) -> Segs {
    let mut number = 1..;
    divide(segs, |_| number.next().is_some_and(|number| numbers.contains(&number))).kept
}

/// Gives segments the labels in `labels`, which commas divide, one after the other.
///
/// Segments beyond the last label keep theirs, and labels beyond the last segment are left over.
pub fn assign_labels(mut segs: Segs, labels: &str) -> Segs {
    for (seg, label) in segs.items.iter_mut().zip(labels.split(',')) {
        label.trim().clone_into(&mut seg.label);
    }
    segs
}

/// Appends the segments of `more`, which must be for a picture of the same size.
pub fn concat(mut segs: Segs, more: Segs) -> Result<Segs> {
    if segs.size != more.size {
        return Err(Error::SegsSize { segs: more.size, image: segs.size });
    }
    segs.items.extend(more.items);
    Ok(segs)
}

fn divide(segs: Segs, keep: impl FnMut(&Seg) -> bool) -> Chosen {
    let size = segs.size;
    let (kept, rest) = segs.items.into_iter().partition(keep);
    Chosen { kept: Segs { size, items: kept }, rest: Segs { size, items: rest } }
}

fn find_measure(name: &str) -> Result<fn(&Seg) -> f64> {
    let row = MEASURES.iter().find(|row| row.0 == name);
    row.map(|row| row.1).ok_or_else(|| Error::UnknownMeasure {
        name: name.to_owned(),
        known: MEASURES.iter().map(|row| row.0).collect(),
    })
}
