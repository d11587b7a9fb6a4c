mod blur;
mod composite;
mod dilate;
mod frames;
mod preprocess;
mod resize;
