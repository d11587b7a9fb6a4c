//! Redraws a folder of held-out pictures or clips, to judge a model by.

use std::error::Error;
use std::path::Path;
use std::thread;

use burnish::detailer::DetailerSettings;
use burnish::diffusion::Pipe;
use serde::Deserialize;

use crate::clip::{self, Footage};
use crate::{detail, pictures};

/// `set.json`.
#[derive(Debug, Deserialize)]
pub(crate) struct HeldOut {
    #[serde(default)]
    portraits: Vec<Portrait>,
    #[serde(default)]
    clips: Vec<HeldOutClip>,
}

/// One picture: `NAME.png`, `NAME_degraded.png` and the region to redraw, `NAME_head.png`.
#[derive(Debug, Deserialize)]
struct Portrait {
    name: String,
    caption: String,
    recolor_caption: String,
}

/// One clip: `NAME/KK.png` the degraded frames from 00 on, `NAME/KK_mask.png` the region to redraw.
#[derive(Debug, Deserialize)]
struct HeldOutClip {
    name: String,
    caption: String,
    frames: usize,
}

/// What opens the model, once for each thread, and with which of the arguments.
pub(crate) type Open<'a> = &'a (dyn Fn() -> Result<clip::Model, Box<dyn Error>> + Sync);

impl HeldOut {
    pub(crate) fn read(set: &Path) -> Result<Self, Box<dyn Error>> {
        let path = set.join("set.json");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{path:?}: {error}"))?;
        Ok(serde_json::from_str(&text).map_err(|error| format!("{path:?}: {error}"))?)
    }

    /// Redraws every picture and clip of `set` into `out`.
    pub(crate) fn run(
        &self,
        open: Open<'_>,
        settings: &DetailerSettings,
        [set, out]: [&Path; 2],
        threads: usize,
    ) -> Result<(), Box<dyn Error>> {
        std::fs::create_dir_all(out)?;
        if !self.portraits.is_empty() {
            let pipe = open()?.pipe;
            for portrait in &self.portraits {
                portrait.run(&pipe, settings, set, out)?;
            }
        }
        // A model stays on its thread.
        let shares = threads.clamp(1, self.clips.len().max(1));
        let share = |thread: usize| -> Result<(), String> {
            let clips = self.clips.iter().enumerate().skip(thread).step_by(shares);
            let model = open().map_err(|error| error.to_string())?;
            for (place, clip) in clips {
                clip.run(&model, settings, place, [set, out]).map_err(|error| error.to_string())?;
            }
            Ok(())
        };
        if self.clips.is_empty() {
            return Ok(());
        }
        thread::scope(|scope| {
            let started: Vec<_> =
                (1..shares).map(|thread| scope.spawn(move || share(thread))).collect();
            share(0)?;
            started
                .into_iter()
                .try_for_each(|one| one.join().map_err(|_| "a thread stopped".to_owned())?)
        })?;
        Ok(())
    }
}

impl Portrait {
    /// Writes `NAME_detailed.png`, the degraded picture redrawn under its own caption, and
    /// `NAME_recolored.png`, the picture redrawn under a caption with another hair colour.
    fn run(
        &self,
        pipe: &Pipe,
        settings: &DetailerSettings,
        set: &Path,
        out: &Path,
    ) -> Result<(), Box<dyn Error>> {
        let Self { name, caption, recolor_caption } = self;
        let settings = |denoise| DetailerSettings { denoise, ..settings.clone() };
        let mask = pictures::read_mask(&set.join(format!("{name}_head.png")))?;
        let degraded = pictures::read_image(&set.join(format!("{name}_degraded.png")))?;
        let detailed = detail(pipe, &degraded, &mask, caption, "", &settings(0.5))?;
        pictures::write_image(&out.join(format!("{name}_detailed.png")), &detailed)?;
        let original = pictures::read_image(&set.join(format!("{name}.png")))?;
        let recolored = detail(pipe, &original, &mask, recolor_caption, "", &settings(0.8))?;
        pictures::write_image(&out.join(format!("{name}_recolored.png")), &recolored)?;
        eprintln!("{name}: done");
        Ok(())
    }
}

impl HeldOutClip {
    /// Writes `NAME/KK.png`, the degraded frames redrawn under their caption. Every clip has noise of
    /// its own: the seed grows by one from clip to clip.
    fn run(
        &self,
        model: &clip::Model,
        settings: &DetailerSettings,
        place: usize,
        [set, out]: [&Path; 2],
    ) -> Result<(), Box<dyn Error>> {
        let Self { name, caption, frames } = self;
        let file = |at: usize, suffix: &str| set.join(name).join(format!("{at:02}{suffix}.png"));
        let paths: Vec<_> = (0..*frames).map(|at| file(at, "")).collect();
        let masks = (0..*frames).map(|at| pictures::read_mask(&file(at, "_mask")));
        let footage = Footage {
            frames: pictures::read_all(&paths)?,
            masks: masks.collect::<Result<_, _>>()?,
        };
        let seed = settings.seed.wrapping_add(place as u64);
        let settings = DetailerSettings { seed, ..settings.clone() };
        let made = footage.detail(model, [caption, ""], &settings)?;
        std::fs::create_dir_all(out.join(name))?;
        for at in 0..made.count {
            let path = out.join(name).join(format!("{at:02}.png"));
            pictures::write_image(&path, &made.take_frame(at))?;
        }
        eprintln!("{name}: done");
        Ok(())
    }
}
