//! What a replay needs of an operating system.

use super::replay::{Folder, Result};
use burn::tensor::Device;
use burnish::device::{open_cpu, open_gpu};
use std::path::PathBuf;

/// A folder on disk.
pub struct Directory(pub PathBuf);

impl Folder for Directory {
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.0.join(name);
        Ok(std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?)
    }
}

/// Waits for a future on this thread, which sleeps until it is woken.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

/// Where networks are to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceChoice {
    /// Burn's own CPU backend.
    Cpu,
    /// WebGPU or what stands for it.
    Gpu,
}

impl DeviceChoice {
    /// Opens the device; once in a process.
    pub fn open(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(open_cpu()),
            Self::Gpu => Ok(block_on(open_gpu())?.0),
        }
    }
}

impl std::str::FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            _ => Err(format!("no device {text:?}, expected cpu or gpu")),
        }
    }
}
