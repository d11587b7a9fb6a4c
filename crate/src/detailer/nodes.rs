//! The five nodes: what each listens to, and how it goes about its segments.

use serde_json::{Map, Value};

use super::setting::{
    CFG, Choice, DENOISE, Domain, MAX_RESOLUTION, STEPS, SettingRow, number, setting,
};
use super::settings::DetailerSettings;
use crate::error::{Error, Result};

/// One node.
#[derive(Debug, Clone, Copy)]
pub struct NodeRow {
    /// Its name, as requests give it.
    pub name: &'static str,
    /// What it works on.
    pub pictures: Pictures,
    /// Where the pixels of a segment come from.
    pub crops: Crops,
    /// Whether new crops go back into the picture; if not, they are only handed out as segments.
    pub pastes: bool,
    /// Whether hooks see more than the pasted picture, unless a setting asks for it.
    pub hooks_see_all: bool,
    /// How segments are seeded.
    pub seeds: Seeds,
    /// Default of `max_size`; all other defaults are those of [`DetailerSettings`].
    max_size: f64,
    /// What it listens to, in groups.
    groups: &'static [&'static [SettingRow]],
}

/// What a node works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// A single picture.
    One,
    /// The frames of a clip, all at once.
    Frames,
}

/// Where the pixels of a segment come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crops {
    /// The picture as earlier segments left it.
    Canvas,
    /// The segment's own picture if it has one, else the canvas.
    Own,
}

/// How segments are seeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeds {
    /// Each one higher than the one before it, skipped ones counted.
    Rising,
    /// All alike, and one higher than the setting says.
    SharedFromNext,
    /// All as the setting says.
    Shared,
}

impl Seeds {
    /// Seed of segment `index` in pass `pass`.
    pub fn of(self, seed: u64, pass: usize, index: usize) -> u64 {
        let more = pass as u64
            + match self {
                Self::Rising => index as u64,
                Self::SharedFromNext => 1,
                Self::Shared => 0,
            };
        seed.wrapping_add(more)
    }
}

const SIDE: Domain = number(64.0, MAX_RESOLUTION, 8.0);
const FEATHER: Domain = number(0.0, 100.0, 1.0);

/// What every node listens to.
const SHARED: &[SettingRow] = &[
    setting("guide_size", SIDE),
    setting("guide_size_for", Domain::Choice(Choice::GuideSizeFor)),
    setting("max_size", SIDE),
    setting("seed", Domain::Seed),
    setting("steps", STEPS),
    setting("cfg", CFG),
    setting("sampler_name", Domain::Choice(Choice::Sampler)),
    setting("scheduler", Domain::Choice(Choice::Scheduler)),
    setting("noise_mode", Domain::Choice(Choice::NoiseMode)),
    setting("stop_at_clip_layer", number(-24.0, -1.0, 1.0)),
    setting("denoise", DENOISE),
    setting("noise_mask_feather", FEATHER),
    setting("scheduler_func_opt", Domain::SchedulerFunc),
];
/// What nodes for a single picture add.
const STILL: &[SettingRow] = &[
    setting("noise_mask", Domain::Flag),
    setting("cycle", number(1.0, 10.0, 1.0)),
    setting("inpaint_model", Domain::Flag),
];
const FORCE_INPAINT: &[SettingRow] = &[setting("force_inpaint", Domain::Flag)];
const PASTE: &[SettingRow] = &[setting("feather", FEATHER)];
const WILDCARD: &[SettingRow] = &[setting("wildcard", Domain::Text)];
const REFINER: &[SettingRow] = &[setting("refiner_ratio", number(0.0, 1.0, 0.02))];
const BATCH: &[SettingRow] = &[setting("batch_size", number(1.0, 100.0, 1.0))];
const HOOK: &[SettingRow] = &[setting("detailer_hook", Domain::Hooks)];
/// The nodes for clips show hooks little; here they may see all.
const CLIP_HOOK: &[SettingRow] =
    &[setting("detailer_hook", Domain::Hooks), setting("hooks_see_all", Domain::Flag)];
/// How a mask becomes segments.
const MASK: &[SettingRow] = &[
    setting("crop_factor", number(1.0, 10.0, 0.1)),
    setting("drop_size", number(1.0, MAX_RESOLUTION, 1.0)),
    setting("contour_fill", Domain::Flag),
    setting("bbox_fill", Domain::Flag),
];

/// Every node, in the order the page lists them.
pub static NODES: &[NodeRow] = &[
    NodeRow {
        name: "MaskDetailerPipe",
        pictures: Pictures::One,
        crops: Crops::Canvas,
        pastes: true,
        hooks_see_all: true,
        seeds: Seeds::Rising,
        max_size: 1024.0,
        groups: &[SHARED, STILL, PASTE, REFINER, BATCH, MASK, HOOK],
    },
    NodeRow {
        name: "DetailerForEach",
        pictures: Pictures::One,
        crops: Crops::Canvas,
        pastes: true,
        hooks_see_all: true,
        seeds: Seeds::Rising,
        max_size: 1024.0,
        groups: &[SHARED, STILL, FORCE_INPAINT, PASTE, WILDCARD, HOOK],
    },
    NodeRow {
        name: "SEGSDetailer",
        pictures: Pictures::One,
        crops: Crops::Own,
        pastes: false,
        hooks_see_all: false,
        seeds: Seeds::SharedFromNext,
        max_size: 768.0,
        groups: &[SHARED, STILL, FORCE_INPAINT, REFINER, BATCH],
    },
    NodeRow {
        name: "SEGSDetailerForAnimateDiff",
        pictures: Pictures::Frames,
        crops: Crops::Own,
        pastes: false,
        hooks_see_all: false,
        seeds: Seeds::Shared,
        max_size: 768.0,
        groups: &[SHARED, REFINER, CLIP_HOOK],
    },
    NodeRow {
        name: "DetailerForEachPipeForAnimateDiff",
        pictures: Pictures::Frames,
        crops: Crops::Own,
        pastes: true,
        hooks_see_all: false,
        seeds: Seeds::Shared,
        max_size: 1024.0,
        groups: &[SHARED, PASTE, REFINER, CLIP_HOOK],
    },
];

/// The row called `name`, or an error that lists the names there are. MaskDetailerPipe also goes by
/// its title, MaskDetailer.
pub fn find_node(name: &str) -> Result<&'static NodeRow> {
    let name = if name == "MaskDetailer" { "MaskDetailerPipe" } else { name };
    NODES.iter().find(|row| row.name == name).ok_or_else(|| Error::UnknownNode {
        name: name.to_owned(),
        known: NODES.iter().map(|row| row.name).collect(),
    })
}

impl NodeRow {
    /// What it listens to, in the order to show it.
    pub fn settings(&self) -> impl Iterator<Item = &'static SettingRow> {
        self.groups.iter().copied().flatten()
    }

    /// Whether it listens to a setting.
    pub fn has(&self, name: &str) -> bool {
        self.settings().any(|row| row.name == name)
    }

    /// Its settings as they are when nobody touched them.
    pub fn defaults(&self) -> DetailerSettings {
        DetailerSettings { max_size: self.max_size, ..DetailerSettings::default() }
    }

    /// Its defaults with `given` put over them; an error for what is no setting of any node.
    pub fn read(&self, given: &Map<String, Value>) -> Result<DetailerSettings> {
        self.merged(self.defaults(), given.iter())
    }

    /// `settings` as the node understands them: what it does not listen to has its default.
    pub fn heard(&self, settings: &DetailerSettings) -> Result<DetailerSettings> {
        let fields = serde_json::to_value(settings).map_err(malformed)?;
        let fields = fields.as_object().into_iter().flatten().filter(|(name, _)| self.has(name));
        self.merged(self.defaults(), fields)
    }

    fn merged<'v>(
        &self,
        base: DetailerSettings,
        over: impl Iterator<Item = (&'v String, &'v Value)>,
    ) -> Result<DetailerSettings> {
        let mut fields = serde_json::to_value(base).map_err(malformed)?;
        if let Some(fields) = fields.as_object_mut() {
            fields.extend(over.map(|(name, value)| (own_name(name).to_owned(), value.clone())));
        }
        serde_json::from_value(fields).map_err(malformed)
    }
}

/// MaskDetailer calls one setting otherwise.
fn own_name(name: &str) -> &str {
    if name == "mask_mode" { "noise_mask" } else { name }
}

fn malformed(error: serde_json::Error) -> Error {
    Error::BadRequest { reason: format!("settings: {error}") }
}
