//! What happens to a sum before it is stored.

use crate::ops::Activation;

/// Operands and functions applied to a sum, in the order `act(sum + bias + shift) + residual`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Epilogue {
    /// A value per column.
    pub(crate) bias: bool,
    /// A value per picture and column: what the timestep adds.
    pub(crate) shift: bool,
    /// Applied to the sum.
    pub(crate) activation: Activation,
    /// A value per output.
    pub(crate) residual: bool,
}

impl Epilogue {
    /// The sum as it is.
    pub(crate) const NONE: Self =
        Self { bias: false, shift: false, activation: Activation::None, residual: false };

    /// Names of the operands, in the order of binding.
    pub(crate) fn buffers(&self) -> impl Iterator<Item = &'static str> {
        [(self.bias, "bias"), (self.shift, "shift"), (self.residual, "residual")]
            .into_iter()
            .filter_map(|(there, name)| there.then_some(name))
    }

    /// `act`, over values of type `vec`.
    pub(crate) fn functions(&self, vec: &str) -> String {
        let (functions, body) = match self.activation {
            Activation::None => (String::new(), "v"),
            Activation::Silu => (String::new(), "v / (1.0 + exp(-v))"),
            Activation::QuickGelu => (String::new(), "v / (1.0 + exp(-1.702 * v))"),
            Activation::Gelu => (super::super::elementwise::gelu(vec), "gelu(v)"),
        };
        format!("{functions}fn act(v: {vec}) -> {vec} {{ return {body}; }}\n")
    }

    /// Stores `value` at `row` and `col`; the latter and `stride`, the length of a row, in units of
    /// the operand. `plane` is the number of rows of a picture.
    pub(crate) fn store(&self, value: &str, row: &str, col: &str, stride: &str) -> String {
        let bias = if self.bias { format!(" + bias[{col}]") } else { String::new() };
        let shift = if self.shift {
            format!(" + shift[({row} / plane) * {stride} + {col}]")
        } else {
            String::new()
        };
        let at = format!("{row} * {stride} + {col}");
        let residual = if self.residual { format!(" + residual[{at}]") } else { String::new() };
        format!("out[{at}] = act({value}{bias}{shift}){residual};")
    }
}
