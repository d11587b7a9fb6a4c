//! Pictures and masks on the CPU, and what is done to them outside the networks.
//!
//! Plain `f32` values in memory order; nothing here knows a device, a latent or a browser.

use crate::error::{Error, Result};
use crate::geometry::{Rect, Size};

pub mod blur;
pub mod composite;
pub mod dilate;
pub mod preprocess;
pub mod resize;

/// One or more pictures of equal size: frame by frame, row by row, pixel by pixel.
///
/// Values are nominally in `[0, 1]`, not clamped. One picture is a `Frames` with `count == 1`.
#[derive(Debug, Clone, PartialEq)]
pub struct Frames {
    /// Size of every frame.
    pub size: Size,
    /// Number of frames.
    pub count: usize,
    /// Values per pixel; 3 for colour.
    pub channels: usize,
    /// `count * height * width * channels` values.
    pub data: Vec<f32>,
}

impl Frames {
    /// Frames over `data`, whose length must match.
    pub fn new(size: Size, count: usize, channels: usize, data: Vec<f32>) -> Result<Self> {
        check_length(size, count * channels, data.len())?;
        Ok(Self { size, count, channels, data })
    }

    /// Black frames.
    pub fn zeros(size: Size, count: usize, channels: usize) -> Self {
        Self { size, count, channels, data: vec![0.0; size.area() * count * channels] }
    }

    /// Number of values in one frame.
    pub const fn frame_len(&self) -> usize {
        self.size.area() * self.channels
    }

    /// The values of frame `index`.
    pub fn frame(&self, index: usize) -> &[f32] {
        &self.data[index * self.frame_len()..(index + 1) * self.frame_len()]
    }

    /// The values of frame `index`, to change.
    pub fn frame_mut(&mut self, index: usize) -> &mut [f32] {
        let len = self.frame_len();
        &mut self.data[index * len..(index + 1) * len]
    }

    /// Frame `index` on its own.
    pub fn take_frame(&self, index: usize) -> Self {
        Self {
            size: self.size,
            count: 1,
            channels: self.channels,
            data: self.frame(index).to_vec(),
        }
    }

    /// The part of frame `index` inside `region`, which is cut to the frame first.
    pub fn crop_frame(&self, index: usize, region: Rect) -> Self {
        let region = region.intersection(Rect::of_size(self.size));
        let mut data = Vec::with_capacity(region.size().area() * self.channels);
        crop_rows(self.frame(index), self.size, self.channels, region, &mut data);
        Self { size: region.size(), count: 1, channels: self.channels, data }
    }

    /// The part of every frame inside `region`, which is cut to the frame first.
    pub fn crop(&self, region: Rect) -> Self {
        let region = region.intersection(Rect::of_size(self.size));
        let mut data = Vec::with_capacity(region.size().area() * self.count * self.channels);
        for index in 0..self.count {
            crop_rows(self.frame(index), self.size, self.channels, region, &mut data);
        }
        Self { size: region.size(), count: self.count, channels: self.channels, data }
    }
}

/// One value per pixel, row by row: 0 keeps a pixel, 1 changes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask {
    /// Columns and rows.
    pub size: Size,
    /// `height * width` values.
    pub data: Vec<f32>,
}

impl Mask {
    /// A mask over `data`, whose length must match.
    pub fn new(size: Size, data: Vec<f32>) -> Result<Self> {
        check_length(size, 1, data.len())?;
        Ok(Self { size, data })
    }

    /// The same value everywhere.
    pub fn filled(size: Size, value: f32) -> Self {
        Self { size, data: vec![value; size.area()] }
    }

    /// The value of one pixel, which must lie inside.
    pub fn at(&self, x: u32, y: u32) -> f32 {
        self.data[y as usize * self.size.width as usize + x as usize]
    }

    /// Values of row `y`, which must lie inside.
    pub fn row(&self, y: u32) -> &[f32] {
        let width = self.size.width as usize;
        &self.data[y as usize * width..(y as usize + 1) * width]
    }

    /// The part inside `region`, which is cut to the mask first.
    pub fn crop(&self, region: Rect) -> Self {
        let region = region.intersection(Rect::of_size(self.size));
        let mut data = Vec::with_capacity(region.size().area());
        crop_rows(&self.data, self.size, 1, region, &mut data);
        Self { size: region.size(), data }
    }

    /// Whether every pixel is exactly 0.
    pub fn is_blank(&self) -> bool {
        self.data.iter().all(|&value| value == 0.0)
    }

    /// `f` of every value.
    pub fn map(&self, f: impl FnMut(f32) -> f32) -> Self {
        Self { size: self.size, data: self.data.iter().copied().map(f).collect() }
    }
}

/// The 8-bit level of a value: fractions are cut off, not rounded, so 0.5 is 127.
pub(crate) fn level(value: f32) -> u8 {
    (255.0 * value).clamp(0.0, 255.0) as u8
}

/// The value of an 8-bit level.
pub(crate) fn value_of(level: u8) -> f32 {
    f32::from(level) / 255.0
}

fn check_length(size: Size, channels: usize, found: usize) -> Result<()> {
    let expected = size.area().saturating_mul(channels);
    if found == expected {
        return Ok(());
    }
    Err(Error::PixelCount { size, channels, expected, found })
}

fn crop_rows(source: &[f32], size: Size, channels: usize, region: Rect, into: &mut Vec<f32>) {
    let stride = size.width as usize * channels;
    let columns = region.x1 as usize * channels..region.x2 as usize * channels;
    for y in region.y1..region.y2 {
        into.extend_from_slice(&source[y as usize * stride..][columns.clone()]);
    }
}
