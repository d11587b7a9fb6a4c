mod network;
mod tiling;
