//! What is told of a file once its kind is known: its models, its version.

use super::facts::Facts;
use super::family::Family;

/// By the text a network attends to.
pub(super) fn context_family(f: &Facts<'_>) -> Option<Family> {
    Family::of_context(f.first_shape("", "attn2.to_k.weight").last().copied()?)
}

/// Inpainting models are shown a mask and a picture beside the latent.
pub(super) fn checkpoint(f: &Facts<'_>) -> Option<&'static str> {
    match f.shape("model.diffusion_model.input_blocks.0.0.weight").get(1) {
        Some(9) => Some("inpainting"),
        Some(8) => Some("editing by instructions"),
        _ if f.has("edm_mean") || f.has("edm_std") => Some("EDM"),
        _ if f.has("v_pred") => Some("v-prediction"),
        _ => None,
    }
}

/// How a file names its tensors.
pub(super) fn layout(f: &Facts<'_>) -> Option<&'static str> {
    f.begins("controlnet_").then_some("layout of diffusers")
}

/// By the width of the text's vectors where they are multiplied, else by its second text encoder.
pub(super) fn lora_family(f: &Facts<'_>) -> Option<Family> {
    const INWARDS: [&str; 4] = ["lora_down", "lora_A", "lora.down", "hada_w1_b"];
    let inwards = f.tensors.iter().find(|(path, _)| {
        let is_text = path.contains("attn2_to_k") || path.contains("attn2.to_k");
        let is_text = is_text || path.contains("attn2.processor.to_k");
        is_text && INWARDS.iter().any(|part| path.contains(part))
    });
    let by_width = inwards.and_then(|(_, info)| Family::of_context(*info.shape.get(1)?));
    let by_encoder = || {
        let second = f.begins("lora_te2_") || f.begins("text_encoder_2.");
        second.then_some(Family::Sdxl)
    };
    let by_first = || {
        let width = f.first_shape("lora_te_", "q_proj.lora_down").get(1).copied()?;
        Family::of_context(width)
    };
    by_width.or_else(by_encoder).or_else(by_first)
}

/// The form of its matrices.
pub(super) fn lora(f: &Facts<'_>) -> Option<&'static str> {
    let is_convolution = |shape: &[usize]| matches!(shape, [_, _, height, _] if *height > 1);
    let down = |path: &str| path.ends_with("lora_down.weight");
    match () {
        () if f.ends(".dora_scale") => Some("DoRA"),
        () if f.ends(".hada_w1_a") => Some("LoHa"),
        () if f.ends(".lokr_w1") || f.ends(".lokr_w1_a") => Some("LoKr"),
        () if f.tensors.iter().any(|(path, info)| down(path) && is_convolution(&info.shape)) => {
            Some("LoCon")
        }
        () if f.holds(".lora_A.") || f.holds(".lora.down.") || f.holds("_lora.down.") => {
            Some("names of diffusers")
        }
        () => None,
    }
}

/// By the encoders it has vectors for, and how wide they are.
pub(super) fn embedding_family(f: &Facts<'_>) -> Option<Family> {
    if f.has("clip_g") {
        return Some(Family::Sdxl);
    }
    let shape = f.tensors.values().next().map(|info| info.shape.as_slice())?;
    Family::of_context(shape.last().copied()?)
}

/// Three levels are those of Stable Diffusion XL, four those of 1.x.
pub(super) fn motion_family(f: &Facts<'_>) -> Option<Family> {
    if !f.holds("down_blocks.") {
        return None;
    }
    Some(if f.holds("down_blocks.3.") { Family::Sd1 } else { Family::Sdxl })
}

/// The published versions differ in a middle block and in how many frames they know.
pub(super) fn motion(f: &Facts<'_>) -> Option<&'static str> {
    let frames = f.first_shape("", "pos_encoder.pe").get(1);
    let frames = frames.or_else(|| f.first_shape("", "pos_embed.pe").get(1)).copied();
    match frames {
        _ if f.holds("positional_encoding") => Some("HotshotXL"),
        _ if f.has("conv_in.weight") => Some("PIA"),
        _ if f.begins("mid_block.") => Some("v2"),
        None => Some("AnimateLCM"),
        _ if motion_family(f) == Some(Family::Sdxl) => Some("SDXL beta"),
        Some(32) => Some("v3"),
        Some(_) => Some("v1"),
    }
}

/// The shapes are the same, so the name has to tell.
pub(super) fn taesd_family(f: &Facts<'_>) -> Option<Family> {
    let name = f.file.to_ascii_lowercase();
    match () {
        () if name.contains("taesdxl") => Some(Family::Sdxl),
        () if name.contains("taesd") => Some(Family::Sd1),
        () => None,
    }
}

/// Values per token of a text encoder that stands alone.
pub(super) fn text_width(f: &Facts<'_>) -> Option<usize> {
    const TABLES: [&str; 4] = [
        "text_model.embeddings.token_embedding.weight",
        "transformer.text_model.embeddings.token_embedding.weight",
        "token_embedding.weight",
        "model.token_embedding.weight",
    ];
    TABLES.iter().find_map(|path| f.shape(path).get(1).copied())
}
