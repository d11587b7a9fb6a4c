mod device;
mod kernels;
