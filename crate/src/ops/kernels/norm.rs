//! GroupNorm with an optional SiLU, LayerNorm and softmax. Statistics are always in f32, in two passes.

use super::launch::{Kernel, Text, Variant, folded};
use crate::ops::{Adapter, AdapterClass};

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
        self.fold(part, total, |a, b| format!("{a} + {b}"))
    }

    /// Names everybody's `part`, brought together by `join`, as `total`.
    fn fold(self, part: &str, total: &str, join: impl Fn(&str, &str) -> String) -> String {
        if !self.shared() {
            return format!("  let {total} = {part};\n");
        }
        format!(
            "  partial[local.x] = {part};
  workgroupBarrier();
  for (var half = {}u; half > 0u; half /= 2u) {{
    if (local.x < half) {{ partial[local.x] = {}; }}
    workgroupBarrier();
  }}
  let {total} = partial[0];
  workgroupBarrier();\n",
            SHARING / 2,
            join("partial[local.x]", "partial[local.x + half]")
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

/// Group normalisation of `[batch, pixels, channels]`, in three steps that read whole rows.
#[derive(Clone, Debug)]
pub(crate) struct GroupMoments {
    batch: u32,
    pixels: u32,
    channels: u32,
    groups: u32,
    /// Pixels of one part.
    part: u32,
    /// Added to the variance.
    eps: f32,
    class: AdapterClass,
}

impl GroupMoments {
    /// The first step's parts are as small as keeps an adapter busy.
    pub(crate) fn new([batch, pixels, channels, groups]: [usize; 4], eps: f32) -> Self {
        let side = |side: usize| side as u32;
        let part = (side(pixels) / 128).next_power_of_two().clamp(8, 64);
        Self {
            batch: side(batch),
            pixels: side(pixels),
            channels: side(channels),
            groups: side(groups),
            // A grid axis holds at most 65535 workgroups.
            part: part.max(side(pixels).div_ceil(65535)),
            eps,
            class: Adapter::current().class,
        }
    }

    fn parts(&self) -> u32 {
        self.pixels.div_ceil(self.part)
    }
}

/// The first step: mean and sum of squared distances of every channel in a part of the pixels,
/// `[batch, parts, channels / 4, 2, 4]`.
#[derive(Clone, Debug)]
pub(crate) struct PartialMoments(GroupMoments);

impl PartialMoments {
    /// What `of` goes on from.
    pub(crate) fn new(of: &GroupMoments) -> Self {
        Self(of.clone())
    }

    /// Shape of the output.
    pub(crate) fn shape(&self) -> [usize; 3] {
        let GroupMoments { batch, channels, .. } = self.0;
        [batch as usize, self.0.parts() as usize, 2 * channels as usize]
    }
}

/// The shader of [`PartialMoments`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PartialMomentsShader;

/// Invocations of a workgroup that goes over channels or values alone.
const WIDTH: u32 = 64;

impl Variant for PartialMomentsShader {
    fn wgsl(&self) -> String {
        let text = Text {
            buffers: &[("x", "vec4<f32>"), ("out", "vec4<f32>")],
            parameters: &["pixels", "c4", "part", "parts"],
        };
        text.head()
            + &text.main(self.workgroup())
            + &format!(
                "  let col = group.x * {WIDTH}u + local.x;
  if (col >= c4) {{ return; }}
  let first = group.y * part;
  let count = min(part, pixels - first);
  let base = (group.z * pixels + first) * c4 + col;
  var sum = vec4<f32>(0.0);
  for (var i = 0u; i < count; i++) {{ sum += x[base + i * c4]; }}
  let mean = sum / f32(count);
  var spread = vec4<f32>(0.0);
  for (var i = 0u; i < count; i++) {{ let v = x[base + i * c4] - mean; spread += v * v; }}
  let at = ((group.z * parts + group.y) * c4 + col) * 2u;
  out[at] = mean;
  out[at + 1u] = spread;
}}\n"
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        [WIDTH, 1]
    }
}

impl Kernel for PartialMoments {
    type Variant = PartialMomentsShader;

    fn variant(&self) -> PartialMomentsShader {
        PartialMomentsShader
    }

    fn parameters(&self) -> Vec<u32> {
        vec![self.0.pixels, self.0.channels / 4, self.0.part, self.0.parts()]
    }

    fn grid(&self) -> [u32; 3] {
        [(self.0.channels / 4).div_ceil(WIDTH), self.0.parts(), self.0.batch]
    }
}

/// The shader of [`GroupMoments`], the second step: the parts of a group put together (Chan et al.
/// 1979), its mean and reciprocal deviation times `gamma` for every channel,
/// `[batch, channels / 4, 2, 4]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GroupMomentsShader(Reduction);

impl Variant for GroupMomentsShader {
    fn wgsl(&self) -> String {
        let text = Text {
            buffers: &[("parts", "f32"), ("gamma", "f32"), ("out", "f32")],
            parameters: &["items", "norm_groups", "pixels", "c", "part", "count", "eps"],
        };
        let step = self.0.step();
        let (memory, together) = if self.0.shared() {
            (
                format!("var<workgroup> shared_moments: array<vec3<f32>, {SHARING}>;\n"),
                format!(
                    "  shared_moments[local.x] = sums;
  workgroupBarrier();
  for (var half = {}u; half > 0u; half /= 2u) {{
    if (local.x < half) {{
      shared_moments[local.x] = join(shared_moments[local.x], shared_moments[local.x + half]);
    }}
    workgroupBarrier();
  }}
  let all = shared_moments[0];\n",
                    SHARING / 2
                ),
            )
        } else {
            (String::new(), "  let all = sums;\n".to_owned())
        };
        text.head()
            + &memory
            + "// Count, mean and sum of squared distances of two sets of values together.
fn join(a: vec3<f32>, b: vec3<f32>) -> vec3<f32> {
  let n = max(a.x + b.x, 1.0);
  let far = b.y - a.y;
  let share = b.x / n;
  return vec3<f32>(a.x + b.x, a.y + far * share, a.z + b.z + far * far * a.x * share);
}\n" + &text.main(self.workgroup())
            + &self.0.open()
            + &format!(
                "  let width = c / norm_groups;
  let picture = item / norm_groups;
  let channel = item % norm_groups * width;
  var sums = vec3<f32>(0.0);
  for (var i = first; i < width * count; i += {step}u) {{
    let here = i / width;
    let own = channel + i % width;
    let at = ((picture * count + here) * (c / 4u) + own / 4u) * 8u + own % 4u;
    let size = f32(min(part, pixels - here * part));
    sums = join(sums, vec3<f32>(size, parts[at], parts[at + 4u]));
  }}
{together}  let rstd = inverseSqrt(all.z / all.x + bitcast<f32>(eps));
  for (var i = first; i < width; i += {step}u) {{
    let own = channel + i;
    let at = (picture * (c / 4u) + own / 4u) * 8u + own % 4u;
    out[at] = all.y;
    out[at + 4u] = rstd * gamma[own];
  }}
}}\n"
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        self.0.workgroup()
    }
}

impl Kernel for GroupMoments {
    type Variant = GroupMomentsShader;

    fn variant(&self) -> GroupMomentsShader {
        GroupMomentsShader(Reduction(self.class))
    }

    fn parameters(&self) -> Vec<u32> {
        let Self { batch, pixels, channels, groups, part, eps, .. } = self;
        vec![batch * groups, *groups, *pixels, *channels, *part, self.parts(), eps.to_bits()]
    }

    fn grid(&self) -> [u32; 3] {
        Reduction(self.class).grid(self.batch * self.groups)
    }
}

/// The third step: normalises, scales, shifts, applies SiLU.
#[derive(Clone, Debug)]
pub(crate) struct GroupNormApply {
    moments: GroupMoments,
    silu: bool,
}

impl GroupNormApply {
    /// Works on what `moments` measured.
    pub(crate) fn new(moments: &GroupMoments, silu: bool) -> Self {
        Self { moments: moments.clone(), silu }
    }
}

/// The shader of [`GroupNormApply`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GroupNormApplyShader {
    silu: bool,
}

impl Variant for GroupNormApplyShader {
    fn wgsl(&self) -> String {
        let vec = "vec4<f32>";
        let text = Text {
            buffers: &[("x", vec), ("norm", vec), ("beta", vec), ("out", vec)],
            parameters: &["count", "plane", "c4"],
        };
        let value = if self.silu { "y / (1.0 + exp(-y))" } else { "y" };
        text.head()
            + &text.main(self.workgroup())
            + &format!(
                "  let at = (group.y * groups.x + group.x) * {WIDTH}u + local.x;
  if (at >= count) {{ return; }}
  let col = at % c4;
  let own = (at / plane * c4 + col) * 2u;
  let y = (x[at] - norm[own]) * norm[own + 1u] + beta[col];
  out[at] = {value};
}}\n"
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        [WIDTH, 1]
    }
}

impl Kernel for GroupNormApply {
    type Variant = GroupNormApplyShader;

    fn variant(&self) -> GroupNormApplyShader {
        GroupNormApplyShader { silu: self.silu }
    }

    fn parameters(&self) -> Vec<u32> {
        let GroupMoments { batch, pixels, channels, .. } = self.moments;
        let c4 = channels / 4;
        vec![batch * pixels * c4, pixels * c4, c4]
    }

    fn grid(&self) -> [u32; 3] {
        folded(self.parameters()[0].div_ceil(WIDTH))
    }
}

/// Softmax of `scale * x` along each row of `[rows, columns]`.
#[derive(Clone, Debug)]
pub(crate) struct SoftmaxRows {
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    /// Factor applied before the softmax, not negative.
    pub(crate) scale: f32,
    pub(crate) class: AdapterClass,
}

/// The shader of [`SoftmaxRows`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SoftmaxRowsShader(Reduction);

impl Variant for SoftmaxRowsShader {
    fn wgsl(&self) -> String {
        let text = Text {
            buffers: &[("x", "f32"), ("out", "f32")],
            parameters: &["items", "count", "scale"],
        };
        let step = self.0.step();
        text.head()
            + &self.0.memory()
            + &text.main(self.workgroup())
            + &self.0.open()
            + &format!(
                "  let base = item * count;
  let factor = bitcast<f32>(scale);
  var high = x[base];
  for (var i = first; i < count; i += {step}u) {{ high = max(high, x[base + i]); }}\n"
            )
            + &self.0.fold("high", "top", |a, b| format!("max({a}, {b})"))
            + &format!(
                "  var s = 0.0;
  for (var i = first; i < count; i += {step}u) {{
    let e = exp(factor * (x[base + i] - top));
    out[base + i] = e;
    s += e;
  }}\n"
            )
            + &self.0.sum("s", "total")
            + &format!(
                "  let inverse = 1.0 / total;
  for (var i = first; i < count; i += {step}u) {{ out[base + i] *= inverse; }}
}}\n"
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        self.0.workgroup()
    }
}

impl Kernel for SoftmaxRows {
    type Variant = SoftmaxRowsShader;

    fn variant(&self) -> SoftmaxRowsShader {
        SoftmaxRowsShader(Reduction(self.class))
    }

    fn parameters(&self) -> Vec<u32> {
        vec![self.rows, self.columns, self.scale.to_bits()]
    }

    fn grid(&self) -> [u32; 3] {
        Reduction(self.class).grid(self.rows)
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
