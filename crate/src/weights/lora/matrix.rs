//! Small dense matrices on the host, as large as one layer.

use super::file::Lora;
use crate::error::Result;

/// Row-major values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matrix {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) values: Vec<f32>,
}

impl Matrix {
    /// A tensor of a LoRA with all axes but the first laid flat.
    pub(super) fn read(lora: &Lora, path: &str) -> Result<Self> {
        let values = lora.file.read_f32(path)?;
        let rows = lora.file.info(path)?.shape.first().copied().unwrap_or(1);
        Ok(Self { rows, columns: values.len() / rows.max(1), values })
    }

    /// The matrix product `self other`.
    pub(super) fn times(&self, other: &Self) -> Self {
        let columns = other.columns;
        let mut values = vec![0.0; self.rows * columns];
        if columns > 0 {
            let rows = values.chunks_exact_mut(columns);
            for (sum, row) in rows.zip(self.values.chunks_exact(self.columns.max(1))) {
                for (factor, other) in row.iter().zip(other.values.chunks_exact(columns)) {
                    sum.iter_mut().zip(other).for_each(|(sum, value)| *sum += factor * value);
                }
            }
        }
        Self { rows: self.rows, columns, values }
    }

    /// Rows as columns.
    pub(super) fn transposed(&self) -> Self {
        let (rows, columns) = (self.columns, self.rows);
        let values = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let values = values.map(|(row, column)| self.values[column * rows + row]).collect();
        Self { rows, columns, values }
    }

    /// Element by element.
    pub(super) fn hadamard(mut self, other: &Self) -> Self {
        self.values.iter_mut().zip(&other.values).for_each(|(value, other)| *value *= other);
        self
    }

    /// The Kronecker product: every element of `self` times all of `other`.
    pub(super) fn kronecker(&self, other: &Self) -> Self {
        let (rows, columns) = (self.rows * other.rows, self.columns * other.columns);
        let mut values = Vec::with_capacity(rows * columns);
        for mine in self.values.chunks_exact(self.columns.max(1)) {
            for theirs in other.values.chunks_exact(other.columns.max(1)) {
                values.extend(mine.iter().flat_map(|a| theirs.iter().map(move |b| a * b)));
            }
        }
        Self { rows, columns, values }
    }

    /// For a kernel `[i, j, taps]`: the sum over `j` of kernel `[i, j, taps]` times `self[j, c]`,
    /// `[i, c * taps]`.
    pub(super) fn through_kernel(&self, kernel: &Self) -> Self {
        let taps = kernel.columns / self.rows.max(1);
        let columns = self.columns * taps;
        let mut values = vec![0.0; kernel.rows * columns];
        for (sums, kernel) in values
            .chunks_exact_mut(columns.max(1))
            .zip(kernel.values.chunks_exact(kernel.columns.max(1)))
        {
            for (j, kernel) in kernel.chunks_exact(taps.max(1)).enumerate() {
                let row = &self.values[j * self.columns..][..self.columns];
                for (sums, factor) in sums.chunks_exact_mut(taps.max(1)).zip(row) {
                    sums.iter_mut().zip(kernel).for_each(|(sum, value)| *sum += factor * value);
                }
            }
        }
        Self { rows: kernel.rows, columns, values }
    }
}
