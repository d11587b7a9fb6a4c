//! Checkpoints in memory with the key names of real ones and tiny, random tensors.

use std::rc::Rc;

use burnish::weights::{MemorySource, Safetensors};
use half::{bf16, f16};
use serde_json::{Map, json};

use super::noise;

/// A list of tensors, growing into a file.
#[derive(Default)]
pub struct Checkpoint {
    tensors: Vec<(String, Vec<usize>, Vec<f32>)>,
}

impl Checkpoint {
    /// Random values, scaled so that activations keep their size.
    pub fn add(&mut self, path: &str, shape: &[usize]) -> &mut Self {
        let fan_in: usize = shape.iter().skip(1).product();
        let scale = (3.0 / fan_in as f32).sqrt();
        let seed = path.bytes().fold(7, |hash: u64, byte| hash.wrapping_mul(31) + u64::from(byte));
        let values = noise(seed, shape.iter().product()).iter().map(|v| v * scale).collect();
        self.add_values(path, shape, values)
    }

    /// These values.
    pub fn add_values(&mut self, path: &str, shape: &[usize], values: Vec<f32>) -> &mut Self {
        self.tensors.push((path.to_owned(), shape.to_vec(), values));
        self
    }

    /// `weight` of `shape` and a bias for its first axis.
    pub fn layer(&mut self, path: &str, shape: &[usize]) -> &mut Self {
        self.add(&format!("{path}.weight"), shape);
        let bias = noise(shape.len() as u64, shape[0]).iter().map(|v| v * 0.1).collect();
        self.add_values(&format!("{path}.bias"), &shape[..1], bias)
    }

    /// A normalisation: weights around 1, biases around 0.
    pub fn norm(&mut self, path: &str, channels: usize) -> &mut Self {
        let near = |middle: f32, seed| {
            noise(seed, channels).iter().map(|v| middle + v * 0.1).collect::<Vec<f32>>()
        };
        self.add_values(&format!("{path}.weight"), &[channels], near(1.0, 11));
        self.add_values(&format!("{path}.bias"), &[channels], near(0.0, 12))
    }

    /// All tensors of another list as well.
    pub fn join(&mut self, other: Self) -> &mut Self {
        self.tensors.extend(other.tensors);
        self
    }

    /// Takes a prefix off every path.
    pub fn stripped(&mut self, prefix: &str) -> &mut Self {
        for (path, ..) in &mut self.tensors {
            *path = path.trim_start_matches(prefix).to_owned();
        }
        self
    }

    /// Replaces parts of paths, one pair after the other; a path with a part that is replaced by
    /// nothing is left out.
    pub fn renamed(&mut self, pairs: &[(&str, &str)]) -> &mut Self {
        for (from, to) in pairs {
            if to.is_empty() {
                self.tensors.retain(|(path, ..)| !path.contains(from));
            }
            for (path, ..) in &mut self.tensors {
                *path = path.replace(from, to);
            }
        }
        self
    }

    /// Gives every tensor whose path ends so these values.
    pub fn with_values(&mut self, end: &str, values: &[f32]) -> &mut Self {
        for (.., old) in self.tensors.iter_mut().filter(|(path, ..)| path.ends_with(end)) {
            *old = values.to_vec();
        }
        self
    }

    /// Gives every tensor whose path ends in `to` the values of its neighbour that ends in `from`.
    pub fn same_values(&mut self, from: &str, to: &str) -> &mut Self {
        let known: Vec<_> =
            self.tensors.iter().map(|(path, _, v)| (path.clone(), v.clone())).collect();
        for (path, _, values) in &mut self.tensors {
            let Some(start) = path.strip_suffix(to) else { continue };
            let source = format!("{start}{from}");
            if let Some((_, other)) = known.iter().find(|(path, _)| *path == source) {
                values.clone_from(other);
            }
        }
        self
    }

    /// Leaves out one tensor.
    pub fn without(&mut self, path: &str) -> &mut Self {
        self.tensors.retain(|(name, ..)| name != path);
        self
    }

    /// The file, named `tiny.safetensors`, in single precision.
    pub fn open(&self) -> Rc<Safetensors> {
        Rc::new(Safetensors::open(Box::new(self.source())).unwrap())
    }

    /// [`Self::open`] for those who change the file.
    pub fn open_own(&self) -> Safetensors {
        Safetensors::open(Box::new(self.source())).unwrap()
    }

    /// The file in half precision.
    pub fn open_half(&self) -> Rc<Safetensors> {
        let file =
            self.written("F16", |value, data| data.extend(f16::from_f32(value).to_le_bytes()));
        Rc::new(Safetensors::open(Box::new(file)).unwrap())
    }

    /// The file in the upper halves of single precision.
    pub fn open_bf16(&self) -> Rc<Safetensors> {
        let file =
            self.written("BF16", |value, data| data.extend(bf16::from_f32(value).to_le_bytes()));
        Rc::new(Safetensors::open(Box::new(file)).unwrap())
    }

    /// The bytes of [`Self::open`].
    pub fn source(&self) -> MemorySource {
        self.written("F32", |value, data| data.extend(value.to_le_bytes()))
    }

    fn written(&self, dtype: &str, write: impl Fn(f32, &mut Vec<u8>)) -> MemorySource {
        let mut header = Map::new();
        let mut data = Vec::new();
        for (path, shape, values) in &self.tensors {
            let start = data.len();
            values.iter().for_each(|value| write(*value, &mut data));
            let entry =
                json!({ "dtype": dtype, "shape": shape, "data_offsets": [start, data.len()] });
            header.insert(path.clone(), entry);
        }
        let header = serde_json::to_vec(&header).unwrap();
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header);
        file.extend(data);
        MemorySource::new("tiny.safetensors", file)
    }
}
