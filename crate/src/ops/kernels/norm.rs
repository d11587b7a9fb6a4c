//! GroupNorm with an optional SiLU, and LayerNorm. Statistics are always in f32, in two passes.

use super::launch::{Kernel, Text, Variant, folded};
use crate::ops::AdapterClass;

/// Invocations that share one reduction on hardware.
const SHARING: u32 = 64;
/// Independent reductions in one workgroup on software adapters, one invocation each.
const ALONE: u32 = 32;

/// A sum over many values by one invocation or by a workgroup together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Reduction(AdapterClass);

impl Reduction {
    fn shared(self) -> bool {
        self.0 == AdapterClass::Hardware
    }

    fn workgroup(self) -> [u32; 2] {
        [if self.shared() { SHARING } else { ALONE }, 1]
    }

    fn grid(self, items: u32) -> [u32; 3] {
        folded(if self.shared() { items } else { items.div_ceil(ALONE) })
    }

    fn memory(self) -> String {
        if self.shared() {
            format!("var<workgroup> partial: array<f32, {SHARING}>;\n")
        } else {
            String::new()
        }
    }

    /// Names the `item` below `items` this invocation works on, and where in it to start.
    fn open(self) -> String {
        if self.shared() {
            "  let item = min(group.y * groups.x + group.x, items - 1u);
  let first = local.x;\n"
                .to_owned()
        } else {
            format!(
                "  let item = (group.y * groups.x + group.x) * {ALONE}u + local.x;
  if (item >= items) {{ return; }}
  let first = 0u;\n"
            )
        }
    }

    /// How far to the next value.
    fn step(self) -> u32 {
        if self.shared() { SHARING } else { 1 }
    }

    /// Names the sum of everybody's `part` as `total`.
    fn sum(self, part: &str, total: &str) -> String {
        if !self.shared() {
            return format!("  let {total} = {part};\n");
        }
        format!(
            "  partial[local.x] = {part};
  workgroupBarrier();
  for (var half = {}u; half > 0u; half /= 2u) {{
    if (local.x < half) {{ partial[local.x] += partial[local.x + half]; }}
    workgroupBarrier();
  }}
  let {total} = partial[0];
  workgroupBarrier();\n",
            SHARING / 2
        )
    }

    /// Mean and reciprocal standard deviation of `count` values, `x[{at}]` being the `i`-th.
    fn moments(self, at: &str) -> String {
        let step = self.step();
        let every =
            |body: &str| format!("  for (var i = first; i < count; i += {step}u) {{ {body} }}\n");
        format!("  var s = 0.0;\n{}", every(&format!("s += x[{at}];")))
            + &self.sum("s", "total")
            + "  let mean = total / f32(count);\n  var d = 0.0;\n"
            + &every(&format!("let v = x[{at}] - mean; d += v * v;"))
            + &self.sum("d", "spread")
            + "  let rstd = inverseSqrt(spread / f32(count) + bitcast<f32>(eps));\n"
    }
}

/// Mean and reciprocal standard deviation of each group: `[batch * groups, 2]`.
#[derive(Clone, Debug)]
pub(crate) struct GroupStats {
    pub(crate) batch: u32,
    pub(crate) pixels: u32,
    pub(crate) channels: u32,
    pub(crate) groups: u32,
    /// Added to the variance.
    pub(crate) eps: f32,
    pub(crate) class: AdapterClass,
}

/// The shader of [`GroupStats`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GroupStatsShader(Reduction);

impl Variant for GroupStatsShader {
    fn wgsl(&self) -> String {
        let text = Text {
            buffers: &[("x", "f32"), ("out", "vec2<f32>")],
            parameters: &["items", "norm_groups", "plane", "c", "width", "count", "eps"],
        };
        text.head()
            + &self.0.memory()
            + &text.main(self.workgroup())
            + &self.0.open()
            + "  let base = item / norm_groups * plane + item % norm_groups * width;\n"
            + &self.0.moments("base + i / width * c + i % width")
            + "  if (first == 0u) { out[item] = vec2<f32>(mean, rstd); }\n}\n"
    }

    fn workgroup(&self) -> [u32; 2] {
        self.0.workgroup()
    }
}

impl Kernel for GroupStats {
    type Variant = GroupStatsShader;

    fn variant(&self) -> GroupStatsShader {
        GroupStatsShader(Reduction(self.class))
    }

    fn parameters(&self) -> Vec<u32> {
        let Self { batch, pixels, channels, groups, eps, .. } = self;
        let width = channels / groups;
        let items = batch * groups;
        vec![items, *groups, pixels * channels, *channels, width, pixels * width, eps.to_bits()]
    }

    fn grid(&self) -> [u32; 3] {
        Reduction(self.class).grid(self.batch * self.groups)
    }
}

/// Normalises with the statistics of [`GroupStats`], scales, shifts, applies SiLU.
#[derive(Clone, Debug)]
pub(crate) struct GroupNormApply {
    pub(crate) batch: u32,
    pub(crate) pixels: u32,
    /// A multiple of 4.
    pub(crate) channels: u32,
    pub(crate) groups: u32,
    pub(crate) silu: bool,
}

/// The shader of [`GroupNormApply`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GroupNormApplyShader {
    silu: bool,
}

/// Invocations of a workgroup of [`GroupNormApply`].
const APPLY: u32 = 64;

impl Variant for GroupNormApplyShader {
    fn wgsl(&self) -> String {
        let text = Text {
            buffers: &[
                ("x", "vec4<f32>"),
                ("stats", "vec2<f32>"),
                ("gamma", "vec4<f32>"),
                ("beta", "vec4<f32>"),
                ("out", "vec4<f32>"),
            ],
            parameters: &["count", "plane", "c4", "width", "norm_groups"],
        };
        let value = if self.silu { "y / (1.0 + exp(-y))" } else { "y" };
        let lanes = |field: &str| {
            let lane = |l| format!("stats[first + (channel + {l}u) / width].{field}");
            (0..4).map(lane).collect::<Vec<_>>().join(", ")
        };
        text.head()
            + &text.main(self.workgroup())
            + &format!(
                "  let at = (group.y * groups.x + group.x) * {APPLY}u + local.x;
  if (at >= count) {{ return; }}
  let channel = at % c4 * 4u;
  let first = at / plane * norm_groups;
  let mean = vec4<f32>({mean});
  let rstd = vec4<f32>({rstd});
  let y = (x[at] - mean) * rstd * gamma[at % c4] + beta[at % c4];
  out[at] = {value};
}}\n",
                mean = lanes("x"),
                rstd = lanes("y"),
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        [APPLY, 1]
    }
}

impl Kernel for GroupNormApply {
    type Variant = GroupNormApplyShader;

    fn variant(&self) -> GroupNormApplyShader {
        GroupNormApplyShader { silu: self.silu }
    }

    fn parameters(&self) -> Vec<u32> {
        let Self { batch, pixels, channels, groups, .. } = self;
        let c4 = channels / 4;
        vec![batch * pixels * c4, pixels * c4, c4, channels / groups, *groups]
    }

    fn grid(&self) -> [u32; 3] {
        folded((self.batch * self.pixels * self.channels / 4).div_ceil(APPLY))
    }
}

/// LayerNorm over the last axis of `[rows, columns]`.
#[derive(Clone, Debug)]
pub(crate) struct LayerNorm {
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    /// Added to the variance.
    pub(crate) eps: f32,
    pub(crate) class: AdapterClass,
}

/// The shader of [`LayerNorm`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LayerNormShader(Reduction);

impl Variant for LayerNormShader {
    fn wgsl(&self) -> String {
        let text = Text {
            buffers: &[("x", "f32"), ("gamma", "f32"), ("beta", "f32"), ("out", "f32")],
            parameters: &["items", "count", "eps"],
        };
        text.head()
            + &self.0.memory()
            + &text.main(self.workgroup())
            + &self.0.open()
            + "  let base = item * count;\n"
            + &self.0.moments("base + i")
            + &format!(
                "  for (var i = first; i < count; i += {}u) {{
    out[base + i] = (x[base + i] - mean) * rstd * gamma[i] + beta[i];
  }}
}}\n",
                self.0.step()
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        self.0.workgroup()
    }
}

impl Kernel for LayerNorm {
    type Variant = LayerNormShader;

    fn variant(&self) -> LayerNormShader {
        LayerNormShader(Reduction(self.class))
    }

    fn parameters(&self) -> Vec<u32> {
        vec![self.rows, self.columns, self.eps.to_bits()]
    }

    fn grid(&self) -> [u32; 3] {
        Reduction(self.class).grid(self.rows)
    }
}
