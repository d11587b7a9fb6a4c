//! Networks under a LoRA.

use super::networks::{EPS, TEXT, compare, tensor};
use super::pipes::pipe;
use super::replay::{Case, Context, Outcome, Replay, Result, Row};
use burnish::models::clip::chunks;
use burnish::weights::MemorySource;
use burnish::weights::lora::{Lora, LoraStrength};
use std::rc::Rc;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[("lora", Replay::Later(|context, case| Box::pin(lora(context, case))))];

/// The LoRA of a name.
pub fn load_lora(context: &Context, name: &str) -> Result<Rc<Lora>> {
    let file = format!("{name}.safetensors");
    let source = MemorySource::new(&*file, context.read(&format!("models/{file}"))?);
    Ok(Lora::open(file, Box::new(source))?)
}

async fn lora(context: &Context, case: &Case) -> Result<Outcome> {
    let pipe = pipe(context, &case.get::<String>("model")?)?;
    let lora = load_lora(context, &case.get::<String>("lora")?)?;
    let (model, clip) = (case.get("strength_model")?, case.get("strength_clip")?);
    let pipe = pipe.with_loras(&[LoraStrength { lora, model, clip }])?;
    let chunks = chunks(pipe.clip.tokenizer(), &case.get::<String>("text")?);
    let encoded = pipe.clip.encode_chunks(&chunks, 0)?;
    let text = pipe.unet.context(tensor(case.input(context, "context")?, &pipe.device)?);
    let x = tensor(case.input(context, "x")?, &pipe.device)?;
    let eps = pipe.unet.forward(x, &case.get::<Vec<f32>>("timesteps")?, &text);
    let outcome = compare(context, case, "cond", encoded.cross_attn, TEXT).await?;
    let outcome = outcome.and(compare(context, case, "pooled", encoded.pooled, TEXT).await?);
    Ok(outcome.and(compare(context, case, "eps", eps, EPS).await?))
}
