//! Adds up the shares of a product whose inner dimension was shared out.

use super::gemm::Epilogue;
use super::launch::{Kernel, Text, Variant, folded};

/// The sum of `shares` matrices lying one behind the other, with what follows it.
#[derive(Clone, Debug)]
pub(crate) struct SumSplits {
    pub(crate) shares: u32,
    /// Rows and columns, the latter a multiple of 4.
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    /// Rows of one picture.
    pub(crate) plane: u32,
    pub(crate) epilogue: Epilogue,
}

/// The shader of [`SumSplits`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SumSplitsShader(Epilogue);

/// Invocations of a workgroup.
const WIDTH: u32 = 64;

impl Variant for SumSplitsShader {
    fn wgsl(&self) -> String {
        let vec = "vec4<f32>";
        let mut buffers = vec![("shares", vec)];
        buffers.extend(self.0.buffers().map(|name| (name, vec)));
        buffers.push(("out", vec));
        let text = Text { buffers: &buffers, parameters: &["count", "n4", "layers", "plane"] };
        text.head()
            + &self.0.functions(vec)
            + &text.main(self.workgroup())
            + &format!(
                "  let at = (group.y * groups.x + group.x) * {WIDTH}u + local.x;
  if (at >= count) {{ return; }}
  let row = at / n4;
  let col = at % n4;
  var s = shares[at];
  for (var i = 1u; i < layers; i++) {{ s += shares[i * count + at]; }}
  {}
}}\n",
                self.0.store("s", "row", "col", "n4")
            )
    }

    fn workgroup(&self) -> [u32; 2] {
        [WIDTH, 1]
    }
}

impl Kernel for SumSplits {
    type Variant = SumSplitsShader;

    fn variant(&self) -> SumSplitsShader {
        SumSplitsShader(self.epilogue)
    }

    fn parameters(&self) -> Vec<u32> {
        let n4 = self.columns / 4;
        vec![self.rows * n4, n4, self.shares, self.plane]
    }

    fn grid(&self) -> [u32; 3] {
        folded((self.rows * self.columns / 4).div_ceil(WIDTH))
    }
}
