//! What the CPU runs against the plain operations, on shapes that leave remainders everywhere.

use burnish::ops::{self, Activation, Added, ConvShape, Pad, plain};

use crate::support::{assert_close, noise_tensor, values};

/// Sums in another order, and an error function right to 1.5e-7.
const TOLERANCE: f32 = 5e-6;

#[test]
fn linear_and_its_activations() {
    let [x, weight] = [noise_tensor(1, [13, 7]), noise_tensor(2, [7, 9])];
    let [bias, residual] = [noise_tensor(3, [1, 9]), noise_tensor(4, [13, 9])];
    let bias = bias.reshape([9]);
    for activation in [Activation::None, Activation::Silu, Activation::Gelu, Activation::QuickGelu]
    {
        // Far enough out for the saturated ends of the activations.
        let far = x.clone() * 40.0;
        let plain = |x, residual| plain::linear(x, &weight, Some(&bias), activation, residual);
        let packed = weight.clone().into();
        let own = |x, residual| ops::linear(x, &packed, Some(&bias), activation, residual);
        let [of, with] =
            [own(far.clone(), Some(residual.clone())), plain(far, Some(residual.clone()))];
        assert_close(&values(of), &values(with), 2e-4);
        let [of, with] = [own(x.clone(), None), plain(x.clone(), None)];
        assert_close(&values(of), &values(with), TOLERANCE);
    }
}

#[test]
fn conv2d_in_every_geometry() {
    let below = Pad { top: 0, left: 0, bottom: 1, right: 1 };
    for (shape, inputs) in [
        (ConvShape::POINT, 5),
        (ConvShape::SAME_3, 5),
        (ConvShape { upsample: 2, ..ConvShape::SAME_3 }, 3),
        (ConvShape { stride: 2, ..ConvShape::SAME_3 }, 4),
        (ConvShape { stride: 2, pad: below, ..ConvShape::SAME_3 }, 4),
        (ConvShape { stride: 2, upsample: 2, ..ConvShape::SAME_3 }, 4),
        (ConvShape { kernel: 5, pad: Pad::all(2), stride: 1, upsample: 1 }, 2),
    ] {
        let [out_height, out_width] = shape.output(7, 6);
        let x = noise_tensor(1, [2, 7, 6, inputs]);
        let weight = noise_tensor(2, [shape.kernel * shape.kernel * inputs, 11]);
        let bias = noise_tensor(3, [1, 11]).reshape([11]);
        let residual = noise_tensor(4, [2, out_height, out_width, 11]);
        let plain = plain::conv2d(x.clone(), &weight, Some(&bias), shape, Some(residual.clone()));
        let added = Added { residual: Some(residual.clone()), shift: None };
        let weight = weight.into();
        let own = ops::conv2d(x.clone(), &weight, Some(&bias), shape, added);
        assert_close(&values(own), &values(plain.clone()), TOLERANCE);
        let shift = noise_tensor(5, [2, 11]);
        let added = Added { residual: Some(residual), shift: Some(shift.clone()) };
        let own = ops::conv2d(x, &weight, Some(&bias), shape, added);
        assert_close(&values(own), &values(plain::add_channels(plain, shift)), TOLERANCE);
    }
}

/// More pixels than are unfolded at once.
#[test]
fn conv2d_of_several_blocks() {
    let x = noise_tensor(1, [2, 130, 100, 8]);
    let weight = noise_tensor(2, [72, 4]);
    let plain = plain::conv2d(x.clone(), &weight, None, ConvShape::SAME_3, None);
    let own = ops::conv2d(x, &weight.into(), None, ConvShape::SAME_3, Added::default());
    assert_close(&values(own), &values(plain), TOLERANCE);
}
