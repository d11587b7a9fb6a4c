//! How much memory a pass through a UNet takes, from the shapes of its layers.

use super::SLICE_NUMBERS;
use crate::{Result, weights::Weights};

/// A layer, by the channels that go in and come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LayerShape {
    Conv { inputs: usize, outputs: usize, scale: Scale },
    Resnet { inputs: usize, outputs: usize },
    Transformer { channels: usize },
}

/// What a convolution does to the sides of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Same,
    Half,
    Double,
}

/// One entry of `input_blocks`, `middle_block` or `output_blocks`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct BlockShape(Vec<LayerShape>);

/// The layers of a UNet, as the shapes of their tensors tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnetShape {
    input: Vec<BlockShape>,
    middle: BlockShape,
    output: Vec<BlockShape>,
}

/// A pass whose memory is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassSize {
    /// Items at once: frames times sides of guidance.
    pub batch: usize,
    /// Latent cells.
    pub height: usize,
    /// Latent cells.
    pub width: usize,
    /// Whether a motion module works between the frames.
    pub has_motion: bool,
}

impl UnetShape {
    /// Reads the header below `w`, whose path ends in `diffusion_model`; no numbers.
    pub fn read(w: &Weights) -> Result<Self> {
        Ok(Self {
            input: BlockShape::read_all(&w.pp("input_blocks"))?,
            middle: BlockShape::read(&w.pp("middle_block"))?,
            output: BlockShape::read_all(&w.pp("output_blocks"))?,
        })
    }

    /// Most numbers that are on the device at one time during a pass, weights not counted: skip
    /// connections, and what the layer at work reads and writes.
    pub fn most_numbers(&self, pass: PassSize) -> usize {
        let mut cells = [pass.height, pass.width];
        let rows = |[height, width]: [usize; 2]| pass.batch * height * width;
        let (mut kept, mut skips, mut most) = (0, Vec::new(), 0);
        for block in &self.input {
            most = most.max(kept + block.most_numbers(rows(cells), pass.has_motion));
            cells = block.size(cells);
            let skip = block.outputs() * rows(cells);
            kept += skip;
            skips.push(skip);
        }
        most = most.max(kept + self.middle.most_numbers(rows(cells), pass.has_motion));
        for block in &self.output {
            // Its input has the skip connection in it.
            kept -= skips.pop().unwrap_or_default();
            most = most.max(kept + block.most_numbers(rows(cells), pass.has_motion));
            cells = block.size(cells);
        }
        most
    }
}

impl BlockShape {
    fn read_all(w: &Weights) -> Result<Vec<Self>> {
        let blocks = (0..).map(|index| Self::read(&w.pp(index)));
        blocks.take_while(|block| !matches!(block, Ok(Self(layers)) if layers.is_empty())).collect()
    }

    fn read(w: &Weights) -> Result<Self> {
        let layers = (0..).map_while(|index| LayerShape::read(&w.pp(index)).transpose());
        Ok(Self(layers.collect::<Result<_>>()?))
    }

    fn most_numbers(&self, rows: usize, has_motion: bool) -> usize {
        let layers = self.0.iter().map(|layer| layer.most_numbers(rows)).max().unwrap_or_default();
        let is_place = |layer: &&LayerShape| !matches!(layer, LayerShape::Conv { .. });
        let place = self.0.iter().rfind(is_place).filter(|_| has_motion);
        layers.max(place.map_or(0, |layer| temporal_numbers(rows, layer.outputs())))
    }

    fn outputs(&self) -> usize {
        self.0.last().map_or(0, LayerShape::outputs)
    }

    fn size(&self, size: [usize; 2]) -> [usize; 2] {
        self.0.iter().fold(size, |size, layer| match layer {
            LayerShape::Conv { scale: Scale::Half, .. } => size.map(|side| side.div_ceil(2)),
            LayerShape::Conv { scale: Scale::Double, .. } => size.map(|side| 2 * side),
            _ => size,
        })
    }
}

impl LayerShape {
    fn read(w: &Weights) -> Result<Option<Self>> {
        let sides = |name: &str| -> Result<[usize; 2]> {
            let shape = w.shape(name)?;
            Ok([shape.get(1), shape.first()].map(|side| side.copied().unwrap_or_default()))
        };
        let conv = |name: &str, scale: Scale| -> Result<Option<Self>> {
            let [inputs, outputs] = sides(name)?;
            Ok(Some(Self::Conv { inputs, outputs, scale }))
        };
        match () {
            () if w.has("in_layers.2.weight") => {
                let [inputs, outputs] = sides("in_layers.2.weight")?;
                Ok(Some(Self::Resnet { inputs, outputs }))
            }
            () if w.has("proj_in.weight") => {
                let [channels, _] = sides("proj_in.weight")?;
                Ok(Some(Self::Transformer { channels }))
            }
            () if w.has("op.weight") => conv("op.weight", Scale::Half),
            () if w.has("conv.weight") => conv("conv.weight", Scale::Double),
            () if w.has("weight") => conv("weight", Scale::Same),
            () => Ok(None),
        }
    }

    fn outputs(&self) -> usize {
        match *self {
            Self::Conv { outputs, .. } | Self::Resnet { outputs, .. } => outputs,
            Self::Transformer { channels } => channels,
        }
    }

    /// Numbers alive at once at most, for an input of `rows` cells.
    fn most_numbers(&self, rows: usize) -> usize {
        match *self {
            Self::Conv { inputs, outputs, scale } => match scale {
                Scale::Same => rows * (inputs + outputs),
                Scale::Half => rows * inputs + rows * outputs / 4,
                Scale::Double => rows * inputs + 4 * rows * outputs,
            },
            // Input, its normalised copy and the first convolution's output; or input, shortcut,
            // normalised copy and output.
            Self::Resnet { inputs, outputs } => {
                rows * (2 * inputs + outputs).max(inputs + 3 * outputs)
            }
            // Picture, tokens, their normalised copy, query, key, value, output; or the first three
            // and the feed-forward layer.
            Self::Transformer { channels } => {
                let attention = 7 * rows * channels;
                attention.max(3 * rows * channels + feed_forward_numbers(rows, channels))
            }
        }
    }
}

/// Values and gates and their product, as far as they are not sliced.
fn feed_forward_numbers(rows: usize, channels: usize) -> usize {
    let whole = 8 * channels * rows;
    let sliced = whole.min(SLICE_NUMBERS);
    sliced + sliced / 2
}

/// Picture, its copy ordered by pixel, the slices done and the slice at work.
fn temporal_numbers(rows: usize, channels: usize) -> usize {
    4 * rows * channels + feed_forward_numbers(rows, channels)
}
