//! A folder of recorded cases.

use burn::tensor::{Device, Tensor, TensorData};
use burnish::weights::{DType, FileSource, Safetensors};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

use super::Result;

/// One case as the manifest has it.
#[derive(Debug, Deserialize)]
pub struct Case {
    pub id: String,
    pub kind: String,
    pub params: Value,
    inputs: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
    tolerance: BTreeMap<String, BTreeMap<String, Limit>>,
}

/// Largest errors accepted, as shares of the standard deviation of what was recorded.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Limit {
    /// Root of the mean square.
    pub rel_rms: f64,
    /// Any single value's.
    pub rel_max: f64,
}

/// Cases and the files that hold their numbers.
pub struct Recorded {
    pub cases: Vec<Case>,
    files: BTreeMap<String, Safetensors>,
}

impl Recorded {
    pub fn open(folder: &Path) -> Result<Self> {
        #[derive(Deserialize)]
        struct Manifest {
            cases: Vec<Case>,
        }
        let manifest = folder.join("manifest.json");
        let text =
            std::fs::read(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
        let Manifest { cases } = serde_json::from_slice(&text)?;
        let mut files = BTreeMap::new();
        let keys = cases.iter().flat_map(|case| case.inputs.values().chain(case.outputs.values()));
        for name in keys.filter_map(|key| key.split('#').next()) {
            if !files.contains_key(name) {
                let source = FileSource::open(folder.join(name))?;
                files.insert(name.to_owned(), Safetensors::open(Box::new(source))?);
            }
        }
        Ok(Self { cases, files })
    }

    /// An input as a tensor on `device`.
    pub fn input<const N: usize>(
        &self,
        case: &Case,
        name: &str,
        device: &Device,
    ) -> Result<Tensor<N>> {
        let (shape, values) = self.values(case.inputs.get(name), name)?;
        Ok(Tensor::from_data(TensorData::new(values, shape), device))
    }

    /// An input as plain numbers and their shape.
    pub fn numbers(&self, case: &Case, name: &str) -> Result<(Vec<usize>, Vec<f32>)> {
        self.values(case.inputs.get(name), name)
    }

    /// An output and its limits: those recorded under the name `limits`, or that number.
    pub fn output(&self, case: &Case, name: &str, limits: &str) -> Result<(Vec<f32>, Limit)> {
        let (_, values) = self.values(case.outputs.get(name), name)?;
        if let Ok(most) = limits.parse() {
            return Ok((values, Limit { rel_rms: most, rel_max: most }));
        }
        let limit = case.tolerance.get(name).and_then(|all| all.get(limits));
        Ok((values, *limit.ok_or_else(|| format!("no {limits} limit for {name:?}"))?))
    }

    fn values(&self, key: Option<&String>, name: &str) -> Result<(Vec<usize>, Vec<f32>)> {
        let (file, path) = key
            .and_then(|key| key.split_once('#'))
            .ok_or_else(|| format!("nothing is recorded as {name:?}"))?;
        let file = self.files.get(file).ok_or("a file is missing")?;
        let info = file.info(path)?;
        let values = match info.dtype {
            DType::I64 => {
                let bytes = file.read_bytes(path)?;
                bytes.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes) as f32).collect()
            }
            _ => file.read_f32(path)?,
        };
        Ok((info.shape.clone(), values))
    }
}
