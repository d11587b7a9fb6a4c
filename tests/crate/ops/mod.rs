mod device;
mod host;
mod kernels;
mod plain;
