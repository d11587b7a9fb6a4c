use burn::tensor::Tensor;
use burnish::{models::unet::Unet, weights::Weights};

use crate::support::{TEXT, assert_close, noise_tensor, test_device, tiny_unet, values};

fn load(in_channels: usize) -> Unet {
    let file = tiny_unet("model.diffusion_model", in_channels).open();
    Unet::load(&Weights::new(file, test_device()).pp("model.diffusion_model")).unwrap()
}

#[test]
fn odd_sizes_come_back_as_they_went_in() {
    let unet = load(4);
    let context = unet.context(noise_tensor(1, [1, 7, TEXT]));
    let eps = unet.forward(noise_tensor(2, [1, 4, 9, 5]), &[500.0], &context);
    assert_eq!(eps.dims(), [1, 4, 9, 5]);
    assert!(values(eps).iter().all(|v| v.is_finite()));
}

#[test]
fn items_have_their_own_time_and_text() {
    let unet = load(4);
    let x = noise_tensor(1, [2, 4, 6, 6]);
    let text: Tensor<3> = noise_tensor(2, [2, 7, TEXT]);
    let times = [900.0, 30.0];
    let both = unet.forward(x.clone(), &times, &unet.context(text.clone()));
    let alone = [0, 1].map(|i| {
        let context = unet.context(text.clone().slice([i..i + 1]));
        values(unet.forward(x.clone().slice([i..i + 1]), &times[i..i + 1], &context))
    });
    assert_close(&values(both), &alone.concat(), 2e-5);
}

#[test]
fn an_inpainting_model_takes_nine_channels() {
    let unet = load(9);
    assert_eq!(unet.in_channels(), 9);
    let context = unet.context(noise_tensor(1, [1, 7, TEXT]));
    let eps = unet.forward(noise_tensor(2, [1, 9, 4, 4]), &[500.0], &context);
    assert_eq!(eps.dims(), [1, 4, 4, 4]);
}

#[test]
fn a_context_knows_its_texts() {
    assert_eq!(load(4).context(noise_tensor(1, [3, 7, TEXT])).texts(), 3);
}

#[test]
fn a_wrong_first_convolution_is_explained() {
    let mut file = tiny_unet("m", 4);
    file.without("m.input_blocks.0.0.weight").add("m.input_blocks.0.0.weight", &[32]);
    let error = Unet::load(&Weights::new(file.open(), test_device()).pp("m")).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("m.input_blocks.0.0.weight has shape [32]"), "{message}");
}
