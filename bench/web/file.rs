//! A file that JavaScript reads for us.

use burnish::weights::ByteSource;
use burnish::{Error, Result};
use js_sys::{Function, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// `read(offset, length)` answers at once.
#[derive(Debug)]
pub(crate) struct JsFile {
    pub(crate) size: u64,
    pub(crate) read: Function,
}

impl ByteSource for JsFile {
    fn name(&self) -> &str {
        "networks.safetensors"
    }

    fn len(&self) -> u64 {
        self.size
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let bytes = self.read.call2(&JsValue::NULL, &(offset as f64).into(), &(len as f64).into());
        let bytes = bytes.ok().and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok());
        let bytes = bytes.map(|bytes| bytes.to_vec()).filter(|bytes| bytes.len() == len);
        bytes.ok_or_else(|| Error::Read {
            file: self.name().to_owned(),
            offset,
            len: len as u64,
            reason: "read() gave no such bytes".to_owned(),
        })
    }
}
