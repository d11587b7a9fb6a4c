//! Prompts with options, and inpainting checkpoints.

use super::pipes::{limit, pipe};
use super::replay::{Case, Context, Outcome, Replay, Result, Row};
use super::samplers::{SAMPLED, WATCH, known, latent, settings};
use burn::tensor::Tensor;
use burnish::diffusion::{
    CondMask, Conditioning, InpaintImage, Latent, Pipe, inpaint_conditioning, ksample,
};
use burnish::sampling::math::read_back;
use serde_json::Value;
use std::rc::Rc;

/// Encoded pictures, unscaled.
const ENCODED: f64 = 5e-4;
/// Stretched masks.
const MASK: f64 = 1e-6;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("conditioning", Replay::Later(|context, case| Box::pin(conditioning(context, case)))),
    (
        "inpaint_no_conditioning",
        Replay::Later(|context, case| Box::pin(conditioning(context, case))),
    ),
    ("inpaint_conditioning", Replay::Later(|context, case| Box::pin(inpaint(context, case)))),
];

/// A prompt as the recordings write it: text, text in a function, or a list that begins with what
/// is to be done with the rest.
pub fn prompt(context: &Context, case: &Case, pipe: &Pipe, value: &Value) -> Result<Conditioning> {
    let of = |value: &Value| prompt(context, case, pipe, value);
    match value {
        Value::String(text) => call(context, case, pipe, text),
        Value::Array(list) => match list.as_slice() {
            [Value::String(what), one] if what == "zero_out" => Ok(of(one)?.zero_out()),
            [Value::String(what), one, two] if what == "combine" => Ok(of(one)?.combine(of(two)?)),
            [Value::String(what), to, from] => {
                let share = what.strip_prefix("average(to,from,").and_then(|s| s.strip_suffix(')'));
                Ok(of(to)?.average(&of(from)?, share.ok_or("no share")?.parse()?))
            }
            _ => Err(format!("{value} is no prompt").into()),
        },
        _ => Err(format!("{value} is no prompt").into()),
    }
}

/// `setmask("text", mask, default, strength 0.8)`, `range("text",0,0.55)` or just text.
fn call(context: &Context, case: &Case, pipe: &Pipe, text: &str) -> Result<Conditioning> {
    let arguments = |name: &str| {
        let (text, rest) = text.strip_prefix(name)?.strip_prefix("(\"")?.rsplit_once('"')?;
        Some((text, rest.strip_suffix(')')?))
    };
    if let Some((text, options)) = arguments("setmask") {
        let options: Vec<&str> = options.split(", ").collect();
        let &["", mask, "default", strength] = options.as_slice() else {
            return Err(format!("unknown options {options:?}").into());
        };
        let strength = strength.strip_prefix("strength ").ok_or("no strength")?.parse()?;
        let mask = case.input(context, mask)?.mask()?;
        let mask = CondMask { mask, strength, within_bounds: false };
        return Ok(pipe.encode_prompt(text)?.with_mask(&mask));
    }
    if let Some((text, range)) = arguments("range") {
        let (start, end) = range[1..].split_once(',').ok_or("no range")?;
        return Ok(pipe.encode_prompt(text)?.with_range(start.parse()?, end.parse()?));
    }
    Ok(pipe.encode_prompt(text)?)
}

async fn conditioning(context: &Context, case: &Case) -> Result<Outcome> {
    let pipe = pipe(context, &case.get::<String>("model")?)?;
    let latent = latent(context, case, &pipe.device)?;
    sampled(context, case, &pipe, latent, None).await
}

async fn inpaint(context: &Context, case: &Case) -> Result<Outcome> {
    let pipe = pipe(context, &case.get::<String>("model")?)?;
    let image = case.input(context, "image")?.frames()?;
    let mask = case.input(context, "mask")?.mask()?;
    let (latent, image) = inpaint_conditioning(&pipe.vae, &image, &mask, &pipe.device);
    let mut outcome = Outcome::start();
    let encoded = [("latent", &latent.samples), ("concat_latent_image", &image.latent)];
    for (name, found) in encoded {
        outcome = outcome.and(close(context, case, name, found.clone(), ENCODED).await?);
    }
    for name in ["noise_mask", "concat_mask"] {
        let expected = case.output(context, name)?.data;
        outcome = outcome.and(Outcome::absolute(&image.mask.data, &expected, MASK));
    }
    Ok(outcome.and(sampled(context, case, &pipe, latent, Some(Rc::new(image))).await?))
}

async fn sampled(
    context: &Context,
    case: &Case,
    pipe: &Pipe,
    latent: Latent,
    image: Option<Rc<InpaintImage>>,
) -> Result<Outcome> {
    let settings = known(settings(case)?)?;
    let side = |name: &str| -> Result<Conditioning> {
        let side = prompt(context, case, pipe, case.param(name)?)?;
        Ok(match &image {
            Some(image) => side.with_inpaint(image),
            None => side,
        })
    };
    let (positive, negative) = (side("positive")?, side("negative")?);
    let predictor = pipe.predictor(&positive, &negative);
    let latent = ksample(predictor, &pipe.sampling, latent, &settings, None, WATCH).await?;
    close(context, case, "samples", latent.samples, SAMPLED).await
}

async fn close(
    context: &Context,
    case: &Case,
    name: &str,
    found: Tensor<4>,
    base: f64,
) -> Result<Outcome> {
    let expected = case.output(context, name)?.data;
    Ok(Outcome::absolute(&read_back(found).await?, &expected, limit(&case.noise, name, base)))
}
