//! How strongly motion counts: everywhere alike, or cell by cell.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use burn::tensor::Tensor;

/// Factors for every cell of a feature map of a height and width, `[frames, height, width]`.
type Cells<'a> = Box<dyn Fn([usize; 2]) -> Tensor<3> + 'a>;

/// A factor.
pub enum Gain<'a> {
    /// The same for all cells of all frames.
    Same(f32),
    /// One for every cell, asked for once for each size of feature maps.
    Cells(CellGain<'a>),
}

/// A factor for every cell; remembers what it gave for a size.
pub struct CellGain<'a> {
    cells: Cells<'a>,
    known: RefCell<BTreeMap<[usize; 2], Tensor<3>>>,
}

impl fmt::Debug for Gain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(value) => write!(f, "Gain({value})"),
            Self::Cells(_) => f.write_str("Gain(cells)"),
        }
    }
}

impl fmt::Debug for CellGain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CellGain").finish_non_exhaustive()
    }
}

impl<'a> Gain<'a> {
    /// A factor for every cell, from a function of height and width.
    pub fn cells(cells: impl Fn([usize; 2]) -> Tensor<3> + 'a) -> Self {
        Self::Cells(CellGain { cells: Box::new(cells), known: RefCell::default() })
    }

    /// Whether it is this number everywhere.
    pub(super) fn is(&self, value: f32) -> bool {
        matches!(self, Self::Same(same) if *same == value)
    }

    /// `x` times the factors.
    ///
    /// # Shapes
    /// - `x`, output: `[clips * frames, height, width, channels]`
    pub(super) fn scale_maps(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Same(1.0) => x,
            Self::Same(value) => x * *value,
            Self::Cells(gain) => {
                let [items, height, width, _] = x.dims();
                let cells = gain.at([height, width]);
                let clips = items / cells.dims()[0];
                x * cells.repeat_dim(0, clips).reshape([items, height, width, 1])
            }
        }
    }

    /// The factors in the order of pixels, for one clip after the other.
    ///
    /// # Shapes
    /// - output: `[clips * height * width, frames, 1]`
    pub(super) fn by_pixel(&self, clips: usize, size: [usize; 2]) -> PixelGain {
        match self {
            Self::Same(value) => PixelGain::Same(*value),
            Self::Cells(gain) => {
                let cells = gain.at(size);
                let [frames, height, width] = cells.dims();
                let pixels = cells.reshape([frames, height * width]).swap_dims(0, 1);
                let pixels = pixels.reshape([height * width, frames, 1]);
                PixelGain::Each(Box::new(pixels.repeat_dim(0, clips)))
            }
        }
    }
}

impl CellGain<'_> {
    fn at(&self, size: [usize; 2]) -> Tensor<3> {
        let make = || (self.cells)(size);
        self.known.borrow_mut().entry(size).or_insert_with(make).clone()
    }
}

/// Factors in the order of pixels.
#[derive(Debug)]
pub(super) enum PixelGain {
    Same(f32),
    /// `[pixels, frames, 1]`
    Each(Box<Tensor<3>>),
}

impl PixelGain {
    /// Those of `count` pixels from the pixel `first`.
    pub(super) fn narrow(&self, first: usize, count: usize) -> Self {
        match self {
            Self::Same(value) => Self::Same(*value),
            Self::Each(pixels) => {
                Self::Each(Box::new(pixels.as_ref().clone().narrow(0, first, count)))
            }
        }
    }

    /// `x` times the factors; `x` is `[pixels, frames, channels]`.
    pub(super) fn scale(&self, x: Tensor<3>) -> Tensor<3> {
        match self {
            Self::Same(1.0) => x,
            Self::Same(value) => x * *value,
            Self::Each(pixels) => x * pixels.as_ref().clone(),
        }
    }
}
