//! Matrix product and convolution in one kernel: implicit GEMM over channels-last data.
//!
//! `out[m, n] = act(sum_k a[m, k] * w[k, n] + bias[n]) + residual[m, n]`, where a row of `a` is a
//! row of the input (linear, 1x1 convolution) or the receptive field of one output pixel, gathered
//! on the fly: `k` runs over kernel row, kernel column, channel. The tiles want input channels and
//! output columns in multiples of 4, so that everything is read as `vec4<f32>`; [`Tile::Scalar`]
//! serves the few layers where they are not.

mod block;
mod epilogue;
mod operand;
mod registers;
mod scalar;

pub(crate) use epilogue::Epilogue;
pub(crate) use operand::{weight, weight_buffers};

use self::block::Block;
use super::launch::{Kernel, Text, Variant, folded};
use crate::ops::{AdapterClass, ConvShape, Storage};

/// One matrix product or convolution.
#[derive(Clone, Debug)]
pub(crate) struct Gemm {
    /// Rows of the output.
    m: u32,
    /// Columns of the weight.
    n: u32,
    /// Channels of the input: the whole inner dimension for a plain product.
    channels: u32,
    /// Rows and columns of the input and of the output picture.
    picture: [[u32; 2]; 2],
    /// Products of one [`Work::Batch`], or shares of one [`Work::Split`].
    layers: u32,
    shader: GemmShader,
}

/// What the shader depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GemmShader {
    /// How rows are gathered from a picture; `None` for rows that lie there ready.
    window: Option<ConvShape>,
    storage: Storage,
    epilogue: Epilogue,
    /// The second half of the columns are gates of the first (GEGLU).
    pairs: bool,
    tile: Tile,
    work: Work,
    /// Whether the channels of a tap are a whole number of a block's steps.
    whole_steps: bool,
}

/// How outputs are shared among layers of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Work {
    /// One layer does it all.
    Whole,
    /// Each layer sums a share of the inner dimension; `SumSplits` adds them up.
    Split,
    /// Each layer is a product of its own.
    Batch,
}

/// Outputs per invocation and the way operands reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Tile {
    /// `rows x columns` outputs per invocation, operands read straight from memory. Software
    /// adapters pay dearly for barriers and nothing for occupancy.
    Registers { rows: u32, columns: u32 },
    /// A block of outputs per workgroup, operands staged in workgroup memory.
    Block(Block),
    /// One output per invocation, any number of channels.
    Scalar,
}

impl Tile {
    fn pick(m: u32, n: u32, channels: u32, class: AdapterClass) -> Self {
        match class {
            _ if !channels.is_multiple_of(4) || !n.is_multiple_of(4) => Self::Scalar,
            AdapterClass::Hardware => Self::Block(Block::pick(m, n)),
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
        let tile = Tile::pick(m, n, channels, class);
        let whole_steps = match tile {
            Tile::Block(block) => channels.is_multiple_of(block.depth),
            _ => false,
        };
        let shader = GemmShader {
            window: None,
            storage: Storage::F32,
            epilogue: Epilogue::NONE,
            pairs: false,
            tile,
            work: Work::Whole,
            whole_steps,
        };
        Self { m, n, channels, picture: [[1; 2]; 2], layers: 1, shader }
    }

    /// Gathers rows from a picture of `input` rows and columns.
    pub(crate) fn window(mut self, input: [usize; 2], shape: ConvShape) -> Self {
        self.picture[0] = input.map(|side| side as u32);
        self.picture[1] = shape.output(input[0], input[1]).map(|side| side as u32);
        if shape != ConvShape::POINT {
            self.shader.window = Some(shape);
        }
        self
    }

    /// How the weight lies in memory.
    pub(crate) fn storage(mut self, storage: Storage) -> Self {
        self.shader.storage = storage;
        self
    }

    /// What happens to a sum before it is stored.
    pub(crate) fn epilogue(mut self, epilogue: Epilogue) -> Self {
        self.shader.epilogue = epilogue;
        self
    }

    /// Multiplies the first half of the columns with the GELU of the second; `None` where the tile
    /// does not hold both.
    pub(crate) fn pairs(mut self) -> Option<Self> {
        let holds = match self.shader.tile {
            Tile::Block(block) => block.holds_pairs(),
            Tile::Registers { columns, .. } => columns == 8,
            Tile::Scalar => false,
        };
        self.shader.pairs = true;
        (holds && self.n.is_multiple_of(8)).then_some(self)
    }

    /// `count` products of the same shape, their operands and outputs one behind the other.
    pub(crate) fn batch(mut self, count: u32) -> Option<Self> {
        self.layers = count;
        self.shader.work = Work::Batch;
        (self.shader.whole_steps && self.shader.window.is_none()).then_some(self)
    }

    /// Shares out the inner dimension where the outputs alone do not fill an adapter that works on
    /// `concurrent` blocks at a time: the number of shares, if more than one.
    pub(crate) fn split(&mut self, concurrent: u32) -> Option<u32> {
        let Tile::Block(block) = self.shader.tile else { return None };
        let [across, down] = block.grid(self.m, self.n);
        let (blocks, steps) = (across * down, self.steps(block));
        if self.shader.pairs || blocks > concurrent / 2 {
            return None;
        }
        let shares = ((concurrent + blocks / 2) / blocks).min(steps / LEAST_STEPS);
        if shares < 2 {
            return None;
        }
        self.layers = steps.div_ceil(steps.div_ceil(shares));
        self.shader.work = Work::Split;
        Some(self.layers)
    }

    /// Steps a block takes along the inner dimension.
    fn steps(&self, block: Block) -> u32 {
        (self.taps() * self.channels).div_ceil(block.depth)
    }

    /// Rows of one picture of the output.
    pub(crate) fn plane(&self) -> u32 {
        self.picture[1][0] * self.picture[1][1]
    }

    fn taps(&self) -> u32 {
        self.shader.window.map_or(1, |shape| (shape.kernel * shape.kernel) as u32)
    }
}

/// A share of fewer steps than this costs more to add up than it saves.
const LEAST_STEPS: u32 = 4;

impl Kernel for Gemm {
    type Variant = GemmShader;

    fn variant(&self) -> GemmShader {
        self.shader.clone()
    }

    fn parameters(&self) -> Vec<u32> {
        let [[height, width], [out_height, out_width]] = self.picture;
        let tiles_each = match self.shader.tile {
            Tile::Block(block) => self.steps(block).div_ceil(self.layers),
            _ => 0,
        };
        vec![
            self.m,
            self.n,
            self.channels,
            height,
            width,
            out_height,
            out_width,
            self.taps(),
            tiles_each,
            self.plane(),
        ]
    }

    fn grid(&self) -> [u32; 3] {
        match self.shader.tile {
            Tile::Registers { rows, columns } => {
                [self.n.div_ceil(columns * 8), self.m.div_ceil(rows * 8), self.layers]
            }
            Tile::Block(block) => {
                let [x, y] = block.grid(self.m, self.n);
                [x, y, self.layers]
            }
            Tile::Scalar => folded((self.m * self.n).div_ceil(64)),
        }
    }
}

/// `taps` is one too although the shader's window decides it, so that no compiler unrolls its loop.
const PARAMETERS: &[&str] =
    &["m", "n", "c", "height", "width", "out_height", "out_width", "taps", "tiles_each", "plane"];

impl GemmShader {
    /// Buffers, functions, `memory` and the opening of `main`; `vec` is the element of the operands.
    fn open(&self, vec: &str, memory: &str) -> String {
        let packed = vec == "vec4<f32>";
        let mut buffers = vec![("x", vec)];
        if packed {
            buffers.extend(weight_buffers(self.storage));
        } else {
            buffers.push(("w", vec));
        }
        if self.work == Work::Whole {
            buffers.extend(self.epilogue.buffers().map(|name| (name, vec)));
        }
        buffers.push(("out", vec));
        let text = Text { buffers: &buffers, parameters: PARAMETERS };
        text.head()
            + memory
            + &operand::gather(self.window.as_ref())
            + &if packed { weight(self.storage) } else { String::new() }
            + &self.functions(vec)
            + &text.main(self.workgroup())
    }

    /// Stores a value times the GELU of its gate, at `row` and `col` of a row of half the columns.
    fn store_pair(&self, [value, gate]: [&str; 2], row: &str, col: &str) -> String {
        let bias = |col: &str| {
            if self.epilogue.bias { format!(" + bias[{col}]") } else { String::new() }
        };
        let (own, other) = (bias(col), bias(&format!("({col} + n4 / 2u)")));
        format!("out[{row} * (n4 / 2u) + {col}] = ({value}{own}) * gelu({gate}{other});")
    }

    fn functions(&self, vec: &str) -> String {
        match self.work {
            Work::Whole if self.pairs => super::elementwise::gelu(vec),
            Work::Whole => self.epilogue.functions(vec),
            Work::Split | Work::Batch => String::new(),
        }
    }
}

impl Variant for GemmShader {
    fn wgsl(&self) -> String {
        match self.tile {
            Tile::Registers { rows, columns } => self.registers(rows, columns),
            Tile::Block(block) => self.block(block),
            Tile::Scalar => self.scalar(),
        }
    }

    fn workgroup(&self) -> [u32; 2] {
        match self.tile {
            Tile::Registers { .. } => [8, 8],
            Tile::Block(block) => [block.across, block.down],
            Tile::Scalar => [64, 1],
        }
    }
}
