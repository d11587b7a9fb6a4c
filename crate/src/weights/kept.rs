//! Tensors that are on the device already, for a network that is built a second time.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

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
    pub(super) fn get<T: Clone + 'static>(&self, path: &str) -> Option<T> {
        self.0.borrow().get(path)?.downcast_ref::<T>().cloned()
    }

    /// Remembers a tensor.
    pub(super) fn insert<T: Clone + 'static>(&self, path: String, tensor: &T) {
        self.0.borrow_mut().insert(path, Box::new(tensor.clone()));
    }
}
