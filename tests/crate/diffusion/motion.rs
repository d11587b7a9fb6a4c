use std::rc::Rc;

use burn::tensor::Tensor;
use burnish::Result;
use burnish::diffusion::{
    Branches, Conditioning, Lora, LoraStrength, Motion, MotionFile, MotionFiles, MotionSettings,
    Multival, Pipe, Predicted, Predictor,
};
use burnish::geometry::Size;
use burnish::image::Mask;
use burnish::monitor::Silent;
use burnish::sampling::context::{ContextOptions, ContextSchedule};
use burnish::sampling::noise::{NoiseLayout, prepare_noise, randn};

use pollster::block_on;

use crate::detailer::for_each::tiny_pipe;
use crate::support::{
    CHANNELS, Checkpoint, assert_close, noise_tensor, test_device, tiny_motion, values,
};

/// The tiny module, from a file.
pub fn tiny_file() -> MotionFile {
    let file = tiny_motion(true).open_own();
    MotionFile::load(file, &test_device(), &Silent).unwrap()
}

/// The module on the tiny checkpoint.
pub fn tiny_motion_on(pipe: &Pipe, settings: MotionSettings) -> Result<Motion> {
    Motion::new(pipe, "tiny", &tiny_file(), &[], settings)
}

fn prompts(pipe: &Pipe) -> [Conditioning; 2] {
    ["a cat", "blurry"].map(|text| pipe.encode_prompt(text).unwrap())
}

/// Both answers for a clip at a noise level, one after the other.
fn predicted(pipe: &Pipe, motion: Option<&Motion>, x: &Tensor<4>) -> Vec<f32> {
    let [positive, negative] = &prompts(pipe);
    let predictor = pipe.predictor(positive, negative);
    let mut predictor = match motion {
        Some(motion) => predictor.with_motion(motion),
        None => predictor,
    };
    let Predicted { cond, uncond } = block_on(predictor.predict(x, 2.0, Branches::Both)).unwrap();
    [values(cond), values(uncond.unwrap())].concat()
}

fn settings() -> MotionSettings {
    MotionSettings { beta_schedule: "use existing".to_owned(), ..MotionSettings::default() }
}

fn clip(frames: usize) -> Tensor<4> {
    noise_tensor(5, [frames, 4, 3, 5])
}

#[test]
fn without_effect_it_is_the_checkpoint_alone() {
    let pipe = tiny_pipe();
    let none = MotionSettings { effect: Multival::Same(0.0), ..settings() };
    let none = tiny_motion_on(&pipe, none).unwrap();
    let alone = predicted(&pipe, None, &clip(3));
    assert_close(&predicted(&pipe, Some(&none), &clip(3)), &alone, 1e-4);
    let some = tiny_motion_on(&pipe, settings()).unwrap();
    let moved = predicted(&pipe, Some(&some), &clip(3));
    assert!(moved.iter().zip(&alone).any(|(a, b)| (a - b).abs() > 1e-2));
}

#[test]
fn blocks_of_a_context_are_clips_of_their_own() {
    let pipe = tiny_pipe();
    let context = ContextOptions {
        schedule: ContextSchedule::Batched,
        length: 3,
        ..ContextOptions::default()
    };
    let cut = MotionSettings { context: Some(context), ..settings() };
    let cut = tiny_motion_on(&pipe, cut).unwrap();
    let whole = tiny_motion_on(&pipe, settings()).unwrap();
    let x = clip(5);
    let found = predicted(&pipe, Some(&cut), &x);
    let parts = [0..3, 3..5].map(|range| {
        predicted(&pipe, Some(&whole), &x.clone().narrow(0, range.start, range.len()))
    });
    let half =
        |values: &[f32], side: usize| values.chunks(values.len() / 2).nth(side).unwrap().to_vec();
    for side in 0..2 {
        let expected = [half(&parts[0], side), half(&parts[1], side)].concat();
        assert_close(&half(&found, side), &expected, 1e-4);
    }
}

/// With room for nothing, frames and sides of guidance go one by one.
#[test]
fn little_memory_changes_nothing_but_the_batches() {
    let pipe = tiny_pipe();
    let [positive, negative] = &prompts(&pipe);
    let motion = tiny_motion_on(&pipe, settings()).unwrap();
    let x = clip(3);
    for motion in [None, Some(&motion)] {
        let [much, little] = [usize::MAX, 0].map(|most_bytes| {
            let predictor = pipe.predictor(positive, negative).within(most_bytes);
            let mut predictor = match motion {
                Some(motion) => predictor.with_motion(motion),
                None => predictor,
            };
            let Predicted { cond, uncond } =
                block_on(predictor.predict(&x, 2.0, Branches::Both)).unwrap();
            [values(cond), values(uncond.unwrap())].concat()
        });
        assert_close(&little, &much, 1e-4);
    }
}

#[test]
fn clips_it_is_not_for_are_refused() {
    let pipe = tiny_pipe();
    let motion = tiny_motion_on(&pipe, settings()).unwrap();
    assert!(motion.check(8).is_ok());
    assert!(motion.check(9).unwrap_err().to_string().contains("at most 8 frames"));
    let context = Some(ContextOptions { length: 8, ..ContextOptions::default() });
    let scale = Multival::PerFrame(vec![1.0; 3]);
    let cut = MotionSettings { context, scale, ..settings() };
    let cut = tiny_motion_on(&pipe, cut).unwrap();
    assert_eq!(cut.check(90).unwrap_err().to_string(), "motion.scale has 3 frames, 90 are needed");
    let context = Some(ContextOptions { length: 4, overlap: 4, ..ContextOptions::default() });
    let wrong = MotionSettings { context, ..settings() };
    assert!(tiny_motion_on(&pipe, wrong).is_err());
    let wrong = MotionSettings { beta_schedule: "none".to_owned(), ..settings() };
    assert!(tiny_motion_on(&pipe, wrong).is_err());
}

#[test]
fn a_module_for_another_unet_is_refused() {
    let pipe = tiny_pipe();
    let mut file = tiny_motion(true);
    for number in [0, 1] {
        file.renamed(&[(&format!("up_blocks.1.motion_modules.{number}."), "")]);
    }
    file.renamed(&[("down_blocks.1", "")]);
    let file = MotionFile::load(file.open_own(), &test_device(), &Silent).unwrap();
    let refused = Motion::new(&pipe, "wide", &file, &[], settings()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "\"wide\" is no motion module for this checkpoint: on the way down it is for channels [32], \
         the UNet has [32, 32]"
    );
}

#[test]
fn numbers_lists_and_masks_say_the_same() {
    let pipe = tiny_pipe();
    let of = |scale: Multival| {
        let motion = MotionSettings { scale: scale.clone(), effect: scale, ..settings() };
        predicted(&pipe, Some(&tiny_motion_on(&pipe, motion).unwrap()), &clip(2))
    };
    let number = of(Multival::Same(0.5));
    assert_close(&of(Multival::PerFrame(vec![0.5; 2])), &number, 1e-4);
    let grey = Mask::filled(Size::new(7, 9), 0.25);
    let masks = |masks| Multival::Masks { min: 0.0, max: 2.0, masks };
    assert_close(&of(masks(vec![grey.clone()])), &number, 1e-4);
    assert_close(&of(masks(vec![grey.clone(), grey.clone()])), &number, 1e-4);
    let other = of(masks(vec![grey, Mask::filled(Size::new(1, 1), 1.0)]));
    assert!(other.iter().zip(&number).any(|(a, b)| (a - b).abs() > 1e-3));
    assert_eq!(masks(Vec::new()).extremes(), [2.0, 0.0]);
}

/// A motion LoRA as published: `up down`, without alpha, under the names of attention processors.
#[test]
fn motion_loras_change_the_module_by_their_strength() {
    let pipe = tiny_pipe();
    let block = "down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0";
    let layer = format!("{block}.attention_blocks.0.processor.to_out_lora");
    let mut file = Checkpoint::default();
    file.add(&format!("{layer}.up.weight"), &[CHANNELS, 2])
        .add(&format!("{layer}.down.weight"), &[2, CHANNELS]);
    let lora = Lora::open("pan.safetensors", Box::new(file.source())).unwrap();
    let mut files = MotionFiles::default();
    files.insert("tiny", Rc::new(tiny_file()));
    files.loras.insert(lora);
    let run = |wanted: &[(String, f32)]| {
        let loras: Vec<LoraStrength> = files.loras(wanted).unwrap();
        let motion = Motion::new(&pipe, "tiny", files.get("tiny").unwrap(), &loras, settings());
        predicted(&pipe, Some(&motion.unwrap()), &clip(2))
    };
    let named = |strength| vec![("pan.safetensors".to_owned(), strength)];
    let plain = run(&[]);
    assert_close(&run(&named(0.0)), &plain, 0.0);
    let twice = run(&[named(0.5), named(0.5)].concat());
    assert_close(&twice, &run(&named(1.0)), 1e-4);
    assert!(twice.iter().zip(&plain).any(|(a, b)| (a - b).abs() > 1e-4));
    assert_eq!(
        files.loras(&[("zoom".to_owned(), 1.0)]).unwrap_err().to_string(),
        "unknown motion LoRA \"zoom\", add its file first; at hand: pan.safetensors"
    );
    assert_eq!(
        files.get("v4").unwrap_err().to_string(),
        "unknown motion module \"v4\", add its file first; at hand: tiny"
    );
    assert!(files.remove("tiny") && !files.remove("tiny"));
}

/// Windows without a module between frames change nothing: each frame is seen on its own.
#[test]
fn without_a_module_windows_and_noise_count_alone() {
    let pipe = tiny_pipe();
    let context = Some(ContextOptions { length: 2, overlap: 1, ..ContextOptions::default() });
    let noise_type = NoiseLayout::Constant;
    let asked = MotionSettings { context, noise_type, ..MotionSettings::default() };
    let motion = Motion::without_module(&pipe, asked).unwrap();
    motion.check(40).unwrap();
    let alone = predicted(&pipe, None, &clip(3));
    assert_close(&predicted(&pipe, Some(&motion), &clip(3)), &alone, 1e-5);
    let noise = values(motion.noise(7, &clip(2)).unwrap());
    assert_eq!(noise[..60], noise[60..]);
    let wrong = MotionSettings { beta_schedule: "none".to_owned(), ..MotionSettings::default() };
    assert!(Motion::without_module(&pipe, wrong).is_err());
}

#[test]
fn noise_is_laid_out_over_the_frames_as_asked() {
    let pipe = tiny_pipe();
    let latent: Tensor<4> = Tensor::zeros([5, 4, 4, 4], &test_device());
    let noise = |noise_type| {
        let motion = tiny_motion_on(&pipe, MotionSettings { noise_type, ..settings() }).unwrap();
        motion.noise(7, &latent).map(values)
    };
    assert!(noise(NoiseLayout::OneDraw).is_none());
    let drawn = prepare_noise(7, [5, 4, 4, 4], None);
    assert_eq!(noise(NoiseLayout::Constant).unwrap(), drawn[..64].repeat(5));
    let each: Vec<f32> = (7..12).flat_map(|seed| randn(seed, 64)).collect();
    assert_eq!(noise(NoiseLayout::Auto1111).unwrap(), each);
}
