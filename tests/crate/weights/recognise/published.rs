//! The tensors of published files: every path, format and shape.

use burnish::weights::Family;
use burnish::weights::recognise::{Kind, Use};

use crate::support::HeaderOnly;

macro_rules! layout {
    ($name:literal) => {
        HeaderOnly::published(
            concat!($name, ".safetensors"),
            include_bytes!(concat!("../../../golden/layouts/", $name, ".json.gz")),
        )
        .recognised()
    };
}

#[test]
fn published_files_are_told() {
    use Family::{Sd1, Sdxl};
    let rows = [
        (layout!("sd15"), Kind::Checkpoint, Some(Sd1), None, Some(Use::Checkpoint)),
        (
            layout!("sd15-inpaint"),
            Kind::Checkpoint,
            Some(Sd1),
            Some("inpainting"),
            Some(Use::Checkpoint),
        ),
        (layout!("sdxl"), Kind::Checkpoint, Some(Sdxl), None, Some(Use::Checkpoint)),
        (layout!("vae-only"), Kind::Vae, None, None, Some(Use::Vae)),
        (layout!("controlnet-sd15"), Kind::ControlNet, Some(Sd1), None, Some(Use::ControlNet)),
        (layout!("lora-kohya"), Kind::Lora, Some(Sd1), None, Some(Use::Lora)),
        (layout!("motion-v2"), Kind::Motion, Some(Sd1), Some("v2"), Some(Use::Motion)),
        (layout!("motion-v3"), Kind::Motion, Some(Sd1), Some("v3"), Some(Use::Motion)),
        (layout!("taesd-decoder"), Kind::TaesdDecoder, Some(Sd1), None, Some(Use::Taesd)),
        (layout!("taesd-encoder"), Kind::TaesdEncoder, Some(Sd1), None, None),
    ];
    for (found, kind, family, variant, usable_as) in rows {
        let told = (found.kind, found.family, found.variant, found.usable_as);
        assert_eq!(told, (kind, family, variant, usable_as), "{}", found.file);
    }
}

/// Sizes and counts: the table of the layouts' description; the tables of tokens stay in the file.
#[test]
fn a_checkpoint_says_how_large_it_is() {
    let sd15 = layout!("sd15");
    let numbers = 859_520_964 + 83_653_863 + 123_060_480 - 49_408 * 768;
    assert_eq!(sd15.gpu_bytes.f32, 4 * numbers);
    // Biases and normalisations stay in f32, as do the few matrices whose sides are not fours.
    let unpacked = sd15.gpu_bytes.f16 - 2 * numbers;
    assert!(unpacked < 2_000_000, "{unpacked}");
    assert_eq!(sd15.gpu_bytes.auto, sd15.gpu_bytes.f16);
    // A scale for 32 numbers; the VAE in half precision.
    let (others, vae) = (numbers - 83_653_863, 83_653_863);
    let told = [sd15.gpu_bytes.int8, sd15.gpu_bytes.int4];
    for (told, bits) in told.into_iter().zip([9, 5]) {
        let counted = others * bits / 8 + vae * 2;
        assert!(told > counted && told < counted + 6_000_000, "{told} is not {counted}");
    }
    assert_eq!(sd15.bytes / 1_000_000, 2132);
    assert_eq!(sd15.parts, ["UNet", "VAE", "CLIP text encoder"]);
    assert_eq!(
        sd15.to_string(),
        "\"sd15.safetensors\" is a Stable Diffusion 1.x checkpoint: 1.07 billion numbers in f16, \
         2.13 GB. It needs 2.06 GB of graphics memory."
    );
    assert_eq!(
        layout!("sdxl").parts,
        ["UNet", "VAE", "CLIP-L text encoder", "OpenCLIP-bigG text encoder"]
    );
}

#[test]
fn a_part_says_what_it_needs() {
    let lora = layout!("lora-kohya");
    assert_eq!(lora.needs, ["a checkpoint of Stable Diffusion 1.x"]);
    assert_eq!(
        lora.to_string(),
        "\"lora-kohya.safetensors\" is a Stable Diffusion 1.x LoRA: 4.7 million numbers in f16, 9.5 \
         MB. It changes what a checkpoint does: load a checkpoint first, then this beside it."
    );
}
