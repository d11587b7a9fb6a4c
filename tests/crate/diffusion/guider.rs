//! Tests of `crate/src/diffusion/guider.rs`.

use burn::tensor::Tensor;

use burnish::diffusion::{Branches, CfgDenoiser, Predicted, Predictor};
use burnish::sampling::Denoiser;
use pollster::block_on;

use crate::support::test_device;

/// 3 with the prompt, 1 without; remembers what it was asked for.
struct Constant(Vec<Branches>);

impl Predictor for Constant {
    async fn predict(
        &mut self,
        x: &Tensor<4>,
        _sigma: f32,
        branches: Branches,
    ) -> burnish::Result<Predicted> {
        self.0.push(branches);
        let uncond = (branches == Branches::Both).then(|| x.ones_like());
        Ok(Predicted { cond: x.ones_like() * 3.0, uncond })
    }
}

fn guided(cfg: f32) -> (f32, Branches) {
    let mut denoiser = CfgDenoiser { predictor: Constant(Vec::new()), cfg, noise_mask: None };
    let x = Tensor::zeros([1, 4, 2, 2], &test_device());
    let guess = block_on(denoiser.denoise(&x, 1.0)).unwrap().denoised;
    let value = guess.slice([0..1, 0..1, 0..1, 0..1]).into_scalar::<f32>();
    (value, denoiser.predictor.0[0])
}

#[test]
fn guidance_goes_from_the_unprompted_guess_through_the_prompted_one() {
    assert_eq!(guided(8.0), (17.0, Branches::Both));
    assert_eq!(guided(0.0), (1.0, Branches::Both));
}

#[test]
fn without_guidance_the_negative_prompt_is_not_asked() {
    assert_eq!(guided(1.0), (3.0, Branches::Cond));
}
