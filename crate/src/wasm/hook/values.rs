//! What hooks are shown and what they give, checked.

use burn::tensor::Tensor;
use js_sys::{Array, Float32Array, Object, Reflect};
use serde::Serialize;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};

use super::Method;
use crate::detailer::hooks::{Cycle, CycleSettings};
use crate::diffusion::KSampleSettings;
use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::image::Frames;
use crate::sampling::math::{latent_tensor, read_back};

/// Longest side a crop may be sampled at, in pixels.
const MAX_SIDE: f64 = 8192.0;

/// `{ samples, shape }`.
pub(super) async fn latent(samples: &Tensor<4>) -> Result<JsValue> {
    let values = read_back(samples.clone()).await?;
    let shown = Float32Array::from(values.as_slice());
    Ok(object(&[("samples", shown.into()), ("shape", shape(samples.dims()).into())]))
}

/// `[batch, channels, height, width]`.
pub(super) fn shape(dims: [usize; 4]) -> Array {
    dims.iter().map(|side| JsValue::from(*side as f64)).collect()
}

/// The numbers of `{ samples }`, or of an array alone, as a tensor like `model`.
pub(super) fn samples_from(
    method: &Method<'_>,
    answer: &JsValue,
    model: &Tensor<4>,
) -> Result<Tensor<4>> {
    let values = numbers(method, answer, "samples", model.shape().num_elements())?;
    Ok(latent_tensor(values, model.dims(), &model.device()))
}

/// `{ data, frames, height, width, channels }`: values in 0..1, pixel by pixel.
pub(super) fn frames(frames: &Frames) -> JsValue {
    object(&[
        ("data", Float32Array::from(frames.data.as_slice()).into()),
        ("frames", (frames.count as f64).into()),
        ("height", frames.size.height.into()),
        ("width", frames.size.width.into()),
        ("channels", (frames.channels as f64).into()),
    ])
}

/// The values of `{ data }`, or of an array alone, in the shape of `like`.
pub(super) fn frames_from(method: &Method<'_>, answer: &JsValue, like: Frames) -> Result<Frames> {
    Ok(Frames { data: numbers(method, answer, "data", like.data.len())?, ..like })
}

/// `{ index, count }`.
pub(super) fn cycle(cycle: Cycle) -> JsValue {
    object(&[("index", (cycle.index as f64).into()), ("count", (cycle.count as f64).into())])
}

/// `[x1, y1, x2, y2]`.
pub(super) fn rect(rect: Rect) -> JsValue {
    let Rect { x1, y1, x2, y2 } = rect;
    [x1, y1, x2, y2].iter().map(|edge| JsValue::from(*edge)).collect::<Array>().into()
}

/// Four edges inside `image`, with at least a pixel between them.
pub(super) fn rect_from(method: &Method<'_>, answer: &JsValue, image: Size) -> Result<Rect> {
    let wrong = || {
        method.error(&format!("it must give [x1, y1, x2, y2] with a pixel or more inside {image}"))
    };
    let edges = whole_numbers::<4>(answer).ok_or_else(wrong)?;
    let [x1, y1, x2, y2] = edges.map(|edge| edge as u32);
    let region = Rect { x1, y1, x2, y2 }.intersection(Rect::of_size(image));
    if region.is_empty() { Err(wrong()) } else { Ok(region) }
}

/// Two sides that can be sampled at.
pub(super) fn size_from(method: &Method<'_>, answer: &JsValue) -> Result<Size> {
    let sides = whole_numbers::<2>(answer).filter(|sides| sides.iter().all(|s| *s <= MAX_SIDE));
    let [width, height] = sides.ok_or_else(|| {
        method.error(&format!("it must give [width, height], whole numbers from 0 to {MAX_SIDE}"))
    })?;
    Ok(Size::new(width as u32, height as u32))
}

/// `{ seed, steps, cfg, sampler_name, scheduler, denoise }`; the seed is a decimal text.
pub(super) fn settings(method: &Method<'_>, settings: &KSampleSettings) -> Result<JsValue> {
    let shown =
        CycleSettings::of(settings).serialize(&serde_wasm_bindgen::Serializer::json_compatible());
    shown.map_err(|error| method.error(&error.to_string()))
}

/// `settings` with those that the answer names.
pub(super) fn settings_from(
    method: &Method<'_>,
    answer: JsValue,
    settings: KSampleSettings,
) -> Result<KSampleSettings> {
    let given: Value =
        serde_wasm_bindgen::from_value(answer).map_err(|error| method.error(&error.to_string()))?;
    let changed = CycleSettings::of(&settings).with(&given);
    Ok(changed.map_err(|error| method.error(&error.to_string()))?.put_into(settings))
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// `len` finite numbers: the array `answer`, or its field `name`.
fn numbers(method: &Method<'_>, answer: &JsValue, name: &str, len: usize) -> Result<Vec<f32>> {
    let array = answer.dyn_ref::<Float32Array>().cloned().or_else(|| {
        let field = Reflect::get(answer, &name.into()).ok()?;
        field.dyn_into::<Float32Array>().ok()
    });
    let array = array
        .ok_or_else(|| method.error(&format!("it must give a Float32Array, alone or as {name}")))?;
    if array.length() as usize != len {
        let message = format!("it gave {} numbers where {len} are needed", array.length());
        return Err(method.error(&message));
    }
    let values = array.to_vec();
    match values.iter().all(|value| value.is_finite()) {
        true => Ok(values),
        false => Err(method.error("it gave numbers that are not finite")),
    }
}

/// `N` whole numbers from 0 on.
fn whole_numbers<const N: usize>(answer: &JsValue) -> Option<[f64; N]> {
    let array = answer.dyn_ref::<Array>()?;
    let numbers: Vec<f64> = array.iter().map(|number| number.as_f64()).collect::<Option<_>>()?;
    let fit = |number: &f64| *number >= 0.0 && number.fract() == 0.0;
    if numbers.iter().all(fit) { numbers.try_into().ok() } else { None }
}
