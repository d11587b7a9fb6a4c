//! Segments as a JSON document; `docs/segs.md` describes it.

use serde::{Deserialize, Serialize};

use super::png::{read_frame, read_mask, write_frame, write_mask};
use super::{Seg, SegMask, Segs};
use crate::error::{Error, Result};
use crate::geometry::{Rect, Size};
use crate::image::Frames;

/// What a document calls itself.
pub const SCHEMA: &str = "burnish.segs";
/// The version written, and the only one read.
pub const VERSION: u32 = 1;

/// Longest side of a picture.
const LONGEST_SIDE: u32 = 16_384;
/// Most values in all masks and crops of a document together.
const MOST_VALUES: usize = 1 << 27;

#[derive(Deserialize)]
struct Header {
    schema: String,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    version: u32,
    size: Sides,
    segments: Vec<Item>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    width: u32,
    height: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    #[serde(default = "painted")]
    label: String,
    #[serde(default = "certain")]
    confidence: f32,
    bbox: [f64; 4],
    crop_region: [u32; 4],
    mask: Pictures,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image: Option<Pictures>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "a picture must be a data URL, or a list of them")]
enum Pictures {
    One(String),
    Many(Vec<String>),
}

fn painted() -> String {
    "A".to_owned()
}

fn certain() -> f32 {
    1.0
}

/// Writes segments as a JSON document.
///
/// Mask values that are no 8-bit levels are rounded to 16 bits, pixels of crops to 8; values
/// outside 0 to 1 are cut.
pub fn segs_to_json(segs: &Segs) -> Result<String> {
    check_size(segs)?;
    let items = segs.items.iter().enumerate().map(|(index, seg)| {
        check(seg, segs.size).and_then(|()| written(seg)).map_err(|reason| at(index, &reason))
    });
    let document = Document {
        schema: SCHEMA.to_owned(),
        version: VERSION,
        size: Sides { width: segs.size.width, height: segs.size.height },
        segments: items.collect::<Result<_>>()?,
    };
    serde_json::to_string(&document).map_err(|error| refused(error.to_string()))
}

/// Reads segments from a JSON document; refuses all that is not exactly as described.
pub fn segs_from_json(text: &str) -> Result<Segs> {
    let header: Header = parsed(text)?;
    if header.schema != SCHEMA {
        return Err(refused(format!("the schema is {:?}, not {SCHEMA:?}", header.schema)));
    }
    if header.version != VERSION {
        let version = header.version;
        return Err(refused(format!("version {version} is not known, only {VERSION}")));
    }
    let document: Document = parsed(text)?;
    let size = Size::new(document.size.width, document.size.height);
    let mut segs = Segs { size, items: Vec::with_capacity(document.segments.len()) };
    check_size(&segs)?;
    let mut values = 0;
    for (index, item) in document.segments.into_iter().enumerate() {
        let region = rect(item.crop_region);
        values =
            region.size().area().saturating_mul(item.values_per_pixel()).saturating_add(values);
        if values > MOST_VALUES {
            let reason = format!("masks and crops up to here have more than {MOST_VALUES} values");
            return Err(at(index, &reason));
        }
        let seg = check_region(region, size).and_then(|()| item.seg(region, size));
        let seg = seg.and_then(|seg| check(&seg, size).map(|()| seg));
        segs.items.push(seg.map_err(|reason| at(index, &reason))?);
    }
    Ok(segs)
}

fn parsed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| refused(error.to_string()))
}

fn refused(reason: String) -> Error {
    Error::SegsData { reason }
}

fn at(segment: usize, reason: &str) -> Error {
    refused(format!("segment {segment}: {reason}"))
}

fn rect([x1, y1, x2, y2]: [u32; 4]) -> Rect {
    Rect { x1, y1, x2, y2 }
}

fn check_size(segs: &Segs) -> Result<()> {
    let Size { width, height } = segs.size;
    if width.max(height) > LONGEST_SIDE {
        return Err(Error::PictureTooLarge { size: segs.size, limit: LONGEST_SIDE });
    }
    Ok(())
}

fn check_region(region: Rect, size: Size) -> Result<(), String> {
    if region.is_empty() {
        return Err(format!("the crop region {region} has no pixels"));
    }
    if !Rect::of_size(size).contains(region) {
        return Err(format!(
            "the crop region {region} reaches beyond the picture, which is {size}"
        ));
    }
    Ok(())
}

/// What both a written and a read segment must be.
fn check(seg: &Seg, size: Size) -> Result<(), String> {
    check_region(seg.crop_region, size)?;
    let crop = seg.crop_region.size();
    if seg.cropped_mask.masks().is_empty() {
        return Err("it has no mask".to_owned());
    }
    if let Some(mask) = seg.cropped_mask.masks().iter().find(|mask| mask.size != crop) {
        return Err(format!("a mask is {}, the crop region is {crop}", mask.size));
    }
    match &seg.cropped_image {
        Some(image) if image.count == 0 => Err("its image has no frames".to_owned()),
        Some(image) if image.size != crop => {
            Err(format!("its image is {}, the crop region is {crop}", image.size))
        }
        _ if !seg.confidence.is_finite() => Err("its confidence is no finite number".to_owned()),
        _ => Ok(()),
    }
}

fn written(seg: &Seg) -> Result<Item, String> {
    let Rect { x1, y1, x2, y2 } = seg.bbox;
    let region = seg.crop_region;
    let masks = || seg.cropped_mask.masks().iter().map(write_mask).collect::<Result<Vec<_>, _>>();
    let mask = match &seg.cropped_mask {
        SegMask::Still(mask) => Pictures::One(write_mask(mask)?),
        SegMask::PerFrame(_) => Pictures::Many(masks()?),
    };
    let frames = |image: &Frames| {
        (0..image.count).map(|index| write_frame(image, index)).collect::<Result<Vec<_>, _>>()
    };
    let image = match &seg.cropped_image {
        None => None,
        Some(image) if image.count == 1 => Some(Pictures::One(write_frame(image, 0)?)),
        Some(image) => Some(Pictures::Many(frames(image)?)),
    };
    Ok(Item {
        label: seg.label.clone(),
        confidence: seg.confidence,
        bbox: [x1, y1, x2, y2].map(f64::from),
        crop_region: [region.x1, region.y1, region.x2, region.y2],
        mask,
        image,
    })
}

impl Item {
    /// At most, as an image may be with or without transparency.
    fn values_per_pixel(&self) -> usize {
        let count = |pictures: &Pictures| match pictures {
            Pictures::One(_) => 1,
            Pictures::Many(list) => list.len(),
        };
        count(&self.mask) + 4 * self.image.as_ref().map_or(0, count)
    }

    fn seg(self, region: Rect, size: Size) -> Result<Seg, String> {
        let crop = region.size();
        let read_mask = |url: &String| read_mask(url, crop).map_err(|why| format!("mask: {why}"));
        let cropped_mask = match &self.mask {
            Pictures::One(url) => SegMask::Still(read_mask(url)?),
            Pictures::Many(urls) => {
                SegMask::PerFrame(urls.iter().map(read_mask).collect::<Result<_, _>>()?)
            }
        };
        let cropped_image = match &self.image {
            None => None,
            Some(Pictures::One(url)) => Some(frames(std::slice::from_ref(url), crop)?),
            Some(Pictures::Many(urls)) => Some(frames(urls, crop)?),
        };
        Ok(Seg {
            cropped_image,
            cropped_mask,
            confidence: self.confidence,
            crop_region: region,
            bbox: bounding_box(self.bbox, size)?,
            label: self.label,
            controls: Vec::new(),
        })
    }
}

fn frames(urls: &[String], size: Size) -> Result<Frames, String> {
    let mut all: Option<Frames> = None;
    for url in urls {
        let frame = read_frame(url, size).map_err(|why| format!("image: {why}"))?;
        match &mut all {
            None => all = Some(frame),
            Some(all) if all.channels != frame.channels => {
                return Err("image: some frames have transparency, others have not".to_owned());
            }
            Some(all) => {
                all.count += 1;
                all.data.extend(frame.data);
            }
        }
    }
    all.ok_or_else(|| "image: the list is empty".to_owned())
}

/// Fractions are cut off, and so is what lies beyond the picture.
fn bounding_box(corners: [f64; 4], size: Size) -> Result<Rect, String> {
    let [x1, y1, x2, y2] = corners;
    if !(x1 <= x2 && y1 <= y2) {
        return Err(format!("the corners of the bbox {corners:?} are the wrong way round"));
    }
    let cut = |corner: f64, limit: u32| corner.clamp(0.0, limit.into()) as u32;
    let (width, height) = (size.width, size.height);
    Ok(Rect { x1: cut(x1, width), y1: cut(y1, height), x2: cut(x2, width), y2: cut(y2, height) })
}
