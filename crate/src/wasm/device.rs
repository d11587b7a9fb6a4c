//! Opening the device this build computes on.

use burn::tensor::Device;
use serde::Serialize;

use super::error::{JsError, JsResult};

/// What the page tells the user about the device.
#[derive(Debug, Serialize)]
pub(super) struct About {
    kind: &'static str,
    name: String,
    detail: String,
}

#[cfg(feature = "gpu")]
pub(super) async fn open(backend: &str) -> JsResult<(Device, About)> {
    use crate::ops::{Adapter, AdapterClass, set_adapter};
    if backend != "webgpu" {
        return Err(wrong_build(backend, "webgpu"));
    }
    let (described, largest) = describe_adapter().await?;
    let device = Device::wgpu_options().init_async().await.map_err(|error| {
        JsError::new("no_webgpu", &format!("the browser refused a WebGPU device: {error}"))
    })?;
    let adapter = Adapter::from_name(&described.join(" ")).with_largest(largest);
    set_adapter(adapter);
    let kind = match adapter.class {
        AdapterClass::Hardware => "gpu",
        AdapterClass::Software => "software",
    };
    let [description, vendor, architecture] = described;
    let detail = [vendor, architecture].join(" ").trim().to_owned();
    let name = if description.is_empty() { detail.clone() } else { description };
    Ok((device, About { kind, name, detail }))
}

/// `[description, vendor, architecture]` of the adapter the browser picks, and the bytes of the
/// largest buffer it lets a kernel read.
#[cfg(feature = "gpu")]
async fn describe_adapter() -> JsResult<([String; 3], u64)> {
    use js_sys::{Function, Promise, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    let missing = || {
        JsError::new(
            "no_webgpu",
            "this browser offers no WebGPU adapter; a current Chrome, Edge, Firefox or Safari does",
        )
    };
    let field = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
    let request = || -> Option<Promise> {
        let gpu = field(&field(&js_sys::global(), "navigator")?, "gpu")?;
        let request: Function = field(&gpu, "requestAdapter")?.dyn_into().ok()?;
        request.call0(&gpu).ok()?.dyn_into().ok()
    };
    let promise = request().ok_or_else(missing)?;
    let adapter =
        wasm_bindgen_futures::JsFuture::from(promise).await.map_err(|_refused| missing())?;
    let info = field(&adapter, "info").ok_or_else(missing)?;
    if info.is_undefined() {
        return Err(missing());
    }
    let text = |name| field(&info, name).and_then(|v| v.as_string()).unwrap_or_default();
    let largest = field(&adapter, "limits")
        .and_then(|limits| field(&limits, "maxStorageBufferBindingSize"))
        .and_then(|bytes| bytes.as_f64())
        .ok_or_else(missing)?;
    Ok(([text("description"), text("vendor"), text("architecture")], largest as u64))
}

#[cfg(not(feature = "gpu"))]
pub(super) async fn open(backend: &str) -> JsResult<(Device, About)> {
    if backend != "cpu" {
        return Err(wrong_build(backend, "cpu"));
    }
    let about = About { kind: "cpu", name: "CPU".into(), detail: "WebAssembly SIMD".into() };
    Ok((Device::flex(), about))
}

fn wrong_build(asked: &str, has: &str) -> JsError {
    JsError::new("wrong_build", &format!("this build computes on {has}, not on {asked}"))
}
