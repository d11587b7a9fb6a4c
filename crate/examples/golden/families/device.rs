//! The device replays run on, and the way to and from it.

use super::replay::{Array, Context, DeviceChoice, Result};
use burn::tensor::{Device, Tensor, TensorData};
use burnish::device::{open_cpu, open_gpu};

/// The device the user asked for.
pub fn device(context: &Context) -> Result<Device> {
    match context.device {
        DeviceChoice::Cpu => Ok(open_cpu()),
        DeviceChoice::Gpu => {
            let open = || Ok(pollster::block_on(open_gpu())?.0);
            Ok(Device::clone(&*context.shared("gpu", open)?))
        }
    }
}

/// A recorded array on the device.
pub fn tensor<const N: usize>(array: Array, device: &Device) -> Result<Tensor<N>> {
    if array.shape.len() != N {
        return Err(format!("{:?} has not {N} axes", array.shape).into());
    }
    Ok(Tensor::from_data(TensorData::new(array.data, array.shape), device))
}

/// The numbers of a tensor.
pub async fn read<const N: usize>(tensor: Tensor<N>) -> Result<Vec<f32>> {
    let data = tensor.into_data_async().await.map_err(|error| format!("{error:?}"))?;
    Ok(data.try_to_vec().map_err(|error| format!("{error:?}"))?)
}
