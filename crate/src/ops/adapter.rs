//! What kind of adapter runs the kernels.

use std::sync::atomic::{AtomicBool, Ordering};

/// Classes of adapters that want different kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdapterClass {
    /// A graphics card: workgroup memory is cheap, registers are scarce.
    Hardware,
    /// SwiftShader, llvmpipe: shaders run on the CPU, where a barrier costs more than the reads it
    /// saves (measured: 6 to 13 times).
    Software,
}

static SOFTWARE: AtomicBool = AtomicBool::new(false);

impl AdapterClass {
    /// Recognises the software adapters by the name they report.
    pub fn from_name(name: &str) -> Self {
        const SOFTWARE: [&str; 5] =
            ["swiftshader", "llvmpipe", "lavapipe", "softpipe", "basic render driver"];
        let name = name.to_lowercase();
        if SOFTWARE.iter().any(|known| name.contains(known)) {
            Self::Software
        } else {
            Self::Hardware
        }
    }

    /// The class set for this process.
    pub(crate) fn current() -> Self {
        if SOFTWARE.load(Ordering::Relaxed) { Self::Software } else { Self::Hardware }
    }
}

/// Sets the class that picks kernel variants from now on; once, after the device is opened.
///
/// One process (in the browser: one worker) drives one adapter.
pub fn set_adapter_class(class: AdapterClass) {
    SOFTWARE.store(class == AdapterClass::Software, Ordering::Relaxed);
}
