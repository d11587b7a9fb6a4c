//! Linear layer.

use burn::tensor::Tensor;

use crate::{
    Result,
    ops::{self, Activation, Weight},
    weights::Weights,
};

/// `x weight + bias`, with the weight transposed at load.
#[derive(Debug)]
pub struct Linear {
    weight: Weight,
    bias: Option<Tensor<1>>,
}

impl Linear {
    /// Reads `weight` and, where there is one, `bias`. A 1x1 convolution will do. `inputs` and
    /// `outputs` are what its neighbours ask for; `None` takes what the file has.
    pub fn load(w: &Weights, inputs: Option<usize>, outputs: Option<usize>) -> Result<Self> {
        Self::load_named(w, ["weight", "bias"], inputs, outputs)
    }

    /// Reads a layer whose weight and bias have other names.
    pub fn load_named(
        w: &Weights,
        [weight, bias]: [&str; 2],
        inputs: Option<usize>,
        outputs: Option<usize>,
    ) -> Result<Self> {
        w.fits(weight, inputs, outputs)?;
        let weight = w.linear_weight(weight)?;
        let out = weight.dims()[1];
        let bias = w.has(bias).then(|| w.tensor1(bias, [out])).transpose()?;
        Ok(Self { weight, bias })
    }

    /// Width of the input.
    pub fn inputs(&self) -> usize {
        self.weight.dims()[0]
    }

    /// Width of the output.
    pub fn outputs(&self) -> usize {
        self.weight.dims()[1]
    }

    /// # Shapes
    /// - `x`: `[rows, in]`; output: `[rows, out]`
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        ops::linear(x, &self.weight, self.bias.as_ref(), Activation::None, None)
    }

    /// The layer followed by an activation. Shapes as [`Self::forward`].
    pub fn forward_activated(&self, x: Tensor<2>, activation: Activation) -> Tensor<2> {
        ops::linear(x, &self.weight, self.bias.as_ref(), activation, None)
    }

    /// The layer to values and gates, the values times the GELU of their gates.
    ///
    /// # Shapes
    /// - `x`: `[rows, in]`; output: `[rows, out / 2]`
    pub fn forward_geglu(&self, x: Tensor<2>) -> Tensor<2> {
        ops::linear_geglu(x, &self.weight, self.bias.as_ref())
    }

    /// The layer plus `residual`, `[rows, out]`. Shapes as [`Self::forward`].
    pub fn forward_residual(&self, x: Tensor<2>, residual: Tensor<2>) -> Tensor<2> {
        ops::linear(x, &self.weight, self.bias.as_ref(), Activation::None, Some(residual))
    }
}
