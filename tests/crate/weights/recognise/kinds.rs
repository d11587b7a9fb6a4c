//! Every kind with the few tensors it is known by.

use burnish::weights::recognise::{Kind, Use, recognise};
use burnish::weights::{Family, MemorySource, Recognised};

use crate::support::HeaderOnly;

fn told(tensors: &[(&str, &[usize])]) -> Recognised {
    HeaderOnly::half("file", tensors).recognised()
}

const UNET: &str = "model.diffusion_model";

/// A checkpoint of the widths that tell its family.
fn checkpoint(
    inputs: usize,
    context: usize,
    linear: bool,
    label: usize,
    text: &[&str],
) -> Recognised {
    let unet = |name: &str| format!("{UNET}.{name}");
    let proj: &[usize] = if linear { &[320, 320] } else { &[320, 320, 1, 1] };
    let mut tensors = vec![
        (unet("input_blocks.0.0.weight"), vec![320, inputs, 3, 3]),
        (unet("input_blocks.1.1.proj_in.weight"), proj.to_vec()),
        (unet("input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"), vec![320, context]),
        ("first_stage_model.decoder.conv_in.weight".to_owned(), vec![512, 4, 3, 3]),
    ];
    if label > 0 {
        tensors.push((unet("label_emb.0.0.weight"), vec![1280, label]));
    }
    tensors.extend(text.iter().map(|path| ((*path).to_owned(), vec![49408, 8])));
    let tensors: Vec<_> =
        tensors.into_iter().map(|(path, shape)| (path, "BF16".to_owned(), shape)).collect();
    HeaderOnly::new("file", &tensors).recognised()
}

const CLIP: &str = "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight";
const CLIP_H: &str = "cond_stage_model.model.token_embedding.weight";
const XL_L: &str =
    "conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight";
const XL_G: &str = "conditioner.embedders.1.model.token_embedding.weight";
const REFINER_G: &str = "conditioner.embedders.0.model.token_embedding.weight";

#[test]
fn checkpoints_are_told_by_their_widths() {
    for (inputs, context, linear, label, text, family, variant) in [
        (4, 768, false, 0, &[CLIP][..], Family::Sd1, None),
        (9, 768, false, 0, &[CLIP], Family::Sd1, Some("inpainting")),
        (4, 1024, true, 0, &[CLIP_H], Family::Sd2, None),
        (9, 1024, true, 0, &[CLIP_H], Family::Sd2, Some("inpainting")),
        (4, 2048, true, 2816, &[XL_L, XL_G], Family::Sdxl, None),
        (9, 2048, true, 2816, &[XL_L, XL_G], Family::Sdxl, Some("inpainting")),
        (4, 1280, true, 2560, &[REFINER_G], Family::SdxlRefiner, None),
    ] {
        let found = checkpoint(inputs, context, linear, label, text);
        assert_eq!((found.family, found.variant), (Some(family), variant), "{context} {inputs}");
        assert_eq!(found.usable_as, Some(Use::Checkpoint), "{found}");
        assert_eq!(found.checkpoint_family(), Ok(family));
    }
}

#[test]
fn checkpoints_that_cannot_be_sampled_say_why() {
    for (found, said) in [
        (checkpoint(4, 768, false, 0, &[]), "it holds no CLIP text encoder"),
        (checkpoint(4, 2048, true, 2816, &[XL_L]), "it holds no OpenCLIP-bigG text encoder"),
        (
            checkpoint(8, 768, false, 0, &[CLIP]),
            "it is a Stable Diffusion 1.x checkpoint (editing by instructions), which cannot be \
             sampled",
        ),
        (checkpoint(4, 1024, true, 1536, &[CLIP]), "it is a checkpoint, which cannot be sampled"),
    ] {
        assert_eq!(found.usable_as, None);
        let message = found.checkpoint_family().expect_err("is refused").to_string();
        assert_eq!(message, format!("\"file\" cannot be loaded: {said}"));
        assert!(found.to_string().contains("It cannot be loaded"), "{found}");
    }
}

#[test]
fn other_kinds_are_told_by_a_few_tensors() {
    use Family::{Sd1, Sd2, Sdxl};
    const K: &str = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight";
    type Row<'a> = (&'a [(&'a str, &'a [usize])], Kind, Option<Family>, Option<&'static str>);
    let rows: &[Row<'_>] = &[
        (&[("input_blocks.0.0.weight", &[320, 4, 3, 3])], Kind::Unet, None, None),
        (
            &[
                ("time_embedding.linear_1.weight", &[8, 8]),
                (K, &[320, 768]),
                ("down_blocks.0.attentions.0.proj_in.weight", &[320, 320, 1, 1]),
            ],
            Kind::UnetDiffusers,
            Some(Sd1),
            None,
        ),
        (
            &[
                ("decoder.mid.block_1.norm1.weight", &[512]),
                ("decoder.conv_in.weight", &[512, 4, 3, 3]),
            ],
            Kind::Vae,
            None,
            None,
        ),
        (
            &[
                ("decoder.mid.block_1.norm1.weight", &[512]),
                ("decoder.conv_in.weight", &[512, 16, 3, 3]),
            ],
            Kind::Unknown,
            None,
            None,
        ),
        (&[("decoder.up_blocks.0.resnets.0.norm1.weight", &[512])], Kind::VaeDiffusers, None, None),
        (&[("decoder.layers.0.weight", &[64, 4, 3, 3])], Kind::TaesdDecoder, None, None),
        (&[("encoder.layers.0.weight", &[64, 3, 3, 3])], Kind::TaesdEncoder, None, None),
        (
            &[("text_model.embeddings.token_embedding.weight", &[49408, 768])],
            Kind::ClipL,
            None,
            None,
        ),
        (
            &[("text_model.embeddings.token_embedding.weight", &[49408, 1024])],
            Kind::ClipH,
            Some(Sd2),
            None,
        ),
        (&[("token_embedding.weight", &[49408, 1280])], Kind::ClipG, Some(Sdxl), None),
        (
            &[
                ("controlnet_cond_embedding.conv_in.weight", &[16, 3, 3, 3]),
                (K, &[640, 2048]),
                ("controlnet_down_blocks.0.weight", &[320, 320, 1, 1]),
            ],
            Kind::ControlNet,
            Some(Sdxl),
            Some("layout of diffusers"),
        ),
        (&[("lora_controlnet", &[0])], Kind::ControlLora, None, None),
        (&[("adapter.body.0.block1.weight", &[8, 8, 3, 3])], Kind::T2iAdapter, None, None),
        (&[("image_proj.proj.weight", &[8, 8])], Kind::IpAdapter, None, None),
        (
            &[(
                "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight",
                &[4, 2048],
            )],
            Kind::Lora,
            Some(Sdxl),
            None,
        ),
        (
            &[("unet.a.attn2.to_k.lora_A.weight", &[4, 1024])],
            Kind::Lora,
            Some(Sd2),
            Some("names of diffusers"),
        ),
        (&[("lora_unet_a_conv1.lora_down.weight", &[4, 8, 3, 3])], Kind::Lora, None, Some("LoCon")),
        (
            &[
                ("lora_unet_a_attn2_to_k.hada_w1_a", &[8, 4]),
                ("lora_unet_a_attn2_to_k.hada_w1_b", &[4, 768]),
            ],
            Kind::Lora,
            Some(Sd1),
            Some("LoHa"),
        ),
        (&[("lora_te2_x.lokr_w1", &[8, 4])], Kind::Lora, Some(Sdxl), Some("LoKr")),
        (
            &[("lora_unet_a.lora_down.weight", &[4, 8]), ("lora_unet_a.dora_scale", &[8, 1])],
            Kind::Lora,
            None,
            Some("DoRA"),
        ),
        (&[("emb_params", &[3, 768])], Kind::Embedding, Some(Sd1), None),
        (&[("clip_l", &[3, 768]), ("clip_g", &[3, 1280])], Kind::Embedding, Some(Sdxl), None),
        (
            &[(
                "down_blocks.3.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.0.pos_encoder.pe",
                &[1, 24, 8],
            )],
            Kind::Motion,
            Some(Sd1),
            Some("v1"),
        ),
        (
            &[(
                "down_blocks.2.motion_modules.0.temporal_transformer.x.pos_encoder.pe",
                &[1, 32, 8],
            )],
            Kind::Motion,
            Some(Sdxl),
            Some("SDXL beta"),
        ),
        (
            &[("down_blocks.3.motion_modules.0.x.processor.to_q_lora.down.weight", &[4, 8])],
            Kind::MotionLora,
            Some(Sd1),
            None,
        ),
        (&[("double_blocks.0.img_attn.qkv.weight", &[8, 8])], Kind::Flux, None, None),
        (
            &[("lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight", &[4, 8])],
            Kind::Flux,
            None,
            None,
        ),
        (&[("model.diffusion_model.joint_blocks.0.x", &[8])], Kind::Sd3, None, None),
        (&[("clip_txt_pooled_mapper.weight", &[8])], Kind::Cascade, None, None),
        (&[("adaln_single.linear.weight", &[8])], Kind::PixArt, None, None),
        (
            &[("model.diffusion_model.input_blocks.1.1.time_stack.0.x", &[8])],
            Kind::Video,
            None,
            None,
        ),
        (
            &[("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", &[8])],
            Kind::T5,
            None,
            None,
        ),
        (&[("vision_model.x", &[8])], Kind::ClipVision, None, None),
        (&[("conv_first.weight", &[8])], Kind::Upscaler, None, None),
        (&[("model.diffusion_model.x.weight.absmax", &[8])], Kind::Quantised, None, None),
        (&[("some.thing", &[8])], Kind::Unknown, None, None),
    ];
    for (tensors, kind, family, variant) in rows {
        let found = told(tensors);
        assert_eq!(
            (found.kind, found.family, found.variant),
            (*kind, *family, *variant),
            "{tensors:?}"
        );
        let message = found.checkpoint_family().expect_err("is no checkpoint").to_string();
        assert!(message.ends_with(kind.advice()), "{message}");
        assert!(message.contains(kind.title()), "{message}");
    }
}

#[test]
fn files_that_are_no_safetensors_are_told_by_their_first_bytes() {
    let page = b"  <!DOCTYPE html><html><head><title>Sign in</title></head></html>";
    let rows: &[(&[u8], Kind, &str)] = &[
        (
            b"PK\x03\x04archive/data.pkl",
            Kind::Pickle,
            "\"f\" is a checkpoint in Python's pickle format of 20 bytes. It can run any program when it is opened: get it as .safetensors, or convert it.",
        ),
        (b"\x80\x02}q\x00(X\n\x00\x00\x00state_dict", Kind::Pickle, "pickle"),
        (b"GGUF\x03\x00\x00\x00\x00\x00", Kind::Gguf, "GGUF file of 10 bytes"),
        (page, Kind::WebPage, "came instead of a model: the download failed or needs a login"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            Kind::LfsPointer,
            "only names the file",
        ),
        (b"{\"_class_name\": \"UNet2DConditionModel\"}", Kind::Json, "describes a model"),
        (b"\x89HDF\r\n\x1a\n", Kind::Hdf5, "an HDF5 file"),
        (b"\x89PNG\r\n\x1a\n0000000", Kind::Picture, "open it as a picture"),
        (b"\x1f\x8b0000000000", Kind::Archive, "has to be unpacked first"),
        (b"", Kind::Empty, "has to be downloaded again"),
    ];
    for (bytes, kind, said) in rows {
        let source = || Box::new(MemorySource::new("f", bytes.to_vec()));
        let found = recognise(source()).expect("is told");
        assert_eq!((found.kind, found.usable_as, found.dtype), (*kind, None, None));
        assert!(found.to_string().contains(said), "{found}");
        let opened = burnish::weights::Safetensors::open(source());
        let message = opened.expect_err("is refused").to_string();
        assert!(message.contains(kind.advice()), "{message}");
    }
}

#[test]
fn a_header_whose_length_looks_like_a_pickle_is_a_header() {
    let header = format!(
        "{{\"x\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}{}}}",
        " ".repeat(500)
    );
    let header = format!("{header}{}", " ".repeat(0x280 - header.len()));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    assert_eq!(&bytes[..2], b"\x80\x02");
    bytes.extend(header.bytes());
    let found = recognise(Box::new(MemorySource::new("f", bytes))).expect("is sound");
    assert_eq!(found.kind, Kind::Unknown);
}

#[test]
fn a_damaged_header_is_an_error() {
    let mut bytes = 9u64.to_le_bytes().to_vec();
    bytes.extend(b"{\"x\": nul");
    let message = recognise(Box::new(MemorySource::new("f", bytes))).expect_err("is damaged");
    assert!(message.to_string().contains("\"f\""), "{message}");
}
