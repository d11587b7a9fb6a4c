mod blur;
mod composite;
mod dilate;
mod frames;
mod resize;
