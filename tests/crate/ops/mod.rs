mod adapter;
mod host;
mod kernels;
mod plain;
mod twins;
