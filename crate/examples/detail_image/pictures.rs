//! Picture files to frames and masks.

use std::error::Error;
use std::path::{Path, PathBuf};

use burnish::geometry::Size;
use burnish::image::{Frames, Mask};

/// One frame of red, green and blue in `[0, 1]`.
pub(crate) fn read_image(path: &Path) -> Result<Frames, Box<dyn Error>> {
    let image = open(path)?.into_rgb8();
    let size = Size::new(image.width(), image.height());
    let data = image.into_raw().into_iter().map(|level| f32::from(level) / 255.0).collect();
    Ok(Frames::new(size, 1, 3, data)?)
}

/// The frames of a folder, which are of one size.
pub(crate) fn read_frames(folder: &Path) -> Result<Frames, Box<dyn Error>> {
    let files = numbered(folder)?;
    if files.is_empty() {
        return Err(format!("{}: holds no PNG", folder.display()).into());
    }
    read_all(&files)
}

/// The frames in `files`, one or more of one size.
pub(crate) fn read_all(files: &[PathBuf]) -> Result<Frames, Box<dyn Error>> {
    let [first, files @ ..] = files else { return Err("there are no frames".into()) };
    let mut frames = read_image(first)?;
    for file in files {
        let mut frame = read_image(file)?;
        if frame.size != frames.size {
            let (found, size) = (frame.size, frames.size);
            return Err(
                format!("{}: is {found}, the frames before it are {size}", file.display()).into()
            );
        }
        frames.data.append(&mut frame.data);
        frames.count += 1;
    }
    Ok(frames)
}

/// The masks of a folder.
pub(crate) fn read_masks(folder: &Path) -> Result<Vec<Mask>, Box<dyn Error>> {
    numbered(folder)?.iter().map(|file| read_mask(file)).collect()
}

/// Writes every frame, `0000.png` and so on.
pub(crate) fn write_frames(folder: &Path, frames: &Frames) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    (0..frames.count).try_for_each(|index| {
        write_image(&folder.join(format!("{index:04}.png")), &frames.take_frame(index))
    })
}

/// The PNGs of a folder, by the last number in their names.
fn numbered(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{folder:?}: {error}"))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "png"));
    files.sort_by_cached_key(|file| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let digits = |part: &&str| !part.is_empty();
        let mut numbers = name.split(|c: char| !c.is_ascii_digit()).filter(digits);
        (numbers.next_back().and_then(|number| number.parse::<u64>().ok()), name.clone())
    });
    Ok(files)
}

/// 1 wherever the picture is not black.
pub(crate) fn read_mask(path: &Path) -> Result<Mask, Box<dyn Error>> {
    let image = open(path)?.into_luma8();
    let size = Size::new(image.width(), image.height());
    let data = image.into_raw().into_iter().map(|level| f32::from(u8::from(level > 0))).collect();
    Ok(Mask::new(size, data)?)
}

/// Writes the first frame, rounded to 8 bit.
pub(crate) fn write_image(path: &Path, frames: &Frames) -> Result<(), Box<dyn Error>> {
    let levels = frames.frame(0).iter().map(|value| (value * 255.0).round() as u8).collect();
    let Size { width, height } = frames.size;
    let image = image::RgbImage::from_raw(width, height, levels).ok_or("a frame of 3 channels")?;
    image.save(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn open(path: &Path) -> Result<image::DynamicImage, Box<dyn Error>> {
    image::open(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
