//! Which tensors the files of published models have: key, format and shape.

use burnish::weights::diffusers;
use flate2::read::GzDecoder;
use std::io::Read;

use super::unet::{Shape, unet};

/// One tensor of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its key in the file.
    pub key: String,
    /// The key its numbers follow from: the same network under other names has the same numbers.
    pub seed: String,
    /// `F16`, `F32`, `I32` or `I64`.
    pub dtype: String,
    /// Lengths of its axes, outermost first.
    pub shape: Vec<usize>,
}

impl Row {
    pub fn half(key: String, shape: &[usize]) -> Self {
        Self { seed: key.clone(), key, dtype: "F16".to_owned(), shape: shape.to_vec() }
    }

    /// Its number of elements.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// A kind of file and its tensors.
pub type Kind = (&'static str, fn() -> Vec<Row>);

macro_rules! published {
    ($name:literal) => {
        ($name, || {
            read(include_bytes!(concat!("../../../tests/golden/layouts/", $name, ".json.gz")))
        })
    };
}

/// Every kind of file; those in `tests/golden/layouts`, and what follows from them.
pub static KINDS: &[Kind] = &[
    published!("sd15"),
    published!("sd15-inpaint"),
    published!("controlnet-sd15"),
    published!("lora-kohya"),
    published!("motion-v2"),
    published!("motion-v3"),
    published!("vae-only"),
    published!("taesd-decoder"),
    published!("taesd-encoder"),
    published!("sdxl"),
    ("controlnet-diffusers", controlnet_diffusers),
    ("clip-only", clip_only),
    ("sd21", sd21),
    ("sdxl-refiner", refiner),
];

/// The tensors of a kind, in the order of the file; nothing for an unknown one.
pub fn tensors(kind: &str) -> Option<Vec<Row>> {
    let (_, rows) = KINDS.iter().find(|(name, _)| *name == kind)?;
    Some(in_file_order(rows()))
}

/// Wide formats first, then by key, as the safetensors library writes them.
pub fn in_file_order(mut rows: Vec<Row>) -> Vec<Row> {
    let rank = |row: &Row| ["I64", "F32", "I32", "F16"].iter().position(|d| *d == row.dtype);
    rows.sort_by(|a, b| (rank(a), &a.key).cmp(&(rank(b), &b.key)));
    rows
}

fn read(compressed: &[u8]) -> Vec<Row> {
    let mut json = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut json).expect("the layouts are gzip");
    let rows: Vec<(String, String, Vec<usize>)> =
        serde_json::from_slice(&json).expect("the layouts are lists of tensors");
    let row = |(key, dtype, shape): (String, String, Vec<usize>)| Row {
        seed: key.clone(),
        key,
        dtype,
        shape,
    };
    rows.into_iter().map(row).collect()
}

fn published(kind: &str) -> Vec<Row> {
    tensors(kind).unwrap_or_default()
}

/// The ControlNet under the names of diffusers, with the same numbers.
fn controlnet_diffusers() -> Vec<Row> {
    /// Of the two residual blocks and the resampling in every level.
    const LEVEL: usize = 3;
    let renamed = |row: Row| {
        let (layer, leaf) = row.key.strip_prefix("control_model.")?.rsplit_once('.')?;
        let number = |prefix: &str| -> Option<usize> {
            layer.strip_prefix(prefix)?.split('.').next()?.parse().ok()
        };
        let layer = match (number("input_hint_block."), number("zero_convs.")) {
            (Some(0), _) => "controlnet_cond_embedding.conv_in".to_owned(),
            (Some(14), _) => "controlnet_cond_embedding.conv_out".to_owned(),
            (Some(n), _) => format!("controlnet_cond_embedding.blocks.{}", n / 2 - 1),
            (_, Some(n)) => format!("controlnet_down_blocks.{n}"),
            _ if layer == "middle_block_out.0" => "controlnet_mid_block".to_owned(),
            _ => diffusers::from_single_file(layer, LEVEL)?,
        };
        Some(Row { key: format!("{layer}.{leaf}"), ..row })
    };
    published("controlnet-sd15").into_iter().filter_map(renamed).collect()
}

/// CLIP-L on its own, with the numbers it has in the checkpoint.
fn clip_only() -> Vec<Row> {
    let inside = |row: Row| {
        let key = row.key.strip_prefix("cond_stage_model.transformer.")?.to_owned();
        Some(Row { key, ..row })
    };
    published("sd15").into_iter().filter_map(inside).collect()
}

fn sd21() -> Vec<Row> {
    let shape = Shape {
        width: 320,
        multipliers: &[1, 2, 4, 4],
        depths: &[1, 1, 1, 0],
        middle_depth: 1,
        context: 1024,
        is_linear: true,
        told: 0,
    };
    let mut rows = unet(&shape);
    rows.extend(vae());
    rows.extend(open_clip("cond_stage_model.model", 1024, 24));
    rows
}

fn refiner() -> Vec<Row> {
    let shape = Shape {
        width: 384,
        multipliers: &[1, 2, 4, 4],
        depths: &[0, 4, 4, 0],
        middle_depth: 4,
        context: 1280,
        is_linear: true,
        told: 2560,
    };
    let mut rows = unet(&shape);
    rows.extend(vae());
    rows.extend(open_clip("conditioner.embedders.0.model", 1280, 32));
    rows
}

fn vae() -> impl Iterator<Item = Row> {
    published("sdxl").into_iter().filter(|row| row.key.starts_with("first_stage_model."))
}

/// An OpenCLIP text encoder: that of XL, narrower and with fewer layers.
fn open_clip(prefix: &str, width: usize, layers: usize) -> Vec<Row> {
    /// Width of the one in XL.
    const GIVEN: usize = 1280;
    let own = |row: Row| {
        let inner = row.key.strip_prefix("conditioner.embedders.1.model.")?;
        let layer = inner
            .strip_prefix("transformer.resblocks.")
            .and_then(|rest| rest.split('.').next()?.parse::<usize>().ok());
        let axis =
            |axis: &usize| if axis.is_multiple_of(GIVEN) { axis / GIVEN * width } else { *axis };
        let shape: Vec<usize> = row.shape.iter().map(axis).collect();
        layer
            .is_none_or(|layer| layer < layers)
            .then(|| Row::half(format!("{prefix}.{inner}"), &shape))
    };
    published("sdxl").into_iter().filter_map(own).collect()
}
