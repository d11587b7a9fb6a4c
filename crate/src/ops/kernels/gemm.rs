//! Matrix product and convolution in one kernel: implicit GEMM over channels-last data.
//!
//! `out[m, n] = act(sum_k a[m, k] * w[k, n] + bias[n]) + residual[m, n]`, where a row of `a` is a
//! row of the input (linear, 1x1 convolution) or the receptive field of one output pixel, gathered
//! on the fly: `k` runs over kernel row, kernel column, channel. The tiles want input channels and
//! output columns in multiples of 4, so that everything is read as `vec4<f32>`; [`Tile::Scalar`]
//! serves the few layers where they are not.

use super::launch::{Kernel, Text, Variant, folded};
use crate::ops::{Activation, AdapterClass, ConvShape};

/// One matrix product or convolution.
#[derive(Clone, Debug)]
pub(crate) struct Gemm {
    /// Rows of the output.
    m: u32,
    /// Columns of the output.
    n: u32,
    /// Channels of the input: the whole inner dimension for a plain product.
    channels: u32,
    /// Rows and columns of the input and of the output picture.
    picture: [[u32; 2]; 2],
    shader: GemmShader,
}

/// What the shader depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GemmShader {
    /// How rows are gathered from a picture; `None` for rows that lie there ready.
    window: Option<ConvShape>,
    bias: bool,
    residual: bool,
    activation: Activation,
    tile: Tile,
}

/// Outputs per invocation and the way operands reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Tile {
    /// `rows x columns` outputs per invocation, operands read straight from memory. Software
    /// adapters pay dearly for barriers and nothing for occupancy.
    Registers { rows: u32, columns: u32 },
    /// 64 x 64 outputs per workgroup of 256, operands staged in workgroup memory.
    Workgroup,
    /// One output per invocation, any number of channels.
    Scalar,
}

/// Outputs along a side of [`Tile::Workgroup`].
const BLOCK: u32 = 64;

impl Tile {
    fn pick(m: u32, n: u32, channels: u32, class: AdapterClass) -> Self {
        match class {
            _ if !channels.is_multiple_of(4) || !n.is_multiple_of(4) => Self::Scalar,
            AdapterClass::Hardware => Self::Workgroup,
            AdapterClass::Software => Self::Registers {
                rows: if m < 64 { 2 } else { 8 },
                columns: if n.is_multiple_of(8) { 8 } else { 4 },
            },
        }
    }
}

impl Gemm {
    /// A plain product; picks the tile for the shape and the adapter.
    pub(crate) fn new(m: usize, n: usize, channels: usize, class: AdapterClass) -> Self {
        let (m, n, channels) = (m as u32, n as u32, channels as u32);
        let shader = GemmShader {
            window: None,
            bias: false,
            residual: false,
            activation: Activation::None,
            tile: Tile::pick(m, n, channels, class),
        };
        Self { m, n, channels, picture: [[1; 2]; 2], shader }
    }

    /// Gathers rows from a picture of `input` rows and columns.
    pub(crate) fn window(mut self, input: [usize; 2], shape: ConvShape) -> Self {
        let side = |side: usize| side as u32;
        self.picture = [input.map(side), shape.output(input[0], input[1]).map(side)];
        self.shader.window = Some(shape);
        self
    }

    /// What happens to a sum before it is stored.
    pub(crate) fn epilogue(mut self, bias: bool, activation: Activation, residual: bool) -> Self {
        self.shader = GemmShader { bias, activation, residual, ..self.shader };
        self
    }
}

impl Kernel for Gemm {
    type Variant = GemmShader;

    fn variant(&self) -> GemmShader {
        self.shader.clone()
    }

    fn parameters(&self) -> Vec<u32> {
        let [[height, width], [out_height, out_width]] = self.picture;
        let taps = self.shader.window.map_or(1, |shape| (shape.kernel * shape.kernel) as u32);
        vec![self.m, self.n, self.channels, height, width, out_height, out_width, taps]
    }

    fn grid(&self) -> [u32; 3] {
        match self.shader.tile {
            Tile::Registers { rows, columns } => {
                [self.n.div_ceil(columns * 8), self.m.div_ceil(rows * 8), 1]
            }
            Tile::Workgroup => [self.n.div_ceil(BLOCK), self.m.div_ceil(BLOCK), 1],
            Tile::Scalar => folded((self.m * self.n).div_ceil(64)),
        }
    }
}

/// `taps` is one too although the shader's window decides it, so that no compiler unrolls its loop.
const PARAMETERS: &[&str] = &["m", "n", "c", "height", "width", "out_height", "out_width", "taps"];

impl GemmShader {
    /// Buffers, functions and the opening of `main`; `vec` is the element of the operands.
    fn open(&self, vec: &str) -> String {
        let mut buffers = vec![("x", vec), ("w", vec)];
        buffers.extend(self.bias.then_some(("bias", vec)));
        buffers.extend(self.residual.then_some(("residual", vec)));
        buffers.push(("out", vec));
        let text = Text { buffers: &buffers, parameters: PARAMETERS };
        let memory = match self.tile {
            Tile::Workgroup => {
                "var<workgroup> left: array<vec4<f32>, 256>;
var<workgroup> right: array<vec4<f32>, 256>;\n"
            }
            _ => "",
        };
        text.head()
            + memory
            + &self.gather_functions()
            + &self.activation_function(vec)
            + &text.main(self.workgroup())
    }

    /// `corner(row)` is the first pixel under the kernel and the number of the first pixel of its
    /// picture; `pixel(corner, tap)` the pixel of the input under a tap, or -1 outside of it. No
    /// branches: eight of them among sixteen live sums take SwiftShader a minute to compile.
    fn gather_functions(&self) -> String {
        let Some(ConvShape { kernel, stride, pad, upsample }) = &self.window else {
            return "fn corner(row: u32, height: u32, width: u32, out_height: u32, out_width: u32) -> vec3<i32> { return vec3<i32>(0, 0, i32(row)); }
fn pixel(at: vec3<i32>, tap: u32, height: u32, width: u32) -> i32 { return at.z; }\n"
                .into();
        };
        format!(
            "fn corner(row: u32, height: u32, width: u32, out_height: u32, out_width: u32) -> vec3<i32> {{
  let picture = row / (out_height * out_width);
  let inside = row % (out_height * out_width);
  return vec3<i32>(
    i32(inside / out_width * {stride}u) - {top},
    i32(inside % out_width * {stride}u) - {left},
    i32(picture * height * width));
}}
fn pixel(at: vec3<i32>, tap: u32, height: u32, width: u32) -> i32 {{
  let y = at.x + i32(tap / {kernel}u);
  let x = at.y + i32(tap % {kernel}u);
  let inside = (y >= 0) & (x >= 0) & (y < i32(height * {upsample}u)) & (x < i32(width * {upsample}u));
  return select(-1, at.z + y / {upsample} * i32(width) + x / {upsample}, inside);
}}\n",
            top = pad.top,
            left = pad.left,
        )
    }

    fn activation_function(&self, vec: &str) -> String {
        let (functions, body) = match self.activation {
            Activation::None => (String::new(), "v"),
            Activation::Silu => (String::new(), "v / (1.0 + exp(-v))"),
            Activation::QuickGelu => (String::new(), "v / (1.0 + exp(-1.702 * v))"),
            Activation::Gelu => (super::elementwise::gelu(vec), "gelu(v)"),
        };
        format!("{functions}fn act(v: {vec}) -> {vec} {{ return {body}; }}\n")
    }

    /// Writes `value` to `row` and `col`, the latter in units of the operand, `stride` to a row.
    fn store(&self, value: &str, row: &str, col: &str, stride: &str) -> String {
        let bias = if self.bias { format!(" + bias[{col}]") } else { String::new() };
        let at = format!("{row} * {stride} + {col}");
        let residual = if self.residual { format!(" + residual[{at}]") } else { String::new() };
        format!("out[{at}] = act({value}{bias}){residual};")
    }

    fn registers(&self, rows: u32, columns: u32) -> String {
        let vecs = columns / 4;
        let each = |body: &dyn Fn(u32) -> String| (0..rows).map(body).collect::<String>();
        let mut text = self.open("vec4<f32>");
        text += &format!(
            "  let n4 = n / 4u;
  let c4 = c / 4u;
  let col = (group.x * 8u + local.x) * {vecs}u;
  let row = (group.y * 8u + local.y) * {rows}u;
  if (col >= n4 || row >= m) {{ return; }}\n"
        );
        text += &each(&|i| {
            let corner = format!(
                "  let r{i} = corner(min(row + {i}u, m - 1u), height, width, out_height, out_width);\n"
            );
            let sums = (0..vecs).map(|j| format!("  var s{i}_{j} = vec4<f32>(0.0);\n"));
            corner + &sums.collect::<String>()
        });
        text += "  for (var tap = 0u; tap < taps; tap++) {\n";
        text += &each(&|i| {
            format!(
                "    let p{i} = pixel(r{i}, tap, height, width);
    let q{i} = u32(max(p{i}, 0)) * c4;
    let f{i} = select(0.0, 1.0, p{i} >= 0);\n"
            )
        });
        text += "    var k = tap * c * n4 + col;
    for (var i = 0u; i < c4; i++) {\n";
        for l in 0..4 {
            for j in 0..vecs {
                text += &format!("      let w{l}_{j} = w[k + {l}u * n4 + {j}u];\n");
            }
        }
        let mask = |i| if self.window.is_some() { format!(" * f{i}") } else { String::new() };
        text += &each(&|i| {
            let load = format!("      let a{i} = x[q{i} + i]{};\n", mask(i));
            let sums = (0..vecs).map(|j| {
                format!(
                    "      s{i}_{j} += a{i}.x * w0_{j} + a{i}.y * w1_{j} + a{i}.z * w2_{j} + a{i}.w * w3_{j};\n"
                )
            });
            load + &sums.collect::<String>()
        });
        text += "      k += 4u * n4;\n    }\n  }\n";
        text += &each(&|i| {
            let stores = (0..vecs).map(|j| {
                let (row, col) = (format!("(row + {i}u)"), format!("(col + {j}u)"));
                format!("    {}\n", self.store(&format!("s{i}_{j}"), &row, &col, "n4"))
            });
            format!("  if (row + {i}u < m) {{\n{}  }}\n", stores.collect::<String>())
        });
        text + "}\n"
    }

    fn workgroup_tiles(&self) -> String {
        let mut text = self.open("vec4<f32>");
        text += &format!(
            "  let n4 = n / 4u;
  let c4 = c / 4u;
  let k4 = taps * c4;
  let thread = local.y * 16u + local.x;
  let row = group.y * {BLOCK}u + local.y * 4u;
  let col = group.x * {cols}u + local.x;
  let origin = corner(min(group.y * {BLOCK}u + thread / 4u, m - 1u), height, width, out_height, out_width);
  let load_col = group.x * {cols}u + thread % 16u;\n",
            cols = BLOCK / 4,
        );
        for i in 0..4 {
            text += &format!("  var s{i} = vec4<f32>(0.0);\n");
        }
        text += "  for (var start = 0u; start < k4; start += 4u) {
    let k = start + thread % 4u;
    var a = vec4<f32>(0.0);
    if (k < k4) {
      let p = pixel(origin, k / c4, height, width);
      if (p >= 0) { a = x[u32(p) * c4 + k % c4]; }
    }
    var b = vec4<f32>(0.0);
    let kb = start * 4u + thread / 16u;
    if (kb < k4 * 4u && load_col < n4) { b = w[kb * n4 + load_col]; }
    workgroupBarrier();
    left[thread] = a;
    right[thread] = b;
    workgroupBarrier();\n";
        for l in 0..4 {
            text += "    {\n";
            for r in 0..4 {
                text += &format!("      let b{r} = right[{}u + local.x];\n", (l * 4 + r) * 16);
            }
            for i in 0..4 {
                text += &format!(
                    "      let a{i} = left[(local.y * 4u + {i}u) * 4u + {l}u];
      s{i} += a{i}.x * b0 + a{i}.y * b1 + a{i}.z * b2 + a{i}.w * b3;\n"
                );
            }
            text += "    }\n";
        }
        text += "  }\n  if (col >= n4) { return; }\n";
        for i in 0..4 {
            let store = self.store(&format!("s{i}"), &format!("(row + {i}u)"), "col", "n4");
            text += &format!("  if (row + {i}u < m) {{ {store} }}\n");
        }
        text + "}\n"
    }

    fn scalar(&self) -> String {
        self.open("f32")
            + &format!(
                "  let at = (group.y * groups.x + group.x) * 64u + local.x;
  if (at >= m * n) {{ return; }}
  let row = at / n;
  let col = at % n;
  let origin = corner(row, height, width, out_height, out_width);
  var s = 0.0;
  for (var tap = 0u; tap < taps; tap++) {{
    let p = pixel(origin, tap, height, width);
    if (p >= 0) {{
      let base = u32(p) * c;
      for (var i = 0u; i < c; i++) {{ s += x[base + i] * w[(tap * c + i) * n + col]; }}
    }}
  }}
  {store}
}}\n",
                store = self.store("s", "row", "col", "n"),
            )
    }
}

impl Variant for GemmShader {
    fn wgsl(&self) -> String {
        match self.tile {
            Tile::Registers { rows, columns } => self.registers(rows, columns),
            Tile::Workgroup => self.workgroup_tiles(),
            Tile::Scalar => self.scalar(),
        }
    }

    fn workgroup(&self) -> [u32; 2] {
        match self.tile {
            Tile::Registers { .. } => [8, 8],
            Tile::Workgroup => [16, 16],
            Tile::Scalar => [64, 1],
        }
    }
}
