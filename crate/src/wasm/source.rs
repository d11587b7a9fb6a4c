//! A file that JavaScript reads for us.

use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::error::{JsError, JsResult};
use crate::weights::{ByteSource, Recognised, Safetensors, join, recognise};
use crate::{Error, Result};

/// `{ name, size, read(offset, length) }` over a dropped file, private storage or a buffer.
#[derive(Debug)]
pub(super) struct JsSource {
    object: Object,
    name: String,
    size: u64,
    read: Function,
}

impl JsSource {
    pub(super) fn new(object: &Object) -> JsResult<Self> {
        let malformed = || JsError::new("bad_request", "the source needs name, size and read()");
        let field = |name: &str| Reflect::get(object, &name.into()).map_err(|_| malformed());
        Ok(Self {
            object: object.clone(),
            name: field("name")?.as_string().ok_or_else(malformed)?,
            size: field("size")?.as_f64().ok_or_else(malformed)? as u64,
            read: field("read")?.dyn_into().map_err(|_| malformed())?,
        })
    }
}

/// Opens a file, or the files of a pipeline as one.
pub(super) fn open(object: &Object) -> JsResult<Safetensors> {
    let Some(parts) = parts(object) else {
        return Ok(Safetensors::open(Box::new(JsSource::new(object)?))?);
    };
    let name = Reflect::get(object, &"name".into()).ok().and_then(|name| name.as_string());
    let files = parts
        .iter()
        .map(|part| Ok(Safetensors::open(Box::new(JsSource::new(&Object::from(part))?))?))
        .collect::<JsResult<Vec<_>>>()?;
    Ok(join(&name.unwrap_or_default(), files)?)
}

/// What a file is, or the files of a pipeline together.
pub(super) fn recognised(object: &Object) -> JsResult<Recognised> {
    match parts(object) {
        None => Ok(recognise(Box::new(JsSource::new(object)?))?),
        Some(_) => Ok(Recognised::of(&open(object)?)),
    }
}

fn parts(object: &Object) -> Option<Array> {
    Reflect::get(object, &"parts".into()).ok()?.dyn_into().ok()
}

impl ByteSource for JsSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.size
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let failed = |reason: String| Error::Read {
            file: self.name.clone(),
            offset,
            len: len as u64,
            reason,
        };
        let bytes = self
            .read
            .call2(&self.object, &JsValue::from(offset as f64), &JsValue::from(len as f64))
            .map_err(|error| failed(message(&error)))?
            .dyn_into::<Uint8Array>()
            .map_err(|_| failed("read() gave no bytes".into()))?
            .to_vec();
        if bytes.len() != len {
            return Err(failed(format!("only {} bytes came", bytes.len())));
        }
        Ok(bytes)
    }
}

/// What a thrown value says of itself.
fn message(error: &JsValue) -> String {
    Reflect::get(error, &"message".into())
        .ok()
        .and_then(|message| message.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}
