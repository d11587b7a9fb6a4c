mod footprint;
mod resample;
mod resnet;
mod timestep;
mod transformer;
