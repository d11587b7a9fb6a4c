//! Products on software adapters: operands straight from memory.

use super::GemmShader;

impl GemmShader {
    /// `rows x columns` outputs per invocation.
    pub(super) fn registers(&self, rows: u32, columns: u32) -> String {
        let vecs = columns / 4;
        let each = |body: &dyn Fn(u32) -> String| (0..rows).map(body).collect::<String>();
        let mut text = self.open("vec4<f32>", "");
        text += &format!(
            "  let n4 = n / 4u;
  let c4 = c / 4u;
  let row = (group.y * 8u + local.y) * {rows}u;\n"
        );
        // With pairs, an invocation's second columns are the gates of its first.
        text += &if self.pairs {
            "  let col0 = group.x * 8u + local.x;
  let col1 = col0 + n4 / 2u;
  if (col0 >= n4 / 2u || row >= m) { return; }\n"
                .to_owned()
        } else {
            let columns = (0..vecs)
                .map(|j| format!("  let col{j} = (group.x * 8u + local.x) * {vecs}u + {j}u;\n"));
            columns.collect::<String>() + "  if (col0 >= n4 || row >= m) { return; }\n"
        };
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
        text += "    var k = tap * c;
    for (var i = 0u; i < c4; i++) {\n";
        for l in 0..4 {
            for j in 0..vecs {
                text += &format!("      let w{l}_{j} = weight(k + {l}u, n4, col{j});\n");
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
        text += "      k += 4u;\n    }\n  }\n";
        text += &each(&|i| {
            let row = format!("(row + {i}u)");
            let stores = if self.pairs {
                format!(
                    "    {}\n",
                    self.store_pair([&format!("s{i}_0"), &format!("s{i}_1")], &row, "col0")
                )
            } else {
                (0..vecs)
                    .map(|j| {
                        let store = self.epilogue.store(
                            &format!("s{i}_{j}"),
                            &row,
                            &format!("col{j}"),
                            "n4",
                        );
                        format!("    {store}\n")
                    })
                    .collect()
            };
            format!("  if (row + {i}u < m) {{\n{stores}  }}\n")
        });
        text + "}\n"
    }
}
