//! What kind of adapter runs the kernels.

use std::sync::RwLock;

/// Classes of adapters that want different kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdapterClass {
    /// A graphics card: workgroup memory is cheap, registers are scarce.
    Hardware,
    /// SwiftShader, llvmpipe: shaders run on the CPU, where a barrier costs more than the reads it
    /// saves (measured: 6 to 13 times).
    Software,
}

/// What the choice of a kernel depends on besides its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// The kind of kernels.
    pub class: AdapterClass,
    /// Workgroups of 128 invocations that run at a time: below it, work is split further.
    pub concurrent: u32,
    /// f32 operations in the time a byte takes to or from memory. Winograd's transforms move more
    /// bytes to save operations.
    pub intensity: u32,
    /// Bytes of the largest buffer a kernel can be given.
    pub largest: u64,
}

/// What every WebGPU adapter grants.
const LEAST_LARGEST: u64 = 128 << 20;

/// Adapters by a part of the name they report, in small letters; the first that fits.
///
/// The H200's row is measured (`bench/README.md`), the software adapters' too; the others follow
/// from their makers' figures for processors, clock and bandwidth.
const ADAPTERS: [(&[&str], Adapter); 8] = [
    (
        &["swiftshader", "llvmpipe", "lavapipe", "softpipe", "basic render driver"],
        Adapter {
            class: AdapterClass::Software,
            concurrent: 1,
            intensity: 1,
            largest: LEAST_LARGEST,
        },
    ),
    (&["h100", "h200", "a100", "b200", "mi300"], hardware(400, 10)),
    (&["nvidia", "geforce", "rtx"], hardware(256, 40)),
    (&["radeon", "amd"], hardware(192, 40)),
    (&["apple"], hardware(96, 32)),
    (&["intel"], hardware(64, 32)),
    (&["adreno", "qualcomm", "mali", "arm"], hardware(32, 32)),
    (&[""], hardware(128, 32)),
];

const fn hardware(concurrent: u32, intensity: u32) -> Adapter {
    Adapter { class: AdapterClass::Hardware, concurrent, intensity, largest: LEAST_LARGEST }
}

static CURRENT: RwLock<Adapter> = RwLock::new(ADAPTERS[ADAPTERS.len() - 1].1);

impl Adapter {
    /// Recognises an adapter by the names it reports.
    pub fn from_name(name: &str) -> Self {
        let name = name.to_lowercase();
        let known = |(names, _): &&(&[&str], Self)| names.iter().any(|part| name.contains(part));
        ADAPTERS.iter().find(known).map_or(ADAPTERS[ADAPTERS.len() - 1].1, |(_, adapter)| *adapter)
    }

    /// The same adapter, which grants buffers of `bytes` bytes.
    pub fn with_largest(self, bytes: u64) -> Self {
        Self { largest: bytes, ..self }
    }

    /// The adapter of this process.
    pub fn current() -> Self {
        *CURRENT.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Sets the adapter that picks kernel variants from now on; once, after the device is opened.
///
/// One process (in the browser: one worker) drives one adapter.
pub fn set_adapter(adapter: Adapter) {
    *CURRENT.write().unwrap_or_else(std::sync::PoisonError::into_inner) = adapter;
}
