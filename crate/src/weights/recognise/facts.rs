//! Questions to the header of a file.

use std::collections::BTreeMap;

use crate::weights::{DType, TensorInfo};

/// The tensors of a file, asked by name and shape.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) file: &'a str,
    pub(super) tensors: &'a BTreeMap<String, TensorInfo>,
}

impl<'a> Facts<'a> {
    /// Whether there is a tensor of exactly this path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.tensors.contains_key(path)
    }

    /// Whether some path begins so.
    pub(super) fn begins(&self, prefix: &str) -> bool {
        let mut from = self.tensors.range(prefix.to_owned()..);
        from.next().is_some_and(|(path, _)| path.starts_with(prefix))
    }

    /// Whether some path has this in it.
    pub(super) fn holds(&self, part: &str) -> bool {
        self.tensors.keys().any(|path| path.contains(part))
    }

    /// Whether some path ends so.
    pub(super) fn ends(&self, suffix: &str) -> bool {
        self.tensors.keys().any(|path| path.ends_with(suffix))
    }

    /// The shape of the tensor at `path`; no axes if there is none.
    pub(super) fn shape(&self, path: &str) -> &'a [usize] {
        self.tensors.get(path).map_or(&[], |info| &info.shape)
    }

    /// The shape of the first tensor below `prefix` whose path has `part` in it.
    pub(super) fn first_shape(&self, prefix: &str, part: &str) -> &'a [usize] {
        let below = self.tensors.range(prefix.to_owned()..);
        let mut below = below.take_while(|(path, _)| path.starts_with(prefix));
        below.find(|(path, _)| path.contains(part)).map_or(&[], |(_, info)| &info.shape)
    }

    /// How many numbers the file holds.
    pub(super) fn parameters(&self) -> u64 {
        self.tensors.values().map(|info| info.element_count() as u64).sum()
    }

    /// The format that most of the numbers are stored in.
    pub(super) fn dtype(&self) -> Option<DType> {
        let mut counts: Vec<(DType, u64)> = Vec::new();
        for info in self.tensors.values() {
            let count = info.element_count() as u64;
            match counts.iter_mut().find(|(dtype, _)| *dtype == info.dtype) {
                Some((_, sum)) => *sum += count,
                None => counts.push((info.dtype, count)),
            }
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(dtype, _)| dtype)
    }
}
