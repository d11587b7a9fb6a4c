//! One case of a manifest and access to what it holds.

use super::{Context, Result};
use burnish::geometry::{Rect, Size};
use burnish::image::{Frames, Mask};
use burnish::weights::DType;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One case as the manifest has it.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// `g1`, `g1s`, `g2` or `g3`.
    pub set: String,
    /// Which row replays it.
    pub kind: String,
    /// What the original was called with; seeds are decimal strings.
    #[serde(default)]
    pub params: Value,
    #[serde(default)]
    inputs: BTreeMap<String, Keys>,
    #[serde(default)]
    outputs: BTreeMap<String, Keys>,
    /// Further expected values.
    #[serde(default)]
    pub expect: Value,
    /// Largest difference to a second run of the original, by output.
    #[serde(default)]
    #[allow(dead_code, reason = "pure functions have none")]
    pub noise: Value,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Manifest {
    cases: Vec<Case>,
}

/// Numbers with a shape. Pictures stored as bytes are divided by 255 already.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Lengths of the axes, outermost first.
    pub shape: Vec<usize>,
    /// The numbers, last axis fastest.
    pub data: Vec<f32>,
}

impl Array {
    /// A picture or several: `[frames, height, width, channels]`.
    pub fn frames(self) -> Result<Frames> {
        let [count, height, width, channels] = self.shape[..] else {
            return Err(format!("{:?} is no shape of pictures", self.shape).into());
        };
        Ok(Frames::new(Size::new(width as u32, height as u32), count, channels, self.data)?)
    }

    /// Masks: `[height, width]`, or `[n, height, width]` with or without a last axis of 1.
    pub fn masks(self) -> Result<Vec<Mask>> {
        let (height, width) = match self.shape[..] {
            [height, width] | [_, height, width] | [_, height, width, 1] => (height, width),
            _ => return Err(format!("{:?} is no shape of masks", self.shape).into()),
        };
        let size = Size::new(width as u32, height as u32);
        let masks = self.data.chunks_exact(size.area().max(1));
        Ok(masks.map(|mask| Mask::new(size, mask.to_vec())).collect::<burnish::Result<_>>()?)
    }

    /// A single mask.
    pub fn mask(self) -> Result<Mask> {
        let mut masks = self.masks()?;
        if masks.len() != 1 {
            return Err(format!("one mask is needed, {} came", masks.len()).into());
        }
        Ok(masks.remove(0))
    }
}

impl Case {
    /// All cases of a folder's `manifest.json`.
    pub fn list(context: &Context) -> Result<Vec<Self>> {
        Ok(serde_json::from_slice::<Manifest>(&context.read("manifest.json")?)?.cases)
    }

    /// The parameter `name`; an error if there is none.
    pub fn param(&self, name: &str) -> Result<&Value> {
        Ok(self.params.get(name).ok_or_else(|| format!("no parameter {name:?}"))?)
    }

    /// A parameter in the type that is asked for.
    pub fn get<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T> {
        Ok(T::deserialize(self.param(name)?)?)
    }

    /// The parameter `seed`.
    pub fn seed(&self) -> Result<u64> {
        Ok(self.get::<String>("seed")?.parse()?)
    }

    /// The only input of a name.
    pub fn input(&self, context: &Context, name: &str) -> Result<Array> {
        only(self.inputs(context, name)?, name)
    }

    /// All inputs of a name; none if the case has none.
    pub fn inputs(&self, context: &Context, name: &str) -> Result<Vec<Array>> {
        arrays(context, self.inputs.get(name))
    }

    /// The only output of a name.
    pub fn output(&self, context: &Context, name: &str) -> Result<Array> {
        only(self.outputs(context, name)?, name)
    }

    /// All outputs of a name; none if the case has none.
    pub fn outputs(&self, context: &Context, name: &str) -> Result<Vec<Array>> {
        arrays(context, self.outputs.get(name))
    }

    /// Whether the case has an output of a name.
    pub fn has_output(&self, name: &str) -> bool {
        self.outputs.contains_key(name)
    }
}

/// A rectangle written as four numbers.
pub fn rect(value: &Value) -> Result<Rect> {
    let [x1, y1, x2, y2] = <[u32; 4]>::deserialize(value)?;
    Ok(Rect { x1, y1, x2, y2 })
}

/// A size written as height and width.
pub fn size(value: &Value) -> Result<Size> {
    let [height, width] = <[u32; 2]>::deserialize(value)?;
    Ok(Size { width, height })
}

fn only(mut arrays: Vec<Array>, name: &str) -> Result<Array> {
    if arrays.len() != 1 {
        return Err(format!("one {name:?} is needed, {} came", arrays.len()).into());
    }
    Ok(arrays.remove(0))
}

fn arrays(context: &Context, keys: Option<&Keys>) -> Result<Vec<Array>> {
    let keys = match keys {
        None => &[],
        Some(Keys::One(key)) => std::slice::from_ref(key),
        Some(Keys::Many(keys)) => keys,
    };
    keys.iter().map(|key| array(context, key)).collect()
}

fn array(context: &Context, key: &str) -> Result<Array> {
    let (file, path) = key.split_once('#').ok_or_else(|| format!("{key:?} names no tensor"))?;
    let file = context.file(file)?;
    let info = file.info(path)?;
    let data = if info.dtype == DType::U8 {
        file.read_bytes(path)?.into_iter().map(|level| f32::from(level) / 255.0).collect()
    } else {
        file.read_f32(path)?
    };
    Ok(Array { shape: info.shape.clone(), data })
}
