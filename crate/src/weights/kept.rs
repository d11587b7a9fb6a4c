//! Tensors that are on the device already, for a network that is built a second time.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

use burn::tensor::Tensor;

/// Handles of uploaded tensors by their path in the file; they share memory with the network that
/// was built from them.
#[derive(Default)]
pub struct KeptTensors(RefCell<HashMap<String, Box<dyn Any>>>);

impl fmt::Debug for KeptTensors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptTensors({})", self.0.borrow().len())
    }
}

impl KeptTensors {
    /// The tensor of a path, as it was uploaded.
    pub(super) fn get<const N: usize>(&self, path: &str) -> Option<Tensor<N>> {
        self.0.borrow().get(path)?.downcast_ref::<Tensor<N>>().cloned()
    }

    /// Remembers a tensor.
    pub(super) fn insert<const N: usize>(&self, path: String, tensor: &Tensor<N>) {
        self.0.borrow_mut().insert(path, Box::new(tensor.clone()));
    }
}
