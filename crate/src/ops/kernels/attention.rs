//! Flash attention: the score matrix is never materialised.
//!
//! An invocation walks the keys four at a time with a running maximum and sum (Milakov and
//! Gimelshein 2018, Dao et al. 2022). On hardware it owns a query or two, or half the channels of them
//! where a head is wide, and a workgroup shares tiles of keys and values in workgroup memory; on
//! software adapters, where a barrier costs more than the reads it saves, it owns a few and uses what
//! it read for all of them.

use super::launch::{Kernel, Text, Variant};
use crate::ops::{Adapter, AdapterClass};

/// Attention over `[batch, tokens, heads * head_dim]` operands.
#[derive(Clone, Debug)]
pub(crate) struct Attention {
    batch: u32,
    heads: u32,
    queries: u32,
    keys: u32,
    variant: AttentionVariant,
}

/// What the shader depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AttentionVariant {
    /// A multiple of 4, at most [`Attention::MAX_HEAD_DIM`].
    head_dim: u32,
    /// Query `i` sees keys `0..=i` only.
    causal: bool,
    class: AdapterClass,
    /// Queries an invocation works on, so that a key is used for all of them once it is read.
    queries_each: u32,
    /// Invocations that share the channels of a query and add up their scores.
    lanes: u32,
    /// Invocations of a workgroup that work on queries of their own.
    workers: u32,
}

/// Keys that share one maximum: the lanes of a vector.
const BLOCK: u32 = 4;
/// Bytes of workgroup memory every WebGPU adapter grants.
const WORKGROUP_BYTES: u32 = 16384;
/// Channels an invocation of a graphics card holds two queries of, with their sums.
const NARROW: u32 = 48;

const TEXT: Text<'static> = Text {
    buffers: &[("q", "vec4<f32>"), ("k", "vec4<f32>"), ("v", "vec4<f32>"), ("out", "vec4<f32>")],
    parameters: &["queries", "keys", "heads"],
};

impl Attention {
    /// Above this a query and its accumulator no longer fit an invocation's registers.
    pub(crate) const MAX_HEAD_DIM: usize = 160;

    /// Picks the variant for the shape and the adapter.
    pub(crate) fn new([batch, heads, queries, keys, head_dim]: [usize; 5], causal: bool) -> Self {
        let side = |side: usize| side as u32;
        let all = side(batch * heads);
        let variant = AttentionVariant::pick(side(queries), side(head_dim), all, causal);
        Self {
            batch: side(batch),
            heads: side(heads),
            queries: side(queries),
            keys: side(keys),
            variant,
        }
    }
}

impl AttentionVariant {
    /// For `heads` heads in all pictures of `queries` queries each.
    fn pick(queries: u32, head_dim: u32, heads: u32, causal: bool) -> Self {
        let Adapter { class, concurrent, .. } = Adapter::current();
        if class == AdapterClass::Software {
            let queries_each = match head_dim / 4 {
                0..=4 => 4,
                5..=12 => 2,
                _ => 1,
            };
            return Self { head_dim, causal, class, queries_each, lanes: 1, workers: 64 };
        }
        let lanes = if head_dim > NARROW && head_dim.is_multiple_of(8) { 2 } else { 1 };
        let fills = |together: u32| queries.div_ceil(together) * heads >= concurrent / 2;
        let queries_each = if head_dim / lanes <= NARROW && fills(128) { 2 } else { 1 };
        let workers = if fills(64 * queries_each) { 64 } else { 32 };
        Self { head_dim, causal, class, queries_each, lanes, workers }
    }

    /// Vectors of one head.
    fn d4(&self) -> u32 {
        self.head_dim / 4
    }

    /// Vectors of one head that an invocation holds.
    fn own4(&self) -> u32 {
        self.d4() / self.lanes
    }

    /// Queries of one workgroup.
    fn queries_together(&self) -> u32 {
        self.workers * self.queries_each
    }

    /// Vectors in which invocations tell each other their scores; two sets of them, so that one is
    /// read while the other is written.
    fn exchanged(&self) -> u32 {
        if self.lanes > 1 { 2 * self.lanes * self.queries_together() } else { 0 }
    }

    /// Keys staged at a time.
    fn tile(&self) -> u32 {
        let left = WORKGROUP_BYTES - self.exchanged() * 16;
        (left / (self.head_dim * 4 * 2)).clamp(BLOCK, 32) / BLOCK * BLOCK
    }

    /// Registers of the queries: each with its weighted sum, maximum and denominator.
    fn open(&self) -> String {
        let scale = 1.0 / (self.head_dim as f32).sqrt();
        let (d4, own4, each) = (self.d4(), self.own4(), self.queries_each);
        let mut text = format!(
            "  let c4 = heads * {d4}u;
  let lane = local.x / {workers}u;
  let worker = local.x % {workers}u;
  let own = lane * {own4}u;
  let kv_at = group.z * keys * c4 + group.y * {d4}u + own;\n",
            workers = self.workers,
        );
        for r in 0..each {
            text += &format!(
                "  let query{r} = group.x * {together}u + worker + {offset}u;
  let q_at{r} = (group.z * queries + min(query{r}, queries - 1u)) * c4 + group.y * {d4}u + own;
  var top{r} = LOW;
  var sum{r} = 0.0;\n",
                together = self.queries_together(),
                offset = r * self.workers,
            );
            for d in 0..own4 {
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
        let (own4, each) = (self.own4(), self.queries_each);
        let mut text = String::new();
        for r in 0..each {
            text += &format!("    var s{r} = vec4<f32>(0.0);\n");
        }
        for d in 0..own4 {
            for i in 0..BLOCK {
                text += &format!("    let k{d}_{i} = {};\n", k(i, d));
            }
            for r in 0..each {
                let dots: Vec<_> = (0..BLOCK).map(|i| format!("dot(q{r}_{d}, k{d}_{i})")).collect();
                text += &format!("    s{r} += vec4<f32>({});\n", dots.join(", "));
            }
        }
        text += &self.add_up_scores();
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
        for d in 0..own4 {
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

    /// Every invocation's scores become the sum over all lanes of its query.
    fn add_up_scores(&self) -> String {
        if self.lanes == 1 {
            return String::new();
        }
        let (workers, lanes) = (self.workers, self.lanes);
        let set = lanes * self.queries_together();
        let at = |lane: &str, r: u32| {
            format!(
                "scores[scores_at + ({lane} * {each}u + {r}u) * {workers}u]",
                each = self.queries_each
            )
        };
        let mut text =
            format!("    let scores_at = flip * {set}u + worker;\n    flip = 1u - flip;\n");
        for r in 0..self.queries_each {
            text += &format!("    {} = s{r};\n", at("lane", r));
        }
        text += "    workgroupBarrier();\n";
        for r in 0..self.queries_each {
            let all: Vec<_> = (0..lanes).map(|lane| at(&format!("{lane}u"), r)).collect();
            text += &format!("    s{r} = {};\n", all.join(" + "));
        }
        text
    }

    fn close(&self) -> String {
        let store = |r: u32| {
            let parts = (0..self.own4())
                .map(|d| format!("    out[q_at{r} + {d}u] = o{r}_{d} / sum{r};\n"))
                .collect::<String>();
            format!("  if (query{r} < queries) {{\n{parts}  }}\n")
        };
        (0..self.queries_each).map(store).collect()
    }

    /// Keys straight from memory.
    fn direct(&self) -> String {
        let last = self.queries_each - 1;
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
        let (size, threads) = (tile * d4, self.workers * self.lanes);
        let staged =
            |name: &str, i: u32, d: u32| format!("{name}[(j + {i}u) * {d4}u + own + {d}u]");
        let scores = match self.exchanged() {
            0 => String::new(),
            size => format!("var<workgroup> scores: array<vec4<f32>, {size}>;\n"),
        };
        format!(
            "{scores}var<workgroup> ks: array<vec4<f32>, {size}>;
var<workgroup> vs: array<vec4<f32>, {size}>;\n"
        ) + &TEXT.main(self.workgroup())
            + &self.open()
            + &format!(
                "  var flip = 0u;
  for (var start = 0u; start < keys; start += {tile}u) {{
    workgroupBarrier();
    for (var i = local.x; i < {size}u; i += {threads}u) {{
      let at = kv_at - own + min(start + i / {d4}u, keys - 1u) * c4 + i % {d4}u;
      ks[i] = k[at];
      vs[i] = v[at];
    }}
    workgroupBarrier();
    let staged = min({tile}u, keys - start);
    for (var j = 0u; j < staged; j += {BLOCK}u) {{
    let key = start + j;\n"
            )
            + &self.block(|i, d| staged("ks", i, d), |i, d| staged("vs", i, d))
            + "    }\n  }\n"
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
        [self.workers * self.lanes, 1]
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
