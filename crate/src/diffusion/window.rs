//! Items of a batch that are evaluated together, such as neighbouring frames of a clip.

use burn::tensor::Tensor;

/// Items of a batch by their places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    places: Vec<usize>,
    /// Items of the whole batch.
    all: usize,
}

impl Window {
    pub(super) fn new(places: Vec<usize>, all: usize) -> Self {
        Self { places, all }
    }

    pub(super) fn whole(all: usize) -> Self {
        Self { places: (0..all).collect(), all }
    }

    /// Places in the batch.
    pub(super) fn places(&self) -> &[usize] {
        &self.places
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    fn is_whole(&self) -> bool {
        self.len() == self.all && self.places.iter().enumerate().all(|(at, place)| at == *place)
    }

    /// The items of `x`, which holds the whole batch.
    pub(super) fn take(&self, x: &Tensor<4>) -> Tensor<4> {
        if self.is_whole() {
            return x.clone();
        }
        let runs = self.places.chunk_by(|a, b| a + 1 == *b);
        let parts = runs.map(|run| x.clone().narrow(0, run[0], run.len()));
        Tensor::cat(parts.collect(), 0)
    }

    /// The same, or a single item for each place.
    pub(super) fn take_or_repeat(&self, x: &Tensor<4>) -> Tensor<4> {
        let count = x.dims()[0];
        if count == self.all { self.take(x) } else { x.clone().repeat_dim(0, self.len() / count) }
    }
}
