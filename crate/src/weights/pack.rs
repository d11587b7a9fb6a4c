//! Weights of products, from the order of a file to that of the device.

use super::DType;

/// Rows unpacked side by side: a whole line or two of the cache in every row that is written.
const ROWS: usize = 32;
/// Values of a row unpacked at once: what the two together take stays in the first cache.
const COLUMNS: usize = 64;

/// The axes of a weight in a file: `[out, inputs, taps]`, with one tap for a linear layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileDims {
    pub(super) out: usize,
    pub(super) inputs: usize,
    pub(super) taps: usize,
}

impl FileDims {
    /// Values of a row of the file, and rows of the matrix that products read.
    pub(super) fn columns(self) -> usize {
        self.inputs * self.taps
    }

    /// The axes in their order.
    pub(super) fn axes(self) -> [usize; 3] {
        [self.out, self.inputs, self.taps]
    }

    /// `[taps * inputs, out]`.
    pub(super) fn packed(self) -> [usize; 2] {
        [self.columns(), self.out]
    }
}

/// Widens rows of the file, from row `first` on, and writes them into `packed`, which is
/// `[taps, inputs, out]`. Nothing for formats that hold no usable weights.
pub(super) fn pack_f32(
    rows: &[u8],
    dtype: DType,
    first: usize,
    dims: FileDims,
    packed: &mut [f32],
) -> Option<()> {
    dtype.widen(&[], &mut [])?;
    let size = dtype.size();
    transpose(rows.len() / size, first, dims, packed, |range, values| {
        // Checked above: the format has numbers.
        let _ = dtype.widen(&rows[range.start * size..range.end * size], values);
    });
    Some(())
}

/// The same for numbers in half precision, which stay as they are.
pub(super) fn pack_f16(rows: &[u8], first: usize, dims: FileDims, packed: &mut [u16]) {
    let halves = rows.as_chunks::<2>().0;
    transpose(halves.len(), first, dims, packed, |range, values| {
        for (value, half) in values.iter_mut().zip(&halves[range]) {
            *value = u16::from_le_bytes(*half);
        }
    });
}

/// The same for numbers that are in memory already, all of them.
pub(super) fn pack_values(values: &[f32], dims: FileDims) -> Vec<f32> {
    let mut packed = vec![0.0; values.len()];
    transpose(values.len(), 0, dims, &mut packed, |range, tile| {
        tile.copy_from_slice(&values[range]);
    });
    packed
}

/// Tile by tile: `read` fills the values of a range of the rows.
fn transpose<T: Copy + Default>(
    count: usize,
    first: usize,
    FileDims { out, inputs, taps }: FileDims,
    packed: &mut [T],
    read: impl Fn(std::ops::Range<usize>, &mut [T]),
) {
    let columns = inputs * taps;
    let rows = count.checked_div(columns).unwrap_or(0);
    let mut tile = [[T::default(); COLUMNS]; ROWS];
    for top in (0..rows).step_by(ROWS) {
        let height = ROWS.min(rows - top);
        for left in (0..columns).step_by(COLUMNS) {
            let width = COLUMNS.min(columns - left);
            for (row, values) in tile.iter_mut().enumerate().take(height) {
                let start = (top + row) * columns + left;
                read(start..start + width, &mut values[..width]);
            }
            for column in 0..width {
                let (input, tap) = ((left + column) / taps, (left + column) % taps);
                let start = (tap * inputs + input) * out + first + top;
                let target = &mut packed[start..start + height];
                for (value, values) in target.iter_mut().zip(&tile) {
                    *value = values[column];
                }
            }
        }
    }
}
