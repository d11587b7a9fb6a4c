//! What follows a matrix product, in one pass.

use burn::tensor::{Tensor, TensorData};

use super::super::Activation;
use super::{floats, floats_mut, math};

/// See [`crate::ops::linear`].
pub(in crate::ops) fn linear(
    x: Tensor<2>,
    weight: &Tensor<2>,
    bias: Option<&Tensor<1>>,
    activation: Activation,
    residual: Option<Tensor<2>>,
) -> Tensor<2> {
    let device = x.device();
    let mut product = x.matmul(weight.clone()).into_data();
    let bias = bias.map(|bias| bias.clone().into_data());
    let residual = residual.map(Tensor::into_data);
    let bias = bias.as_ref().map(floats);
    finish(floats_mut(&mut product), bias, activation, residual.as_ref().map(floats));
    Tensor::from_data(product, &device)
}

/// Bias, activation and residual over the rows of a product.
pub(super) fn finish(
    product: &mut [f32],
    bias: Option<&[f32]>,
    activation: Activation,
    residual: Option<&[f32]>,
) {
    if let Some(bias) = bias {
        for row in product.chunks_exact_mut(bias.len()) {
            row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
        }
    }
    match activation {
        Activation::None => {}
        Activation::Silu => product.iter_mut().for_each(|y| *y = math::silu(*y)),
        Activation::Gelu => product.iter_mut().for_each(|y| *y = math::gelu(*y)),
        Activation::QuickGelu => product.iter_mut().for_each(|y| *y = math::quick_gelu(*y)),
    }
    if let Some(residual) = residual {
        product.iter_mut().zip(residual).for_each(|(y, r)| *y += r);
    }
}

/// See [`crate::ops::geglu`].
pub(in crate::ops) fn geglu(x: Tensor<2>) -> Tensor<2> {
    let [rows, width] = x.dims();
    let device = x.device();
    let x = x.into_data();
    let mut y = vec![0.0; rows * width / 2];
    for (y, row) in y.chunks_exact_mut(width / 2).zip(floats(&x).chunks_exact(width)) {
        let (values, gates) = row.split_at(width / 2);
        for ((y, value), gate) in y.iter_mut().zip(values).zip(gates) {
            *y = value * math::gelu(*gate);
        }
    }
    Tensor::from_data(TensorData::new(y, [rows, width / 2]), &device)
}
