//! Masks and crops as PNG files in data URLs.

use ::image::codecs::png::{PngDecoder, PngEncoder};
use ::image::{ColorType, ExtendedColorType, ImageDecoder, ImageEncoder};
use std::io::Cursor;

use super::base64;
use crate::geometry::Size;
use crate::image::{Frames, Mask, value_of};

/// What every picture begins with.
const PREFIX: &str = "data:image/png;base64,";

/// A mask as a grey PNG: 8 bits a pixel if that loses nothing, else 16.
pub(super) fn write_mask(mask: &Mask) -> Result<String, String> {
    let levels: Vec<u8> =
        mask.data.iter().map(|&value| rounded(value, u8::MAX.into()) as u8).collect();
    let is_exact = mask.data.iter().zip(&levels).all(|(value, level)| *value == value_of(*level));
    if is_exact {
        return write(&levels, mask.size, ExtendedColorType::L8);
    }
    let deep = mask.data.iter().map(|&value| rounded(value, u16::MAX.into()) as u16);
    write(&deep.flat_map(u16::to_ne_bytes).collect::<Vec<u8>>(), mask.size, ExtendedColorType::L16)
}

/// One frame as a PNG in colour, 8 bits a channel.
pub(super) fn write_frame(frames: &Frames, index: usize) -> Result<String, String> {
    let colour = match frames.channels {
        3 => ExtendedColorType::Rgb8,
        4 => ExtendedColorType::Rgba8,
        channels => return Err(format!("it has {channels} channels, not 3 or 4")),
    };
    let values = frames.frame(index).iter();
    let levels: Vec<u8> = values.map(|&value| rounded(value, u8::MAX.into()) as u8).collect();
    write(&levels, frames.size, colour)
}

/// The mask in a grey PNG of exactly `size`.
pub(super) fn read_mask(url: &str, size: Size) -> Result<Mask, String> {
    let (colour, bytes) = read(url, size, &[ColorType::L8, ColorType::L16], "grey")?;
    let data = match colour {
        ColorType::L8 => bytes.into_iter().map(value_of).collect(),
        _ => bytes
            .chunks_exact(2)
            .map(|pair| f32::from(u16::from_ne_bytes([pair[0], pair[1]])) / f32::from(u16::MAX))
            .collect(),
    };
    Ok(Mask { size, data })
}

/// The picture in an 8-bit PNG of exactly `size`, with or without transparency.
pub(super) fn read_frame(url: &str, size: Size) -> Result<Frames, String> {
    let (colour, bytes) =
        read(url, size, &[ColorType::Rgb8, ColorType::Rgba8], "8-bit RGB or RGBA")?;
    let channels = usize::from(colour.channel_count());
    Ok(Frames { size, count: 1, channels, data: bytes.into_iter().map(value_of).collect() })
}

/// The nearest of the levels from 0 to `top`.
fn rounded(value: f32, top: f32) -> f32 {
    (value * top).round().clamp(0.0, top)
}

fn write(bytes: &[u8], size: Size, colour: ExtendedColorType) -> Result<String, String> {
    let mut file = Vec::new();
    PngEncoder::new(&mut file)
        .write_image(bytes, size.width, size.height, colour)
        .map_err(|error| error.to_string())?;
    Ok(format!("{PREFIX}{}", base64::encode(&file)))
}

/// Colours are checked before anything of the picture's size is allocated.
fn read(
    url: &str,
    size: Size,
    colours: &[ColorType],
    wanted: &str,
) -> Result<(ColorType, Vec<u8>), String> {
    let text =
        url.strip_prefix(PREFIX).ok_or_else(|| format!("it does not begin with {PREFIX:?}"))?;
    let file = base64::decode(text).ok_or("its base64 is damaged")?;
    let damaged = |error: ::image::ImageError| format!("its PNG is damaged: {error}");
    let decoder = PngDecoder::new(Cursor::new(file)).map_err(damaged)?;
    let found = Size::new(decoder.dimensions().0, decoder.dimensions().1);
    if found != size {
        return Err(format!("it is {found}, the crop region is {size}"));
    }
    let colour = decoder.color_type();
    if !colours.contains(&colour) {
        return Err(format!("it is a PNG of type {colour:?}, {wanted} is needed"));
    }
    let mut bytes = vec![0; size.area() * usize::from(colour.bytes_per_pixel())];
    decoder.read_image(&mut bytes).map_err(damaged)?;
    Ok((colour, bytes))
}
