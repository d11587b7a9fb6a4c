mod device;
mod kernels;
mod plain;
