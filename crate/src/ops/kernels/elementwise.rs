//! Kernels that touch every element once.

use super::launch::{Kernel, Text, Variant, folded};

/// Exact (erf) GELU, `v * Phi(v)`, for the scalars or vectors `vec`.
///
/// `erfc(z) = t exp(p(t) - z^2)` with `t = 1 / (1 + z / 2)` and `p` a minimax polynomial, off by a
/// fraction of 8e-8 for every `z >= 0`: below zero, where `Phi` is tiny, it keeps its digits.
pub(crate) fn gelu(vec: &str) -> String {
    format!(
        "fn gelu(v: {vec}) -> {vec} {{
  let z = abs(v) * 0.70710678;
  let t = 1.0 / (1.0 + 0.5 * z);
  let p = -1.26551254 + t * (1.00004092 + t * (0.373798341 + t * (0.0991057233 + t * (-0.196313679 + t * (0.304395245 + t * (-1.17455615 + t * (1.52459676 + t * (-0.840249675 + t * 0.174695134))))))));
  let tail = 0.5 * t * exp(p - z * z);
  return v * select(tail, 1.0 - tail, v >= {vec}(0.0));
}}\n"
    )
}

/// Invocations of one workgroup.
const WIDTH: u32 = 64;

/// The shaders of this file: one invocation per element `at`, below the first parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Elementwise {
    /// See [`Geglu`].
    Geglu,
    /// See [`UpsampleNearest`].
    UpsampleNearest,
}

/// Buffers, parameters, body.
type Row = (&'static [(&'static str, &'static str)], &'static [&'static str], &'static str);

impl Elementwise {
    fn row(self) -> Row {
        match self {
            Self::Geglu => (
                &[("x", "f32"), ("out", "f32")],
                &["count", "n"],
                "  let base = at / n * 2u * n + at % n;
  out[at] = x[base] * gelu(x[base + n]);\n",
            ),
            Self::UpsampleNearest => (
                &[("x", "f32"), ("out", "f32")],
                &["count", "c", "h", "w", "oh", "ow"],
                "  let pixel = at / c;
  let col = pixel % ow * w / ow;
  let row = pixel / ow % oh * h / oh;
  let image = pixel / (oh * ow);
  out[at] = x[((image * h + row) * w + col) * c + at % c];\n",
            ),
        }
    }
}

impl Variant for Elementwise {
    fn wgsl(&self) -> String {
        let (buffers, parameters, body) = self.row();
        let text = Text { buffers, parameters };
        let functions = if *self == Self::Geglu { gelu("f32") } else { String::new() };
        text.head()
            + &functions
            + &text.main(self.workgroup())
            + &format!(
                "  let at = (group.y * groups.x + group.x) * {WIDTH}u + local.x;
  if (at >= count) {{ return; }}\n"
            )
            + body
            + "}\n"
    }

    fn workgroup(&self) -> [u32; 2] {
        [WIDTH, 1]
    }
}

/// The [`Kernel`] of a row of [`Elementwise`], from the fields of its struct.
macro_rules! elementwise {
    ($name:ident, $kernel:ident, $parameters:expr) => {
        impl Kernel for $name {
            type Variant = Elementwise;

            fn variant(&self) -> Elementwise {
                Elementwise::$name
            }

            fn parameters(&self) -> Vec<u32> {
                let $kernel = self;
                $parameters.to_vec()
            }

            fn grid(&self) -> [u32; 3] {
                folded(self.parameters()[0].div_ceil(WIDTH))
            }
        }
    };
}

/// `out[row, i] = x[row, i] * gelu(x[row, n + i])`.
#[derive(Clone, Debug)]
pub(crate) struct Geglu {
    pub(crate) rows: u32,
    /// Columns of the output, half of the input's.
    pub(crate) columns: u32,
}

elementwise!(Geglu, k, [k.rows * k.columns, k.columns]);

/// Nearest neighbour to an exact size, channels last.
#[derive(Clone, Debug)]
pub(crate) struct UpsampleNearest {
    pub(crate) batch: u32,
    pub(crate) channels: u32,
    /// Rows and columns of the input.
    pub(crate) input: [u32; 2],
    /// Rows and columns of the output.
    pub(crate) output: [u32; 2],
}

elementwise!(UpsampleNearest, k, {
    let ([h, w], [oh, ow]) = (k.input, k.output);
    [k.batch * oh * ow * k.channels, k.channels, h, w, oh, ow]
});
