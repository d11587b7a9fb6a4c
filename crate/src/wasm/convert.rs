//! Pictures, masks and plain values across the border.

use js_sys::{Object, Reflect, Uint8Array, Uint8ClampedArray};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use super::error::{JsError, JsResult};
use crate::geometry::Size;
use crate::image::{Frames, Mask};

/// A serialisable value as a plain object.
pub(super) fn to_js<T: Serialize>(value: &T) -> JsResult<JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|error| JsError::new("internal", &error.to_string()))
}

/// Bytes per pixel of a browser's picture.
const RGBA: usize = 4;

/// A picture as the browser holds it: RGBA bytes.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) size: Size,
    pub(super) rgba: Vec<u8>,
}

impl Picture {
    /// From `{ data, width, height }`.
    pub(super) fn from_js(value: &JsValue) -> JsResult<Self> {
        let size = size(value)?;
        let rgba: Vec<u8> = match field(value, "data")?.dyn_into::<Uint8ClampedArray>() {
            Ok(data) => data.to_vec(),
            Err(other) => bytes(other)?,
        };
        expect_len("image.data", rgba.len(), size, RGBA)?;
        Ok(Self { size, rgba })
    }

    /// Colour in `[0, 1]`, without alpha.
    pub(super) fn frames(&self) -> Frames {
        let data = self
            .rgba
            .chunks_exact(RGBA)
            .flat_map(|pixel| pixel[..3].iter().map(|byte| f32::from(*byte) / 255.0))
            .collect();
        Frames { size: self.size, count: 1, channels: 3, data }
    }

    /// This picture with the colours of `frames`' first frame, rounded down to bytes as the
    /// reference saves them; alpha stays.
    pub(super) fn recoloured(&self, frames: &Frames) -> Self {
        let mut rgba = self.rgba.clone();
        let pixels = frames.data.chunks_exact(frames.channels);
        for (pixel, colour) in rgba.chunks_exact_mut(RGBA).zip(pixels) {
            for (byte, value) in pixel.iter_mut().zip(&colour[..3]) {
                *byte = (value * 255.0).clamp(0.0, 255.0) as u8;
            }
        }
        Self { size: self.size, rgba }
    }

    /// The first frame of `frames`, opaque unless it has a fourth channel.
    pub(super) fn of_frame(frames: &Frames) -> Self {
        let byte = |value: &f32| (value * 255.0).clamp(0.0, 255.0) as u8;
        let rgba = frames.frame(0).chunks_exact(frames.channels).flat_map(|pixel| {
            let alpha = pixel.get(3).map_or(u8::MAX, byte);
            [byte(&pixel[0]), byte(&pixel[1]), byte(&pixel[2]), alpha]
        });
        Self { size: frames.size, rgba: rgba.collect() }
    }

    /// As `{ data, width, height }`.
    pub(super) fn to_js(&self) -> JsResult<JsValue> {
        let object = Object::new();
        set(&object, "data", &Uint8ClampedArray::from(self.rgba.as_slice()))?;
        set(&object, "width", &self.size.width.into())?;
        set(&object, "height", &self.size.height.into())?;
        Ok(object.into())
    }
}

/// A mask from `{ data, width, height }` with one byte a pixel.
pub(super) fn mask(value: &JsValue) -> JsResult<Mask> {
    let size = size(value)?;
    let data = bytes(field(value, "data")?)?;
    expect_len("mask.data", data.len(), size, 1)?;
    Ok(Mask { size, data: data.iter().map(|byte| f32::from(*byte) / 255.0).collect() })
}

/// A preview event; alpha is opaque.
pub(super) fn preview(width: u32, height: u32, rgb: &[u8]) -> Result<JsValue, JsValue> {
    let rgba: Vec<u8> = rgb.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let object = Object::new();
    set(&object, "type", &"preview".into())?;
    set(&object, "width", &width.into())?;
    set(&object, "height", &height.into())?;
    set(&object, "rgba", &Uint8ClampedArray::from(rgba.as_slice()))?;
    Ok(object.into())
}

/// A field of an object, `undefined` if it has none.
pub(super) fn field(value: &JsValue, name: &str) -> JsResult<JsValue> {
    Reflect::get(value, &name.into())
        .map_err(|_| JsError::new("bad_request", &format!("{name} is missing")))
}

/// Sets a field of a fresh object.
pub(super) fn set(object: &Object, name: &str, value: &JsValue) -> JsResult<()> {
    Reflect::set(object, &name.into(), value)
        .map(|_| ())
        .map_err(|_| JsError::new("internal", &format!("cannot set {name}")))
}

fn bytes(value: JsValue) -> JsResult<Vec<u8>> {
    let array = value
        .dyn_into::<Uint8Array>()
        .map_err(|_| JsError::new("bad_request", "data is not an array of bytes"))?;
    Ok(array.to_vec())
}

fn size(value: &JsValue) -> JsResult<Size> {
    let side = |name: &str| {
        field(value, name)?
            .as_f64()
            .filter(|side| *side >= 1.0 && *side <= f64::from(u32::MAX) && side.fract() == 0.0)
            .map(|side| side as u32)
            .ok_or_else(|| {
                JsError::new("bad_request", &format!("{name} is not a whole number of pixels"))
            })
    };
    Ok(Size { width: side("width")?, height: side("height")? })
}

fn expect_len(what: &str, found: usize, size: Size, channels: usize) -> JsResult<()> {
    let expected = size.width as usize * size.height as usize * channels;
    if found == expected {
        return Ok(());
    }
    let message = format!("{what} holds {found} bytes, {size} needs {expected}");
    Err(JsError::new("bad_request", &message))
}
