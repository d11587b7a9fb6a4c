use burnish::weights::Weights;

use crate::support::{Checkpoint, assert_close, test_device, values};

fn weights() -> Weights<'static> {
    let mut file = Checkpoint::default();
    file.add_values("a.b.linear", &[3, 2], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    file.add_values("a.b.conv", &[1, 2, 3, 3], (0..18).map(|v| v as f32).collect());
    file.add_values("a.third", &[1], vec![1.0 / 3.0]);
    Weights::new(file.open(), test_device()).pp("a")
}

#[test]
fn linear_weights_are_transposed() {
    let weight = weights().pp("b").linear_weight("linear").unwrap();
    assert_eq!(weight.dims(), [2, 3]);
    assert_close(&values(weight.plain().unwrap().clone()), &[1.0, 3.0, 5.0, 2.0, 4.0, 6.0], 0.0);
}

#[test]
fn convolution_weights_are_packed_by_tap() {
    let (weight, kernel) = weights().pp("b").conv_weight("conv").unwrap();
    assert_eq!((weight.dims(), kernel), ([18, 1], 3));
    assert_close(
        &values(weight.plain().unwrap().clone()),
        &(0..9).flat_map(|tap| [tap as f32, (tap + 9) as f32]).collect::<Vec<_>>(),
        0.0,
    );
}

#[test]
fn rounding_to_half_is_the_viewers_choice() {
    let exact = weights().read("third").unwrap();
    let half = weights().rounded_to_half().read("third").unwrap();
    assert_close(&exact, &[1.0 / 3.0], 0.0);
    assert_close(&half, &[0.333_251_95], 0.0);
}

#[test]
fn a_wrong_shape_is_named_with_both_shapes() {
    let message = weights().tensor1("third", [2]).unwrap_err().to_string();
    assert_eq!(message, r#"tensor "a.third" of "tiny.safetensors" has shape [1], [2] is needed"#);
    let message = weights().linear_weight("third").unwrap_err().to_string();
    assert!(message.contains("a.third has shape [1], [out, in] is needed"), "{message}");
}

#[test]
fn a_missing_tensor_is_named_with_its_path() {
    let message = weights().pp("b").shape("bias").unwrap_err().to_string();
    assert_eq!(message, r#""tiny.safetensors" has no tensor "a.b.bias""#);
    assert!(!weights().has("bias") && weights().pp("b").has("conv"));
}
