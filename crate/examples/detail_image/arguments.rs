//! What stands on the command line.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
detail_image --model MANIFEST --image IN.png --mask MASK.png --prompt TEXT --out OUT.png
             [--negative TEXT] [--set NAME=VALUE]... [--device cpu|gpu]
detail_image --model MANIFEST --frames IN_DIR --mask MASK.png|MASK_DIR --prompt TEXT --out OUT_DIR
             [--motion MODULE] [--motion-lora LORA[=STRENGTH]]... [--motion-set NAME=VALUE]...
             [--negative TEXT] [--set NAME=VALUE]... [--device cpu|gpu]
detail_image --model MANIFEST --clips CLIPS.json [--motion ...]... [--set ...]... [--device cpu|gpu]
detail_image --model MANIFEST --batch SET_DIR OUT_DIR [--motion ...]... [--set ...]...
             [--threads COUNT] [--device cpu|gpu]

MANIFEST  one of models/*.json, or a .safetensors file of Stable Diffusion 1.5
MASK      as large as the picture; whatever is not black is made anew
IN_DIR    PNGs, the frames of a clip in the order of the numbers in their names
MASK_DIR  the same, a mask for each frame
MODULE    a motion module (.safetensors), or `own` for the one the manifest names, with what it
          recommends; without one frames are made anew one by one
CLIPS     a list of { frames, mask, prompt, negative, out }, paths relative to it
NAME      a setting of the MaskDetailer node: steps, cfg, denoise, seed, guide_size, ...; for motion
          scale, effect, beta_schedule, noise_type, context.length, context.overlap, ...
SET_DIR   holds set.json and the pictures or clips it names
COUNT     clips of a set to work on at a time, each with a model of its own; 1 unless given";

/// Where the networks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Processor {
    Cpu,
    Gpu,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Job {
    One { image: PathBuf, mask: PathBuf, prompt: String, negative: String, out: PathBuf },
    Clip { frames: PathBuf, mask: PathBuf, prompt: String, negative: String, out: PathBuf },
    Clips { list: PathBuf },
    Batch { set: PathBuf, out: PathBuf },
}

/// What is to work between the frames of a clip.
#[derive(Debug, Default)]
pub(crate) struct MotionArguments {
    pub module: Option<PathBuf>,
    pub loras: Vec<(PathBuf, f32)>,
    pub settings: Vec<(String, String)>,
}

/// The whole command line.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub model: PathBuf,
    pub device: Processor,
    pub settings: Vec<(String, String)>,
    pub motion: MotionArguments,
    pub threads: usize,
    pub job: Job,
}

impl Arguments {
    /// `None` if only the usage is wanted.
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut words = words;
        let (mut model, mut image, mut mask, mut out, mut batch) = (None, None, None, None, None);
        let (mut frames, mut clips, mut motion) = (None, None, MotionArguments::default());
        let (mut prompt, mut negative) = (None, String::new());
        let (mut device, mut settings, mut threads) = (Processor::Gpu, Vec::new(), 1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--model" => model = Some(value()?.into()),
                "--image" => image = Some(value()?.into()),
                "--frames" => frames = Some(value()?.into()),
                "--clips" => clips = Some(value()?.into()),
                "--mask" => mask = Some(value()?.into()),
                "--out" => out = Some(value()?.into()),
                "--prompt" => prompt = Some(value()?),
                "--negative" => negative = value()?,
                "--batch" => batch = Some((value()?.into(), value()?.into())),
                "--device" => device = processor(&value()?)?,
                "--threads" => threads = count(&value()?)?,
                "--set" => settings.push(pair(&value()?)?),
                "--motion" => motion.module = Some(value()?.into()),
                "--motion-lora" => motion.loras.push(lora(&value()?)?),
                "--motion-set" => motion.settings.push(pair(&value()?)?),
                _ => return Err(format!("{word} is not understood")),
            }
        }
        let need = |what: &str| format!("{what} is missing");
        let job = match (batch, clips) {
            (Some((set, out)), _) => Job::Batch { set, out },
            (None, Some(list)) => Job::Clips { list },
            (None, None) => {
                let mask = mask.ok_or_else(|| need("--mask"))?;
                let prompt = prompt.ok_or_else(|| need("--prompt"))?;
                let out = out.ok_or_else(|| need("--out"))?;
                match (frames, image) {
                    (Some(frames), _) => Job::Clip { frames, mask, prompt, negative, out },
                    (None, Some(image)) => Job::One { image, mask, prompt, negative, out },
                    (None, None) => return Err(need("--image or --frames")),
                }
            }
        };
        let model = model.ok_or_else(|| need("--model"))?;
        Ok(Some(Self { model, device, settings, motion, threads, job }))
    }
}

fn processor(name: &str) -> Result<Processor, String> {
    match name {
        "cpu" => Ok(Processor::Cpu),
        "gpu" => Ok(Processor::Gpu),
        _ => Err(format!("--device is {name:?}, it must be cpu or gpu")),
    }
}

fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or(format!("{text:?} is no count, it must be 1 or more"))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or(format!("{text}: there is no = in it"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn lora(text: &str) -> Result<(PathBuf, f32), String> {
    let Some((path, strength)) = text.rsplit_once('=') else { return Ok((text.into(), 1.0)) };
    let strength = strength.parse().map_err(|_| format!("{strength:?} is no strength"))?;
    Ok((path.into(), strength))
}
