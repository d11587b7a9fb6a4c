//! Where something may work between the frames of a clip, inside a UNet.

use burn::tensor::Tensor;

/// A place in a UNet: in a block, after its last transformer, or after its first residual block if
/// it has no transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// On the way down, counting the blocks that have such a place.
    Down(usize),
    /// In the middle.
    Middle,
    /// On the way up, counted like those on the way down.
    Up(usize),
}

/// Layers between the frames of a clip. The batch is one clip after the other, all of one length.
pub trait Temporal {
    /// Items of the batch that every group normalisation of the UNet takes together; 1 normalises
    /// each by itself.
    fn norm_span(&self) -> usize;

    /// What becomes of the features in a place.
    ///
    /// # Shapes
    /// - `x`, output: `[batch, height, width, channels]`
    fn forward(&self, slot: Slot, x: Tensor<4>) -> Tensor<4>;
}
