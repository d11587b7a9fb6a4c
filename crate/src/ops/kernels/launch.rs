//! From a kernel description to a dispatch on the device.

use std::fmt::Debug;
use std::hash::Hash;

use burn::tensor::{Shape, Tensor};
use burn_cubecl::Cube;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::template::{KernelSource, SourceKernel, SourceTemplate};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::{CubeCount, CubeDim, ExecutionMode, KernelId};
use cubecl::server::KernelArguments;

/// What a kernel tells the launcher. Two equal values must give equal text.
pub(crate) trait Kernel: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// The shader: inputs are bound in order from 0, the output comes last.
    fn wgsl(&self) -> String;
    /// Invocations of one workgroup, as in the shader's `@workgroup_size`.
    fn workgroup(&self) -> [u32; 2];
    /// Workgroups to start.
    fn grid(&self) -> [u32; 3];
}

struct Source<K>(K);

impl<K: Kernel> KernelSource for Source<K> {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(self.0.wgsl())
    }

    fn id(&self) -> KernelId {
        // Our kernels check their own bounds; loops need no second bound from the compiler.
        KernelId::new::<Self>().info(self.0.clone()).mode(ExecutionMode::Unchecked)
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Runs `kernel` on `inputs` and returns a new tensor of `shape`.
pub(crate) fn launch<K: Kernel, const D: usize>(
    kernel: K,
    inputs: Vec<CubeTensor>,
    shape: [usize; D],
) -> CubeTensor {
    let first = &inputs[0];
    let output = empty_device_contiguous_dtype(
        first.client.clone(),
        first.device.clone(),
        Shape::from(shape),
        first.dtype,
    );
    let [x, y] = kernel.workgroup();
    let [gx, gy, gz] = kernel.grid();
    let client = output.client.clone();
    let mut arguments = KernelArguments::new();
    for input in inputs {
        arguments = arguments.with_buffer(input.handle.binding());
    }
    arguments = arguments.with_buffer(output.handle.clone().binding());
    let source = SourceKernel::new(Source(kernel), CubeDim::new_2d(x, y));
    client.launch(Box::new(source), CubeCount::Static(gx, gy, gz), arguments);
    output
}

/// The device buffer of a tensor, with its elements in order.
pub(crate) fn primitive<const D: usize>(tensor: Tensor<D>) -> CubeTensor {
    let primitive =
        tensor.try_into_primitive::<Cube>().expect("ops checked that the tensor is on a GPU");
    into_contiguous(primitive)
}

/// The tensor over a device buffer.
pub(crate) fn tensor<const D: usize>(primitive: CubeTensor) -> Tensor<D> {
    Tensor::from_primitive::<Cube>(primitive)
}

/// Splits `groups` over two grid axes, since one holds at most 65535.
pub(crate) fn folded(groups: u32) -> [u32; 3] {
    let x = groups.clamp(1, 32768);
    [x, groups.div_ceil(x), 1]
}
