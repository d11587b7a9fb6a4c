//! Failures as JavaScript sees them: `{ code, message }`.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use crate::Error;

pub(super) type JsResult<T> = Result<T, JsError>;

/// An error on its way out.
#[derive(Debug)]
pub struct JsError(JsValue);

impl JsError {
    pub(super) fn new(code: &str, message: &str) -> Self {
        let object = Object::new();
        for (key, value) in [("code", code), ("message", message)] {
            // Setting a field of a fresh plain object cannot fail.
            let _ = Reflect::set(&object, &key.into(), &value.into());
        }
        Self(object.into())
    }
}

impl From<Error> for JsError {
    fn from(error: Error) -> Self {
        Self::new(error.code(), &error.to_string())
    }
}

impl From<JsError> for JsValue {
    fn from(error: JsError) -> Self {
        error.0
    }
}

/// A second run while one is going.
pub(super) fn busy() -> JsError {
    JsError::new("busy", "a run is still going: cancel it or wait until it is done")
}

/// A run before any model is loaded.
pub(super) fn no_model() -> JsError {
    JsError::new("no_model", "no model is loaded yet")
}
