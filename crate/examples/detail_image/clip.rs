//! The frames of a clip, under a motion module or one by one.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use burnish::detailer::hooks::hook_chain;
use burnish::detailer::{Detailer, DetailerSettings, find_node, read_motion};
use burnish::diffusion::{BasicPipe, Lora, LoraStrength, Motion, MotionFile, Pipe};
use burnish::weights::{FileSource, Safetensors};
use pollster::block_on;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::arguments::MotionArguments;
use crate::native::Progress;
use crate::{parsed, pictures};

/// What details clips.
const NODE: &str = "DetailerForEachPipeForAnimateDiff";

/// One clip, as a list of clips has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clip {
    pub(crate) frames: PathBuf,
    /// A picture, or a folder of one for each frame.
    pub(crate) mask: PathBuf,
    pub(crate) prompt: String,
    #[serde(default)]
    pub(crate) negative: String,
    pub(crate) out: PathBuf,
}

impl Clip {
    /// Every clip of a list, its paths relative to the file.
    pub(crate) fn list(path: &Path) -> Result<Vec<Self>, Box<dyn Error>> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path:?}: {error}"))?;
        let mut clips: Vec<Self> = serde_json::from_str(&text)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for Self { frames, mask, out, .. } in &mut clips {
            for path in [frames, mask, out] {
                *path = folder.join(&*path);
            }
        }
        Ok(clips)
    }

    /// Writes the frames with what is under the mask made anew.
    pub(crate) fn detail(
        &self,
        pipe: &Pipe,
        motion: Option<&Motion>,
        settings: &DetailerSettings,
    ) -> Result<(), Box<dyn Error>> {
        let frames = pictures::read_frames(&self.frames)?;
        let masks = match self.mask.is_dir() {
            true => pictures::read_masks(&self.mask)?,
            false => vec![pictures::read_mask(&self.mask)?],
        };
        let positive = &pipe.encode_prompt(&self.prompt)?;
        let negative = &pipe.encode_prompt(&self.negative)?;
        let base = BasicPipe { pipe, motion, positive, negative };
        let detailer = Detailer::new(base, settings, &Progress);
        let mut hooks = hook_chain(&settings.detailer_hook, &detailer)?;
        let node = find_node(NODE)?;
        let detailed = block_on(async {
            let segs = node.segs_from_masks(&masks, settings, &mut hooks).await?;
            detailer.run(node, &frames, segs, &mut hooks).await
        })?;
        pictures::write_frames(&self.out, &detailed.image)?;
        eprintln!("{}: done", self.out.display());
        Ok(())
    }
}

/// The motion module of the command line, on `pipe`.
pub(crate) fn motion(
    pipe: &Pipe,
    arguments: &MotionArguments,
) -> Result<Option<Motion>, Box<dyn Error>> {
    let Some(path) = &arguments.module else { return Ok(None) };
    let open = |path: &Path| FileSource::open(path.to_owned()).map(Box::new);
    let file = MotionFile::load(Safetensors::open(open(path)?)?, &pipe.device, &Progress)?;
    let loras = arguments.loras.iter().map(|(path, strength)| {
        let lora: Rc<Lora> = Lora::open(path.to_string_lossy(), open(path)?)?;
        Ok(LoraStrength { lora, model: *strength, clip: 0.0 })
    });
    let loras = loras.collect::<burnish::Result<Vec<_>>>()?;
    let mut fields = Map::new();
    for (name, value) in &arguments.settings {
        match name.split_once('.') {
            None => {
                fields.insert(name.clone(), parsed(value));
            }
            Some((group, name)) => {
                let group = fields.entry(group).or_insert_with(|| json!({}));
                if let Value::Object(group) = group {
                    group.insert(name.to_owned(), parsed(value));
                }
            }
        }
    }
    let (name, settings) = (path.to_string_lossy(), read_motion(&fields)?);
    Ok(Some(Motion::new(pipe, &name, &file, &loras, settings)?))
}
