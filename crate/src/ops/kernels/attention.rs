//! Flash attention: the score matrix is never materialised.
//!
//! One invocation owns one query of one head and walks the keys with a running maximum and sum
//! (Milakov and Gimelshein 2018, Dao et al. 2022). On hardware the 64 queries of a workgroup share
//! tiles of keys and values in workgroup memory; on software adapters each invocation reads them
//! itself, because barriers cost more there than the reads they save.

use super::launch::Kernel;
use crate::ops::AdapterClass;

/// Attention over `[batch, tokens, heads * head_dim]` operands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Attention {
    pub(crate) batch: u32,
    pub(crate) heads: u32,
    /// A multiple of 4, at most [`Attention::MAX_HEAD_DIM`].
    pub(crate) head_dim: u32,
    pub(crate) queries: u32,
    pub(crate) keys: u32,
    /// Query `i` sees keys `0..=i` only.
    pub(crate) causal: bool,
    pub(crate) class: AdapterClass,
}

/// Queries of one workgroup.
const QUERIES: u32 = 64;
/// Bytes of workgroup memory every WebGPU adapter grants.
const WORKGROUP_BYTES: u32 = 16384;

impl Attention {
    /// Above this a query and its accumulator no longer fit an invocation's registers.
    pub(crate) const MAX_HEAD_DIM: usize = 160;

    /// Keys staged at a time.
    fn tile(&self) -> u32 {
        (WORKGROUP_BYTES / (self.head_dim * 4 * 2)).clamp(1, 32)
    }

    fn head(&self) -> String {
        let mut text = String::new();
        for (index, name) in ["q", "k", "v", "out"].iter().enumerate() {
            text += &format!(
                "@group(0) @binding({index}) var<storage, read_write> {name}: array<vec4<f32>>;\n"
            );
        }
        let d4 = self.head_dim / 4;
        text += &format!(
            "const D4 = {d4}u;\nconst C4 = {}u;\nconst QUERIES = {}u;\nconst KEYS = {}u;\nconst SCALE = {:?};\n",
            d4 * self.heads,
            self.queries,
            self.keys,
            1.0 / (self.head_dim as f32).sqrt(),
        );
        text
    }

    /// Registers of one query: the query itself, its weighted sum, maximum and denominator.
    fn open(&self) -> String {
        let mut text = String::new();
        for d in 0..self.head_dim / 4 {
            text +=
                &format!("  let q{d} = q[q_at + {d}u] * SCALE;\n  var o{d} = vec4<f32>(0.0);\n");
        }
        text + "  var top = -3.0e38;\n  var sum = 0.0;\n"
    }

    /// One key: `key(d)` and `value(d)` name the vectors.
    fn step(&self, key: impl Fn(u32) -> String, value: impl Fn(u32) -> String) -> String {
        let mut text = String::from("    var s = 0.0;\n");
        for d in 0..self.head_dim / 4 {
            text += &format!("    s += dot(q{d}, {});\n", key(d));
        }
        text += "    let new_top = max(top, s);\n    let keep = exp(top - new_top);\n    let e = exp(s - new_top);\n    sum = sum * keep + e;\n    top = new_top;\n";
        for d in 0..self.head_dim / 4 {
            text += &format!("    o{d} = o{d} * keep + e * {};\n", value(d));
        }
        text
    }

    fn close(&self) -> String {
        (0..self.head_dim / 4).map(|d| format!("  out[q_at + {d}u] = o{d} / sum;\n")).collect()
    }

    fn direct(&self) -> String {
        let last = if self.causal { "min(query + 1u, KEYS)" } else { "KEYS" };
        self.head()
            + &format!(
                "@compute @workgroup_size({QUERIES}, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {{
  let query = id.x;
  if (query >= QUERIES) {{ return; }}
  let q_at = (id.z * QUERIES + query) * C4 + id.y * D4;
  let kv_at = id.z * KEYS * C4 + id.y * D4;\n"
            )
            + &self.open()
            + &format!(
                "  for (var key = 0u; key < {last}; key++) {{\n    let at = kv_at + key * C4;\n"
            )
            + &self.step(|d| format!("k[at + {d}u]"), |d| format!("v[at + {d}u]"))
            + "  }\n"
            + &self.close()
            + "}\n"
    }

    fn tiled(&self) -> String {
        let tile = self.tile();
        let size = tile * self.head_dim / 4;
        let seen = if self.causal { " && start + j <= query" } else { "" };
        self.head()
            + &format!(
                "var<workgroup> ks: array<vec4<f32>, {size}>;
var<workgroup> vs: array<vec4<f32>, {size}>;
@compute @workgroup_size({QUERIES}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {{
  let query = group.x * {QUERIES}u + local.x;
  let q_at = (group.z * QUERIES + min(query, QUERIES - 1u)) * C4 + group.y * D4;
  let kv_at = group.z * KEYS * C4 + group.y * D4;\n"
            )
            + &self.open()
            + &format!(
                "  for (var start = 0u; start < KEYS; start += {tile}u) {{
    workgroupBarrier();
    for (var i = local.x; i < {size}u; i += {QUERIES}u) {{
      let key = start + i / D4;
      if (key < KEYS) {{
        ks[i] = k[kv_at + key * C4 + i % D4];
        vs[i] = v[kv_at + key * C4 + i % D4];
      }}
    }}
    workgroupBarrier();
    for (var j = 0u; j < {tile}u; j++) {{
    if (start + j < KEYS{seen}) {{\n"
            )
            + &self.step(|d| format!("ks[j * D4 + {d}u]"), |d| format!("vs[j * D4 + {d}u]"))
            + "    }\n    }\n  }\n  if (query >= QUERIES) { return; }\n"
            + &self.close()
            + "}\n"
    }
}

impl Kernel for Attention {
    fn wgsl(&self) -> String {
        match self.class {
            AdapterClass::Software => self.direct(),
            AdapterClass::Hardware => self.tiled(),
        }
    }

    fn workgroup(&self) -> [u32; 2] {
        [QUERIES, 1]
    }

    fn grid(&self) -> [u32; 3] {
        [self.queries.div_ceil(QUERIES), self.heads, self.batch]
    }
}
