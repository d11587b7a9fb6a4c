//! Names that adapters report, as Chromium, Dawn and wgpu give them.

use burnish::ops::{Adapter, AdapterClass};

#[test]
fn software_adapters_are_told_from_hardware() {
    for (name, class) in [
        ("SwiftShader Device (Subzero) google swiftshader", AdapterClass::Software),
        ("llvmpipe (LLVM 15.0.6, 256 bits) llvmpipe", AdapterClass::Software),
        ("Microsoft Basic Render Driver", AdapterClass::Software),
        ("NVIDIA GeForce RTX 4070", AdapterClass::Hardware),
        ("apple common-3", AdapterClass::Hardware),
        ("", AdapterClass::Hardware),
    ] {
        assert_eq!(Adapter::from_name(name).class, class, "{name}");
    }
}

#[test]
fn a_known_card_comes_before_its_maker() {
    let [card, maker] = ["NVIDIA H200", "nvidia ampere"].map(Adapter::from_name);
    assert!(card.concurrent > maker.concurrent);
    assert!(card.intensity < maker.intensity);
    assert_ne!(Adapter::from_name("Intel(R) UHD Graphics"), maker);
}

#[test]
fn a_larger_buffer_changes_nothing_else() {
    let adapter = Adapter::from_name("radeon");
    let larger = adapter.with_largest(1 << 30);
    assert_eq!(larger.largest, 1 << 30);
    assert_eq!(larger.with_largest(adapter.largest), adapter);
}
