//! What all replays share: the folder, its opened files, and whatever is dear to make.

use super::Result;
use burn::tensor::Device;
use burnish::weights::{MemorySource, Safetensors};
use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Gives the bytes of a golden file.
pub trait Folder {
    /// All bytes of the file `name`, a path below the folder.
    fn read(&self, name: &str) -> Result<Vec<u8>>;
}

/// What all replays share.
pub struct Context {
    folder: Box<dyn Folder>,
    /// Where networks are to run.
    pub device: Device,
    shared: RefCell<HashMap<(TypeId, String), Rc<dyn Any>>>,
}

impl Context {
    /// Over a folder, nothing opened yet.
    pub fn new(folder: Box<dyn Folder>, device: Device) -> Self {
        Self { folder, device, shared: RefCell::default() }
    }

    /// All bytes of a file.
    pub fn read(&self, name: &str) -> Result<Vec<u8>> {
        self.folder.read(name)
    }

    /// A safetensors file of the folder, opened once.
    pub fn file(&self, name: &str) -> Result<Rc<Safetensors>> {
        self.shared(name, || {
            let source = MemorySource::new(name, self.read(name)?);
            Ok(Safetensors::open(Box::new(source))?)
        })
    }

    /// Something made once under a name, such as a loaded network.
    pub fn shared<T: 'static>(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<Rc<T>> {
        let key = (TypeId::of::<T>(), name.to_owned());
        let known = self.shared.borrow().get(&key).cloned();
        if let Some(known) = known.and_then(|known| known.downcast().ok()) {
            return Ok(known);
        }
        let made = Rc::new(make()?);
        self.shared.borrow_mut().insert(key, made.clone());
        Ok(made)
    }
}
