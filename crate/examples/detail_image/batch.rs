//! Redraws a folder of held-out pictures, to judge a model by.

use std::error::Error;
use std::path::Path;

use burnish::detailer::DetailerSettings;
use burnish::diffusion::Pipe;
use serde::Deserialize;

use crate::{detail, pictures};

/// `set.json`.
#[derive(Debug, Deserialize)]
struct Set {
    portraits: Vec<Portrait>,
}

/// One picture: `NAME.png`, `NAME_degraded.png` and the region to redraw, `NAME_head.png`.
#[derive(Debug, Deserialize)]
struct Portrait {
    name: String,
    caption: String,
    recolor_caption: String,
}

/// Writes `NAME_detailed.png`, the degraded picture redrawn under its own caption, and
/// `NAME_recolored.png`, the picture redrawn under a caption with another hair colour.
pub(crate) fn run(
    pipe: &Pipe,
    settings: &DetailerSettings,
    set: &Path,
    out: &Path,
) -> Result<(), Box<dyn Error>> {
    let text = std::fs::read_to_string(set.join("set.json"))?;
    let Set { portraits } = serde_json::from_str(&text)?;
    std::fs::create_dir_all(out)?;
    let settings = |denoise| DetailerSettings { denoise, ..settings.clone() };
    let (detailing, recoloring) = (settings(0.5), settings(0.8));
    for Portrait { name, caption, recolor_caption } in &portraits {
        let mask = pictures::read_mask(&set.join(format!("{name}_head.png")))?;
        let degraded = pictures::read_image(&set.join(format!("{name}_degraded.png")))?;
        let detailed = detail(pipe, &degraded, &mask, caption, "", &detailing)?;
        pictures::write_image(&out.join(format!("{name}_detailed.png")), &detailed)?;
        let original = pictures::read_image(&set.join(format!("{name}.png")))?;
        let recolored = detail(pipe, &original, &mask, recolor_caption, "", &recoloring)?;
        pictures::write_image(&out.join(format!("{name}_recolored.png")), &recolored)?;
        eprintln!("{name}: done");
    }
    Ok(())
}
