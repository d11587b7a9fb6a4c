//! Our own WGSL kernels, launched through Burn's cube backend.
//!
//! Each kernel is a small value that knows its WGSL text, its workgroup and its grid. Shapes are
//! constants of the text, so that loops unroll and index arithmetic folds; Burn compiles one
//! pipeline for every distinct value and keeps it. All buffers are bound `read_write`, because
//! Burn cuts tensors from shared pages and WebGPU forbids reading and writing one page in the same
//! dispatch otherwise. No kernel needs subgroups or `shader-f16`; workgroups stay within 256
//! invocations and 16 KiB, at most 6 storage buffers are bound.

mod attention;
mod elementwise;
mod gemm;
mod launch;
mod norm;

pub(crate) use attention::Attention;
pub(crate) use elementwise::{AddChannels, Geglu, SoftmaxRows, UpsampleNearest};
pub(crate) use gemm::{Gemm, Window};
pub(crate) use launch::{launch, primitive, tensor};
pub(crate) use norm::{GroupNormApply, GroupStats, LayerNorm};
