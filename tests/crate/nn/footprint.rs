use std::rc::Rc;

use burnish::nn::{PassSize, UnetShape};
use burnish::weights::{Safetensors, keys};

use crate::support::{HeaderOnly, test_device};

macro_rules! published {
    ($name:literal) => {
        Rc::new(
            Safetensors::open(Box::new(HeaderOnly::published(
                $name,
                include_bytes!(concat!("../../golden/layouts/", $name, ".json.gz")),
            )))
            .unwrap(),
        )
    };
}

fn sd15() -> UnetShape {
    UnetShape::read(&keys::UNET.of(&published!("sd15"), &test_device()).unwrap()).unwrap()
}

fn numbers(file: &Safetensors, prefix: &str) -> usize {
    let tensors = file.tensors().iter().filter(|(path, _)| path.starts_with(prefix));
    tensors.map(|(_, info)| info.element_count()).sum()
}

/// Stable Diffusion 1.5 with a motion module of version 3, 16 frames of 512 x 512 pixels: weights,
/// and what a pass holds beside them, by the shapes of the published files.
#[test]
fn a_clip_of_16_frames_is_counted() {
    let weights = numbers(&published!("sd15"), "model.diffusion_model.")
        + numbers(&published!("motion-v3"), "");
    assert_eq!(weights, 859_520_964 + 418_264_000);
    let pass = |batch, has_motion| {
        sd15().most_numbers(PassSize { batch, height: 64, width: 64, has_motion })
    };
    let mib = |numbers: usize, bytes: usize| numbers * bytes / (1 << 20);
    assert_eq!([mib(weights, 4), mib(weights, 2)], [4874, 2437]);
    // One side of guidance at a time, then both.
    assert_eq!([pass(16, true), pass(32, true)].map(|n| mib(n, 4)), [0, 0]);
    assert_eq!([pass(16, true), pass(32, true)].map(|n| mib(n, 2)), [0, 0]);
    // A still with both sides.
    assert_eq!(mib(pass(2, false), 4), 0);
}

#[test]
fn memory_grows_with_the_batch_and_the_picture() {
    let shape = sd15();
    let most = |batch, side| {
        let size = PassSize { batch, height: side, width: side, has_motion: false };
        shape.most_numbers(size)
    };
    assert!(most(2, 64) > most(1, 64) && most(1, 128) > most(1, 64));
    // Skip connections alone: 12 blocks' outputs.
    let skips =
        3 * 64 * 64 * 320 + 32 * 32 * (320 + 2 * 640) + 16 * 16 * (640 + 2 * 1280) + 3 * 64 * 1280;
    assert!(most(1, 64) > skips);
}
