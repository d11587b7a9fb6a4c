//! Weights as a file has them, into the order products read.

use super::launch::{Kernel, Text, Variant};
use crate::ops::Element;

/// Words of a row of the file that a workgroup takes.
const WORDS: u32 = 32;
/// Rows of invocations of a workgroup.
const LINES: u32 = 8;

/// `[out, inputs, taps]` as `[taps, inputs, out]`, through a tile in workgroup memory, so that both
/// sides are read and written in whole lines.
#[derive(Clone, Debug)]
pub(crate) struct LayOut {
    /// `[out, inputs, taps]`; `out` and `inputs * taps` are multiples of 4.
    pub(crate) dims: [usize; 3],
    pub(crate) element: Element,
}

impl Element {
    /// Numbers in a word of the file.
    const fn per_word(self) -> u32 {
        match self {
            Self::F32 => 1,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    /// Numbers in a word of the weight: their rows in the file.
    const fn per_stored(self) -> u32 {
        match self {
            Self::F32 | Self::Bf16 => 1,
            Self::F16 => 2,
        }
    }

    /// The word of the weight that holds column `c` of the tile's rows at `x`.
    const fn stored(self) -> &'static str {
        match self {
            Self::F32 => "tile[local.x * PITCH + c]",
            Self::Bf16 => "upper(local.x, c)",
            Self::F16 => "(upper(2u * local.x, c) >> 16u) | upper(2u * local.x + 1u, c)",
        }
    }
}

impl Variant for Element {
    fn wgsl(&self) -> String {
        let (per, rows) = (self.per_word(), WORDS * self.per_stored());
        let text = Text {
            buffers: &[("file", "u32"), ("weight", "u32")],
            parameters: &["n", "inputs", "taps"],
        };
        format!(
            "const PITCH = {}u;
var<workgroup> tile: array<u32, {}>;
fn upper(row: u32, column: u32) -> u32 {{
  return (tile[row * PITCH + column / 2u] << (16u - 16u * (column % 2u))) & 0xffff0000u;
}}\n",
            WORDS + 1,
            rows * (WORDS + 1)
        ) + &text.head()
            + &text.main(self.workgroup())
            + &format!(
                "  let columns = inputs * taps;
  let left = group.x * {span}u;
  let top = group.y * {rows}u;
  let column = left + local.x * {per}u;
  for (var r = local.y; r < {rows}u; r += {LINES}u) {{
    if (top + r < n && column < columns) {{
      tile[r * PITCH + local.x] = file[((top + r) * columns + column) / {per}u];
    }}
  }}
  workgroupBarrier();
  let row = top + local.x * {stored}u;
  for (var c = local.y; c < {span}u; c += {LINES}u) {{
    if (left + c < columns && row < n) {{
      let line = (left + c) % taps * inputs + (left + c) / taps;
      weight[(line * n + row) / {stored}u] = {word};
    }}
  }}
}}\n",
                span = WORDS * per,
                stored = self.per_stored(),
                word = self.stored(),
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        [WORDS, LINES]
    }
}

impl Kernel for LayOut {
    type Variant = Element;

    fn variant(&self) -> Element {
        self.element
    }

    fn parameters(&self) -> Vec<u32> {
        self.dims.map(|side| side as u32).to_vec()
    }

    fn grid(&self) -> [u32; 3] {
        let [out, inputs, taps] = self.dims.map(|side| side as u32);
        let rows = WORDS * self.element.per_stored();
        [(inputs * taps).div_ceil(WORDS * self.element.per_word()), out.div_ceil(rows), 1]
    }
}
