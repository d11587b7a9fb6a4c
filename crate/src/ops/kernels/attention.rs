//! Flash attention: the score matrix is never materialised.
//!
//! One invocation owns one query of one head and walks the keys with a running maximum and sum
//! (Milakov and Gimelshein 2018, Dao et al. 2022). On hardware the 64 queries of a workgroup share
//! tiles of keys and values in workgroup memory; on software adapters each invocation reads them
//! itself, because barriers cost more there than the reads they save.

use super::launch::{Kernel, Text, Variant};
use crate::ops::AdapterClass;

/// Attention over `[batch, tokens, heads * head_dim]` operands.
#[derive(Clone, Debug)]
pub(crate) struct Attention {
    pub(crate) batch: u32,
    pub(crate) heads: u32,
    pub(crate) queries: u32,
    pub(crate) keys: u32,
    pub(crate) variant: AttentionVariant,
}

/// What the shader depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AttentionVariant {
    /// A multiple of 4, at most [`Attention::MAX_HEAD_DIM`].
    pub(crate) head_dim: u32,
    /// Query `i` sees keys `0..=i` only.
    pub(crate) causal: bool,
    pub(crate) class: AdapterClass,
}

/// Queries of one workgroup.
const QUERIES: u32 = 64;
/// Bytes of workgroup memory every WebGPU adapter grants.
const WORKGROUP_BYTES: u32 = 16384;

const TEXT: Text<'static> = Text {
    buffers: &[("q", "vec4<f32>"), ("k", "vec4<f32>"), ("v", "vec4<f32>"), ("out", "vec4<f32>")],
    parameters: &["queries", "keys", "c4"],
};

impl Attention {
    /// Above this a query and its accumulator no longer fit an invocation's registers.
    pub(crate) const MAX_HEAD_DIM: usize = 160;
}

impl AttentionVariant {
    /// Vectors of one head.
    fn d4(&self) -> u32 {
        self.head_dim / 4
    }

    /// Keys staged at a time.
    fn tile(&self) -> u32 {
        (WORKGROUP_BYTES / (self.head_dim * 4 * 2)).clamp(1, 32)
    }

    /// Registers of one query: the query itself, its weighted sum, maximum and denominator.
    fn open(&self) -> String {
        let scale = 1.0 / (self.head_dim as f32).sqrt();
        let mut text = String::new();
        for d in 0..self.d4() {
            text += &format!(
                "  let q{d} = q[q_at + {d}u] * {scale:?};\n  var o{d} = vec4<f32>(0.0);\n"
            );
        }
        text + "  var top = -3.0e38;\n  var sum = 0.0;\n"
    }

    /// One key: `key(d)` and `value(d)` name the vectors.
    fn step(&self, key: impl Fn(u32) -> String, value: impl Fn(u32) -> String) -> String {
        let mut text = String::from("    var s = 0.0;\n");
        for d in 0..self.d4() {
            text += &format!("    s += dot(q{d}, {});\n", key(d));
        }
        text += "    let new_top = max(top, s);
    let keep = exp(top - new_top);
    let e = exp(s - new_top);
    sum = sum * keep + e;
    top = new_top;\n";
        for d in 0..self.d4() {
            text += &format!("    o{d} = o{d} * keep + e * {};\n", value(d));
        }
        text
    }

    fn close(&self) -> String {
        (0..self.d4()).map(|d| format!("  out[q_at + {d}u] = o{d} / sum;\n")).collect()
    }

    fn direct(&self) -> String {
        let d4 = self.d4();
        let last = if self.causal { "min(query + 1u, keys)" } else { "keys" };
        TEXT.main(self.workgroup())
            + &format!(
                "  let query = group.x * {QUERIES}u + local.x;
  if (query >= queries) {{ return; }}
  let q_at = (group.z * queries + query) * c4 + group.y * {d4}u;
  let kv_at = group.z * keys * c4 + group.y * {d4}u;\n"
            )
            + &self.open()
            + &format!(
                "  for (var key = 0u; key < {last}; key++) {{\n    let at = kv_at + key * c4;\n"
            )
            + &self.step(|d| format!("k[at + {d}u]"), |d| format!("v[at + {d}u]"))
            + "  }\n"
            + &self.close()
            + "}\n"
    }

    fn tiled(&self) -> String {
        let (d4, tile) = (self.d4(), self.tile());
        let size = tile * d4;
        let seen = if self.causal { " && start + j <= query" } else { "" };
        format!(
            "var<workgroup> ks: array<vec4<f32>, {size}>;
var<workgroup> vs: array<vec4<f32>, {size}>;\n"
        ) + &TEXT.main(self.workgroup())
            + &format!(
                "  let query = group.x * {QUERIES}u + local.x;
  let q_at = (group.z * queries + min(query, queries - 1u)) * c4 + group.y * {d4}u;
  let kv_at = group.z * keys * c4 + group.y * {d4}u;\n"
            )
            + &self.open()
            + &format!(
                "  for (var start = 0u; start < keys; start += {tile}u) {{
    workgroupBarrier();
    for (var i = local.x; i < {size}u; i += {QUERIES}u) {{
      let key = start + i / {d4}u;
      if (key < keys) {{
        ks[i] = k[kv_at + key * c4 + i % {d4}u];
        vs[i] = v[kv_at + key * c4 + i % {d4}u];
      }}
    }}
    workgroupBarrier();
    for (var j = 0u; j < {tile}u; j++) {{
    if (start + j < keys{seen}) {{\n"
            )
            + &self.step(|d| format!("ks[j * {d4}u + {d}u]"), |d| format!("vs[j * {d4}u + {d}u]"))
            + "    }\n    }\n  }\n  if (query >= queries) { return; }\n"
            + &self.close()
            + "}\n"
    }
}

impl Variant for AttentionVariant {
    fn wgsl(&self) -> String {
        TEXT.head()
            + &match self.class {
                AdapterClass::Software => self.direct(),
                AdapterClass::Hardware => self.tiled(),
            }
    }

    fn workgroup(&self) -> [u32; 2] {
        [QUERIES, 1]
    }
}

impl Kernel for Attention {
    type Variant = AttentionVariant;

    fn variant(&self) -> AttentionVariant {
        self.variant.clone()
    }

    fn parameters(&self) -> Vec<u32> {
        vec![self.queries, self.keys, self.heads * self.variant.d4()]
    }

    fn grid(&self) -> [u32; 3] {
        [self.queries.div_ceil(QUERIES), self.heads, self.batch]
    }
}
