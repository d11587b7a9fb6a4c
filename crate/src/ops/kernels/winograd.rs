//! 3x3 convolution by Winograd's minimal filtering F(4x4, 3x3) (Winograd 1980, Lavin and Gray 2016):
//! 36 products give 16 outputs where the plain way takes 144.
//!
//! Tiles of 6x6 pixels, weights and outputs are transformed by three small kernels around a batch
//! of 36 matrix products. The interpolation points are 0, +-3/4, +-3/2 and infinity: every constant is
//! exact in binary, and the error stays within 1.5 times the plain sum's (measured: 2.1e-6 against 1.4e-6
//! of the largest output at 320 channels; with the usual 0, +-1, +-2 it is 9.7e-6).

use super::gemm::{Epilogue, Gemm, weight, weight_buffers};
use super::launch::{Kernel, Text, Variant, folded};
use crate::ops::{Adapter, AdapterClass, ConvShape, Storage};

/// Values of a transformed tile.
pub(crate) const POINTS: u32 = 36;
/// Outputs along a side of a tile.
const SIDE: u32 = 4;
/// Invocations of a workgroup.
const WIDTH: u32 = 64;

/// The finite interpolation points besides 0, without their sign; their squares.
const P: f64 = 0.75;
const Q: f64 = 1.5;
const P2: f64 = P * P;
const Q2: f64 = Q * Q;

/// Pictures cut into tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tiles {
    pub(crate) batch: u32,
    pub(crate) height: u32,
    pub(crate) width: u32,
}

impl Tiles {
    fn down(self) -> u32 {
        self.height.div_ceil(SIDE)
    }

    fn across(self) -> u32 {
        self.width.div_ceil(SIDE)
    }

    /// Tiles of all pictures.
    pub(crate) fn count(self) -> u32 {
        self.batch * self.down() * self.across()
    }
}

/// A convolution that is worth the transforms.
#[derive(Clone, Debug)]
pub(crate) struct Winograd {
    pub(crate) tiles: Tiles,
    pub(crate) inputs: u32,
    pub(crate) outputs: u32,
    /// The products of all points.
    pub(crate) product: Gemm,
}

impl Winograd {
    /// The plan for a picture of `[batch, height, width, channels]`, if saving operations outweighs
    /// moving bytes. Operations of the plain way: 18 a pixel, channel and output; of this one: 72 a
    /// tile. Bytes: about 400 a weight's channel and output (read, transformed, read again), 352 a
    /// tile and channel on either side.
    pub(crate) fn pick(
        [batch, height, width, channels]: [usize; 4],
        columns: usize,
        shape: ConvShape,
    ) -> Option<Self> {
        let Adapter { class, intensity, largest, .. } = Adapter::current();
        let fours = channels.is_multiple_of(4) && columns.is_multiple_of(4);
        if class == AdapterClass::Software || shape != ConvShape::SAME_3 || !fours {
            return None;
        }
        let side = |side: usize| side as u32;
        let tiles = Tiles { batch: side(batch), height: side(height), width: side(width) };
        let count = u64::from(tiles.count());
        let (inputs, outputs) = (channels as u64, columns as u64);
        let saved = (18 * (batch * height * width) as u64).saturating_sub(72 * count);
        let moved = 400 * inputs * outputs + 352 * count * (inputs + outputs);
        let bytes = 4 * u64::from(POINTS) * inputs.max(outputs) * count.max(inputs.min(outputs));
        if saved * inputs * outputs < u64::from(intensity) * moved || bytes > largest {
            return None;
        }
        let product = Gemm::new(tiles.count() as usize, columns, channels, class).batch(POINTS)?;
        Some(Self { tiles, inputs: side(channels), outputs: side(columns), product })
    }
}

/// `[batch, height, width, channels]` to `[36, tiles, channels]`.
#[derive(Clone, Debug)]
pub(crate) struct InputTransform {
    pub(crate) tiles: Tiles,
    pub(crate) channels: u32,
}

/// `[9 * in, out]` to `[36, in, out]`.
#[derive(Clone, Debug)]
pub(crate) struct WeightTransform {
    pub(crate) inputs: u32,
    pub(crate) outputs: u32,
    pub(crate) storage: Storage,
}

/// `[36, tiles, channels]` to `[batch, height, width, channels]`, with what follows the sum.
#[derive(Clone, Debug)]
pub(crate) struct OutputTransform {
    pub(crate) tiles: Tiles,
    pub(crate) channels: u32,
    pub(crate) epilogue: Epilogue,
}

/// The shaders of this file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Transform {
    Input,
    Weight(Storage),
    Output(Epilogue),
}

const VEC: &str = "vec4<f32>";
const TILE_PARAMETERS: &[&str] = &["tiles", "n4", "height", "width", "down", "across"];
/// Names the invocation's tile, its picture and first pixel, and its channels.
const TILE: &str = "  if (at >= tiles * n4) { return; }
  let tile = at / n4;
  let col = at % n4;
  let picture = tile / (down * across);
  let top = tile % (down * across) / across * 4u;
  let left = tile % across * 4u;
";

/// A constant in WGSL.
fn f(value: f64) -> String {
    format!("{value:?}")
}

/// The transposed matrix B applied to six names.
fn input_points(d: &[String; 6]) -> [String; 6] {
    let pair = |own: f64, other: f64, sign: char| {
        let (o, p) = (f(other), f(own));
        format!("({} - {o} * {}) {sign} {p} * ({} - {o} * {})", d[4], d[2], d[3], d[1])
    };
    let ends =
        |a: &str, b: &str, c: &str| format!("{} * {a} - {} * {b} + {c}", f(P2 * Q2), f(P2 + Q2));
    [
        ends(&d[0], &d[2], &d[4]),
        pair(P, Q2, '+'),
        pair(P, Q2, '-'),
        pair(Q, P2, '+'),
        pair(Q, P2, '-'),
        ends(&d[1], &d[3], &d[5]),
    ]
}

/// The matrix G applied to three names.
fn weight_points(g: &[String; 3]) -> [String; 6] {
    let pair = |own: f64, factor: f64, sign: char| {
        let (p, p2, f) = (f(own), f(own * own), f(1.0 / factor));
        format!("{f} * ({} + {p2} * {} {sign} {p} * {})", g[0], g[2], g[1])
    };
    let (of_p, of_q) = (2.0 * P2 * (P2 - Q2), 2.0 * Q2 * (Q2 - P2));
    [
        format!("{} * {}", f(1.0 / (P2 * Q2)), g[0]),
        pair(P, of_p, '+'),
        pair(P, of_p, '-'),
        pair(Q, of_q, '+'),
        pair(Q, of_q, '-'),
        g[2].clone(),
    ]
}

/// The transposed matrix A applied to six names.
fn outputs(m: &[String; 6]) -> [String; 4] {
    let [m0, m1, m2, m3, m4, m5] = m;
    let even = |p: f64, q: f64| format!("{} * ({m1} + {m2}) + {} * ({m3} + {m4})", f(p), f(q));
    let odd = |p: f64, q: f64| format!("{} * ({m1} - {m2}) + {} * ({m3} - {m4})", f(p), f(q));
    [
        format!("{m0} + ({m1} + {m2}) + ({m3} + {m4})"),
        odd(P, Q),
        even(P2, Q2),
        format!("{} + {m5}", odd(P * P2, Q * Q2)),
    ]
}

/// `name{i}_{j}` for every `i`, or for every `j`.
fn column<const N: usize>(name: &str, j: usize) -> [String; N] {
    std::array::from_fn(|i| format!("{name}{i}_{j}"))
}

fn row<const N: usize>(name: &str, i: usize) -> [String; N] {
    std::array::from_fn(|j| format!("{name}{i}_{j}"))
}

/// Names the columns of `from` transformed by `by` as `t{i}_{j}`.
fn columns<const N: usize, const M: usize>(
    count: usize,
    from: &str,
    by: impl Fn(&[String; N]) -> [String; M],
) -> String {
    let each = |j: usize| {
        let values = by(&column(from, j)).into_iter().enumerate();
        values.map(|(i, value)| format!("  let t{i}_{j} = {value};\n")).collect::<String>()
    };
    (0..count).map(each).collect()
}

fn input() -> String {
    let mut text = TILE.to_owned();
    for i in 0..6 {
        text += &format!(
            "  let y{i} = i32(top + {i}u) - 1;
  let in{i} = (y{i} >= 0) & (y{i} < i32(height));
  let row{i} = (picture * height + u32(select(0, y{i}, in{i}))) * width;\n"
        );
    }
    for j in 0..6 {
        text += &format!(
            "  let x{j} = i32(left + {j}u) - 1;
  let on{j} = (x{j} >= 0) & (x{j} < i32(width));
  let at{j} = u32(select(0, x{j}, on{j}));\n"
        );
        for i in 0..6 {
            text += &format!(
                "  let d{i}_{j} = select(vec4<f32>(0.0), x[(row{i} + at{j}) * n4 + col], in{i} & on{j});\n"
            );
        }
    }
    text += &columns(6, "d", input_points);
    for i in 0..6 {
        for (j, value) in input_points(&row("t", i)).into_iter().enumerate() {
            text += &format!("  out[({}u * tiles + tile) * n4 + col] = {value};\n", i * 6 + j);
        }
    }
    text
}

fn weights() -> String {
    let mut text = "  if (at >= inputs * n4) { return; }
  let row = at / n4;
  let col = at % n4;\n"
        .to_owned();
    for i in 0..3 {
        for j in 0..3 {
            text += &format!("  let g{i}_{j} = weight({}u * inputs + row, n4, col);\n", i * 3 + j);
        }
    }
    text += &columns(3, "g", weight_points);
    for i in 0..6 {
        for (j, value) in weight_points(&row("t", i)).into_iter().enumerate() {
            text += &format!("  out[{}u * inputs * n4 + at] = {value};\n", i * 6 + j);
        }
    }
    text
}

fn output(epilogue: Epilogue) -> String {
    let mut text = format!("  let plane = height * width;\n{TILE}");
    for j in 0..6 {
        for i in 0..6 {
            text += &format!("  let m{i}_{j} = x[({}u * tiles + tile) * n4 + col];\n", i * 6 + j);
        }
    }
    text += &columns(6, "m", outputs);
    for i in 0..4 {
        text += &format!("  if (top + {i}u < height) {{\n");
        for (j, value) in outputs(&row("t", i)).into_iter().enumerate() {
            let at = format!("(picture * plane + (top + {i}u) * width + left + {j}u)");
            let store = epilogue.store(&format!("({value})"), &at, "col", "n4");
            text += &format!("  if (left + {j}u < width) {{ {store} }}\n");
        }
        text += "  }\n";
    }
    text
}

impl Variant for Transform {
    fn wgsl(&self) -> String {
        let mut buffers = vec![];
        match self {
            Self::Weight(storage) => buffers.extend(weight_buffers(*storage)),
            Self::Input | Self::Output(_) => buffers.push(("x", VEC)),
        }
        let (functions, parameters, body) = match self {
            Self::Input => (String::new(), TILE_PARAMETERS, input()),
            Self::Weight(storage) => (weight(*storage), ["inputs", "n4"].as_slice(), weights()),
            Self::Output(epilogue) => {
                buffers.extend(epilogue.buffers().map(|name| (name, VEC)));
                (epilogue.functions(VEC), TILE_PARAMETERS, output(*epilogue))
            }
        };
        buffers.push(("out", VEC));
        let text = Text { buffers: &buffers, parameters };
        text.head()
            + &functions
            + &text.main(self.workgroup())
            + &format!("  let at = (group.y * groups.x + group.x) * {WIDTH}u + local.x;\n")
            + &body
            + "}\n"
    }

    fn workgroup(&self) -> [u32; 2] {
        [WIDTH, 1]
    }
}

fn tile_parameters(tiles: Tiles, channels: u32) -> Vec<u32> {
    vec![tiles.count(), channels / 4, tiles.height, tiles.width, tiles.down(), tiles.across()]
}

impl Kernel for InputTransform {
    type Variant = Transform;

    fn variant(&self) -> Transform {
        Transform::Input
    }

    fn parameters(&self) -> Vec<u32> {
        tile_parameters(self.tiles, self.channels)
    }

    fn grid(&self) -> [u32; 3] {
        folded((self.tiles.count() * self.channels / 4).div_ceil(WIDTH))
    }
}

impl Kernel for WeightTransform {
    type Variant = Transform;

    fn variant(&self) -> Transform {
        Transform::Weight(self.storage)
    }

    fn parameters(&self) -> Vec<u32> {
        vec![self.inputs, self.outputs / 4]
    }

    fn grid(&self) -> [u32; 3] {
        folded((self.inputs * self.outputs / 4).div_ceil(WIDTH))
    }
}

impl Kernel for OutputTransform {
    type Variant = Transform;

    fn variant(&self) -> Transform {
        Transform::Output(self.epilogue)
    }

    fn parameters(&self) -> Vec<u32> {
        tile_parameters(self.tiles, self.channels)
    }

    fn grid(&self) -> [u32; 3] {
        folded((self.tiles.count() * self.channels / 4).div_ceil(WIDTH))
    }
}
