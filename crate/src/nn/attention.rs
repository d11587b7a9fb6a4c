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
    /// Reads `to_q`, `to_k`, `to_v` and `to_out.0`, for tokens of `channels` values that attend to
    /// others of `context`.
    pub fn load(
        w: &Weights,
        channels: usize,
        context: Option<usize>,
        heads: usize,
    ) -> Result<Self> {
        let to_q = Linear::load(&w.pp("to_q"), Some(channels), None)?;
        let inner = to_q.outputs();
        if inner % heads != 0 {
            let needed = format!("outputs that {heads} heads can share");
            return Err(w.wrong_shape("to_q.weight", &needed, &[inner, channels]));
        }
        let to_k = Linear::load(&w.pp("to_k"), context, Some(inner))?;
        Ok(Self {
            to_v: Linear::load(&w.pp("to_v"), Some(to_k.inputs()), Some(inner))?,
            to_out: Linear::load(&w.pp("to_out.0"), Some(inner), Some(channels))?,
            to_q,
            to_k,
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
