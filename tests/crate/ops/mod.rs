mod host;
mod kernels;
mod plain;
