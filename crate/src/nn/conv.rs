//! Convolution over pictures, channels last.

use burn::tensor::Tensor;

use crate::{
    Result,
    ops::{self, Added, ConvShape, Pad, Weight},
    weights::Weights,
};

/// A convolution with a square kernel, packed at load.
#[derive(Debug)]
pub struct Conv2d {
    weight: Weight,
    bias: Option<Tensor<1>>,
    kernel: usize,
}

impl Conv2d {
    /// Reads `weight` and, where there is one, `bias`. `inputs` and `outputs` are what its neighbours
    /// ask for; `None` takes what the file has.
    pub fn load(w: &Weights, inputs: Option<usize>, outputs: Option<usize>) -> Result<Self> {
        w.fits("weight", inputs, outputs)?;
        let (weight, kernel) = w.conv_weight("weight")?;
        let out = weight.dims()[1];
        let bias = w.has("bias").then(|| w.tensor1("bias", [out])).transpose()?;
        Ok(Self { weight, bias, kernel })
    }

    /// Channels of the input.
    pub fn inputs(&self) -> usize {
        self.weight.dims()[0] / (self.kernel * self.kernel)
    }

    /// Channels of the output.
    pub fn outputs(&self) -> usize {
        self.weight.dims()[1]
    }

    /// Step 1 and zeros around, so that the size stays.
    ///
    /// # Shapes
    /// - `x`: `[batch, height, width, in]`; output: `[batch, height, width, out]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.forward_added(x, Added::default())
    }

    /// [`Self::forward`] plus what `added` holds.
    pub fn forward_added(&self, x: Tensor<4>, added: Added) -> Tensor<4> {
        self.forward_shaped(x, self.same(), added)
    }

    /// [`Self::forward`] plus `residual`, of the output's shape.
    pub fn forward_residual(&self, x: Tensor<4>, residual: Tensor<4>) -> Tensor<4> {
        self.forward_added(x, Added { residual: Some(residual), shift: None })
    }

    /// [`Self::forward`] on the picture enlarged twice by nearest neighbour.
    pub fn forward_doubled(&self, x: Tensor<4>) -> Tensor<4> {
        self.forward_shaped(x, ConvShape { upsample: 2, ..self.same() }, Added::default())
    }

    /// Step 2 with zeros as `pad` says.
    pub fn forward_halved(&self, x: Tensor<4>, pad: Pad) -> Tensor<4> {
        self.forward_shaped(x, ConvShape { stride: 2, pad, ..self.same() }, Added::default())
    }

    fn same(&self) -> ConvShape {
        let pad = Pad::all(self.kernel / 2);
        ConvShape { kernel: self.kernel, stride: 1, pad, upsample: 1 }
    }

    fn forward_shaped(&self, x: Tensor<4>, shape: ConvShape, added: Added) -> Tensor<4> {
        ops::conv2d(x, &self.weight, self.bias.as_ref(), shape, added)
    }
}
