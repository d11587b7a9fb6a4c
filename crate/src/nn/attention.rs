//! Attention over tokens, to themselves or to a text.

use burn::tensor::Tensor;

use super::Linear;
use crate::{Result, ops, weights::Weights};

/// Projections around scaled dot-product attention.
#[derive(Debug)]
pub struct CrossAttention {
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    to_out: Linear,
    heads: usize,
}

/// Keys and values of a context, `[batch, tokens, channels]` each.
#[derive(Clone, Debug)]
pub struct KeyValue {
    /// What queries are compared with.
    pub key: Tensor<3>,
    /// What they fetch.
    pub value: Tensor<3>,
}

impl CrossAttention {
    /// Reads `to_q`, `to_k`, `to_v` and `to_out.0`.
    pub fn load(w: &Weights, heads: usize) -> Result<Self> {
        Ok(Self {
            to_q: Linear::load(&w.pp("to_q"))?,
            to_k: Linear::load(&w.pp("to_k"))?,
            to_v: Linear::load(&w.pp("to_v"))?,
            to_out: Linear::load(&w.pp("to_out.0"))?,
            heads,
        })
    }

    /// Width of the context it attends to.
    pub fn context_width(&self) -> usize {
        self.to_k.inputs()
    }

    /// Keys and values of `context`, which stay the same for a whole sampling run if it is a text.
    ///
    /// # Shapes
    /// - `context`: `[batch, tokens, width]`
    pub fn key_value(&self, context: Tensor<3>) -> KeyValue {
        let [batch, tokens, width] = context.dims();
        let rows = context.reshape([batch * tokens, width]);
        let project = |layer: &Linear, rows: Tensor<2>| {
            layer.forward(rows).reshape([batch, tokens, layer.outputs()])
        };
        KeyValue { key: project(&self.to_k, rows.clone()), value: project(&self.to_v, rows) }
    }

    /// Attention of `x` to `context`, plus `residual`.
    ///
    /// # Shapes
    /// - `x`: `[batch, tokens, channels]`; `residual`, output: `[batch * tokens, channels]`
    pub fn forward_residual(
        &self,
        x: Tensor<3>,
        context: KeyValue,
        residual: Tensor<2>,
    ) -> Tensor<2> {
        let [batch, tokens, channels] = x.dims();
        let rows = batch * tokens;
        let q = self.to_q.forward(x.reshape([rows, channels]));
        let inner = self.to_q.outputs();
        let q = q.reshape([batch, tokens, inner]);
        let x = ops::attention(q, context.key, context.value, self.heads, false);
        self.to_out.forward_residual(x.reshape([rows, inner]), residual)
    }
}
