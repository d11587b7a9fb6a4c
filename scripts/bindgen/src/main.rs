//! wasm-bindgen as a program of this workspace: `Cargo.lock` then gives it exactly the version of
//! the crate whose modules it binds, and nothing has to be installed.
//!
//! `cargo run --release --package bindgen -- MODULE.wasm OUT_DIR`

use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [module, out_dir] = args.as_slice() else {
        return Err("usage: bindgen MODULE.wasm OUT_DIR".into());
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .omit_default_module_path(false);
    bindgen.generate(out_dir)?;
    Ok(())
}
