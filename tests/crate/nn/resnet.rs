use burn::tensor::Tensor;
use burnish::{
    nn::{ResnetBlock, ResnetKeys},
    weights::Weights,
};

use crate::support::{
    Checkpoint, TIME, assert_close, noise_tensor, test_device, unet_resnet, values,
};

fn block(file: &Checkpoint, inputs: usize) -> burnish::Result<ResnetBlock> {
    let weights = Weights::new(file.open(), test_device()).pp("block");
    ResnetBlock::load(&weights, &ResnetKeys::UNET, inputs, Some(TIME))
}

#[test]
fn a_block_whose_last_convolution_is_zero_is_its_input() {
    let mut file = Checkpoint::default();
    unet_resnet(&mut file, "block", 32, 32);
    file.without("block.out_layers.3.weight").without("block.out_layers.3.bias");
    file.add_values("block.out_layers.3.weight", &[32, 32, 3, 3], vec![0.0; 32 * 32 * 9]);
    let [x, emb] = [noise_tensor(1, [2, 4, 3, 32]), noise_tensor(2, [2, TIME, 1, 1])];
    let y = block(&file, 32).unwrap().forward(x.clone(), Some(&emb.reshape([2, TIME])));
    assert_close(&values(y), &values(x), 0.0);
}

#[test]
fn the_embedding_reaches_only_its_own_item() {
    let mut file = Checkpoint::default();
    // Two channels to a group: one alone would be normalised away again.
    unet_resnet(&mut file, "block", 32, 64);
    let block = block(&file, 32).unwrap();
    let x = noise_tensor(1, [1, 4, 4, 32]);
    let x = Tensor::cat(vec![x.clone(), x], 0);
    let emb: Tensor<2> =
        Tensor::cat(vec![noise_tensor(2, [1, TIME]), noise_tensor(3, [1, TIME])], 0);
    let y = block.forward(x.clone(), Some(&emb));
    assert_eq!(y.dims(), [2, 4, 4, 64]);
    let [first, second] = [0, 1].map(|i| {
        let alone =
            block.forward(x.clone().slice([i..i + 1]), Some(&emb.clone().slice([i..i + 1])));
        values(alone)
    });
    assert_close(&values(y), &[first.clone(), second.clone()].concat(), 1e-5);
    assert!(first.iter().zip(&second).any(|(a, b)| (a - b).abs() > 1e-2));
}

#[test]
fn a_missing_layer_is_named_with_file_and_path() {
    let mut file = Checkpoint::default();
    unet_resnet(&mut file, "block", 64, 32);
    file.without("block.out_layers.0.weight");
    let message = block(&file, 64).unwrap_err().to_string();
    assert_eq!(message, r#""tiny.safetensors" has no tensor "block.out_layers.0.weight""#);
}

#[test]
fn a_block_that_does_not_fit_its_neighbours_is_named_with_both_shapes() {
    let mut file = Checkpoint::default();
    unet_resnet(&mut file, "block", 64, 32);
    let message = block(&file, 96).unwrap_err().to_string();
    assert_eq!(
        message,
        r#"tensor "block.in_layers.2.weight" of "tiny.safetensors" has shape [32, 64, 3, 3], [32, 96, 3, 3] is needed"#
    );
    file.without("block.skip_connection.weight");
    let message = block(&file, 64).unwrap_err().to_string();
    assert_eq!(message, r#""tiny.safetensors" has no tensor "block.skip_connection.weight""#);
}
