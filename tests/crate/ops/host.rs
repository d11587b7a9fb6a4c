//! What the CPU runs against the plain operations, on shapes that leave remainders everywhere.

use burnish::ops::{self, Activation, ConvShape, Pad, plain};

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
        let of = |f: fn(_, &_, _, _, _) -> _| {
            values(f(far.clone(), &weight, Some(&bias), activation, Some(residual.clone())))
        };
        assert_close(&of(ops::linear), &of(plain::linear), 2e-4);
        let near =
            |f: fn(_, &_, _, _, _) -> _| values(f(x.clone(), &weight, None, activation, None));
        assert_close(&near(ops::linear), &near(plain::linear), TOLERANCE);
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
        let of = |f: fn(_, &_, _, _, _) -> _| {
            values(f(x.clone(), &weight, Some(&bias), shape, Some(residual.clone())))
        };
        assert_close(&of(ops::conv2d), &of(plain::conv2d), TOLERANCE);
    }
}

/// More pixels than are unfolded at once.
#[test]
fn conv2d_of_several_blocks() {
    let x = noise_tensor(1, [2, 130, 100, 8]);
    let weight = noise_tensor(2, [72, 4]);
    let of =
        |f: fn(_, &_, _, _, _) -> _| values(f(x.clone(), &weight, None, ConvShape::SAME_3, None));
    assert_close(&of(ops::conv2d), &of(plain::conv2d), TOLERANCE);
}

#[test]
fn attention_with_remainders_of_queries_keys_and_channels() {
    for (tokens, keys, channels, heads) in
        [(1, 1, 8, 8), (5, 77, 24, 2), (9, 9, 10, 1), (16, 3, 40, 1), (33, 40, 64, 8)]
    {
        let q = noise_tensor(1, [2, tokens, channels]) * 3.0;
        let [k, v] = [2, 3].map(|seed| noise_tensor(seed, [2, keys, channels]));
        for causal in [false, tokens == keys] {
            let of = |f: fn(_, _, _, _, _) -> _| {
                values(f(q.clone(), k.clone(), v.clone(), heads, causal))
            };
            assert_close(&of(ops::attention), &of(plain::attention), TOLERANCE);
        }
    }
}

/// Scores far beyond what an exponential can hold.
#[test]
fn attention_survives_large_scores() {
    let q = noise_tensor(1, [1, 6, 16]) * 300.0;
    let [k, v] = [2, 3].map(|seed| noise_tensor(seed, [1, 6, 16]));
    let y = values(ops::attention(q.clone(), k.clone(), v.clone(), 2, false));
    assert_close(&y, &values(plain::attention(q, k, v, 2, false)), 1e-4);
}

#[test]
fn group_norm_with_and_without_silu() {
    for (height, width, channels, groups) in [(1, 1, 64, 32), (9, 7, 12, 4), (30, 31, 32, 32)] {
        let x = noise_tensor(1, [2, height, width, channels]) * 3.0 + 1.0;
        let [gamma, beta] =
            [2, 3].map(|seed| noise_tensor(seed, [1, channels]).reshape([channels]));
        for silu in [false, true] {
            let of = |f: fn(_, _, &_, &_, _, _) -> _| {
                values(f(x.clone(), groups, &gamma, &beta, 1e-5, silu))
            };
            assert_close(&of(ops::group_norm), &of(plain::group_norm), 2e-5);
        }
    }
}

#[test]
fn geglu_far_and_near() {
    for factor in [0.5, 3.0, 30.0] {
        let x = noise_tensor(1, [5, 14]) * factor;
        assert_close(&values(ops::geglu(x.clone())), &values(plain::geglu(x)), TOLERANCE * factor);
    }
}

#[test]
fn what_is_not_a_number_stays_so() {
    let x = noise_tensor(1, [1, 2, 2, 32]) * f32::NAN;
    let ones = noise_tensor(2, [1, 32]).reshape([32]);
    let y = ops::group_norm(x, 32, &ones, &ones, 1e-5, true);
    assert!(values(y).iter().all(|v| v.is_nan()));
}
