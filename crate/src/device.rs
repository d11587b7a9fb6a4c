//! Opening a device natively. In the browser the wasm edge does it, with the browser's own means.

use burn::tensor::Device;

#[cfg(feature = "gpu")]
use crate::error::Result;

/// The CPU backend.
#[cfg(feature = "cpu")]
pub fn open_cpu() -> Device {
    Device::flex()
}

/// The graphics card the system prefers, and its name; sets the class that picks kernels.
///
/// One process opens the card once and clones the device from then on.
///
/// # Errors
/// [`crate::Error::NoGpu`] when the system has no adapter or refuses the device.
#[cfg(feature = "gpu")]
pub async fn open_gpu() -> Result<(Device, String)> {
    use crate::ops::{Adapter, set_adapter};
    let (device, setup) = Device::wgpu_options()
        .init_with_setup_async()
        .await
        .map_err(|error| crate::Error::NoGpu { reason: error.to_string() })?;
    let wgpu::AdapterInfo { name, driver, .. } = setup.adapter.get_info();
    let largest = setup.adapter.limits().max_storage_buffer_binding_size;
    set_adapter(Adapter::from_name(&format!("{name} {driver}")).with_largest(largest));
    Ok((device, name))
}
