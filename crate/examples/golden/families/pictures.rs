//! Pictures and masks: resizing, feathering, pasting, growing.

use super::replay::{Case, Context, Outcome, Replay, Result, Row, rect};
use burnish::geometry::Size;
use burnish::image::blur::gaussian_blur_mask;
use burnish::image::composite::paste_frame;
use burnish::image::dilate::dilate;
use burnish::image::resize::{bilinear, lanczos};
use burnish::segs::crop_condition_mask;

/// Masks and mixes in float.
const MIX: f64 = 1e-6;
/// Sums over a blur's window.
const BLUR: f64 = 2e-6;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("tensor_resize", Replay::Now(resize)),
    ("image_scale_lanczos", Replay::Now(resize)),
    ("tensor_resize_mask", Replay::Now(resize_mask)),
    ("gaussian_blur_mask", Replay::Now(blur)),
    ("dilate_mask", Replay::Now(grow)),
    ("tensor_paste", Replay::Now(paste)),
    ("crop_condition_mask", Replay::Now(crop_condition)),
];

fn target(case: &Case) -> Result<Size> {
    Ok(Size::new(case.get("width")?, case.get("height")?))
}

fn resize(context: &Context, case: &Case) -> Result<Outcome> {
    let found = lanczos(&case.input(context, "image")?.frames()?, target(case)?);
    Ok(Outcome::absolute(&found.data, &case.output(context, "out")?.data, 0.0))
}

fn resize_mask(context: &Context, case: &Case) -> Result<Outcome> {
    let mut found = Vec::new();
    for mask in case.input(context, "image")?.masks()? {
        found.extend(bilinear(&mask, target(case)?).data);
    }
    Ok(Outcome::absolute(&found, &case.output(context, "out")?.data, MIX))
}

fn blur(context: &Context, case: &Case) -> Result<Outcome> {
    let mut found = Vec::new();
    for mask in case.input(context, "mask")?.masks()? {
        found.extend(gaussian_blur_mask(&mask, case.get("kernel_size")?).data);
    }
    Ok(Outcome::absolute(&found, &case.output(context, "out")?.data, BLUR))
}

fn grow(context: &Context, case: &Case) -> Result<Outcome> {
    let found = dilate(&case.input(context, "mask")?.mask()?, case.get("dilation")?);
    Ok(Outcome::absolute(&found.data, &case.output(context, "out")?.data, 0.0))
}

fn paste(context: &Context, case: &Case) -> Result<Outcome> {
    let mut image = case.input(context, "image1")?.frames()?;
    let patch = case.input(context, "image2")?.frames()?;
    let masks = case.input(context, "mask")?.masks()?;
    let at = (case.get("x")?, case.get("y")?);
    for index in 0..image.count {
        let mask = &masks[index.min(masks.len() - 1)];
        paste_frame(&mut image, index, (&patch, index.min(patch.count - 1)), at, mask);
    }
    Ok(Outcome::absolute(&image.data, &case.output(context, "out")?.data, MIX))
}

fn crop_condition(context: &Context, case: &Case) -> Result<Outcome> {
    let image = Size::new(case.get("image_width")?, case.get("image_height")?);
    let region = rect(case.param("crop_region")?)?;
    let mut found = Vec::new();
    for mask in case.input(context, "mask")?.masks()? {
        found.extend(crop_condition_mask(&mask, image, region).data);
    }
    Ok(Outcome::absolute(&found, &case.output(context, "out")?.data, 0.0))
}
