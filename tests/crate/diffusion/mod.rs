mod guider;
mod pipe;
