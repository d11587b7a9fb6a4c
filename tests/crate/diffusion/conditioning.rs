//! Tests of `crate/src/diffusion/conditioning.rs` and of how a UNet is asked with it.

use std::rc::Rc;

use burn::tensor::Tensor;

use burnish::diffusion::{
    Area, Branches, CondMask, Conditioning, ModelManifest, Pipe, Predictor, inpaint_conditioning,
    stretched_over,
};
use burnish::geometry::{Rect, Size};
use burnish::image::Mask;
use burnish::monitor::Silent;

use pollster::block_on;

use crate::support::{
    Random, TEXT, assert_close, noise_tensor, test_device, tiny_checkpoint, values,
};

const SIZE: Size = Size::new(8, 8);
/// Inside the range every schedule has.
const SIGMA: f32 = 2.0;

fn pipe(in_channels: usize) -> Pipe {
    let manifest = ModelManifest { clip_heads: Some(4), ..ModelManifest::sd15("tiny") };
    let file = tiny_checkpoint(in_channels).open();
    Pipe::load(file, &manifest, &test_device(), &Silent).expect("is complete")
}

fn text(seed: u64, tokens: usize) -> Conditioning {
    Conditioning::of(noise_tensor(seed, [1, tokens, TEXT]))
}

fn tokens(conditioning: &Conditioning) -> Vec<f32> {
    values(conditioning.texts[0].cross_attn.clone())
}

/// Both guesses for a noisy latent.
fn both(pipe: &Pipe, positive: &Conditioning, negative: &Conditioning) -> [Vec<f32>; 2] {
    let x = noise_tensor(9, [2, 4, 8, 8]);
    let predicted =
        block_on(pipe.predictor(positive, negative).predict(&x, SIGMA, Branches::Both)).unwrap();
    [predicted.cond, predicted.uncond.expect("was asked for")].map(values)
}

fn cond(pipe: &Pipe, positive: &Conditioning) -> Vec<f32> {
    both(pipe, positive, &text(2, 77))[0].clone()
}

fn mask(mask: Mask, strength: f32) -> CondMask {
    CondMask { mask, strength, within_bounds: false }
}

/// White where columns lie in a range.
fn columns(range: std::ops::Range<u32>) -> Mask {
    let data = (0..64).map(|index| f32::from(u8::from(range.contains(&(index % 8))))).collect();
    Mask { size: SIZE, data }
}

#[test]
fn the_average_keeps_the_length_of_the_first() {
    let (to, from) = (text(1, 4), text(2, 2));
    let mixed = to.clone().average(&from, 0.75);
    let mut expected: Vec<f32> = tokens(&to).iter().map(|value| value * 0.75).collect();
    expected.iter_mut().zip(tokens(&from)).for_each(|(value, other)| *value += other * 0.25);
    assert_close(&tokens(&mixed), &expected, 1e-6);
    let longer = from.clone().average(&to, 0.5);
    assert_eq!(longer.texts[0].cross_attn.dims(), [1, 2, TEXT]);
}

#[test]
fn texts_are_joined_and_emptied() {
    let joined = text(1, 4).concat(&text(2, 3));
    assert_eq!(tokens(&joined), [tokens(&text(1, 4)), tokens(&text(2, 3))].concat());
    assert!(tokens(&joined.zero_out()).iter().all(|value| *value == 0.0));
}

#[test]
fn a_text_given_twice_counts_once() {
    let pipe = pipe(4);
    let once = cond(&pipe, &text(1, 77));
    assert_close(&cond(&pipe, &text(1, 77).combine(text(1, 77))), &once, 1e-5);
    let all = Area::Shares { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
    assert_close(&cond(&pipe, &text(1, 77).with_area(all, 0.3)), &once, 1e-5);
}

#[test]
fn masks_share_the_picture_out() {
    let pipe = pipe(4);
    let [one, two] = [text(1, 77), text(3, 154)];
    let halves = one.clone().with_mask(&mask(columns(0..4), 0.7));
    let halves = halves.combine(two.clone().with_mask(&mask(columns(4..8), 1.3)));
    let [left, right] = [one, two].map(|text| cond(&pipe, &text));
    let found = cond(&pipe, &halves);
    for (index, value) in found.iter().enumerate() {
        let expected = if index % 8 < 4 { left[index] } else { right[index] };
        assert!((value - expected).abs() < 1e-5, "value {index} is {value}, not {expected}");
    }
}

#[test]
fn where_no_text_counts_there_is_nothing() {
    let pipe = pipe(4);
    let found = cond(&pipe, &text(1, 77).with_mask(&mask(columns(0..4), 1.0)));
    assert!(found.iter().enumerate().all(|(index, value)| (index % 8 < 4) != (*value == 0.0)));
}

#[test]
fn a_text_out_of_its_range_is_as_if_it_were_not_there() {
    let pipe = pipe(4);
    let alone = cond(&pipe, &text(1, 77));
    // Sigma 2 lies between shares 0.4 and 0.5.
    for (start, end) in [(0.0, 0.3), (0.6, 1.0)] {
        let other = text(3, 77).with_range(start, end);
        assert_close(&cond(&pipe, &text(1, 77).combine(other)), &alone, 1e-5);
    }
    let other = text(3, 77).with_range(0.3, 0.6);
    assert_ne!(cond(&pipe, &text(1, 77).combine(other)), alone);
}

#[test]
fn an_area_is_guided_on_its_own() {
    let pipe = pipe(4);
    let (positive, negative) = (text(1, 77), text(2, 77));
    let area = positive.clone().with_area(Area::Cells(Rect::new(0, 0, 8, 4)), 1.0);
    let [plain, plain_uncond] = both(&pipe, &positive, &negative);
    let [found, uncond] = both(&pipe, &area, &negative);
    let lower = |values: &[f32]| -> Vec<f32> {
        let inside = values.iter().enumerate().filter(|(index, _)| index % 64 >= 32);
        inside.map(|(_, value)| *value).collect()
    };
    assert!(lower(&found).iter().all(|value| *value == 0.0));
    assert_ne!(found, plain);
    // The other side is evaluated on the area as well, and mixed in there alone.
    assert_close(&lower(&uncond), &lower(&plain_uncond), 1e-5);
    assert_ne!(uncond, plain_uncond);
}

#[test]
fn only_the_bounds_of_a_mask_are_shown_if_asked() {
    let pipe = pipe(4);
    let within = |within_bounds| {
        let mask = CondMask { mask: columns(0..8), strength: 1.0, within_bounds };
        cond(&pipe, &text(1, 77).with_mask(&mask))
    };
    // All of it is marked, so both are the same.
    assert_close(&within(true), &within(false), 1e-5);
}

#[test]
fn masks_are_changed_and_nothing_else_is() {
    let masked = text(1, 77).with_mask(&mask(columns(0..4), 1.0)).combine(text(2, 77));
    let changed = masked.map_masks(|mask| mask.map(|value| 1.0 - value));
    let masks: Vec<_> = changed.texts.iter().map(|text| text.mask.clone()).collect();
    assert_eq!(masks, [Some(mask(columns(4..8), 1.0)), None]);
}

#[test]
fn an_inpainting_model_is_shown_a_mask_and_a_picture() {
    let pipe = pipe(9);
    let plain = cond(&pipe, &text(1, 77));
    assert!(plain.iter().all(|value| value.is_finite()));
    let mut random = Random(4);
    let pixels = random.frames(Size::new(67, 69), 1);
    let half = Mask::filled(Size::new(5, 7), 0.6);
    let (latent, image) = inpaint_conditioning(&pipe.vae, &pixels, &half, &pipe.device);
    assert_eq!(latent.samples.dims(), [1, 4, 8, 8]);
    assert_eq!(latent.noise_mask, [Mask::filled(Size::new(64, 64), 0.6)]);
    // 0.6 is rounded up, so the whole picture is grey to the model.
    let grey = pixels.data.iter().map(|_| 0.5).collect();
    let grey = burnish::image::Frames { data: grey, ..pixels };
    let none = Mask::filled(Size::new(1, 1), 0.0);
    let (grey, _) = inpaint_conditioning(&pipe.vae, &grey, &none, &pipe.device);
    assert_close(&values(image.latent.clone()), &values(grey.samples), 1e-5);

    let image = Rc::new(image);
    let sides = [text(1, 77), text(2, 77)].map(|side| side.with_inpaint(&image));
    let painted = both(&pipe, &sides[0], &sides[1])[0].clone();
    assert_ne!(painted, plain);
    // One by one as in one batch.
    let apart = sides[0].clone().combine(sides[0].clone());
    assert_close(&both(&pipe, &apart, &sides[1])[0], &painted, 1e-5);
}

#[test]
fn a_run_shows_an_inpainting_model_its_own_mask() {
    let pipe = pipe(9);
    let [positive, negative] = [text(1, 77), text(2, 77)];
    let x: Tensor<4> = noise_tensor(9, [1, 4, 8, 8]);
    let guess = |mask: Option<Mask>| {
        let mut predictor = pipe.predictor(&positive, &negative);
        let mask = stretched_over(mask.as_slice(), &x);
        predictor.begin(&noise_tensor(8, [1, 4, 8, 8]), mask.as_ref(), &[]);
        values(block_on(predictor.predict(&x, SIGMA, Branches::Cond)).unwrap().cond)
    };
    let white = Mask::filled(SIZE, 1.0);
    assert_eq!(guess(Some(white.clone())), guess(Some(white.map(|_| 0.51))), "it is rounded");
    assert_ne!(guess(Some(white.clone())), guess(Some(columns(0..4))));
    assert_ne!(guess(Some(white)), guess(None), "without a mask the picture is grey");
}
