//! Our own WGSL kernels, launched through Burn's cube backend.
//!
//! A kernel is a small value that knows its shader, its parameters and its grid. Tiles, activations
//! and head widths are constants of the text, so that loops unroll; shapes are parameters, because
//! a shader costs its compilation (up to a second on a software adapter) and networks have a
//! hundred shapes. All data buffers are bound `read_write`, because Burn cuts tensors from shared
//! pages and WebGPU forbids reading and writing one page in the same dispatch otherwise; the
//! parameters lie in a page of their own and are `read`, which keeps loops over them uniform. No
//! kernel needs subgroups or `shader-f16`; workgroups stay within 256 invocations and 16 KiB, at
//! most 8 storage buffers are bound.

mod attention;
mod elementwise;
mod gemm;
mod launch;
mod lay_out;
mod norm;
mod split;
mod winograd;

pub(crate) use attention::Attention;
pub(crate) use elementwise::{Geglu, UpsampleNearest};
pub(crate) use gemm::{Epilogue, Gemm};
pub(crate) use launch::{int_primitive, int_tensor, launch, primitive, tensor};
pub(crate) use lay_out::LayOut;
pub(crate) use norm::{GroupMoments, GroupNormApply, LayerNorm, PartialMoments, SoftmaxRows};
pub(crate) use split::SumSplits;
pub(crate) use winograd::{InputTransform, OutputTransform, POINTS, WeightTransform, Winograd};
