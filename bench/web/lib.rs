//! Single operations for a browser to time, one at a time: the rows of `bench/peer/rows.json`.
#![cfg(target_arch = "wasm32")]
#![allow(missing_debug_implementations, reason = "JavaScript has no use for it")]

mod row;
mod values;

use burn::tensor::{Device, Tensor};
use burnish::ops::{Adapter, set_adapter};
use js_sys::Float32Array;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use row::{Operation, Row};

/// A device and the operation that is timed on it.
#[wasm_bindgen]
pub struct Bench {
    device: Device,
    operation: Option<Operation>,
}

#[wasm_bindgen]
impl Bench {
    /// Opens the GPU. `adapter` is what the browser calls it, `largest` the bytes of the largest
    /// buffer it lets a kernel read.
    pub async fn open(adapter: String, largest: f64) -> Result<Bench, JsError> {
        let (device, _) = burnish::device::open_gpu().await?;
        set_adapter(Adapter::from_name(&adapter).with_largest(largest as u64));
        Ok(Self { device, operation: None })
    }

    /// Uploads inputs and weights of a row, given as JSON; replaces the row before it.
    pub fn prepare(&mut self, row: &str) -> Result<(), JsError> {
        self.operation = None;
        let row: Row = serde_json::from_str(row)?;
        self.operation = Some(row.prepare(&self.device));
        Ok(())
    }

    /// Computes the row `times` times and waits for the last.
    pub async fn run(&self, times: u32) -> Result<(), JsError> {
        let operation = self.prepared()?;
        let mut last: Option<Tensor<1>> = None;
        for _ in 0..times {
            last = Some((operation.run)());
        }
        if let Some(last) = last {
            last.slice([0..1]).into_data_async().await?;
        }
        Ok(())
    }

    /// What the row computes, in the peer's order.
    pub async fn values(&self) -> Result<Float32Array, JsError> {
        let operation = self.prepared()?;
        let values = (operation.run)().into_data_async().await?.try_into_vec::<f32>();
        let values = values.map_err(|_| JsError::new("the output is not f32"))?;
        Ok(Float32Array::from((operation.in_peers_order)(values).as_slice()))
    }

    fn prepared(&self) -> Result<&Operation, JsError> {
        self.operation.as_ref().ok_or_else(|| JsError::new("no row is prepared"))
    }
}
