//! The whole pipeline on the command line: details the marked part of one picture, of the frames of
//! clips, or of a folder of pictures to judge a model by. `--help` says how.

mod arguments;
mod clip;
mod held_out;
mod native;
mod pictures;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use arguments::{Arguments, Job, USAGE};
use burnish::detailer::hooks::hook_chain;
use burnish::detailer::{Detailer, DetailerSettings, find_node, segs_from_masks};
use burnish::diffusion::{BasicPipe, ModelManifest, Pipe};
use burnish::image::{Frames, Mask};
use clip::{Clip, Model};
use held_out::HeldOut;
use native::Progress;
use pollster::block_on;
use serde_json::Value;

/// What the example runs.
const NODE: &str = "MaskDetailerPipe";

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(None) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Some(arguments)) => report(run(&arguments)),
        Err(message) => report(Err(format!("{message}\n\n{USAGE}").into())),
    }
}

fn report(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let manifest = native::read_manifest(&arguments.model)?;
    let settings = settings(&manifest, &arguments.settings)?;
    let load_pipe = || native::load_pipe(&arguments.model, &manifest, arguments.device);
    let load_model = || Model::new(load_pipe()?, &manifest, &arguments.model, &arguments.motion);
    match &arguments.job {
        Job::One { image, mask, prompt, negative, out } => {
            let (image, mask) = (pictures::read_image(image)?, pictures::read_mask(mask)?);
            let pipe = load_pipe()?;
            let detailed = detail(&pipe, &image, &mask, prompt, negative, &settings)?;
            pictures::write_image(out, &detailed)?;
        }
        Job::Clip { frames, mask, prompt, negative, out } => {
            let [frames, mask, out] = [frames, mask, out].map(PathBuf::clone);
            let (prompt, negative) = (prompt.clone(), negative.clone());
            let clip = Clip { frames, mask, prompt, negative, out };
            clip.detail(&load_model()?, &settings)?;
        }
        Job::Clips { list } => {
            let (clips, model) = (Clip::list(list)?, load_model()?);
            clips.iter().try_for_each(|clip| clip.detail(&model, &settings))?;
        }
        Job::Batch { set, out } => {
            HeldOut::read(set)?.run(&load_model, &settings, [set, out], arguments.threads)?;
        }
    }
    Ok(())
}

/// The node's defaults, the model's own settings over them, the command line's over both.
fn settings(
    manifest: &ModelManifest,
    given: &[(String, String)],
) -> Result<DetailerSettings, Box<dyn Error>> {
    let node = find_node(NODE)?;
    let mut fields = manifest.recommended.clone();
    for (name, value) in given {
        fields.insert(name.clone(), parsed(value));
    }
    let settings = node.read(&fields)?;
    settings.validate(node)?;
    Ok(settings)
}

/// A value as JSON, or as a text if it is none.
fn parsed(value: &str) -> Value {
    serde_json::from_str(value).unwrap_or_else(|_| value.into())
}

fn detail(
    pipe: &Pipe,
    image: &Frames,
    mask: &Mask,
    prompt: &str,
    negative: &str,
    settings: &DetailerSettings,
) -> burnish::Result<Frames> {
    let positive = &pipe.encode_prompt(prompt)?;
    let negative = &pipe.encode_prompt(negative)?;
    let detailer = Detailer::new(BasicPipe::new(pipe, positive, negative), settings, &Progress);
    let mut hooks = hook_chain(&settings.detailer_hook, &detailer)?;
    let segs = segs_from_masks(std::slice::from_ref(mask), settings);
    Ok(block_on(detailer.run(find_node(NODE)?, image, segs, &mut hooks))?.image)
}
