//! Matrix product and convolution in one kernel: implicit GEMM over channels-last data.
//!
//! `out[m, n] = act(sum_k a[m, k] * w[k, n] + bias[n]) + residual[m, n]`, where a row of `a` is a
//! row of the input (linear, 1x1 convolution) or the receptive field of one output pixel, gathered
//! on the fly: `k` runs over kernel row, kernel column, channel. Input channels and output columns
//! must be multiples of 4, so that everything is read as `vec4<f32>`; [`Gemm::scalar`] is the
//! variant for the few layers where they are not.

use super::launch::{Kernel, folded};
use crate::ops::{Activation, AdapterClass, ConvShape};

/// How rows of the left operand come out of an image.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Window {
    /// Input rows and columns, before upsampling.
    pub(crate) input: [usize; 2],
    /// Output rows and columns.
    pub(crate) output: [usize; 2],
    /// Kernel, stride, padding and upsampling.
    pub(crate) conv: ConvShape,
}

/// Register tile per invocation and the way operands reach it.
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

/// One matrix product or convolution.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Gemm {
    /// Rows of the output.
    m: u32,
    /// Columns of the output.
    n: u32,
    /// Channels of the input: the whole inner dimension for a plain product.
    channels: u32,
    window: Option<Window>,
    bias: bool,
    residual: bool,
    activation: Activation,
    tile: Tile,
}

/// Outputs of one workgroup side in [`Tile::Workgroup`].
const BLOCK: u32 = 64;

impl Gemm {
    /// Picks the variant for the shape and the adapter.
    pub(crate) fn new(m: usize, n: usize, channels: usize, class: AdapterClass) -> Self {
        let (m, n, channels) = (m as u32, n as u32, channels as u32);
        let tile = if !channels.is_multiple_of(4) || !n.is_multiple_of(4) {
            Tile::Scalar
        } else {
            match class {
                AdapterClass::Hardware => Tile::Workgroup,
                AdapterClass::Software => Tile::Registers {
                    rows: if m < 16 { 4 } else { 8 },
                    columns: if n.is_multiple_of(8) { 8 } else { 4 },
                },
            }
        };
        let activation = Activation::None;
        Self { m, n, channels, window: None, bias: false, residual: false, activation, tile }
    }

    pub(crate) fn window(self, window: Window) -> Self {
        Self { window: Some(window), ..self }
    }

    pub(crate) fn epilogue(self, bias: bool, activation: Activation, residual: bool) -> Self {
        Self { bias, activation, residual, ..self }
    }

    fn taps(&self) -> u32 {
        self.window.as_ref().map_or(1, |window| (window.conv.kernel * window.conv.kernel) as u32)
    }

    /// Bindings and constants shared by all variants; `vec` is the element of the big operands.
    fn head(&self, vec: &str) -> String {
        let mut text = String::new();
        let mut names = vec!["x", "w"];
        if self.bias {
            names.push("bias");
        }
        if self.residual {
            names.push("residual");
        }
        names.push("out");
        for (index, name) in names.iter().enumerate() {
            text += &format!(
                "@group(0) @binding({index}) var<storage, read_write> {name}: array<{vec}>;\n"
            );
        }
        text += &format!(
            "const M = {}u;\nconst N = {}u;\nconst C = {}u;\n",
            self.m, self.n, self.channels
        );
        text + &self.row_functions() + &self.activation_function(vec)
    }

    /// `row_start(row, tap)` gives the first element (in units of the operand) and whether the
    /// tap lies inside the picture.
    fn row_functions(&self) -> String {
        let Some(Window { input: [height, width], output: [out_height, out_width], conv }) =
            &self.window
        else {
            return "fn pixel(row: u32, tap: u32) -> i32 { return i32(row); }\n".into();
        };
        let ConvShape { kernel, stride, pad, upsample } = conv;
        let (full_height, full_width) = (height * upsample, width * upsample);
        let (top, left) = (pad.top, pad.left);
        format!(
            "fn pixel(row: u32, tap: u32) -> i32 {{
  let image = row / {area}u;
  let inside = row % {area}u;
  let y = i32(inside / {out_width}u * {stride}u + tap / {kernel}u) - {top};
  let x = i32(inside % {out_width}u * {stride}u + tap % {kernel}u) - {left};
  if (y < 0 || x < 0 || y >= {full_height} || x >= {full_width}) {{ return -1; }}
  return i32(image * {plane}u) + y / {upsample} * {width} + x / {upsample};
}}\n",
            area = out_height * out_width,
            plane = height * width,
        )
    }

    fn activation_function(&self, vec: &str) -> String {
        let body = match self.activation {
            Activation::None => "v",
            Activation::Silu => "v / (1.0 + exp(-v))",
            Activation::QuickGelu => "v / (1.0 + exp(-1.702 * v))",
            Activation::Gelu => "gelu(v)",
        };
        let gelu = if self.activation == Activation::Gelu {
            super::elementwise::gelu(vec)
        } else {
            String::new()
        };
        format!("{gelu}fn act(v: {vec}) -> {vec} {{ return {body}; }}\n")
    }

    /// Writes `value` to column `col` of `row`, in units of the operand.
    fn store(&self, value: &str, row: &str, col: &str, stride: &str) -> String {
        let bias = if self.bias { format!(" + bias[{col}]") } else { String::new() };
        let at = format!("{row} * {stride} + {col}");
        let residual = if self.residual { format!(" + residual[{at}]") } else { String::new() };
        format!("out[{at}] = act({value}{bias}){residual};")
    }

    fn registers(&self, rows: u32, columns: u32) -> String {
        let vecs = columns / 4;
        let taps = self.taps();
        let mut text = self.head("vec4<f32>");
        text += &format!(
            "const N4 = N / 4u;\nconst C4 = C / 4u;
@compute @workgroup_size(8, 8, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {{
  let col = id.x * {vecs}u;
  let row = id.y * {rows}u;
  if (col >= N4 || row >= M) {{ return; }}\n"
        );
        for i in 0..rows {
            text += &format!("  let r{i} = min(row + {i}u, M - 1u);\n");
            for j in 0..vecs {
                text += &format!("  var s{i}_{j} = vec4<f32>(0.0);\n");
            }
        }
        text += &format!("  for (var tap = 0u; tap < {taps}u; tap++) {{\n");
        for i in 0..rows {
            text += &format!(
                "    let p{i} = pixel(r{i}, tap);\n    let q{i} = u32(max(p{i}, 0)) * C4;\n"
            );
            if self.window.is_some() {
                text += &format!("    let m{i} = select(0.0, 1.0, p{i} >= 0);\n");
            }
        }
        text +=
            "    for (var c = 0u; c < C4; c++) {\n      let k = (tap * C + c * 4u) * N4 + col;\n";
        for l in 0..4 {
            for j in 0..vecs {
                text += &format!("      let w{l}_{j} = w[k + {}u + {l}u * N4];\n", j);
            }
        }
        let mask = |i: u32| if self.window.is_some() { format!(" * m{i}") } else { String::new() };
        for i in 0..rows {
            text += &format!("      let a{i} = x[q{i} + c]{};\n", mask(i));
            for j in 0..vecs {
                text += &format!(
                    "      s{i}_{j} += a{i}.x * w0_{j} + a{i}.y * w1_{j} + a{i}.z * w2_{j} + a{i}.w * w3_{j};\n"
                );
            }
        }
        text += "    }\n  }\n";
        for i in 0..rows {
            text += &format!("  if (row + {i}u < M) {{\n");
            for j in 0..vecs {
                let store = self.store(
                    &format!("s{i}_{j}"),
                    &format!("(row + {i}u)"),
                    &format!("(col + {j}u)"),
                    "N4",
                );
                text += &format!("    {store}\n");
            }
            text += "  }\n";
        }
        text + "}\n"
    }

    fn workgroup_tiles(&self) -> String {
        let taps = self.taps();
        let mut text = self.head("vec4<f32>");
        text += &format!(
            "const N4 = N / 4u;\nconst C4 = C / 4u;\nconst K4 = {taps}u * C4;
var<workgroup> left: array<vec4<f32>, 256>;
var<workgroup> right: array<vec4<f32>, 256>;
@compute @workgroup_size(16, 16, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {{
  let thread = local.y * 16u + local.x;
  let row = group.y * {BLOCK}u + local.y * 4u;
  let col = group.x * {cols}u + local.x;
  let load_row = min(group.y * {BLOCK}u + thread / 4u, M - 1u);
  let load_col = group.x * {cols}u + thread % 16u;\n",
            cols = BLOCK / 4,
        );
        for i in 0..4 {
            text += &format!("  var s{i} = vec4<f32>(0.0);\n");
        }
        text += "  for (var start = 0u; start < K4; start += 4u) {
    let k = start + thread % 4u;
    var a = vec4<f32>(0.0);
    if (k < K4) {
      let p = pixel(load_row, k / C4);
      if (p >= 0) { a = x[u32(p) * C4 + k % C4]; }
    }
    var b = vec4<f32>(0.0);
    let kb = start * 4u + thread / 16u;
    if (kb < K4 * 4u && load_col < N4) { b = w[kb * N4 + load_col]; }
    workgroupBarrier();
    left[thread] = a;
    right[thread] = b;
    workgroupBarrier();\n";
        for l in 0..4 {
            text += &format!("    {{\n");
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
        text += "  }\n  if (col >= N4) { return; }\n";
        for i in 0..4 {
            let store = self.store(&format!("s{i}"), &format!("(row + {i}u)"), "col", "N4");
            text += &format!("  if (row + {i}u < M) {{ {store} }}\n");
        }
        text + "}\n"
    }

    fn scalar(&self) -> String {
        let taps = self.taps();
        let mut text = self.head("f32");
        text += &format!(
            "@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {{
  let at = (group.y * groups.x + group.x) * 64u + local.x;
  if (at >= M * N) {{ return; }}
  let row = at / N;
  let col = at % N;
  var s = 0.0;
  for (var tap = 0u; tap < {taps}u; tap++) {{
    let p = pixel(row, tap);
    if (p >= 0) {{
      let base = u32(p) * C;
      for (var c = 0u; c < C; c++) {{ s += x[base + c] * w[(tap * C + c) * N + col]; }}
    }}
  }}
  {store}
}}\n",
            store = self.store("s", "row", "col", "N"),
        );
        text
    }
}

impl Kernel for Gemm {
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

    fn grid(&self) -> [u32; 3] {
        match self.tile {
            Tile::Registers { rows, columns } => {
                [self.n.div_ceil(columns * 8), self.m.div_ceil(rows * 8), 1]
            }
            Tile::Workgroup => [self.n.div_ceil(BLOCK), self.m.div_ceil(BLOCK), 1],
            Tile::Scalar => folded((self.m * self.n).div_ceil(64)),
        }
    }
}
