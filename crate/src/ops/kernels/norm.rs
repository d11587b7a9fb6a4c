//! GroupNorm with an optional SiLU, and LayerNorm. Statistics are always in f32, in two passes.

use super::launch::{Kernel, folded};
use crate::ops::AdapterClass;

/// Invocations that share one reduction on hardware.
const REDUCE: u32 = 256;

/// Adds `partial` over the workgroup; every invocation gets the sum as `total`.
fn reduce(partial: &str, total: &str, threads: u32) -> String {
    format!(
        "  shared_sum[local.x] = {partial};
  workgroupBarrier();
  for (var half = {}u; half > 0u; half /= 2u) {{
    if (local.x < half) {{ shared_sum[local.x] += shared_sum[local.x + half]; }}
    workgroupBarrier();
  }}
  let {total} = shared_sum[0];
  workgroupBarrier();\n",
        threads / 2
    )
}

/// Mean and reciprocal standard deviation of each group: `[batch * groups, 2]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GroupStats {
    pub(crate) batch: u32,
    pub(crate) pixels: u32,
    pub(crate) channels: u32,
    pub(crate) groups: u32,
    /// Bits of the `f32` added to the variance, so that the value can be hashed.
    pub(crate) eps: u32,
    pub(crate) class: AdapterClass,
}

impl GroupStats {
    /// Invocations that share one group.
    fn threads(&self) -> u32 {
        match self.class {
            AdapterClass::Hardware => REDUCE,
            AdapterClass::Software => 1,
        }
    }

    /// Invocations of one workgroup.
    fn width(&self) -> u32 {
        match self.class {
            AdapterClass::Hardware => REDUCE,
            AdapterClass::Software => 32,
        }
    }
}

impl Kernel for GroupStats {
    fn wgsl(&self) -> String {
        let (c, g) = (self.channels, self.groups);
        let (width, threads) = (c / g, self.threads());
        let count = self.pixels * width;
        let (memory, open) = match self.class {
            AdapterClass::Hardware => (
                format!("var<workgroup> shared_sum: array<f32, {threads}>;"),
                "  let item = group.x;\n  let first = local.x;\n".to_owned(),
            ),
            AdapterClass::Software => (
                String::new(),
                format!(
                    "  let item = group.x * {}u + local.x;
  if (item >= {}u) {{ return; }}\n  let first = 0u;\n",
                    self.width(),
                    self.batch * g
                ),
            ),
        };
        let sum = |partial: &str, total: &str| match self.class {
            AdapterClass::Hardware => reduce(partial, total, threads),
            AdapterClass::Software => format!("  let {total} = {partial};\n"),
        };
        let loop_over = |body: &str| {
            format!(
                "  for (var i = first; i < {count}u; i += {threads}u) {{
    let v = x[base + i / {width}u * {c}u + i % {width}u];
    {body}
  }}\n"
            )
        };
        format!(
            "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<vec2<f32>>;
{memory}
@compute @workgroup_size({size}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {{
{open}  let base = item / {g}u * {plane}u + item % {g}u * {width}u;
  var s = 0.0;
{each}{mean}  let mean = total / {count}.0;
  var d = 0.0;
{squares}{variance}  if (first == 0u) {{
    out[item] = vec2<f32>(mean, inverseSqrt(spread / {count}.0 + {eps:?}));
  }}
}}\n",
            size = self.width(),
            plane = self.pixels * c,
            each = loop_over("s += v;"),
            mean = sum("s", "total"),
            squares = loop_over("d += (v - mean) * (v - mean);"),
            variance = sum("d", "spread"),
            eps = f32::from_bits(self.eps),
        )
    }

    fn workgroup(&self) -> [u32; 2] {
        [self.width(), 1]
    }

    fn grid(&self) -> [u32; 3] {
        let items = self.batch * self.groups;
        [items.div_ceil(self.width() / self.threads()), 1, 1]
    }
}

/// Normalises with the statistics of [`GroupStats`], scales, shifts, applies SiLU.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GroupNormApply {
    pub(crate) batch: u32,
    pub(crate) pixels: u32,
    /// A multiple of 4.
    pub(crate) channels: u32,
    pub(crate) groups: u32,
    pub(crate) silu: bool,
}

impl Kernel for GroupNormApply {
    fn wgsl(&self) -> String {
        let (c4, width) = (self.channels / 4, self.channels / self.groups);
        let count = self.batch * self.pixels * c4;
        let lane = |l: u32| format!("stats[first + (channel + {l}u) / {width}u]");
        let pick = |field: &str| (0..4).map(|l| lane(l) + field).collect::<Vec<_>>().join(", ");
        let value = if self.silu { "y / (1.0 + exp(-y))" } else { "y" };
        format!(
            "@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> stats: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> gamma: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> beta: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {{
  let at = (group.y * groups.x + group.x) * 64u + local.x;
  if (at >= {count}u) {{ return; }}
  let channel = at % {c4}u * 4u;
  let first = at / {plane}u * {g}u;
  let mean = vec4<f32>({mean});
  let rstd = vec4<f32>({rstd});
  let y = (x[at] - mean) * rstd * gamma[at % {c4}u] + beta[at % {c4}u];
  out[at] = {value};
}}\n",
            plane = self.pixels * c4,
            g = self.groups,
            mean = pick(".x"),
            rstd = pick(".y"),
        )
    }

    fn workgroup(&self) -> [u32; 2] {
        [64, 1]
    }

    fn grid(&self) -> [u32; 3] {
        folded((self.batch * self.pixels * self.channels / 4).div_ceil(64))
    }
}

/// LayerNorm over the last axis of `[rows, columns]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LayerNorm {
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    /// Bits of the `f32` added to the variance.
    pub(crate) eps: u32,
    pub(crate) class: AdapterClass,
}

impl LayerNorm {
    /// Invocations per row on hardware.
    const THREADS: u32 = 64;
}

impl Kernel for LayerNorm {
    fn wgsl(&self) -> String {
        let n = self.columns;
        let eps = f32::from_bits(self.eps);
        let head = "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> gamma: array<f32>;
@group(0) @binding(2) var<storage, read_write> beta: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;\n";
        let threads = Self::THREADS;
        let (memory, open, step, mean, variance) = match self.class {
            AdapterClass::Software => (
                String::new(),
                format!(
                    "  let row = (group.y * groups.x + group.x) * {threads}u + local.x;\n  if (row >= {}u) {{ return; }}\n  let first = 0u;\n",
                    self.rows
                ),
                1,
                "  let total = s;\n".to_owned(),
                "  let spread = d;\n".to_owned(),
            ),
            AdapterClass::Hardware => (
                format!("var<workgroup> shared_sum: array<f32, {threads}>;\n"),
                format!(
                    "  let row = min(group.y * groups.x + group.x, {}u);\n  let first = local.x;\n",
                    self.rows - 1
                ),
                threads,
                reduce("s", "total", threads),
                reduce("d", "spread", threads),
            ),
        };
        format!(
            "{head}{memory}@compute @workgroup_size({threads}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {{
{open}  let base = row * {n}u;
  var s = 0.0;
  for (var i = first; i < {n}u; i += {step}u) {{ s += x[base + i]; }}
{mean}  let mean = total / {n}.0;
  var d = 0.0;
  for (var i = first; i < {n}u; i += {step}u) {{ let v = x[base + i] - mean; d += v * v; }}
{variance}  let rstd = inverseSqrt(spread / {n}.0 + {eps:?});
  for (var i = first; i < {n}u; i += {step}u) {{
    out[base + i] = (x[base + i] - mean) * rstd * gamma[i] + beta[i];
  }}
}}\n"
        )
    }

    fn workgroup(&self) -> [u32; 2] {
        [Self::THREADS, 1]
    }

    fn grid(&self) -> [u32; 3] {
        match self.class {
            AdapterClass::Software => folded(self.rows.div_ceil(Self::THREADS)),
            AdapterClass::Hardware => folded(self.rows),
        }
    }
}
