//! What stands on the command line.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
detail_image --model MANIFEST --image IN.png --mask MASK.png --prompt TEXT --out OUT.png
             [--negative TEXT] [--set NAME=VALUE]... [--device cpu|gpu]
detail_image --model MANIFEST --batch SET_DIR OUT_DIR [--set NAME=VALUE]... [--device cpu|gpu]

MANIFEST  one of models/*.json, or a .safetensors file of Stable Diffusion 1.5
MASK      as large as the picture; whatever is not black is made anew
NAME      a setting of the MaskDetailer node: steps, cfg, denoise, seed, guide_size, ...
SET_DIR   holds set.json and the pictures it names";

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
    Batch { set: PathBuf, out: PathBuf },
}

/// The whole command line.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub model: PathBuf,
    pub device: Processor,
    pub settings: Vec<(String, String)>,
    pub job: Job,
}

impl Arguments {
    /// `None` if only the usage is wanted.
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut words = words;
        let (mut model, mut image, mut mask, mut out, mut batch) = (None, None, None, None, None);
        let (mut prompt, mut negative) = (None, String::new());
        let (mut device, mut settings) = (Processor::Gpu, Vec::new());
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--model" => model = Some(value()?.into()),
                "--image" => image = Some(value()?.into()),
                "--mask" => mask = Some(value()?.into()),
                "--out" => out = Some(value()?.into()),
                "--prompt" => prompt = Some(value()?),
                "--negative" => negative = value()?,
                "--batch" => batch = Some((value()?.into(), value()?.into())),
                "--device" => device = processor(&value()?)?,
                "--set" => settings.push(pair(&value()?)?),
                _ => return Err(format!("{word} is not understood")),
            }
        }
        let need = |what: &str| format!("{what} is missing");
        let job = match batch {
            Some((set, out)) => Job::Batch { set, out },
            None => Job::One {
                image: image.ok_or_else(|| need("--image"))?,
                mask: mask.ok_or_else(|| need("--mask"))?,
                prompt: prompt.ok_or_else(|| need("--prompt"))?,
                negative,
                out: out.ok_or_else(|| need("--out"))?,
            },
        };
        let model = model.ok_or_else(|| need("--model"))?;
        Ok(Some(Self { model, device, settings, job }))
    }
}

fn processor(name: &str) -> Result<Processor, String> {
    match name {
        "cpu" => Ok(Processor::Cpu),
        "gpu" => Ok(Processor::Gpu),
        _ => Err(format!("--device is {name:?}, it must be cpu or gpu")),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or(format!("--set {text}: no = in it"))?;
    Ok((name.to_owned(), value.to_owned()))
}
