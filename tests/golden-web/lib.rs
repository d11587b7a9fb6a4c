//! The example `golden` for a browser: the same families, the files handed over by the page.
#![cfg(target_arch = "wasm32")]
#![allow(unreachable_pub, reason = "the modules are a library to other programs than this one")]
#![allow(dead_code, reason = "shared with the example")]
#![allow(missing_debug_implementations, reason = "JavaScript has no use for it")]

#[path = "../../crate/examples/golden/families/mod.rs"]
mod families;
#[path = "../../crate/examples/golden/replay/mod.rs"]
mod replay;

use burnish::ops::{Adapter, set_adapter};
use js_sys::{Function, Uint8Array};
use replay::{Case, Context, Folder, Result, Verdict, Wanted};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};

/// Files the page has fetched: `read(name)` answers at once with their bytes.
struct Fetched(Function);

impl Folder for Fetched {
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let bytes = self.0.call1(&JsValue::NULL, &name.into());
        let bytes = bytes.ok().and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok());
        Ok(bytes.ok_or_else(|| format!("{name} was not fetched"))?.to_vec())
    }
}

/// The cases of a folder and the device they are replayed on.
#[wasm_bindgen]
pub struct Golden {
    context: Context,
    cases: Vec<Case>,
}

#[wasm_bindgen]
impl Golden {
    /// Opens the GPU and lists the cases that `filter` and `sample` let through, as the example's
    /// arguments of these names. `adapter` is what the browser calls the GPU.
    pub async fn open(
        read: Function,
        adapter: String,
        filter: String,
        sample: String,
    ) -> std::result::Result<Golden, JsError> {
        let failed = |error: Box<dyn std::error::Error>| JsError::new(&error.to_string());
        let (device, _) = burnish::device::open_gpu().await?;
        set_adapter(Adapter::from_name(&adapter));
        let context = Context::new(Box::new(Fetched(read)), device);
        let sample = if sample.is_empty() { None } else { Some(sample.parse()) };
        let sample = sample.transpose().map_err(|error: String| JsError::new(&error))?;
        let wanted = Wanted { filter, sample };
        let mut cases = Case::list(&context).map_err(failed)?;
        cases.retain(|case| wanted.includes(case));
        Ok(Self { context, cases })
    }

    /// Names of the cases.
    pub fn names(&self) -> Vec<String> {
        self.cases.iter().map(|case| case.id.clone()).collect()
    }

    /// Replays one case; the verdict as the example prints it.
    pub async fn replay(&self, index: usize) -> String {
        match self.cases.get(index) {
            Some(case) => replay::replay(families::FAMILIES, &self.context, case).await.to_string(),
            None => Verdict::Broken(format!("there is no case {index}")).to_string(),
        }
    }
}
