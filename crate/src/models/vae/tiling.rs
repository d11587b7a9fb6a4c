//! A network over overlapping tiles, blended: for pictures too large to run whole.

use burn::tensor::{Tensor, TensorData};

use super::SCALE;

/// Side of a tile and overlap with its neighbours, in the unit of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Width of a tile.
    pub width: usize,
    /// Height of a tile.
    pub height: usize,
    /// Rows and columns neighbouring tiles share; less than half a side.
    pub overlap: usize,
}

/// Tile positions along one axis.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    len: usize,
}

impl Tiling {
    /// What decoding falls back to, in latent cells.
    pub const DECODE: Self = Self { width: 64, height: 64, overlap: 16 };
    /// What encoding falls back to, in pixels.
    pub const ENCODE: Self = Self { width: 512, height: 512, overlap: 64 };

    /// Mean of three passes of `decode` with tiles of different proportions.
    ///
    /// # Shapes
    /// - `latent`: `[batch, 4, height, width]`; output: `[batch, 8 height, 8 width, 3]`
    pub(super) fn decode(
        &self,
        latent: Tensor<4>,
        decode: impl Fn(Tensor<4>) -> Tensor<4>,
    ) -> Tensor<4> {
        let scale = |size: usize| size * SCALE;
        let [wide, tall] = self.stretched();
        let passes = [tall, wide, *self]
            .map(|tiles| tiles.pass(latent.clone(), [2, 3], [1, 2], scale, &decode));
        mean(passes)
    }

    /// Mean of three passes of `encode` with tiles of different proportions.
    ///
    /// # Shapes
    /// - `pixels`: `[batch, height, width, 3]`; output: `[batch, 4, height / 8, width / 8]`
    pub(super) fn encode(
        &self,
        pixels: Tensor<4>,
        encode: impl Fn(Tensor<4>) -> Tensor<4>,
    ) -> Tensor<4> {
        let scale = |size: usize| (size + SCALE / 2) / SCALE;
        let [wide, tall] = self.stretched();
        let passes = [*self, wide, tall]
            .map(|tiles| tiles.pass(pixels.clone(), [1, 2], [2, 3], scale, &encode));
        mean(passes)
    }

    /// Twice as wide and half as high, and the other way round.
    fn stretched(&self) -> [Self; 2] {
        let Self { width, height, overlap } = *self;
        [
            Self { width: width * 2, height: height / 2, overlap },
            Self { width: width / 2, height: height * 2, overlap },
        ]
    }

    /// One pass over the tiles. `axes_in` and `axes_out` are the rows and columns of input and
    /// output, and `scale` takes input rows to output rows.
    fn pass(
        &self,
        x: Tensor<4>,
        axes_in: [usize; 2],
        axes_out: [usize; 2],
        scale: impl Fn(usize) -> usize,
        run: impl Fn(Tensor<4>) -> Tensor<4>,
    ) -> Tensor<4> {
        let size = axes_in.map(|axis| x.dims()[axis]);
        if size[0] <= self.height && size[1] <= self.width {
            return run(x);
        }
        let device = x.device();
        let out_size = size.map(&scale);
        let feather = scale(self.overlap);
        let mut sum: Option<Tensor<4>> = None;
        let mut weights = vec![0.0_f32; out_size[0] * out_size[1]];
        for rows in spans(size[0], self.height, self.overlap) {
            for columns in spans(size[1], self.width, self.overlap) {
                let tile = x
                    .clone()
                    .slice_dim(axes_in[0], rows.start..rows.start + rows.len)
                    .slice_dim(axes_in[1], columns.start..columns.start + columns.len);
                let tile = run(tile);
                let [height, width] = axes_out.map(|axis| tile.dims()[axis]);
                let [top, left] = [scale(rows.start), scale(columns.start)];

                let [down, across] = [ramp(height, feather), ramp(width, feather)];
                let mask: Vec<f32> =
                    down.iter().flat_map(|d| across.iter().map(move |a| d * a)).collect();
                for (row, line) in mask.chunks_exact(width).enumerate() {
                    let start = (top + row) * out_size[1] + left;
                    weights[start..start + width].iter_mut().zip(line).for_each(|(w, m)| *w += m);
                }

                let mut shape = [1; 4];
                [shape[axes_out[0]], shape[axes_out[1]]] = [height, width];
                let mask = Tensor::<4>::from_data(TensorData::new(mask, shape), &device);
                let total = sum.take().unwrap_or_else(|| {
                    let mut whole = tile.dims();
                    [whole[axes_out[0]], whole[axes_out[1]]] = out_size;
                    Tensor::zeros(whole, &device)
                });
                let mut place = total.dims().map(|len| 0..len);
                place[axes_out[0]] = top..top + height;
                place[axes_out[1]] = left..left + width;
                let under = total.clone().slice(place.clone());
                sum = Some(total.slice_assign(place, under + tile * mask));
            }
        }
        let mut shape = [1; 4];
        [shape[axes_out[0]], shape[axes_out[1]]] = out_size;
        let weights = Tensor::<4>::from_data(TensorData::new(weights, shape), &device);
        sum.map(|sum| sum / weights).unwrap_or(x)
    }
}

fn mean(passes: [Tensor<4>; 3]) -> Tensor<4> {
    let [a, b, c] = passes;
    (a + b + c) / 3.0
}

/// Where tiles begin along an axis and how long they are; the last may be short.
fn spans(size: usize, tile: usize, overlap: usize) -> Vec<Span> {
    if size <= tile {
        return vec![Span { start: 0, len: size }];
    }
    (0..size.saturating_sub(overlap).max(1))
        .step_by(tile.saturating_sub(overlap).max(1))
        .map(|start| Span { start, len: tile.min(size - start) })
        .collect()
}

/// Weights along an axis: rising from both ends over `feather` steps, unless that is all there is.
fn ramp(len: usize, feather: usize) -> Vec<f32> {
    let mut weights = vec![1.0; len];
    if feather < len {
        for t in 0..feather {
            let weight = (t + 1) as f32 / feather as f32;
            weights[t] *= weight;
            weights[len - 1 - t] *= weight;
        }
    }
    weights
}
