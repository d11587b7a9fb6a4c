use burn::tensor::Tensor;
use burnish::{
    nn::{KeyValue, SpatialTransformer},
    weights::Weights,
};

use crate::support::{
    CHANNELS, Checkpoint, TEXT, assert_close, noise_tensor, test_device, transformer, values,
};

fn load() -> SpatialTransformer {
    let mut file = Checkpoint::default();
    transformer(&mut file, "t");
    let weights = Weights::new(file.open(), test_device()).pp("t");
    SpatialTransformer::load(&weights, CHANNELS, Some(TEXT), 8).unwrap()
}

fn contexts(transformer: &SpatialTransformer, text: Tensor<3>) -> Vec<KeyValue> {
    transformer.blocks().iter().map(|block| block.key_value(text.clone())).collect()
}

#[test]
fn items_of_a_batch_do_not_mix() {
    let transformer = load();
    let x = noise_tensor(1, [2, 3, 4, CHANNELS]);
    let text = noise_tensor(2, [2, 5, TEXT]);
    let run = |x: Tensor<4>, text: Tensor<3>| {
        values(transformer.forward(x, &mut contexts(&transformer, text).iter()))
    };
    let both = run(x.clone(), text.clone());
    let alone =
        [0, 1].map(|i| run(x.clone().slice([i..i + 1]), text.clone().slice([i..i + 1]))).concat();
    assert_close(&both, &alone, 1e-5);
}

#[test]
fn a_repeated_text_changes_nothing_and_another_text_does() {
    let transformer = load();
    let x = noise_tensor(1, [1, 3, 4, CHANNELS]);
    let text: Tensor<3> = noise_tensor(2, [1, 5, TEXT]);
    let run = |text: Tensor<3>| {
        values(transformer.forward(x.clone(), &mut contexts(&transformer, text).iter()))
    };
    let once = run(text.clone());
    assert_close(&run(Tensor::cat(vec![text.clone(), text], 1)), &once, 1e-5);
    let other = run(noise_tensor(3, [1, 5, TEXT]));
    assert!(other.iter().zip(&once).any(|(a, b)| (a - b).abs() > 1e-2));
}
