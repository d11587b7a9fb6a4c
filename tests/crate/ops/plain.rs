//! The plain operations against loops that say what they mean.

use burn::tensor::{Tensor, TensorData};
use burnish::ops::{self, Activation, ConvShape, Pad};

use crate::support::{assert_close, noise, test_device, values};

/// Two libraries' sums of a few hundred products in another order.
const TOLERANCE: f32 = 2e-5;

fn tensor<const N: usize>(values: &[f32], shape: [usize; N]) -> Tensor<N> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), &test_device())
}

/// Convolution by its definition, on an input enlarged and padded by index arithmetic.
fn conv2d_by_loops(
    x: &[f32],
    [batch, height, width, inputs]: [usize; 4],
    weight: &[f32],
    out: usize,
    shape: ConvShape,
) -> Vec<f32> {
    let [out_height, out_width] = shape.output(height, width);
    let mut y = Vec::new();
    for b in 0..batch {
        for (oy, ox) in (0..out_height).flat_map(|oy| (0..out_width).map(move |ox| (oy, ox))) {
            for o in 0..out {
                let mut sum = 0.0;
                for (ky, kx) in
                    (0..shape.kernel).flat_map(|a| (0..shape.kernel).map(move |b| (a, b)))
                {
                    let iy = (oy * shape.stride + ky) as isize - shape.pad.top as isize;
                    let ix = (ox * shape.stride + kx) as isize - shape.pad.left as isize;
                    let [tall, wide] = [height * shape.upsample, width * shape.upsample];
                    if iy < 0 || ix < 0 || iy >= tall as isize || ix >= wide as isize {
                        continue;
                    }
                    let [iy, ix] = [iy as usize / shape.upsample, ix as usize / shape.upsample];
                    for i in 0..inputs {
                        let value = x[((b * height + iy) * width + ix) * inputs + i];
                        sum += value * weight[((ky * shape.kernel + kx) * inputs + i) * out + o];
                    }
                }
                y.push(sum);
            }
        }
    }
    y
}

#[test]
fn conv2d_is_the_sum_over_the_kernel() {
    let below = Pad { top: 0, left: 0, bottom: 1, right: 1 };
    let shapes = [
        ConvShape::SAME_3,
        ConvShape::POINT,
        ConvShape { upsample: 2, ..ConvShape::SAME_3 },
        ConvShape { stride: 2, ..ConvShape::SAME_3 },
        ConvShape { stride: 2, pad: below, ..ConvShape::SAME_3 },
    ];
    for (seed, shape) in shapes.into_iter().enumerate() {
        let dims @ [batch, height, width, inputs] = [2, 5, 6, 3];
        let out = 4;
        let x = noise(seed as u64, dims.iter().product());
        let weight = noise(100 + seed as u64, shape.kernel * shape.kernel * inputs * out);
        let bias = noise(200, out);
        let [out_height, out_width] = shape.output(height, width);
        let residual = noise(300, batch * out_height * out_width * out);

        let y = ops::plain::conv2d(
            tensor(&x, dims),
            &tensor(&weight, [shape.kernel * shape.kernel * inputs, out]),
            Some(&tensor(&bias, [out])),
            shape,
            Some(tensor(&residual, [batch, out_height, out_width, out])),
        );
        assert_eq!(y.dims(), [batch, out_height, out_width, out]);
        let mut expected = conv2d_by_loops(&x, dims, &weight, out, shape);
        for (i, e) in expected.iter_mut().enumerate() {
            *e += bias[i % out] + residual[i];
        }
        assert_close(&values(y), &expected, TOLERANCE);
    }
}

#[test]
fn attention_weighs_the_values_by_the_softmax_of_the_scores() {
    let [batch, tokens, keys, channels, heads] = [2, 5, 5, 6, 2];
    let [q, k, v] =
        [(1, tokens), (2, keys), (3, keys)].map(|(seed, n)| noise(seed, batch * n * channels));
    for causal in [false, true] {
        let y = ops::plain::attention(
            tensor(&q, [batch, tokens, channels]),
            tensor(&k, [batch, keys, channels]),
            tensor(&v, [batch, keys, channels]),
            heads,
            causal,
        );
        let width = channels / heads;
        let mut expected = vec![0.0; batch * tokens * channels];
        for (b, h, t) in (0..batch * heads * tokens)
            .map(|i| (i / (heads * tokens), i / tokens % heads, i % tokens))
        {
            let at = |n: usize, token: usize, c: usize| (b * n + token) * channels + h * width + c;
            let seen = if causal { t + 1 } else { keys };
            let scores: Vec<f32> = (0..seen)
                .map(|s| (0..width).map(|c| q[at(tokens, t, c)] * k[at(keys, s, c)]).sum::<f32>())
                .map(|dot| (dot / (width as f32).sqrt()).exp())
                .collect();
            let total: f32 = scores.iter().sum();
            for c in 0..width {
                expected[at(tokens, t, c)] = scores
                    .iter()
                    .enumerate()
                    .map(|(s, score)| score / total * v[at(keys, s, c)])
                    .sum();
            }
        }
        assert_close(&values(y), &expected, TOLERANCE);
    }
}

#[test]
fn attention_takes_fewer_keys_than_queries() {
    let [q, k] = [noise(1, 8 * 4), noise(2, 3 * 4)];
    let v = vec![0.5; 3 * 4];
    let y = ops::plain::attention(
        tensor(&q, [1, 8, 4]),
        tensor(&k, [1, 3, 4]),
        tensor(&v, [1, 3, 4]),
        2,
        false,
    );
    assert_close(&values(y), &[0.5; 32], TOLERANCE);
}

#[test]
fn group_norm_has_mean_beta_and_deviation_gamma_in_every_group() {
    let [batch, height, width, channels, groups] = [2, 3, 4, 8, 4];
    let x = noise(7, batch * height * width * channels);
    let [gamma, beta] = [noise(8, channels), noise(9, channels)];
    for silu in [false, true] {
        let y = ops::plain::group_norm(
            tensor(&x, [batch, height, width, channels]),
            groups,
            &tensor(&gamma, [channels]),
            &tensor(&beta, [channels]),
            1e-5,
            silu,
        );
        let per_group = channels / groups;
        let group = |i: usize| (i / (height * width * channels), i % channels / per_group);
        let expected: Vec<f32> = (0..x.len())
            .map(|i| {
                let mine: Vec<f64> =
                    (0..x.len()).filter(|&j| group(j) == group(i)).map(|j| x[j].into()).collect();
                let mean = mine.iter().sum::<f64>() / mine.len() as f64;
                let variance =
                    mine.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / mine.len() as f64;
                let normal = (f64::from(x[i]) - mean) / (variance + 1e-5).sqrt();
                let y = normal as f32 * gamma[i % channels] + beta[i % channels];
                if silu { y / (1.0 + (-y).exp()) } else { y }
            })
            .collect();
        assert_close(&values(y), &expected, TOLERANCE);
    }
}

#[test]
fn layer_norm_is_over_the_row() {
    let y = ops::plain::layer_norm(
        tensor(&[1.0, 3.0, -2.0, 2.0], [2, 2]),
        &tensor(&[1.0, 2.0], [2]),
        &tensor(&[0.0, 0.5], [2]),
        0.0,
    );
    assert_close(&values(y), &[-1.0, 2.5, -1.0, 2.5], TOLERANCE);
}

/// `gelu(1) = 0.8413447`, the normal distribution at one deviation.
#[test]
fn geglu_gates_the_first_half_with_the_second() {
    let y = ops::plain::geglu(tensor(&[2.0, -3.0, 1.0, -1.0], [1, 4]));
    assert_close(&values(y), &[2.0 * 0.841_344_7, -3.0 * -0.158_655_3], 1e-5);
}

#[test]
fn activations_follow_the_bias() {
    let linear = |activation| {
        let x = tensor(&[1.0], [1, 1]);
        let [weight, bias] = [tensor(&[3.0], [1, 1]), tensor(&[-1.0], [1, 1])];
        let y = ops::plain::linear(x, &weight, Some(&bias.reshape([1])), activation, None);
        values(y)[0]
    };
    let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
    assert_close(&[linear(Activation::None)], &[2.0], 1e-6);
    assert_close(&[linear(Activation::Silu)], &[2.0 * sigmoid(2.0)], 1e-6);
    assert_close(&[linear(Activation::Gelu)], &[2.0 * 0.977_249_87], 1e-5);
    assert_close(&[linear(Activation::QuickGelu)], &[2.0 * sigmoid(3.404)], 1e-6);
}

/// Nearest indices `floor(i * 3 / 5)`, as the reference's interpolation takes them.
#[test]
fn upsample_nearest_reaches_odd_sizes() {
    let row = [1.0, 2.0, 3.0];
    let y = ops::plain::upsample_nearest(tensor(&row, [1, 1, 3, 1]), 2, 5);
    let expected = [1.0, 1.0, 2.0, 2.0, 3.0];
    assert_close(&values(y), &[expected, expected].concat(), 0.0);
}

#[test]
fn add_channels_is_per_item_and_channel() {
    let y = ops::plain::add_channels(
        tensor(&[0.0; 8], [2, 1, 2, 2]),
        tensor(&[1.0, 2.0, 3.0, 4.0], [2, 2]),
    );
    assert_close(&values(y), &[1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 4.0], 0.0);
}
