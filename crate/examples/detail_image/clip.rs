//! The frames of a clip, under a motion module or one by one.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use burnish::detailer::hooks::hook_chain;
use burnish::detailer::{Detailer, DetailerSettings, find_node, read_motion};
use burnish::diffusion::{
    BasicPipe, Lora, LoraStrength, ModelManifest, Motion, MotionFile, MotionSettings, Pipe,
};
use burnish::image::{Frames, Mask};
use burnish::weights::{FileSource, Safetensors};
use pollster::block_on;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::arguments::MotionArguments;
use crate::native::Progress;
use crate::{parsed, pictures};

/// What details clips.
const NODE: &str = "DetailerForEachPipeForAnimateDiff";
/// Stands for the motion module that the model's manifest names.
const OWN: &str = "own";

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

/// What is seen, and where to make it anew.
#[derive(Debug)]
pub(crate) struct Footage {
    pub(crate) frames: Frames,
    /// One for all frames, or one for each.
    pub(crate) masks: Vec<Mask>,
}

/// A checkpoint, and what works between frames.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) pipe: Pipe,
    motion: Option<Motion>,
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
        model: &Model,
        settings: &DetailerSettings,
    ) -> Result<(), Box<dyn Error>> {
        let frames = pictures::read_frames(&self.frames)?;
        let masks = match self.mask.is_dir() {
            true => pictures::read_masks(&self.mask)?,
            false => vec![pictures::read_mask(&self.mask)?],
        };
        let footage = Footage { frames, masks };
        let made = footage.detail(model, [&self.prompt, &self.negative], settings)?;
        pictures::write_frames(&self.out, &made)?;
        eprintln!("{}: done", self.out.display());
        Ok(())
    }
}

impl Footage {
    /// The frames made anew under two prompts.
    pub(crate) fn detail(
        &self,
        Model { pipe, motion }: &Model,
        [positive, negative]: [&str; 2],
        settings: &DetailerSettings,
    ) -> burnish::Result<Frames> {
        let positive = &pipe.encode_prompt(positive)?;
        let negative = &pipe.encode_prompt(negative)?;
        let base = BasicPipe { pipe, motion: motion.as_ref(), positive, negative };
        let detailer = Detailer::new(base, settings, &Progress);
        let mut hooks = hook_chain(&settings.detailer_hook, &detailer)?;
        let node = find_node(NODE)?;
        let detailed = block_on(async {
            let segs = node.segs_from_masks(&self.masks, settings, &mut hooks).await?;
            detailer.run(node, &self.frames, segs, &mut hooks).await
        })?;
        Ok(detailed.image)
    }
}

impl Model {
    /// Puts what the command line wants between frames on `pipe`, whose manifest is in `path`.
    pub(crate) fn new(
        pipe: Pipe,
        manifest: &ModelManifest,
        path: &Path,
        arguments: &MotionArguments,
    ) -> Result<Self, Box<dyn Error>> {
        let Some(module) = &arguments.module else {
            let settings = read_settings(Map::new(), arguments)?;
            let asked = settings != MotionSettings::default();
            let motion = asked.then(|| Motion::without_module(&pipe, settings)).transpose()?;
            return Ok(Self { pipe, motion });
        };
        let own = || manifest.motion.as_ref().ok_or("the model has no motion module of its own");
        let (module, usual) = if module.as_os_str() == OWN {
            let folder = path.parent().unwrap_or(Path::new("."));
            (folder.join(&own()?.file), own()?.recommended.clone())
        } else {
            (module.clone(), Map::new())
        };
        let open = |path: &Path| FileSource::open(path).map(Box::new);
        let file = MotionFile::load(Safetensors::open(open(&module)?)?, &pipe.device, &Progress)?;
        let loras = arguments.loras.iter().map(|(path, strength)| {
            let lora: Rc<Lora> = Lora::open(path.to_string_lossy(), open(path)?)?;
            Ok(LoraStrength { lora, model: *strength, clip: 0.0 })
        });
        let loras = loras.collect::<burnish::Result<Vec<_>>>()?;
        let settings = read_settings(usual, arguments)?;
        let motion = Motion::new(&pipe, &module.to_string_lossy(), &file, &loras, settings)?;
        Ok(Self { pipe, motion: Some(motion) })
    }
}

/// The settings of the command line over those that suit the module.
fn read_settings(
    usual: Map<String, Value>,
    arguments: &MotionArguments,
) -> burnish::Result<MotionSettings> {
    let mut fields = usual;
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
    read_motion(&fields)
}
