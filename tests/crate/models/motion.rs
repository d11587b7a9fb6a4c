use burn::tensor::Tensor;
use burnish::Result;
use burnish::models::motion::{Gain, MotionModule, MotionVersion};
use burnish::models::unet::Unet;
use burnish::weights::{Weights, motion::original_layout};

use crate::support::{
    CHANNELS, Checkpoint, MOTION_FRAMES, TEXT, assert_close, noise_tensor, test_device,
    tiny_motion, tiny_unet, values,
};

const ONE: Gain<'_> = Gain::Same(1.0);

fn load(file: &Checkpoint) -> Result<MotionModule> {
    MotionModule::load(&Weights::new(file.open(), test_device()))
}

fn unet() -> Unet {
    Unet::load(&Weights::new(tiny_unet("m", 4).open(), test_device()).pp("m")).unwrap()
}

/// What the UNet makes of `x`, whose items are clips of `frames` frames.
fn eps(
    x: Tensor<4>,
    module: &MotionModule,
    frames: usize,
    scale: &Gain,
    effect: &Gain,
) -> Vec<f32> {
    let unet = unet();
    let text = unet.context(noise_tensor(2, [1, 7, TEXT]));
    let times = vec![500.0; x.dims()[0]];
    let pass = module.pass(frames, scale, effect);
    values(unet.forward_clip(x, &times, &text, None, Some(&pass)))
}

fn plain(x: Tensor<4>) -> Vec<f32> {
    let unet = unet();
    let text = unet.context(noise_tensor(2, [1, 7, TEXT]));
    let times = vec![500.0; x.dims()[0]];
    values(unet.forward(x, &times, &text))
}

#[test]
fn the_version_and_its_limit_are_read_off_the_file() {
    let config = load(&tiny_motion(true)).unwrap().config();
    assert_eq!((config.version, config.frames), (MotionVersion::V2, MOTION_FRAMES));
    assert!(!config.norms_across_frames());
    assert!(config.check_frames(8).is_ok());
    assert_eq!(
        config.check_frames(9).unwrap_err().to_string(),
        "the motion module sees at most 8 frames at once, 9 are given: set a context of 8 frames \
         or fewer"
    );
    let config = load(&tiny_motion(false)).unwrap().config();
    assert_eq!(config.version, MotionVersion::V1);
    assert!(config.norms_across_frames());
}

#[test]
fn every_place_of_the_unet_has_its_module() {
    let c = CHANNELS;
    let expected = [vec![c; 2], vec![c], vec![c; 4]];
    assert_eq!(load(&tiny_motion(true)).unwrap().channels(), expected);
    assert_eq!(unet().temporal_channels(), expected);
    assert!(load(&tiny_motion(false)).unwrap().channels()[1].is_empty());
}

#[test]
fn without_effect_frames_do_not_see_each_other_and_with_it_they_do() {
    let module = load(&tiny_motion(true)).unwrap();
    let x: Tensor<4> = noise_tensor(1, [3, 4, 4, 3]);
    let alone = plain(x.clone());
    assert_close(&eps(x.clone(), &module, 3, &ONE, &Gain::Same(0.0)), &alone, 1e-5);
    let moved = eps(x.clone(), &module, 3, &ONE, &ONE);
    assert!(moved.iter().zip(&alone).any(|(a, b)| (a - b).abs() > 1e-2));
    // Another last frame changes the first one.
    let other = Tensor::cat(vec![x.clone().narrow(0, 0, 2), noise_tensor(9, [1, 4, 4, 3])], 0);
    let changed = eps(other, &module, 3, &ONE, &ONE);
    assert!(changed[..48].iter().zip(&moved).any(|(a, b)| (a - b).abs() > 1e-3));
}

#[test]
fn clips_of_a_batch_do_not_mix() {
    for has_middle in [true, false] {
        let module = load(&tiny_motion(has_middle)).unwrap();
        let x: Tensor<4> = noise_tensor(1, [4, 4, 4, 4]);
        let both = eps(x.clone(), &module, 2, &ONE, &ONE);
        let each = [0, 2].map(|at| eps(x.clone().narrow(0, at, 2), &module, 2, &ONE, &ONE));
        assert_close(&both, &each.concat(), 2e-5);
    }
}

/// Version 1 normalises all frames together, so a single frame is not what it is on its own even
/// without any attention.
#[test]
fn version_1_normalises_across_frames_in_the_whole_unet() {
    let x: Tensor<4> = noise_tensor(1, [2, 4, 4, 4]);
    let alone = plain(x.clone());
    let module = load(&tiny_motion(false)).unwrap();
    let found = eps(x, &module, 2, &ONE, &Gain::Same(0.0));
    assert!(found.iter().zip(&alone).any(|(a, b)| (a - b).abs() > 1e-3));
}

#[test]
fn numbers_and_equal_cells_are_the_same_gain() {
    let module = load(&tiny_motion(true)).unwrap();
    let x: Tensor<4> = noise_tensor(1, [4, 4, 4, 3]);
    let cells = |value: f32| {
        Gain::cells(move |[height, width]| Tensor::full([2, height, width], value, &test_device()))
    };
    let number = eps(x.clone(), &module, 2, &Gain::Same(1.3), &Gain::Same(0.4));
    assert_close(&eps(x.clone(), &module, 2, &cells(1.3), &cells(0.4)), &number, 2e-5);
    let usual = eps(x, &module, 2, &ONE, &Gain::Same(0.4));
    assert!(usual.iter().zip(&number).any(|(a, b)| (a - b).abs() > 1e-4));
}

/// The names of section 10.1 of the semantics this follows.
#[test]
fn other_layouts_are_the_same_module() {
    let x: Tensor<4> = noise_tensor(1, [2, 4, 4, 3]);
    let run = |file: &Checkpoint| {
        let file = std::rc::Rc::new(original_layout(file.open_own()).unwrap());
        let module = MotionModule::load(&Weights::new(file, test_device())).unwrap();
        eps(x.clone(), &module, 2, &ONE, &ONE)
    };
    let mut original = tiny_motion(true);
    // Diffusers has one table for both attentions of a block.
    original
        .same_values(".attention_blocks.0.pos_encoder.pe", ".attention_blocks.1.pos_encoder.pe");
    let expected = run(&original);
    let mut diffusers = tiny_motion(true);
    diffusers.renamed(&[
        (".attention_blocks.0.pos_encoder.pe", ".pos_embed.pe"),
        (".attention_blocks.1.pos_encoder.pe", ""),
        (".temporal_transformer.", "."),
        (".attention_blocks.0.", ".attn1."),
        (".attention_blocks.1.", ".attn2."),
        (".norms.0.", ".norm1."),
        (".norms.1.", ".norm2."),
        (".ff_norm.", ".norm3."),
    ]);
    assert_close(&run(&diffusers), &expected, 0.0);
    let mut prefixed = original;
    prefixed.renamed(&[("down_blocks.", "module.down_blocks."), ("up_blocks", "module.up_blocks")]);
    assert_close(&run(&prefixed), &expected, 0.0);
}

/// Sines and cosines of section 10.3: rows 0 and 1 of 32 channels.
#[test]
fn a_table_that_is_not_stored_is_that_of_the_sinusoids() {
    let mut stored = tiny_motion(true);
    let mut bare = tiny_motion(true);
    bare.renamed(&[(".pos_encoder.pe", "")]);
    let c = CHANNELS;
    let value = |place: usize| {
        let (frame, column) = (place / c, place % c);
        let angle = frame as f64 / 10_000_f64.powf((column / 2 * 2) as f64 / c as f64);
        (if column % 2 == 0 { angle.sin() } else { angle.cos() }) as f32
    };
    stored.with_values(".pos_encoder.pe", &(0..MOTION_FRAMES * c).map(value).collect::<Vec<_>>());
    let x: Tensor<4> = noise_tensor(1, [2, 4, 4, 3]);
    let [stored, bare] = [stored, bare].map(|file| {
        let module = load(&file).unwrap();
        (module.config().frames, eps(x.clone(), &module, 2, &ONE, &ONE))
    });
    assert_eq!([stored.0, bare.0], [MOTION_FRAMES, 64]);
    assert_close(&bare.1, &stored.1, 1e-5);
}

#[test]
fn what_is_missing_is_named() {
    let mut file = tiny_motion(true);
    let path = "up_blocks.1.motion_modules.1.temporal_transformer.proj_out.weight";
    file.without(path);
    assert_eq!(
        load(&file).unwrap_err().to_string(),
        format!("\"tiny.safetensors\" has no tensor {path:?}")
    );
    assert_eq!(
        load(&tiny_unet("m", 4)).unwrap_err().to_string(),
        "\"tiny.safetensors\" has no tensor \
         \"down_blocks.0.motion_modules.0.temporal_transformer.proj_in.weight\""
    );
}

#[test]
fn files_of_another_kind_are_refused() {
    let refused = |file: &Checkpoint| original_layout(file.open_own()).unwrap_err().to_string();
    assert_eq!(
        refused(&tiny_unet("model.diffusion_model", 4)),
        "\"tiny.safetensors\" is no motion module for this checkpoint: it is a Stable Diffusion 1.x \
         UNet alone"
    );
    let mut pia = tiny_motion(false);
    pia.layer("conv_in", &[32, 9, 3, 3]);
    assert!(refused(&pia).contains("PIA"));
}
