//! What runs once when the module is instantiated.

use wasm_bindgen::prelude::wasm_bindgen;

#[expect(unsafe_code, reason = "the linker's own function has no safe declaration")]
unsafe extern "C" {
    /// Runs every static constructor of the module.
    safe fn __wasm_call_ctors();
}

/// Runs the static constructors of the crates below us, whose compiler registers itself in
/// hundreds of them.
///
/// That somebody calls them by name matters as much as the call: a module in which nobody does is
/// taken for a program that runs once, and its linker wraps every export, down to the allocation
/// of a handle for a JavaScript object, in a call of all of them. A step spent forty times as long on
/// this side of the browser.
#[wasm_bindgen(start)]
pub(super) fn start() {
    console_error_panic_hook::set_once();
    __wasm_call_ctors();
}
