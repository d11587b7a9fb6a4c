//! The nodes the page offers, with the settings each listens to and their ranges.

use serde::Serialize;

use super::settings::{DetailerSettings, GuideSizeFor};
use crate::error::{Error, Result};
use crate::sampling::{SAMPLERS, SCHEDULERS};

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Domain {
    /// A number from `min` to `max`, both included.
    Number {
        /// Least value.
        min: f64,
        /// Largest value.
        max: f64,
        /// What one click of a spinner adds.
        step: f64,
    },
    /// Yes or no.
    Flag,
    /// A whole number below 2^64, as a decimal string.
    Seed,
    /// One of a list.
    Choice(Choice),
}

/// The lists a setting may be chosen from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Choice {
    /// Names in [`SAMPLERS`].
    Sampler,
    /// Names in [`SCHEDULERS`].
    Scheduler,
    /// Variants of [`GuideSizeFor`].
    GuideSizeFor,
}

impl Choice {
    /// Every name that may be chosen, in the order to list them.
    pub fn names(self) -> Vec<&'static str> {
        match self {
            Self::Sampler => SAMPLERS.iter().map(|row| row.name).collect(),
            Self::Scheduler => SCHEDULERS.iter().map(|row| row.name).collect(),
            Self::GuideSizeFor => vec!["bbox", "crop_region"],
        }
    }
}

/// One setting of a node.
#[derive(Debug, Clone, Copy)]
pub struct SettingRow {
    /// Its name in [`DetailerSettings`].
    pub name: &'static str,
    /// What it may be.
    pub domain: Domain,
    get: fn(&DetailerSettings) -> f64,
}

impl SettingRow {
    /// Whether the value in `settings` is one the node accepts.
    pub fn check(&self, settings: &DetailerSettings) -> Result<()> {
        let Domain::Number { min, max, .. } = self.domain else { return Ok(()) };
        let value = (self.get)(settings);
        if (min..=max).contains(&value) {
            return Ok(());
        }
        Err(Error::SettingRange {
            name: self.name,
            value: value.to_string(),
            range: format!("between {min} and {max}"),
        })
    }
}

/// One node.
#[derive(Debug, Clone, Copy)]
pub struct NodeRow {
    /// Its name, as requests give it.
    pub name: &'static str,
    /// What it listens to, in the order to show it. Defaults are those of [`DetailerSettings`].
    pub settings: &'static [SettingRow],
}

/// Largest side of a picture the reference accepts.
const MAX_RESOLUTION: f64 = 16384.0;

macro_rules! rows {
    ($($name:ident: $domain:expr),* $(,)?) => {
        &[$(SettingRow {
            name: stringify!($name),
            domain: $domain,
            get: |settings| settings.$name.as_number(),
        }),*]
    };
}

const fn number(min: f64, max: f64, step: f64) -> Domain {
    Domain::Number { min, max, step }
}

const SIDE: Domain = number(64.0, MAX_RESOLUTION, 8.0);
const STEPS: Domain = number(1.0, 10000.0, 1.0);
const CFG: Domain = number(0.0, 100.0, 0.1);
const DENOISE: Domain = number(0.0001, 1.0, 0.01);
const FEATHER: Domain = number(0.0, 100.0, 1.0);
const CYCLE: Domain = number(1.0, 10.0, 1.0);

/// Every node, in the order the page lists them.
pub static NODES: &[NodeRow] = &[
    NodeRow {
        name: "MaskDetailer",
        settings: rows! {
            guide_size: SIDE,
            guide_size_for: Domain::Choice(Choice::GuideSizeFor),
            max_size: SIDE,
            seed: Domain::Seed,
            steps: STEPS,
            cfg: CFG,
            sampler_name: Domain::Choice(Choice::Sampler),
            scheduler: Domain::Choice(Choice::Scheduler),
            denoise: DENOISE,
            feather: FEATHER,
            noise_mask: Domain::Flag,
            noise_mask_feather: FEATHER,
            crop_factor: number(1.0, 10.0, 0.1),
            drop_size: number(1.0, MAX_RESOLUTION, 1.0),
            cycle: CYCLE,
            contour_fill: Domain::Flag,
            bbox_fill: Domain::Flag,
            batch_size: number(1.0, 100.0, 1.0),
        },
    },
    NodeRow {
        name: "DetailerForEach",
        settings: rows! {
            guide_size: SIDE,
            guide_size_for: Domain::Choice(Choice::GuideSizeFor),
            max_size: SIDE,
            seed: Domain::Seed,
            steps: STEPS,
            cfg: CFG,
            sampler_name: Domain::Choice(Choice::Sampler),
            scheduler: Domain::Choice(Choice::Scheduler),
            denoise: DENOISE,
            feather: FEATHER,
            noise_mask: Domain::Flag,
            noise_mask_feather: FEATHER,
            force_inpaint: Domain::Flag,
            cycle: CYCLE,
        },
    },
];

/// The row called `name`, or an error that lists the names there are.
pub fn find_node(name: &str) -> Result<&'static NodeRow> {
    NODES.iter().find(|row| row.name == name).ok_or_else(|| Error::UnknownNode {
        name: name.to_owned(),
        known: NODES.iter().map(|row| row.name).collect(),
    })
}

/// Whatever a setting is, as the number its range is about; names and flags have none.
trait AsNumber {
    fn as_number(&self) -> f64 {
        0.0
    }
}

impl AsNumber for String {}
impl AsNumber for bool {}
impl AsNumber for GuideSizeFor {}

macro_rules! as_number {
    ($($number:ty),*) => {$(impl AsNumber for $number {
        fn as_number(&self) -> f64 {
            *self as f64
        }
    })*};
}

as_number!(f32, f64, u32, u64, usize);
