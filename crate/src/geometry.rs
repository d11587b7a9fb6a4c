//! Sizes and rectangles in whole pixels, and the region cut out around an object.

use std::fmt;

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Size {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Size {
    /// `width` columns by `height` rows.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Number of pixels, at most what fits into memory's addresses.
    pub const fn area(self) -> usize {
        (self.width as usize).saturating_mul(self.height as usize)
    }

    /// Whether there is no pixel at all.
    pub const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// Whole pixels, half open: `x2` and `y2` lie one past the last pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Rect {
    /// First column.
    pub x1: u32,
    /// First row.
    pub y1: u32,
    /// One past the last column.
    pub x2: u32,
    /// One past the last row.
    pub y2: u32,
}

impl Rect {
    /// From the corner nearest the origin to the far one, which is excluded.
    pub const fn new(x1: u32, y1: u32, x2: u32, y2: u32) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// The whole of an image.
    pub const fn of_size(size: Size) -> Self {
        Self::new(0, 0, size.width, size.height)
    }

    /// Number of columns; 0 if the corners are the wrong way round.
    pub const fn width(self) -> u32 {
        self.x2.saturating_sub(self.x1)
    }

    /// Number of rows; 0 if the corners are the wrong way round.
    pub const fn height(self) -> u32 {
        self.y2.saturating_sub(self.y1)
    }

    /// Width and height.
    pub const fn size(self) -> Size {
        Size::new(self.width(), self.height())
    }

    /// Whether there is no pixel inside.
    pub const fn is_empty(self) -> bool {
        self.size().is_empty()
    }

    /// The part both cover; where they do not meet, empty and inside one of them.
    pub fn intersection(self, other: Self) -> Self {
        let (x2, y2) = (self.x2.min(other.x2), self.y2.min(other.y2));
        Self { x1: self.x1.max(other.x1).min(x2), y1: self.y1.max(other.y1).min(y2), x2, y2 }
    }

    /// Whether `other` lies inside, edges included.
    pub const fn contains(self, other: Self) -> bool {
        self.x1 <= other.x1 && self.y1 <= other.y1 && other.x2 <= self.x2 && other.y2 <= self.y2
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})-({}, {})", self.x1, self.y1, self.x2, self.y2)
    }
}

/// A box with fractional corners, as object detectors give it. Pixels of the full image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Left edge.
    pub x1: f64,
    /// Top edge.
    pub y1: f64,
    /// Right edge.
    pub x2: f64,
    /// Bottom edge.
    pub y2: f64,
}

impl From<Rect> for BoundingBox {
    fn from(rect: Rect) -> Self {
        Self { x1: rect.x1.into(), y1: rect.y1.into(), x2: rect.x2.into(), y2: rect.y2.into() }
    }
}

/// Widens `bbox` by `crop_factor` around its centre and shifts the result into the image.
///
/// Pixels of the full image. A region larger than the image is cut to it, any other keeps its
/// size. `crop_factor` is at least 1; `crop_min_size` is the least side of the region in pixels.
/// Fractions are cut off edge by edge, so the same box can come out one pixel wider at the right
/// and bottom border than elsewhere.
pub fn make_crop_region(
    image: Size,
    bbox: impl Into<BoundingBox>,
    crop_factor: f64,
    crop_min_size: Option<f64>,
) -> Rect {
    let bbox = bbox.into();
    let (x1, x2) = widen(image.width, bbox.x1, bbox.x2, crop_factor, crop_min_size);
    let (y1, y2) = widen(image.height, bbox.y1, bbox.y2, crop_factor, crop_min_size);
    Rect { x1, y1, x2, y2 }
}

fn widen(limit: u32, near: f64, far: f64, factor: f64, min_size: Option<f64>) -> (u32, u32) {
    let side = far - near;
    let size = (side * factor).max(min_size.unwrap_or(f64::NEG_INFINITY));
    let start = (near + side / 2.0 - size / 2.0).trunc();
    let limit = f64::from(limit);
    let (start, end) = if start < 0.0 {
        (0.0, limit.min(size))
    } else if start + size > limit {
        ((limit - size).max(0.0), limit)
    } else {
        (start, limit.min(start + size))
    };
    (start as u32, end as u32)
}
