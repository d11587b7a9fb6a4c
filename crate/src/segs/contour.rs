//! Connected regions of a mask, outermost ones only, with their holes filled.

use crate::geometry::{Rect, Size};
use crate::image::{Mask, level};

/// One connected region.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// The tight rectangle around it. Pixels of the mask.
    pub bbox: Rect,
    /// Which pixels of `bbox` it or one of its holes covers, row by row.
    filled: Vec<bool>,
}

impl Region {
    /// Whether the region or one of its holes covers a pixel of the mask.
    pub fn covers(&self, x: u32, y: u32) -> bool {
        let inside =
            (self.bbox.x1..self.bbox.x2).contains(&x) && (self.bbox.y1..self.bbox.y2).contains(&y);
        inside && {
            let (x, y) = (x - self.bbox.x1, y - self.bbox.y1);
            self.filled[y as usize * self.bbox.width() as usize + x as usize]
        }
    }
}

/// The outer regions of everything in `mask` that reaches the first 8-bit level above black.
///
/// Pixels that touch at a corner belong together. A region inside a hole of another one does not
/// count. Order: reverse raster order of each region's first pixel, so the one whose top is lowest
/// comes first and of two with equal tops the right one.
pub fn outer_regions(mask: &Mask) -> Vec<Region> {
    let Some(painted) = painted_bounds(mask) else { return Vec::new() };
    // What is done from here on grows with what is painted, not with the picture.
    let mask = &mask.crop(painted);
    let paper = Grid::around(mask.size, |x, y| level(mask.at(x, y)) == 0);
    let outside = paper.reached_from_border();
    let mut ink: Vec<bool> = paper.set.iter().map(|&paper| !paper).collect();
    let mut regions = Vec::new();
    for first in 0..ink.len() {
        if !ink[first] {
            continue;
        }
        let pixels = paper.take_component(first, &mut ink);
        // The pixel above a region's first one belongs to whatever surrounds the region.
        if outside[first - paper.width] {
            regions.push(region(&pixels, paper.width, painted));
        }
    }
    regions.reverse();
    regions
}

/// The tight rectangle around all foreground.
fn painted_bounds(mask: &Mask) -> Option<Rect> {
    let is_painted = |value: &f32| level(*value) != 0;
    let mut bounds: Option<Rect> = None;
    for y in 0..mask.size.height {
        let row = mask.row(y);
        let Some(first) = row.iter().position(is_painted) else { continue };
        let last = row.iter().rposition(is_painted).unwrap_or(first);
        let (x1, x2) = (first as u32, last as u32 + 1);
        let so_far = bounds.unwrap_or(Rect::new(x1, y, x2, y));
        bounds = Some(Rect::new(so_far.x1.min(x1), so_far.y1, so_far.x2.max(x2), y + 1));
    }
    bounds
}

/// The region of `pixels` in a grid `width` wide around `painted`.
fn region(pixels: &[usize], width: usize, painted: Rect) -> Region {
    let (mut near, mut far) = ((usize::MAX, usize::MAX), (0, 0));
    for &pixel in pixels {
        let (x, y) = (pixel % width, pixel / width);
        near = (near.0.min(x), near.1.min(y));
        far = (far.0.max(x), far.1.max(y));
    }
    let columns = far.0 - near.0 + 1;
    let mut own = vec![false; columns * (far.1 - near.1 + 1)];
    for &pixel in pixels {
        own[(pixel / width - near.1) * columns + pixel % width - near.0] = true;
    }
    let size = Size::new(columns as u32, (far.1 - near.1 + 1) as u32);
    let around = Grid::around(size, |x, y| !own[y as usize * columns + x as usize]);
    let outside = around.reached_from_border();
    let filled = (1..=size.height as usize)
        .flat_map(|y| outside[y * around.width + 1..][..columns].iter().map(|outside| !outside))
        .collect();
    // The grid's border shifts coordinates by one pixel.
    let (x, y) = (near.0 as u32 - 1 + painted.x1, near.1 as u32 - 1 + painted.y1);
    Region { bbox: Rect::new(x, y, x + size.width, y + size.height), filled }
}

/// A set of pixels with a border, one pixel wide, that belongs to the set.
struct Grid {
    width: usize,
    set: Vec<bool>,
}

impl Grid {
    fn around(size: Size, holds: impl Fn(u32, u32) -> bool) -> Self {
        let width = size.width as usize + 2;
        let mut set = vec![true; width * (size.height as usize + 2)];
        for y in 0..size.height {
            for x in 0..size.width {
                set[(y as usize + 1) * width + x as usize + 1] = holds(x, y);
            }
        }
        Self { width, set }
    }

    /// The part of the set connected to the border, edge by edge.
    fn reached_from_border(&self) -> Vec<bool> {
        let mut reached = vec![false; self.set.len()];
        let mut open = vec![0usize];
        reached[0] = true;
        while let Some(index) = open.pop() {
            for step in [1, -1, self.width as isize, -(self.width as isize)] {
                let Some(next) = index.checked_add_signed(step) else { continue };
                if next < reached.len() && self.set[next] && !reached[next] {
                    reached[next] = true;
                    open.push(next);
                }
            }
        }
        reached
    }

    /// Takes everything connected to `first`, corners included, out of `ink`, which lies within
    /// the border.
    fn take_component(&self, first: usize, ink: &mut [bool]) -> Vec<usize> {
        let mut pixels = vec![first];
        ink[first] = false;
        let mut done = 0;
        while done < pixels.len() {
            let corner = pixels[done] - self.width - 1;
            for row in 0..3 {
                let start = corner + row * self.width;
                for (column, pixel) in ink[start..start + 3].iter_mut().enumerate() {
                    if std::mem::take(pixel) {
                        pixels.push(start + column);
                    }
                }
            }
            done += 1;
        }
        pixels
    }
}
