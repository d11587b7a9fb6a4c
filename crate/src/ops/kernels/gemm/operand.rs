//! Where the two operands of a product are read.

use crate::ops::{ConvShape, Storage};

/// `corner(row)` is the first pixel under the kernel and the number of the first pixel of its
/// picture; `pixel(corner, tap)` the pixel of the input under a tap, or -1 outside of it. No branches:
/// eight of them among sixteen live sums take SwiftShader a minute to compile.
pub(super) fn gather(window: Option<&ConvShape>) -> String {
    let Some(ConvShape { kernel, stride, pad, upsample }) = window else {
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

/// Buffers of the weight, and the type of their elements.
pub(crate) fn weight_buffers(storage: Storage) -> &'static [(&'static str, &'static str)] {
    match storage {
        Storage::F32 => &[("w", "vec4<f32>")],
        Storage::F16 => &[("w", "vec2<u32>")],
        Storage::Int8 | Storage::Int4 => &[("w", "u32"), ("scales", "vec4<f32>")],
    }
}

/// `weight(k, n4, col)`: four columns of row `k`, `n4` of them to a row.
pub(crate) fn weight(storage: Storage) -> String {
    let body = match storage {
        Storage::F32 => "return w[k * n4 + col];",
        Storage::F16 => {
            "let p = w[k * n4 + col];
  return vec4<f32>(unpack2x16float(p.x), unpack2x16float(p.y));"
        }
        Storage::Int8 => {
            "let p = vec4<i32>(i32(w[k * n4 + col])) << vec4<u32>(24u, 16u, 8u, 0u);
  return vec4<f32>(p >> vec4<u32>(24u)) * scales[k / BLOCKu * n4 + col];"
        }
        Storage::Int4 => {
            "let p = w[k / 2u * n4 + col] >> (k % 2u * 16u);
  let q = vec4<i32>(i32(p)) << vec4<u32>(28u, 24u, 20u, 16u);
  return vec4<f32>(q >> vec4<u32>(28u)) * scales[k / BLOCKu * n4 + col];"
        }
    };
    let body = body.replace("BLOCK", &Storage::BLOCK.to_string());
    format!("fn weight(k: u32, n4: u32, col: u32) -> vec4<f32> {{\n  {body}\n}}\n")
}
