//! The numbers of a synthetic checkpoint: each follows from its tensor's key, its index, and no
//! more, so that any program can make the same file.
//!
//! SplitMix64 seeded with FNV-1a of the key, as uniform numbers scaled by the layer's fan-in and
//! rounded to half precision.

use half::f16;

/// What a tensor is filled with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fill {
    /// Uniform numbers in `offset - scale..offset + scale`.
    Hash { scale: f32, offset: f32 },
    /// Sines and cosines of positions, the encoding of motion modules.
    Sinusoid { channels: usize },
    /// One number throughout.
    Constant(f32),
    /// 0, 1, 2 and so on.
    Count,
}

/// How far the numbers of a layer spread beyond what its fan-in asks for; the first row with a part
/// of the key counts. Chosen so that activations stay near 1 and every branch shows in the output.
static GAINS: &[(&[&str], f64)] = &[
    (&["time_embed.0", "label_emb.0.0"], 1.4),
    (&["time_embed.2", "label_emb.0.2", "emb_layers.1"], 1.6),
    (&["diffusion_model.out.2."], 1.6),
    (&["in_layers.2."], 1.3),
    (&["out_layers.3."], 0.6),
    (&["attn1.to_q", "attn1.to_k", "attention_blocks.0.to_q", "attention_blocks.0.to_k"], 1.4),
    (&["attention_blocks.1.to_q", "attention_blocks.1.to_k"], 1.4),
    (&["attn2.to_q", "attn2.to_k"], 1.6),
    (&[".to_v."], 1.2),
    (&[".to_out.0.", "ff.net.2."], 0.8),
    (&["temporal_transformer.proj_out"], 0.5),
    (&["attn_1.proj_out"], 0.7),
    (&[".proj_out."], 0.6),
    (&["zero_convs", "middle_block_out"], 0.5),
    (&["input_hint_block"], 1.6),
    (&["encoder.conv_in"], 1.5),
    (&["encoder.conv_out"], 6.0),
    (&["decoder.conv_in"], 0.25),
    (&["decoder.conv_out"], 0.8),
    (&["attn_1.q.", "attn_1.k."], 1.3),
    (&[".conv1."], 1.3),
    (&[".conv2."], 0.7),
    (&["q_proj", "k_proj", "attn.in_proj_weight"], 1.4),
    (&["attn.out_proj"], 0.6),
    (&["mlp.fc1", "mlp.c_fc"], 1.2),
    (&["mlp.fc2", "mlp.c_proj"], 0.8),
];

/// The same for TAESD, whose keys are numbers.
static TAESD_GAINS: &[(&[&str], f64)] =
    &[(&["conv.0.", "conv.2."], 1.4), (&["conv.4."], 0.6), (&["19."], 0.35), (&["14."], 1.2)];

/// What the tensor of a key and shape holds.
pub fn fill(key: &str, shape: &[usize], is_whole: bool) -> Fill {
    let is_taesd = key.starts_with(|first: char| first.is_ascii_digit());
    match shape {
        _ if is_whole => Fill::Count,
        [] => Fill::Constant(if key.ends_with("logit_scale") { 4.605 } else { 4.0 }),
        [_, 32, channels] if key.ends_with(".pe") => Fill::Sinusoid { channels: *channels },
        _ if key.ends_with("token_embedding.weight") => Fill::Hash { scale: 0.8, offset: 0.0 },
        _ if key.contains("position_embedding") || key.contains("positional_embedding") => {
            Fill::Hash { scale: 0.3, offset: 0.0 }
        }
        [_] if key.ends_with(".weight") => Fill::Hash { scale: 0.1, offset: 1.0 },
        [_] if is_taesd && key == "19.bias" => Fill::Hash { scale: 0.1, offset: 0.5 },
        [_] => Fill::Hash { scale: 0.1, offset: 0.0 },
        [_, inner @ ..] => {
            let gains = if is_taesd { TAESD_GAINS } else { GAINS };
            let holds = |parts: &&[&str]| parts.iter().any(|part| key.contains(part));
            let gain = gains.iter().find(|(parts, _)| holds(parts)).map_or(1.0, |(_, gain)| *gain);
            let gain = if key.starts_with("lora_") { 1.0 } else { gain };
            let fan_in = inner.iter().product::<usize>() as f64;
            Fill::Hash { scale: (gain * (3.0 / fan_in).sqrt()) as f32, offset: 0.0 }
        }
    }
}

impl Fill {
    /// Element `index` of the tensor called `key`.
    pub fn half(self, base: u64, index: usize) -> f16 {
        match self {
            Self::Hash { scale, offset } => {
                let unit = ((hash(base, index as u64) >> 40) as f64 / f64::from(1 << 23)) as f32;
                f16::from_f32(scale * (unit - 1.0) + offset)
            }
            Self::Sinusoid { channels } => {
                let (position, channel) = ((index / channels) as f64, index % channels);
                let even = (channel / 2 * 2) as f64;
                let angle = position * (even * (-(10_000f64.ln()) / channels as f64)).exp();
                f16::from_f64(if channel % 2 == 0 { angle.sin() } else { angle.cos() })
            }
            Self::Constant(value) => f16::from_f32(value),
            Self::Count => f16::from_f64(index as f64),
        }
    }
}

/// FNV-1a of a key.
pub fn base(key: &str) -> u64 {
    key.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
    })
}

/// Output `index` of SplitMix64 seeded with `base` (Steele, Lea and Flood 2014).
pub fn hash(base: u64, index: u64) -> u64 {
    let mut z = base.wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
