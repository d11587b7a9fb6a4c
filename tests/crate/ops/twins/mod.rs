//! Every kernel beside its twin: plain loops in double precision, one output at a time.
//!
//! Shared by the tests of the crate, on any adapter the system has, and by `bench/web`, in a browser
//! and in Node. Of a large output as many values are compared as the loops manage in a moment.

mod case;
mod reference;
mod shapes;

use burn::tensor::{Device, Tensor, TensorData};
use burnish::ops::{Adapter, AdapterClass};

pub use case::Case;
pub use shapes::{edges, own, random};

/// f32 sums in another order; relative to the largest value of the twin.
pub const LIMIT: f64 = 1e-5;

/// Adapters that between them pick every variant: software; a graphics card that keeps products whole
/// and convolutions plain; one that shares products out and transforms convolutions wherever it can.
pub const ADAPTERS: [(&str, Adapter); 3] = [
    ("software", adapter(AdapterClass::Software, 1, 1)),
    ("whole", adapter(AdapterClass::Hardware, 1, 1000)),
    ("shared", adapter(AdapterClass::Hardware, 400, 0)),
];

const fn adapter(class: AdapterClass, concurrent: u32, intensity: u32) -> Adapter {
    Adapter { class, concurrent, intensity, largest: 1 << 27 }
}

/// Steps of a twin's loops that a case may take.
const PATIENCE: usize = 20_000_000;

impl Case {
    /// Computes the case on `device` with the kernels of the present adapter; the largest difference
    /// from its twin over the largest value compared.
    ///
    /// # Errors
    /// A sentence when the output has another size than the twin's, or values that are no numbers.
    pub async fn error(&self, device: &Device) -> Result<f64, String> {
        let plan = self.plan();
        let found = (plan.run)(device).into_data_async().await.map_err(|e| e.to_string())?;
        let found: Vec<f32> = found.try_into_vec().map_err(|_| "the output is not f32")?;
        if found.len() != plan.outputs {
            return Err(format!("{} outputs, not {}", found.len(), plan.outputs));
        }
        if let Some(at) = found.iter().position(|value| !value.is_finite()) {
            return Err(format!("output {at} is {}", found[at]));
        }
        let count = (PATIENCE / plan.steps).clamp(64, plan.outputs.max(64));
        let stride = plan.outputs.div_ceil(count).max(1);
        let (mut worst, mut top) = (0_f64, 1e-6_f64);
        for (turn, from) in (0..plan.outputs).step_by(stride).enumerate() {
            // Not the same column in every row.
            let at = (from + turn % stride).min(plan.outputs - 1);
            let expected = (plan.at)(at);
            worst = worst.max((f64::from(found[at]) - expected).abs());
            top = top.max(expected.abs());
        }
        Ok(worst / top)
    }
}

/// What a case is carried out with.
struct Plan {
    run: Box<dyn Fn(&Device) -> Tensor<1>>,
    /// The twin of one output.
    at: Box<dyn Fn(usize) -> f64>,
    outputs: usize,
    /// Steps the twin takes for one output.
    steps: usize,
}

/// `len` numbers in -1..1 that depend on `seed` alone.
fn noise(seed: u32, len: usize) -> Vec<f32> {
    let value = |at: u32| {
        let mut x = at.wrapping_add(seed.wrapping_mul(0x9e37_79b9));
        for (shift, factor) in [(16, 0x7feb_352d), (15, 0x846c_a68b)] {
            x = (x ^ x >> shift).wrapping_mul(factor);
        }
        (x ^ x >> 16) as f32 / 2_147_483_648.0 - 1.0
    };
    (0..len as u32).map(value).collect()
}

fn upload<const D: usize>(values: &[f32], shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}
