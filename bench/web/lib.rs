//! Single operations for a browser to time, one at a time: the rows of `bench/peer/rows.json`.
#![cfg(target_arch = "wasm32")]
#![allow(missing_debug_implementations, reason = "JavaScript has no use for it")]

mod file;
mod networks;
mod row;
#[path = "../../tests/crate/ops/twins/mod.rs"]
#[allow(unreachable_pub, dead_code, reason = "shared with the tests of the crate")]
mod twins;
mod values;

use burn::tensor::{Device, Tensor};
use burnish::ops::{Adapter, AdapterClass, set_adapter};
use js_sys::{Float32Array, Function};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use file::JsFile;
use networks::Networks;
use row::{Operation, Row};
use twins::Case;

/// A device and the operation that is timed on it.
#[wasm_bindgen]
pub struct Bench {
    device: Device,
    adapter: Adapter,
    networks: Networks,
    operation: Option<Operation>,
    cases: Vec<Case>,
}

#[wasm_bindgen]
impl Bench {
    /// Opens the GPU. `adapter` is what the browser calls it, `largest` the bytes of the largest
    /// buffer it lets a kernel read.
    pub async fn open(adapter: String, largest: f64) -> Result<Bench, JsError> {
        let (device, _) = burnish::device::open_gpu().await?;
        let adapter = Adapter::from_name(&adapter).with_largest(largest as u64);
        set_adapter(adapter);
        let networks = Networks::new(device.clone());
        Ok(Self { device, adapter, networks, operation: None, cases: Vec::new() })
    }

    /// The checkpoint that rows which are whole networks read; `read(offset, length)` gives bytes.
    pub fn checkpoint(&mut self, size: f64, read: Function) -> Result<(), JsError> {
        self.operation = None;
        self.networks.open(Box::new(JsFile { size: size as u64, read }))?;
        Ok(())
    }

    /// The adapter's row of the table: whether it is hardware, and what follows its class there.
    pub fn adapter_row(&self) -> Vec<u32> {
        let Adapter { class, concurrent, intensity, .. } = Adapter::current();
        vec![u32::from(class == AdapterClass::Hardware), concurrent, intensity]
    }

    /// Takes the adapter for another one, until the page is gone.
    pub fn set_adapter_row(&self, is_hardware: bool, concurrent: u32, intensity: u32) {
        let class = if is_hardware { AdapterClass::Hardware } else { AdapterClass::Software };
        set_adapter(Adapter { class, concurrent, intensity, ..self.adapter });
    }

    /// Lists the cases whose kernels are to be compared with their twins: every size where something
    /// ends, as many draws of random ones, and Stable Diffusion's own if wanted.
    pub fn twins(&mut self, draws: u32, own: bool) -> Vec<String> {
        let random = (1..=draws).flat_map(twins::random);
        self.cases = twins::edges().into_iter().chain(random).collect();
        if own {
            self.cases.extend(twins::own());
        }
        self.cases.iter().map(|case| format!("{case:?}")).collect()
    }

    /// How far a case is from its twin, relative to the largest value. `adapter` is one of the
    /// twins' adapters, or empty for the one at hand.
    pub async fn twin(&self, adapter: String, index: usize) -> Result<f64, JsError> {
        let named = twins::ADAPTERS.iter().find(|(name, _)| *name == adapter);
        set_adapter(named.map_or(self.adapter, |(_, adapter)| *adapter));
        let case = self.cases.get(index).ok_or_else(|| JsError::new("there is no such case"))?;
        let error = case.error(&self.device).await;
        set_adapter(self.adapter);
        error.map_err(|reason| JsError::new(&reason))
    }

    /// The largest error that counts as equal.
    pub fn twin_limit(&self) -> f64 {
        twins::LIMIT
    }

    /// Gives back what the row before took; `all` means networks that another row may want, too.
    pub fn clear(&mut self, all: bool) {
        self.operation = None;
        if all {
            self.networks.clear();
        }
        self.device.memory_cleanup();
    }

    /// Uploads inputs and weights of a row, given as JSON; replaces the row before it.
    pub fn prepare(&mut self, row: &str) -> Result<(), JsError> {
        self.operation = None;
        let row: Row = serde_json::from_str(row)?;
        self.operation = Some(row.prepare(&self.device, &mut self.networks)?);
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
