//! Products of any number of channels and columns.

use super::GemmShader;

impl GemmShader {
    /// One output per invocation.
    pub(super) fn scalar(&self) -> String {
        self.open("f32", "")
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
                store = self.epilogue.store("s", "row", "col", "n"),
            )
    }
}
