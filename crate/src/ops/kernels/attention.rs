//! Flash attention: the score matrix is never materialised.
//!
//! An invocation walks the keys four at a time with a running maximum and sum (Milakov and
//! Gimelshein 2018, Dao et al. 2022). On hardware it owns one query, and the 64 of a workgroup share
//! tiles of keys and values in workgroup memory; on software adapters, where a barrier costs more
//! than the reads it saves, it owns a few and uses what it read for all of them.

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

/// Invocations of one workgroup.
const WORKERS: u32 = 64;
/// Keys that share one maximum: the lanes of a vector.
const BLOCK: u32 = 4;
/// Bytes of workgroup memory every WebGPU adapter grants.
const WORKGROUP_BYTES: u32 = 16384;

const TEXT: Text<'static> = Text {
    buffers: &[("q", "vec4<f32>"), ("k", "vec4<f32>"), ("v", "vec4<f32>"), ("out", "vec4<f32>")],
    parameters: &["queries", "keys", "heads"],
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

    /// Queries of one invocation. Software adapters gain by using a key for several queries once
    /// it is read, as far as the registers reach; hardware reads keys from workgroup memory.
    fn queries_each(&self) -> u32 {
        match (self.class, self.d4()) {
            (AdapterClass::Hardware, _) => 1,
            (AdapterClass::Software, ..=4) => 4,
            (AdapterClass::Software, ..=12) => 2,
            (AdapterClass::Software, _) => 1,
        }
    }

    /// Queries of one workgroup.
    fn queries_together(&self) -> u32 {
        WORKERS * self.queries_each()
    }

    /// Keys staged at a time.
    fn tile(&self) -> u32 {
        (WORKGROUP_BYTES / (self.head_dim * 4 * 2)).clamp(BLOCK, 32) / BLOCK * BLOCK
    }

    /// Registers of the queries: each with its weighted sum, maximum and denominator.
    fn open(&self) -> String {
        let scale = 1.0 / (self.head_dim as f32).sqrt();
        let (d4, each) = (self.d4(), self.queries_each());
        let mut text = format!(
            "  let c4 = heads * {d4}u;
  let kv_at = group.z * keys * c4 + group.y * {d4}u;\n"
        );
        for r in 0..each {
            text += &format!(
                "  let query{r} = group.x * {together}u + local.x + {offset}u;
  let q_at{r} = (group.z * queries + min(query{r}, queries - 1u)) * c4 + group.y * {d4}u;
  var top{r} = LOW;
  var sum{r} = 0.0;\n",
                together = self.queries_together(),
                offset = r * WORKERS,
            );
            for d in 0..d4 {
                text += &format!(
                    "  let q{r}_{d} = q[q_at{r} + {d}u] * {scale:?};
  var o{r}_{d} = vec4<f32>(0.0);\n"
                );
            }
        }
        text
    }

    /// Four keys from number `key` on: one maximum and one rescaling for all of them. `k(i, d)`
    /// and `v(i, d)` name vector `d` of the `i`-th key and its value.
    fn block(&self, k: impl Fn(u32, u32) -> String, v: impl Fn(u32, u32) -> String) -> String {
        let (d4, each) = (self.d4(), self.queries_each());
        let mut text = String::new();
        for r in 0..each {
            text += &format!("    var s{r} = vec4<f32>(0.0);\n");
        }
        for d in 0..d4 {
            for i in 0..BLOCK {
                text += &format!("    let k{d}_{i} = {};\n", k(i, d));
            }
            for r in 0..each {
                let dots: Vec<_> = (0..BLOCK).map(|i| format!("dot(q{r}_{d}, k{d}_{i})")).collect();
                text += &format!("    s{r} += vec4<f32>({});\n", dots.join(", "));
            }
        }
        for r in 0..each {
            let seen =
                if self.causal { format!("min(keys, query{r} + 1u)") } else { "keys".to_owned() };
            text += &format!(
                "    s{r} = select(vec4<f32>(LOW), s{r}, vec4<u32>(key) + NEXT < vec4<u32>({seen}));
    let high{r} = max(max(s{r}.x, s{r}.y), max(s{r}.z, s{r}.w));
    let new_top{r} = max(top{r}, high{r});
    let keep{r} = exp(top{r} - new_top{r});
    let e{r} = exp(s{r} - new_top{r});
    sum{r} = sum{r} * keep{r} + dot(e{r}, vec4<f32>(1.0));
    top{r} = new_top{r};\n"
            );
        }
        for d in 0..d4 {
            for i in 0..BLOCK {
                text += &format!("    let v{d}_{i} = {};\n", v(i, d));
            }
            for r in 0..each {
                text += &format!(
                    "    o{r}_{d} = o{r}_{d} * keep{r} + e{r}.x * v{d}_0 + e{r}.y * v{d}_1 + e{r}.z * v{d}_2 + e{r}.w * v{d}_3;\n"
                );
            }
        }
        text
    }

    fn close(&self) -> String {
        let store = |r: u32| {
            let parts = (0..self.d4())
                .map(|d| format!("    out[q_at{r} + {d}u] = o{r}_{d} / sum{r};\n"))
                .collect::<String>();
            format!("  if (query{r} < queries) {{\n{parts}  }}\n")
        };
        (0..self.queries_each()).map(store).collect()
    }

    /// Keys straight from memory.
    fn direct(&self) -> String {
        let last = self.queries_each() - 1;
        let seen =
            if self.causal { format!("min(keys, query{last} + 1u)") } else { "keys".to_owned() };
        let at: String = (0..BLOCK)
            .map(|i| format!("    let at{i} = kv_at + min(key + {i}u, keys - 1u) * c4;\n"))
            .collect();
        TEXT.main(self.workgroup())
            + &self.open()
            + &format!("  for (var key = 0u; key < {seen}; key += {BLOCK}u) {{\n")
            + &at
            + &self.block(|i, d| format!("k[at{i} + {d}u]"), |i, d| format!("v[at{i} + {d}u]"))
            + "  }\n"
            + &self.close()
            + "}\n"
    }

    /// Keys through workgroup memory.
    fn tiled(&self) -> String {
        let (d4, tile) = (self.d4(), self.tile());
        let size = tile * d4;
        let staged = |name: &str, i: u32, d: u32| format!("{name}[(j + {i}u) * {d4}u + {d}u]");
        format!(
            "var<workgroup> ks: array<vec4<f32>, {size}>;
var<workgroup> vs: array<vec4<f32>, {size}>;\n"
        ) + &TEXT.main(self.workgroup())
            + &self.open()
            + &format!(
                "  for (var start = 0u; start < keys; start += {tile}u) {{
    workgroupBarrier();
    for (var i = local.x; i < {size}u; i += {WORKERS}u) {{
      let at = kv_at + min(start + i / {d4}u, keys - 1u) * c4 + i % {d4}u;
      ks[i] = k[at];
      vs[i] = v[at];
    }}
    workgroupBarrier();
    for (var j = 0u; j < {tile}u; j += {BLOCK}u) {{
    let key = start + j;
    if (key < keys) {{\n"
            )
            + &self.block(|i, d| staged("ks", i, d), |i, d| staged("vs", i, d))
            + "    }\n    }\n  }\n"
            + &self.close()
            + "}\n"
    }
}

impl Variant for AttentionVariant {
    fn wgsl(&self) -> String {
        // Low enough to lose against any score, and finite: the difference of two is no NaN.
        TEXT.head()
            + "const LOW = -3.0e38;\nconst NEXT = vec4<u32>(0u, 1u, 2u, 3u);\n"
            + &match self.class {
                AdapterClass::Software => self.direct(),
                AdapterClass::Hardware => self.tiled(),
            }
    }

    fn workgroup(&self) -> [u32; 2] {
        [WORKERS, 1]
    }
}

impl Kernel for Attention {
    type Variant = AttentionVariant;

    fn variant(&self) -> AttentionVariant {
        self.variant.clone()
    }

    fn parameters(&self) -> Vec<u32> {
        vec![self.queries, self.keys, self.heads]
    }

    fn grid(&self) -> [u32; 3] {
        [self.queries.div_ceil(self.variant.queries_together()), self.heads, self.batch]
    }
}
