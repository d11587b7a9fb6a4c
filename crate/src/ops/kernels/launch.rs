//! From a kernel description to a dispatch on the device.

use std::fmt::Debug;
use std::hash::Hash;

use burn::tensor::{Int, Shape, Tensor};
use burn_cubecl::Cube;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::template::{KernelSource, SourceKernel, SourceTemplate};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::{CubeCount, CubeDim, ExecutionMode, KernelId};
use cubecl::server::{KernelArguments, MetadataBindingInfo};

/// What a kernel tells the launcher.
pub(crate) trait Kernel {
    /// What the shader's text depends on. Shapes are no part of it: they come as parameters, so
    /// that a network needs a dozen pipelines and not one for each of its layers.
    type Variant: Variant;

    /// The text to run.
    fn variant(&self) -> Self::Variant;
    /// What the text reads from [`Text`]'s parameters, in their order.
    fn parameters(&self) -> Vec<u32>;
    /// Workgroups to start.
    fn grid(&self) -> [u32; 3];
}

/// One shader. Two equal values give equal text.
pub(crate) trait Variant: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// The shader.
    fn wgsl(&self) -> String;
    /// Invocations of one workgroup, as in the shader's `@workgroup_size`.
    fn workgroup(&self) -> [u32; 2];
}

struct Source<V>(V);

impl<V: Variant> KernelSource for Source<V> {
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
    let client = output.client.clone();
    let mut arguments = KernelArguments::new();
    for input in inputs {
        arguments = arguments.with_buffer(input.handle.binding());
    }
    arguments = arguments
        .with_buffer(output.handle.clone().binding())
        .with_info(MetadataBindingInfo::custom(words(&kernel.parameters())));
    let variant = kernel.variant();
    let [x, y] = variant.workgroup();
    let [gx, gy, gz] = kernel.grid();
    let source = SourceKernel::new(Source(variant), CubeDim::new_2d(x, y));
    client.launch(Box::new(source), CubeCount::Static(gx, gy, gz), arguments);
    output
}

/// Two parameters to a word, the first in the low half.
fn words(parameters: &[u32]) -> Vec<u64> {
    parameters
        .chunks(2)
        .map(|pair| u64::from(pair[0]) | u64::from(*pair.get(1).unwrap_or(&0)) << 32)
        .collect()
}

/// The opening of a shader: its buffers and the names of its parameters.
pub(crate) struct Text<'a> {
    /// Buffers in the order of binding, each with the type of its elements; the output last.
    pub(crate) buffers: &'a [(&'a str, &'a str)],
    /// Names of [`Kernel::parameters`], constants of the function [`Text::names`] stands in.
    pub(crate) parameters: &'a [&'a str],
}

impl Text<'_> {
    /// Declares the buffers.
    pub(crate) fn head(&self) -> String {
        let mut text = String::new();
        for (index, (name, element)) in self.buffers.iter().enumerate() {
            text += &format!(
                "@group(0) @binding({index}) var<storage, read_write> {name}: array<{element}>;\n"
            );
        }
        let last = self.buffers.len();
        text + &format!("@group(0) @binding({last}) var<storage, read> parameters: array<u32>;\n")
    }

    /// Opens `main` with workgroups of `x` times `y` invocations and names the parameters.
    pub(crate) fn main(&self, [x, y]: [u32; 2]) -> String {
        let mut text = format!(
            "@compute @workgroup_size({x}, {y}, 1)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {{\n"
        );
        for (index, name) in self.parameters.iter().enumerate() {
            text += &format!("  let {name} = parameters[{index}];\n");
        }
        text
    }
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

/// [`primitive`] for packed words.
pub(crate) fn int_primitive(tensor: Tensor<1, Int>) -> CubeTensor {
    let primitive =
        tensor.try_into_primitive::<Cube>().expect("ops checked that the tensor is on a GPU");
    into_contiguous(primitive)
}

/// [`tensor`] for packed words.
pub(crate) fn int_tensor(primitive: CubeTensor) -> Tensor<1, Int> {
    Tensor::from_primitive::<Cube>(primitive)
}

/// Splits `groups` over two grid axes, since one holds at most 65535.
pub(crate) fn folded(groups: u32) -> [u32; 3] {
    let x = groups.clamp(1, 32768);
    [x, groups.div_ceil(x), 1]
}
