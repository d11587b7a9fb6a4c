//! Kernels that touch every element once.

use super::launch::{Kernel, folded};

/// Exact (erf) GELU; erf by Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7.
pub(crate) fn gelu(vec: &str) -> String {
    format!(
        "fn gelu(v: {vec}) -> {vec} {{
  let z = abs(v) * 0.70710678;
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let e = sign(v) * (1.0 - p * exp(-z * z));
  return 0.5 * v * (1.0 + e);
}}\n"
    )
}

/// The opening of a kernel with one invocation per element; `at` is the element.
fn each(count: u32) -> String {
    format!(
        "@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {{
  let at = (group.y * groups.x + group.x) * 64u + local.x;
  if (at >= {count}u) {{ return; }}\n"
    )
}

fn bindings(names: &[&str], element: &str) -> String {
    names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            format!(
                "@group(0) @binding({index}) var<storage, read_write> {name}: array<{element}>;\n"
            )
        })
        .collect()
}

/// `out[row, i] = x[row, i] * gelu(x[row, n + i])`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Geglu {
    pub(crate) rows: u32,
    /// Columns of the output, half of the input's.
    pub(crate) columns: u32,
}

impl Kernel for Geglu {
    fn wgsl(&self) -> String {
        let n = self.columns;
        bindings(&["x", "out"], "f32")
            + &gelu("f32")
            + &each(self.rows * n)
            + &format!(
                "  let base = at / {n}u * {}u + at % {n}u;
  out[at] = x[base] * gelu(x[base + {n}u]);
}}\n",
                2 * n
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        [64, 1]
    }

    fn grid(&self) -> [u32; 3] {
        folded((self.rows * self.columns).div_ceil(64))
    }
}

/// `out[b, p, c] = x[b, p, c] + v[b, c]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AddChannels {
    pub(crate) batch: u32,
    pub(crate) pixels: u32,
    pub(crate) channels: u32,
}

impl Kernel for AddChannels {
    fn wgsl(&self) -> String {
        let (p, c) = (self.pixels, self.channels);
        bindings(&["x", "v", "out"], "f32")
            + &each(self.batch * p * c)
            + &format!("  out[at] = x[at] + v[at / {}u * {c}u + at % {c}u];\n}}\n", p * c)
    }

    fn workgroup(&self) -> [u32; 2] {
        [64, 1]
    }

    fn grid(&self) -> [u32; 3] {
        folded((self.batch * self.pixels * self.channels).div_ceil(64))
    }
}

/// Nearest neighbour to an exact size, channels last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UpsampleNearest {
    pub(crate) batch: u32,
    pub(crate) channels: u32,
    /// Rows and columns of the input.
    pub(crate) input: [u32; 2],
    /// Rows and columns of the output.
    pub(crate) output: [u32; 2],
}

impl Kernel for UpsampleNearest {
    fn wgsl(&self) -> String {
        let (c, [h, w], [oh, ow]) = (self.channels, self.input, self.output);
        bindings(&["x", "out"], "f32")
            + &each(self.batch * oh * ow * c)
            + &format!(
                "  let pixel = at / {c}u;
  let col = pixel % {ow}u * {w}u / {ow}u;
  let row = pixel / {ow}u % {oh}u * {h}u / {oh}u;
  let image = pixel / {}u;
  out[at] = x[((image * {h}u + row) * {w}u + col) * {c}u + at % {c}u];
}}\n",
                oh * ow
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        [64, 1]
    }

    fn grid(&self) -> [u32; 3] {
        folded((self.batch * self.output[0] * self.output[1] * self.channels).div_ceil(64))
    }
}

/// Softmax of `scale * x` along each row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SoftmaxRows {
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    /// Bits of the `f32` factor applied before the softmax, so that the value can be hashed.
    pub(crate) scale: u32,
}

impl Kernel for SoftmaxRows {
    fn wgsl(&self) -> String {
        let (n, scale) = (self.columns, f32::from_bits(self.scale));
        bindings(&["x", "out"], "f32")
            + &each(self.rows)
            + &format!(
                "  let base = at * {n}u;
  var top = x[base];
  for (var i = 1u; i < {n}u; i++) {{ top = max(top, x[base + i]); }}
  var sum = 0.0;
  for (var i = 0u; i < {n}u; i++) {{
    let e = exp({scale:?} * (x[base + i] - top));
    out[base + i] = e;
    sum += e;
  }}
  let inverse = 1.0 / sum;
  for (var i = 0u; i < {n}u; i++) {{ out[base + i] *= inverse; }}
}}\n"
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        [64, 1]
    }

    fn grid(&self) -> [u32; 3] {
        folded(self.rows.div_ceil(64))
    }
}
