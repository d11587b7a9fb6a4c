//! Segments: from masks, scaled, combined, pasted.

use super::replay::{Array, Case, Context, Outcome, Replay, Result, Row, rect, size};
use burnish::geometry::{BoundingBox, Size, make_crop_region};
use burnish::segs::combine::{and_mask, combined_mask, subtract_mask};
use burnish::segs::{
    MaskToSegs, Seg, SegMask, Segs, SegsPaste, mask_to_segs, mask_to_segs_per_frame, scale_match,
    segs_paste,
};
use serde_json::Value;

/// Interpolated masks and mixed pixels.
const MIX: f64 = 1e-6;
/// Feathered pastes: the blur's own tolerance.
const FEATHER: f64 = 2e-6;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("make_crop_region", Replay::Now(crop_region)),
    ("mask_to_segs", Replay::Now(from_mask)),
    ("mask_to_segs_ad", Replay::Now(from_frames)),
    ("segs_scale_match", Replay::Now(scale)),
    ("segs_and_mask", Replay::Now(and)),
    ("segs_sub_mask", Replay::Now(subtract)),
    ("segs_to_combined_mask", Replay::Now(combine)),
    ("segs_paste", Replay::Now(paste)),
];

fn crop_region(_: &Context, case: &Case) -> Result<Outcome> {
    let mut outcome = Outcome::start();
    for row in case.expect.as_array().ok_or("no list of regions")? {
        let [x1, y1, x2, y2]: [f64; 4] = field(row, "bbox")?;
        let image = Size::new(field(row, "w")?, field(row, "h")?);
        let (factor, min_size) = (field(row, "crop_factor")?, field(row, "crop_min_size")?);
        let found = make_crop_region(image, BoundingBox { x1, y1, x2, y2 }, factor, min_size);
        outcome = outcome.and(Outcome::equal(found, rect(&row["region"])?));
    }
    Ok(outcome)
}

fn options(case: &Case) -> Result<MaskToSegs> {
    Ok(MaskToSegs {
        combined: case.get("combined")?,
        crop_factor: case.get("crop_factor")?,
        bbox_fill: case.get("bbox_fill")?,
        drop_size: case.get("drop_size")?,
        contour_fill: case.get("is_contour").unwrap_or(false),
        ..MaskToSegs::default()
    })
}

fn from_mask(context: &Context, case: &Case) -> Result<Outcome> {
    let options = options(case)?;
    let mut segs = Segs::default();
    for mask in case.input(context, "mask")?.masks()? {
        let Segs { size, items } = mask_to_segs(&mask, &options);
        segs.size = size;
        segs.items.extend(items);
    }
    compare(context, case, &segs, 0.0)
}

fn from_frames(context: &Context, case: &Case) -> Result<Outcome> {
    let masks = case.input(context, "mask")?.masks()?;
    compare(context, case, &mask_to_segs_per_frame(&masks, &options(case)?), 0.0)
}

fn scale(context: &Context, case: &Case) -> Result<Outcome> {
    let target = Size::new(case.get("target_width")?, case.get("target_height")?);
    let segs = Segs {
        size: size(case.param("header")?)?,
        items: segs_of(context, case, case.param("segs_in")?)?,
    };
    compare(context, case, &scale_match(segs, target)?, MIX)
}

fn and(context: &Context, case: &Case) -> Result<Outcome> {
    let mask = case.input(context, "mask")?.mask()?;
    compare(context, case, &and_mask(&input(context, case)?, &mask)?, 0.0)
}

fn subtract(context: &Context, case: &Case) -> Result<Outcome> {
    let mask = case.input(context, "mask")?.mask()?;
    compare(context, case, &subtract_mask(&input(context, case)?, &mask)?, 0.0)
}

fn combine(context: &Context, case: &Case) -> Result<Outcome> {
    let found = combined_mask(&input(context, case)?);
    Ok(Outcome::absolute(&found.data, &case.output(context, "out")?.data, 0.0))
}

fn paste(context: &Context, case: &Case) -> Result<Outcome> {
    let image = case.input(context, "image")?.frames()?;
    let mut references = case.inputs(context, "ref_image")?;
    let reference = references.pop().map(Array::frames).transpose()?;
    let options = SegsPaste { feather: case.get("feather")?, alpha: case.get("alpha")? };
    let found = segs_paste(&image, input(context, case)?, reference.as_ref(), options)?;
    Ok(Outcome::absolute(&found.data, &case.output(context, "out")?.data, FEATHER))
}

/// The segments of the parameter `segs` with their masks and pictures.
fn input(context: &Context, case: &Case) -> Result<Segs> {
    let value = case.param("segs")?;
    Ok(Segs { size: size(&value["header"])?, items: segs_of(context, case, &value["segs"])? })
}

fn segs_of(context: &Context, case: &Case, list: &Value) -> Result<Vec<Seg>> {
    let mut masks = case.inputs(context, "cropped_mask")?.into_iter();
    let mut images = case.inputs(context, "cropped_image")?.into_iter();
    let has_image = case.params["segs"]["has_image"].as_array();
    let mut segs = Vec::new();
    for (index, seg) in list.as_array().ok_or("no list of segments")?.iter().enumerate() {
        let with_image = has_image.is_none_or(|flags| flags[index] == true);
        let image = if with_image { images.next() } else { None };
        segs.push(Seg {
            cropped_image: image.map(Array::frames).transpose()?,
            cropped_mask: seg_mask(masks.next().ok_or("a segment has no mask")?)?,
            confidence: field(seg, "confidence")?,
            crop_region: rect(&seg["crop_region"])?,
            bbox: rect(&seg["bbox"])?,
            label: field(seg, "label")?,
            controls: Vec::new(),
        });
    }
    Ok(segs)
}

fn seg_mask(array: Array) -> Result<SegMask> {
    Ok(match array.shape.len() {
        2 => SegMask::Still(array.mask()?),
        _ => SegMask::PerFrame(array.masks()?),
    })
}

fn compare(context: &Context, case: &Case, found: &Segs, tolerance: f64) -> Result<Outcome> {
    let expected = case.expect["segs"].as_array().ok_or("no segments to compare with")?;
    let mut outcome = Outcome::equal(found.size, size(&case.expect["header"])?)
        .and(Outcome::equal(found.items.len(), expected.len()));
    let masks = case.outputs(context, "cropped_mask")?;
    for ((found, expected), mask) in found.items.iter().zip(expected).zip(masks) {
        let values: Vec<f32> =
            found.cropped_mask.masks().iter().flat_map(|mask| mask.data.iter().copied()).collect();
        outcome = outcome
            .and(Outcome::equal(found.crop_region, rect(&expected["crop_region"])?))
            .and(Outcome::equal(found.bbox, rect(&expected["bbox"])?))
            .and(Outcome::equal(found.confidence, field(expected, "confidence")?))
            .and(Outcome::equal(found.label.clone(), field(expected, "label")?))
            .and(Outcome::absolute(&values, &mask.data, tolerance));
    }
    Ok(outcome)
}

fn field<T: serde::de::DeserializeOwned>(value: &Value, name: &str) -> Result<T> {
    Ok(T::deserialize(&value[name])?)
}
