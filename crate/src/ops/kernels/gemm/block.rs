//! Products on hardware: a workgroup computes a block, its operands staged in workgroup memory.
//!
//! An invocation holds its outputs in registers; the next step's operands are fetched into registers
//! while the present step is computed (Volkov and Demmel 2008, CUTLASS). Its rows and columns are
//! spread over the block, so that neighbours read neighbouring words.

use super::{GemmShader, Work};

/// A block of outputs and how a workgroup shares it. All take 12 KiB of workgroup memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Block {
    /// Rows and columns of outputs.
    pub(super) rows: u32,
    pub(super) columns: u32,
    /// Values along the inner dimension that are staged at a time.
    pub(super) depth: u32,
    /// Invocations along columns and along rows.
    pub(super) across: u32,
    pub(super) down: u32,
}

/// 8 x 8 outputs an invocation, wide.
const WIDE: Block = Block { rows: 64, columns: 128, depth: 16, across: 16, down: 8 };
/// 8 x 8 outputs an invocation, for columns that do not fill a wide one.
const TALL: Block = Block { rows: 128, columns: 64, depth: 16, across: 8, down: 16 };
/// 4 x 4 outputs an invocation, for few rows.
const SMALL: Block = Block { rows: 32, columns: 64, depth: 32, across: 16, down: 8 };

impl Block {
    /// The block that wastes least of itself on `m x n` outputs.
    pub(super) fn pick(m: u32, n: u32) -> Self {
        let fill = n % WIDE.columns;
        match () {
            () if m <= SMALL.rows => SMALL,
            () if fill > 0 && fill <= TALL.columns && m > WIDE.rows => TALL,
            () => WIDE,
        }
    }

    /// Workgroups along columns and along rows.
    pub(super) fn grid(self, m: u32, n: u32) -> [u32; 2] {
        [n.div_ceil(self.columns), m.div_ceil(self.rows)]
    }

    /// Whether an invocation holds columns of both halves of the block.
    pub(super) fn holds_pairs(self) -> bool {
        self.columns / 4 == 2 * self.across
    }

    fn threads(self) -> u32 {
        self.across * self.down
    }
}

impl GemmShader {
    /// The shader of a block.
    pub(super) fn block(&self, block: Block) -> String {
        let Block { rows, columns, depth, across, down } = block;
        let (threads, depth4, columns4) = (block.threads(), depth / 4, columns / 4);
        let (each_rows, each_vecs) = (rows / down, columns4 / across);
        let (left_loads, right_loads) = (rows * depth4 / threads, depth * columns4 / threads);
        let memory = format!(
            "var<workgroup> left: array<vec4<f32>, {}>;\nvar<workgroup> right: array<vec4<f32>, {}>;\n",
            rows * depth4,
            depth * columns4
        );
        let all =
            |count: u32, body: &dyn Fn(u32) -> String| (0..count).map(body).collect::<String>();
        let mut text = self.open("vec4<f32>", &memory);
        // With pairs, a block's first half of columns are values and the second their gates.
        let (own, paired) = if self.pairs { (columns4 / 2, "n4 / 2u") } else { (columns4, "n4") };
        let batch = if self.work == Work::Batch { "group.z" } else { "0u" };
        text += &format!(
            "  let n4 = n / 4u;
  let c4 = c / 4u;
  let k4 = taps * c4;
  let thread = local.y * {across}u + local.x;
  let row0 = group.y * {rows}u;
  let col0 = group.x * {own}u;
  let tiles = (k4 + {}u) / {depth4}u;
  let first = {};
  let last = {};\n",
            depth4 - 1,
            if self.work == Work::Split { "group.z * tiles_each" } else { "0u" },
            if self.work == Work::Split { "min(first + tiles_each, tiles)" } else { "tiles" },
        );
        text += &all(each_rows, &|i| {
            all(each_vecs, &|j| format!("  var s{i}_{j} = vec4<f32>(0.0);\n"))
        });
        text += &all(left_loads, &|i| {
            let at = format!("(thread + {}u)", i * threads);
            format!(
                "  let row_{i} = min(row0 + {at} / {depth4}u, m - 1u);
  let depth_{i} = {at} % {depth4}u;
  let corner_{i} = corner(row_{i}, height, width, out_height, out_width);
  var a{i} = vec4<f32>(0.0);\n"
            )
        });
        text += &all(right_loads, &|i| {
            let at = format!("(thread + {}u)", i * threads);
            let within = format!("{at} % {columns4}u");
            let col = if self.pairs {
                format!(
                    "min(col0 + {within} % {own}u, {paired} - 1u) + {within} / {own}u * ({paired})"
                )
            } else {
                format!("min(col0 + {within}, n4 - 1u)")
            };
            format!(
                "  let inner_{i} = {at} / {columns4}u;
  let col_{i} = {col};
  var b{i} = vec4<f32>(0.0);\n"
            )
        });
        text += &self.fetch_opening(left_loads, depth4);
        text += &self.fetch("first", left_loads, right_loads, block, batch);
        text += "  for (var t = first; t < last; t++) {\n    workgroupBarrier();\n";
        text += &all(left_loads, &|i| format!("    left[thread + {}u] = a{i};\n", i * threads));
        text += &all(right_loads, &|i| format!("    right[thread + {}u] = b{i};\n", i * threads));
        text += "    workgroupBarrier();\n    if (t + 1u < last) {\n";
        text += &self.fetch("(t + 1u)", left_loads, right_loads, block, batch);
        text += "    }\n";
        for l in 0..depth4 {
            text += "    {\n";
            text += &all(4, &|r| {
                all(each_vecs, &|j| {
                    let at = (l * 4 + r) * columns4 + j * across;
                    format!("      let w{r}_{j} = right[local.x + {at}u];\n")
                })
            });
            text += &all(each_rows, &|i| {
                let at = i * down * depth4 + l;
                let sums = all(each_vecs, &|j| {
                    format!(
                        "s{i}_{j} += a.x * w0_{j}; s{i}_{j} += a.y * w1_{j}; s{i}_{j} += a.z * w2_{j}; s{i}_{j} += a.w * w3_{j}; "
                    )
                });
                format!("      {{ let a = left[local.y * {depth4}u + {at}u]; {sums}}}\n")
            });
            text += "    }\n";
        }
        text += "  }\n";
        text + &self.block_stores(block, each_rows, each_vecs) + "}\n"
    }

    /// Registers that hold where the left operand is read, for windows whose taps are whole steps.
    fn fetch_opening(&self, left_loads: u32, depth4: u32) -> String {
        if self.window.is_none() || !self.whole_steps {
            return String::new();
        }
        let registers: String =
            (0..left_loads).map(|i| format!("  var pixel_{i} = 0;\n")).collect();
        registers
            + &format!(
                "  var tap = first * {depth4}u / c4;
  var chunk = first * {depth4}u % c4;\n"
            )
            + &Self::aim(left_loads)
    }

    /// Finds the pixels under the present tap.
    fn aim(left_loads: u32) -> String {
        (0..left_loads)
            .map(|i| format!("    pixel_{i} = pixel(corner_{i}, tap, height, width);\n"))
            .collect()
    }

    /// Fetches step `t` into registers.
    fn fetch(
        &self,
        t: &str,
        left_loads: u32,
        right_loads: u32,
        block: Block,
        batch: &str,
    ) -> String {
        let Block { depth, .. } = block;
        let depth4 = depth / 4;
        let mut text = String::new();
        if self.window.is_some() && self.whole_steps {
            if t != "first" {
                text += &format!(
                    "    chunk += {depth4}u;
    if (chunk >= c4) {{
    chunk = 0u;
    tap += 1u;
{}    }}\n",
                    Self::aim(left_loads)
                );
            }
            for i in 0..left_loads {
                text += &format!(
                    "    a{i} = select(vec4<f32>(0.0), x[u32(max(pixel_{i}, 0)) * c4 + chunk + depth_{i}], pixel_{i} >= 0);\n"
                );
            }
        } else if self.whole_steps {
            for i in 0..left_loads {
                text += &format!(
                    "    a{i} = x[({batch} * m + row_{i}) * c4 + {t} * {depth4}u + depth_{i}];\n"
                );
            }
        } else {
            for i in 0..left_loads {
                text += &format!(
                    "    {{
    let k = {t} * {depth4}u + depth_{i};
    let p = select(-1, pixel(corner_{i}, k / c4, height, width), k < k4);
    a{i} = select(vec4<f32>(0.0), x[u32(max(p, 0)) * c4 + k % c4], p >= 0);
    }}\n"
                );
            }
        }
        for i in 0..right_loads {
            let k = format!("{t} * {depth}u + inner_{i}");
            let k = if self.whole_steps { k } else { format!("min({k}, k4 * 4u - 1u)") };
            let k = if self.work == Work::Batch { format!("{batch} * k4 * 4u + {k}") } else { k };
            text += &format!("    b{i} = weight({k}, n4, col_{i});\n");
        }
        text
    }

    fn block_stores(&self, block: Block, each_rows: u32, each_vecs: u32) -> String {
        let Block { across, down, .. } = block;
        let mut text = String::new();
        for i in 0..each_rows {
            text +=
                &format!("  {{\n  let row = row0 + local.y + {}u;\n  if (row < m) {{\n", i * down);
            let vecs = if self.pairs { each_vecs / 2 } else { each_vecs };
            for j in 0..vecs {
                let col = format!("(col0 + local.x + {}u)", j * across);
                let limit = if self.pairs { "n4 / 2u" } else { "n4" };
                let store = match self.work {
                    _ if self.pairs => {
                        let [value, gate] = [j, j + vecs].map(|j| format!("s{i}_{j}"));
                        self.store_pair([&value, &gate], "row", &col)
                    }
                    Work::Whole => self.epilogue.store(&format!("s{i}_{j}"), "row", &col, "n4"),
                    Work::Split | Work::Batch => {
                        format!("out[(group.z * m + row) * n4 + {col}] = s{i}_{j};")
                    }
                };
                text += &format!("    if ({col} < {limit}) {{ {store} }}\n");
            }
            text += "  }\n  }\n";
        }
        text
    }
}
