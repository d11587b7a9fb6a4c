//! The kinds of files: one row each.

use super::facts::Facts;
use super::family::{DIFFUSERS, Family, LDM, LDM_BARE, of_unet};
use super::kinds::{Kind, Row, Use, no_family, no_variant};
use super::variants;

/// The first row that shows.
pub(super) fn find(facts: &Facts<'_>) -> &'static Row {
    KINDS.iter().find(|row| (row.shows)(facts)).unwrap_or(&UNKNOWN)
}

const ADD_ON: &str = "changes what a checkpoint does: load a checkpoint first, then this beside it";
const ANOTHER_MODEL: &str =
    "belongs to another kind of model: Stable Diffusion 1.x, 2.x and XL can be loaded";
const ONE_FILE: &str =
    "is one network of several: load the whole folder, or a single file that holds all of them";

pub(super) static UNKNOWN: Row = Row::useless(
    Kind::Unknown,
    "unknown",
    "safetensors file of an unknown kind",
    "has none of the tensors that models for pictures are known by",
    |_| true,
);

/// The first row that shows counts.
pub(super) static KINDS: &[Row] = &[
    Row::useless(
        Kind::Quantised,
        "quantised",
        "quantised model",
        "stores its numbers in a form that needs other software: get it in f16, bf16 or fp8",
        |f| f.ends(".absmax") || f.ends(".scale_weight") || f.has("scaled_fp8"),
    ),
    Row {
        kind: Kind::MotionLora,
        id: "motion_lora",
        title: "AnimateDiff motion LoRA",
        usable_as: Some(Use::MotionLora),
        advice: "changes a motion module: load one first, then this beside it",
        shows: |f| f.holds("motion_modules.") && is_lora(f),
        family: variants::motion_family,
        variant: no_variant,
    },
    Row {
        kind: Kind::Motion,
        id: "motion",
        title: "AnimateDiff motion module",
        usable_as: Some(Use::Motion),
        advice: "makes a checkpoint sample clips: load a checkpoint first",
        shows: |f| f.holds("motion_modules.") || f.holds("temporal_attentions."),
        family: variants::motion_family,
        variant: variants::motion,
    },
    Row {
        kind: Kind::ControlLora,
        id: "control_lora",
        title: "Control-LoRA",
        usable_as: None,
        advice: "is a ControlNet made of differences, which cannot be loaded: use a whole ControlNet",
        shows: |f| f.has("lora_controlnet"),
        family: variants::context_family,
        variant: no_variant,
    },
    Row {
        kind: Kind::ControlNet,
        id: "controlnet",
        title: "ControlNet",
        usable_as: Some(Use::ControlNet),
        advice: "guides a checkpoint by a picture: load a checkpoint first, then this beside it",
        shows: |f| {
            f.has("control_model.zero_convs.0.0.weight")
                || f.has("zero_convs.0.0.weight")
                || f.has("controlnet_cond_embedding.conv_in.weight")
                || f.begins("controlnet_down_blocks.")
        },
        family: variants::context_family,
        variant: variants::layout,
    },
    Row::useless(
        Kind::IpAdapter,
        "ip_adapter",
        "IP-Adapter",
        "shows a checkpoint a picture; that is not supported",
        |f| f.begins("ip_adapter.") || f.begins("image_proj."),
    ),
    Row::useless(
        Kind::Upscaler,
        "upscaler",
        "upscaler",
        "enlarges pictures without a prompt; checkpoints of Stable Diffusion can be loaded",
        |f| f.has("conv_first.weight") || f.has("model.0.weight") && f.holds(".RDB1."),
    ),
    Row {
        kind: Kind::T2iAdapter,
        id: "t2i_adapter",
        title: "T2I-Adapter",
        usable_as: None,
        advice: "guides a checkpoint by a picture; use a ControlNet instead",
        shows: |f| f.begins("adapter.body.") || f.begins("body.0."),
        family: no_family,
        variant: no_variant,
    },
    Row::useless(Kind::Flux, "flux", "Flux model", ANOTHER_MODEL, |f| {
        f.holds("double_blocks") || f.holds("single_transformer_blocks")
    }),
    Row::useless(Kind::Sd3, "sd3", "Stable Diffusion 3 model", ANOTHER_MODEL, |f| {
        f.holds("joint_blocks") || f.holds("joint_transformer_blocks") || f.holds(".add_k_proj.")
    }),
    Row::useless(Kind::Cascade, "cascade", "Stable Cascade model", ANOTHER_MODEL, |f| {
        f.holds("clip_txt_pooled_mapper")
            || f.holds("channelwise.0.weight")
            || f.holds("effnet_mapper")
    }),
    Row::useless(Kind::PixArt, "pixart", "PixArt model", ANOTHER_MODEL, |f| {
        f.holds("adaln_single.") || f.begins("t_block.")
    }),
    Row::useless(Kind::Video, "video", "Stable Video Diffusion model", ANOTHER_MODEL, |f| {
        f.holds(".time_stack.") || f.holds("temporal_transformer_blocks.")
    }),
    Row {
        kind: Kind::Lora,
        id: "lora",
        title: "LoRA",
        usable_as: Some(Use::Lora),
        advice: ADD_ON,
        shows: is_lora,
        family: variants::lora_family,
        variant: variants::lora,
    },
    Row {
        kind: Kind::Embedding,
        id: "embedding",
        title: "textual-inversion embedding",
        usable_as: Some(Use::Embedding),
        advice: "is a word for prompts: load a checkpoint first, then write embedding:name",
        shows: |f| {
            f.has("emb_params")
                || f.begins("string_to_param")
                || ["clip_l", "clip_g", "clip_h"].iter().any(|name| f.shape(name).len() == 2)
        },
        family: variants::embedding_family,
        variant: no_variant,
    },
    Row {
        kind: Kind::TaesdDecoder,
        id: "taesd_decoder",
        title: "TAESD decoder",
        usable_as: Some(Use::Taesd),
        advice: "paints previews: load a checkpoint first",
        shows: |f| {
            f.shape("1.weight") == [64, 4, 3, 3] && f.has("3.conv.0.weight")
                || f.shape("decoder.layers.0.weight") == [64, 4, 3, 3]
        },
        family: variants::taesd_family,
        variant: no_variant,
    },
    Row {
        kind: Kind::TaesdEncoder,
        id: "taesd_encoder",
        title: "TAESD encoder",
        usable_as: None,
        advice: "is the other half of what paints previews: the decoder is needed for that",
        shows: |f| {
            f.shape("0.weight") == [64, 3, 3, 3] && f.has("1.conv.0.weight")
                || f.shape("encoder.layers.0.weight") == [64, 3, 3, 3]
        },
        family: variants::taesd_family,
        variant: no_variant,
    },
    Row {
        kind: Kind::Checkpoint,
        id: "checkpoint",
        title: "checkpoint",
        usable_as: Some(Use::Checkpoint),
        advice: "can be loaded",
        shows: |f| {
            f.has("model.diffusion_model.input_blocks.0.0.weight")
                && ["first_stage_model.", "cond_stage_model.", "conditioner."]
                    .iter()
                    .any(|prefix| f.begins(prefix))
        },
        family: |f| of_unet(f, &LDM),
        variant: variants::checkpoint,
    },
    Row {
        kind: Kind::Unet,
        id: "unet",
        title: "UNet alone",
        usable_as: None,
        advice: ONE_FILE,
        shows: |f| {
            f.has("model.diffusion_model.input_blocks.0.0.weight")
                || f.has("input_blocks.0.0.weight")
        },
        family: |f| of_unet(f, &LDM).or_else(|| of_unet(f, &LDM_BARE)),
        variant: no_variant,
    },
    Row {
        kind: Kind::UnetDiffusers,
        id: "unet_diffusers",
        title: "UNet alone in the layout of diffusers",
        usable_as: None,
        advice: ONE_FILE,
        shows: |f| f.has("time_embedding.linear_1.weight") && f.begins("down_blocks."),
        family: |f| of_unet(f, &DIFFUSERS),
        variant: no_variant,
    },
    Row {
        kind: Kind::Vae,
        id: "vae",
        title: "VAE alone",
        usable_as: Some(Use::Vae),
        advice: "takes the place of a checkpoint's own VAE: load a checkpoint first",
        shows: |f| {
            ["", "first_stage_model."].iter().any(|prefix| {
                f.has(&format!("{prefix}decoder.mid.block_1.norm1.weight"))
                    && f.shape(&format!("{prefix}decoder.conv_in.weight")).get(1) == Some(&4)
            })
        },
        family: no_family,
        variant: no_variant,
    },
    Row {
        kind: Kind::VaeDiffusers,
        id: "vae_diffusers",
        title: "VAE alone in the layout of diffusers",
        usable_as: Some(Use::Vae),
        advice: "takes the place of a checkpoint's own VAE: load a checkpoint first",
        shows: |f| f.has("decoder.up_blocks.0.resnets.0.norm1.weight"),
        family: no_family,
        variant: no_variant,
    },
    Row::useless(Kind::T5, "t5", "T5 text encoder", ANOTHER_MODEL, |f| {
        f.holds("SelfAttention.relative_attention_bias")
    }),
    Row {
        family: |_| Some(Family::Sd2),
        ..Row::useless(Kind::ClipH, "clip_h", "text encoder OpenCLIP-H alone", ONE_FILE, |f| {
            variants::text_width(f) == Some(1024)
        })
    },
    Row {
        family: |_| Some(Family::Sdxl),
        ..Row::useless(Kind::ClipG, "clip_g", "text encoder OpenCLIP-bigG alone", ONE_FILE, |f| {
            variants::text_width(f) == Some(1280)
        })
    },
    Row::useless(Kind::ClipL, "clip_l", "text encoder CLIP-L alone", ONE_FILE, |f| {
        variants::text_width(f).is_some()
    }),
    Row::useless(Kind::ClipVision, "clip_vision", "CLIP vision encoder", ANOTHER_MODEL, |f| {
        f.begins("vision_model.") || f.begins("visual.")
    }),
    Row::foreign(
        Kind::Pickle,
        "pickle",
        "checkpoint in Python's pickle format",
        "can run any program when it is opened: get it as .safetensors, or convert it",
    ),
    Row::foreign(
        Kind::Gguf,
        "gguf",
        "GGUF file",
        "stores its numbers in a form that needs other software: get it as .safetensors",
    ),
    Row::foreign(
        Kind::LfsPointer,
        "lfs_pointer",
        "pointer of Git LFS",
        "only names the file that was meant: download that one",
    ),
    Row::foreign(
        Kind::WebPage,
        "web_page",
        "web page",
        "came instead of a model: the download failed or needs a login",
    ),
    Row::foreign(
        Kind::Json,
        "json",
        "JSON document",
        "describes a model: get the .safetensors file itself",
    ),
    Row::foreign(Kind::Hdf5, "hdf5", "HDF5 file", "is of Keras: get the model as .safetensors"),
    Row::foreign(Kind::Picture, "picture", "picture or sound", "is no model: open it as a picture"),
    Row::foreign(Kind::Archive, "archive", "packed archive", "has to be unpacked first"),
    Row::foreign(Kind::Empty, "empty", "file without a single byte", "has to be downloaded again"),
];

fn is_lora(f: &Facts<'_>) -> bool {
    const BEGINNINGS: [&str; 3] = ["lora_unet_", "lora_te", "lycoris_"];
    const SUFFIXES: [&str; 7] = [
        ".lora_down.weight",
        ".lora_A.weight",
        ".lora_A.default.weight",
        "_lora.down.weight",
        ".lora.down.weight",
        ".lora_linear_layer.down.weight",
        ".hada_w1_a",
    ];
    BEGINNINGS.iter().any(|prefix| f.begins(prefix)) || SUFFIXES.iter().any(|end| f.ends(end))
}
