use burn::tensor::Tensor;
use burnish::models::controlnet::ControlNet;
use burnish::models::unet::Unet;
use burnish::weights::{Weights, keys};

use crate::support::{
    CHANNELS, TEXT, assert_close, noise_tensor, test_device, tiny_control_net, tiny_unet, values,
};

fn load() -> ControlNet {
    let file = tiny_control_net("control_model").open();
    ControlNet::load(&Weights::new(file, test_device()).pp("control_model")).unwrap()
}

/// Weights are the plain sum of the parts, so twice the strength is twice the addition.
#[test]
fn additions_have_the_shapes_of_the_skips_and_grow_with_strength() {
    let net = load();
    let hint = net.hint(noise_tensor(3, [1, 40, 24, 3]));
    assert_eq!(hint.dims(), [1, 5, 3, CHANNELS]);
    let text = net.context(&noise_tensor(1, [1, 7, TEXT]));
    let added = net.forward(noise_tensor(2, [1, 4, 5, 3]), &[500.0], &text, hint);
    let shapes: Vec<_> = added.skips.iter().map(Tensor::dims).collect();
    let c = CHANNELS;
    assert_eq!(shapes, [[1, 5, 3, c], [1, 5, 3, c], [1, 3, 2, c], [1, 3, 2, c]]);
    assert_eq!(added.middle.dims(), [1, 3, 2, c]);
    let twice = values(added.clone().scaled(2.0).middle);
    assert_close(&twice, &values(added.clone().plus(added).middle), 1e-6);
}

#[test]
fn another_picture_adds_something_else() {
    let net = load();
    let text = net.context(&noise_tensor(1, [1, 7, TEXT]));
    let x: Tensor<4> = noise_tensor(2, [1, 4, 4, 4]);
    let [first, second] = [3, 4].map(|seed| {
        let hint = net.hint(noise_tensor(seed, [1, 32, 32, 3]));
        values(net.forward(x.clone(), &[500.0], &text, hint).middle)
    });
    assert_ne!(first, second);
}

#[test]
fn additions_of_nothing_leave_the_unet_as_it_is() {
    let (net, unet) = (load(), tiny_unet("m", 4).open());
    let unet = Unet::load(&Weights::new(unet, test_device()).pp("m")).unwrap();
    let (x, text): (Tensor<4>, Tensor<3>) =
        (noise_tensor(2, [1, 4, 5, 3]), noise_tensor(1, [1, 7, TEXT]));
    let hint = net.hint(noise_tensor(3, [1, 40, 24, 3]));
    let added = net.forward(x.clone(), &[500.0], &net.context(&text), hint);
    let context = unet.context(text);
    let plain = values(unet.forward(x.clone(), &[500.0], &context));
    let none = added.clone().scaled(0.0);
    let without = unet.forward_controlled(x.clone(), &[500.0], &context, Some(none));
    assert_eq!(values(without), plain);
    assert_ne!(values(unet.forward_controlled(x, &[500.0], &context, Some(added))), plain);
    assert_eq!(net.skip_channels(), unet.skip_channels());
    assert_eq!(net.context_width(), unet.context_width());
}

/// The mean of what the network adds otherwise.
#[test]
fn an_averaging_network_adds_the_same_everywhere() {
    let text = noise_tensor(1, [1, 7, TEXT]);
    let [plain, averaged] = [false, true].map(|averages| {
        let net = load().averaging(averages);
        let hint = net.hint(noise_tensor(3, [1, 40, 24, 3]));
        net.forward(noise_tensor(2, [1, 4, 5, 3]), &[500.0], &net.context(&text), hint)
    });
    let mean = values(plain.skips[0].clone().reshape([15, CHANNELS]).mean_dim(0));
    for cell in values(averaged.skips[0].clone()).chunks_exact(CHANNELS) {
        assert_close(cell, &mean, 1e-5);
    }
    assert_eq!(averaged.middle.dims(), plain.middle.dims());
}

#[test]
fn a_network_for_several_kinds_of_pictures_is_refused() {
    let mut file = tiny_control_net("");
    file.add("task_embedding", &[6, CHANNELS]);
    let message = keys::control_net(file.open_own(), &test_device()).unwrap_err().to_string();
    assert!(message.ends_with("take one for a single kind"), "{message}");
}

#[test]
fn both_prefixes_are_found_and_other_files_are_refused() {
    let device = test_device();
    for prefix in ["control_model", ""] {
        let file = tiny_control_net(prefix).open_own();
        ControlNet::load(&keys::control_net(file, &device).unwrap()).unwrap();
    }
    let message = keys::control_net(tiny_unet("m", 4).open_own(), &device).unwrap_err().to_string();
    assert!(message.starts_with("\"tiny.safetensors\" is no ControlNet"), "{message}");
}

#[test]
fn a_missing_zero_convolution_is_named() {
    let mut file = tiny_control_net("control_model");
    file.without("control_model.zero_convs.3.0.weight");
    let weights = Weights::new(file.open(), test_device()).pp("control_model");
    let message = ControlNet::load(&weights).unwrap_err().to_string();
    assert_eq!(
        message,
        "\"tiny.safetensors\" has no tensor \"control_model.zero_convs.3.0.weight\""
    );
}
