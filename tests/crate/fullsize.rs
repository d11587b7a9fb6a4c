//! The full-size files that the example `fullsize` writes.

#![allow(dead_code, reason = "shared with the example `fullsize`")]

#[path = "../../crate/examples/fullsize/layout.rs"]
mod layout;
#[path = "../../crate/examples/fullsize/unet.rs"]
mod unet;
#[path = "../../crate/examples/fullsize/values.rs"]
mod values;
#[path = "../../crate/examples/fullsize/write.rs"]
mod write;

use burnish::weights::recognise::{Kind, Use};
use burnish::weights::{Family, FileSource, recognise};

use crate::support::HeaderOnly;

/// Values: the check table of the recorded set's description.
#[test]
fn numbers_follow_from_the_key() {
    let rows: [(&str, &str, usize, u16); 10] = [
        ("sd15", "model.diffusion_model.input_blocks.0.0.weight", 0, 0x2e03),
        ("sd15", "model.diffusion_model.input_blocks.0.0.weight", 11519, 0x3170),
        ("sd15", "model.diffusion_model.input_blocks.1.1.norm.weight", 7, 0x3c19),
        ("sd15", "model.diffusion_model.out.2.bias", 3, 0x24d8),
        ("sd15", "first_stage_model.decoder.conv_in.weight", 12345, 0x2535),
        (
            "sd15",
            "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight",
            37_945_343,
            0x3928,
        ),
        ("controlnet-sd15", "control_model.zero_convs.11.0.weight", 1_638_399, 0x22f4),
        (
            "motion-v3",
            "down_blocks.0.motion_modules.0.temporal_transformer.proj_in.weight",
            1,
            0x28e6,
        ),
        ("lora-kohya", "lora_unet_mid_block_attentions_0_proj_in.lora_up.weight", 100, 0xb827),
        (
            "sdxl",
            "model.diffusion_model.middle_block.1.transformer_blocks.9.ff.net.0.proj.weight",
            13_107_199,
            0xa818,
        ),
    ];
    for (kind, key, index, bits) in rows {
        let tensors = layout::tensors(kind).unwrap();
        let row = tensors.iter().find(|row| row.key == key).unwrap();
        let fill = values::fill(&row.seed, &row.shape, false);
        let value = fill.half(values::base(&row.seed), index);
        assert_eq!(value.to_bits(), bits, "{key} {index}");
    }
}

/// The published UNet of 1.x is what its widths and depths say.
#[test]
fn a_unet_follows_from_its_shape() {
    let shape = unet::Shape {
        width: 320,
        multipliers: &[1, 2, 4, 4],
        depths: &[1, 1, 1, 0],
        middle_depth: 1,
        context: 768,
        is_linear: false,
        told: 0,
    };
    let published = layout::tensors("sd15").unwrap();
    let published = published.into_iter().filter(|row| row.key.starts_with("model.diffusion"));
    assert_eq!(layout::in_file_order(unet::unet(&shape)), published.collect::<Vec<_>>());
}

/// Parameters of SD 2.1's UNet and text encoder and of the refiner's: their model cards.
#[test]
fn files_made_from_others_are_recognised() {
    use Family::{Sd1, Sd2, SdxlRefiner};
    let rows = [
        ("controlnet-diffusers", Kind::ControlNet, Some(Sd1), Some(Use::ControlNet), 361),
        ("clip-only", Kind::ClipL, None, None, 123),
        ("sd21", Kind::Checkpoint, Some(Sd2), Some(Use::Checkpoint), 865 + 84 + 354),
        ("sdxl-refiner", Kind::Checkpoint, Some(SdxlRefiner), Some(Use::Checkpoint), 3037),
    ];
    for (name, kind, family, usable_as, millions) in rows {
        let tensors = layout::tensors(name).unwrap();
        let tensors: Vec<_> =
            tensors.into_iter().map(|row| (row.key, row.dtype, row.shape)).collect();
        let found = HeaderOnly::new(name, &tensors).recognised();
        assert_eq!(
            (found.kind, found.family, found.usable_as),
            (kind, family, usable_as),
            "{name}"
        );
        assert!((found.parameters / 1_000_000).abs_diff(millions) <= 3, "{}", found.parameters);
    }
}

#[test]
fn a_file_is_written_as_its_layout_says() {
    let folder = std::env::temp_dir().join(format!("burnish-fullsize-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (is_wide, bytes) in [(false, 2_450_550), (true, 2_450_550 + 2 * 1_222_531)] {
        let path = folder.join("taesd.safetensors");
        write::write_file(&path, layout::tensors("taesd-decoder").unwrap(), is_wide).unwrap();
        let found = recognise(Box::new(FileSource::open(&path).unwrap())).unwrap();
        assert_eq!((found.kind, found.parameters), (Kind::TaesdDecoder, 1_222_531));
        assert!(found.bytes.abs_diff(bytes) < 100, "{}", found.bytes);
    }
    std::fs::remove_dir_all(folder).unwrap();
}
