//! What a file is, from its header alone: nothing is loaded.
//!
//! Tensor names and shapes decide, never the file's name, except where two kinds have the same
//! tensors.

mod estimate;
mod facts;
mod family;
mod foreign;
mod kinds;
mod table;
mod variants;

pub use estimate::GpuBytes;
pub use family::Family;
pub(super) use foreign::foreign;
pub use kinds::{Kind, Use};

use std::fmt;

use self::facts::Facts;
use self::table::find;
use super::keys::{self, Part};
use super::{ByteSource, DType, Precision, Safetensors};
use crate::error::{Error, Result};

/// What is known of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognised {
    /// The file's name.
    pub file: String,
    /// What it is.
    pub kind: Kind,
    /// The models it belongs to, where that can be told.
    pub family: Option<Family>,
    /// What kind of its kind it is.
    pub variant: Option<&'static str>,
    /// Bytes of the whole file.
    pub bytes: u64,
    /// How most of its numbers are stored; `None` if it is no safetensors file.
    pub dtype: Option<DType>,
    /// How many numbers it holds.
    pub parameters: u64,
    /// Whether it also holds the averaged copy of its training, which is not read.
    pub has_ema: bool,
    /// Names of the networks in it, for a checkpoint.
    pub parts: Vec<&'static str>,
    /// What has to come from elsewhere before it can be used.
    pub needs: Vec<String>,
    /// What it can serve as now.
    pub usable_as: Option<Use>,
    /// Graphics memory for its numbers.
    pub gpu_bytes: GpuBytes,
}

/// Tells what a file is.
///
/// # Errors
/// A file that claims to be safetensors but has a damaged header, or that cannot be read.
pub fn recognise(source: Box<dyn ByteSource>) -> Result<Recognised> {
    if let Some(kind) = foreign(&*source)? {
        return Ok(Recognised {
            file: source.name().to_owned(),
            kind,
            family: None,
            variant: None,
            bytes: source.len(),
            dtype: None,
            parameters: 0,
            has_ema: false,
            parts: Vec::new(),
            needs: Vec::new(),
            usable_as: None,
            gpu_bytes: GpuBytes::default(),
        });
    }
    Ok(Recognised::of(&Safetensors::open(source)?))
}

impl Recognised {
    /// Tells what an opened file is.
    pub fn of(file: &Safetensors) -> Self {
        let facts = Facts { file: file.name(), tensors: file.tensors() };
        let row = find(&facts);
        let family = (row.family)(&facts);
        let is_checkpoint = row.kind == Kind::Checkpoint;
        let wanted = if is_checkpoint { keys::parts(family) } else { Vec::new() };
        let (held, lacking): (Vec<&Part>, Vec<_>) =
            wanted.iter().partition(|part| part.find(file).is_some());
        let mut needs: Vec<String> = lacking.iter().map(|part| with_article(part.name)).collect();
        match row.usable_as {
            Some(Use::Checkpoint) | None => {}
            Some(_) => needs.push(match family {
                Some(family) => format!("a checkpoint of {}", family.title()),
                None => "a checkpoint".to_owned(),
            }),
        }
        let variant = (row.variant)(&facts);
        let is_whole =
            lacking.is_empty() && !matches!(variant, Some("EDM" | "editing by instructions"));
        let is_usable = !is_checkpoint || is_whole && family.is_some();
        Self {
            file: file.name().to_owned(),
            kind: row.kind,
            family,
            variant,
            bytes: file.byte_len(),
            dtype: facts.dtype(),
            parameters: facts.parameters(),
            has_ema: facts.begins("model_ema.diffusion_model"),
            parts: held.iter().map(|part| part.name).collect(),
            needs,
            usable_as: row.usable_as.filter(|_| is_usable),
            gpu_bytes: GpuBytes::of(
                file,
                &held,
                matches!(row.kind, Kind::Vae | Kind::VaeDiffusers),
            ),
        }
    }

    /// The family of a checkpoint that can be loaded.
    ///
    /// # Errors
    /// [`Error::UnsupportedCheckpoint`], which says what the file is instead, or lacks.
    pub fn checkpoint_family(&self) -> Result<Family> {
        match (self.usable_as, self.family) {
            (Some(Use::Checkpoint), Some(family)) => Ok(family),
            _ => Err(self.refused()),
        }
    }

    /// Nothing, for a file that serves as this.
    ///
    /// # Errors
    /// [`Error::UnsupportedCheckpoint`], which says what the file is instead.
    pub fn holds(&self, usable_as: Use) -> Result<()> {
        if self.usable_as == Some(usable_as) { Ok(()) } else { Err(self.refused()) }
    }

    /// Nothing, for a file whose VAE can take the place of another.
    ///
    /// # Errors
    /// [`Error::UnsupportedCheckpoint`], which says what the file is instead.
    pub fn holds_vae(&self) -> Result<()> {
        match self.usable_as {
            Some(Use::Vae | Use::Checkpoint) => Ok(()),
            _ => Err(self.refused()),
        }
    }

    /// Why its weights do not fit where there are `most` bytes for them, as a sentence.
    pub fn problem(&self, precision: Precision, most: u64) -> Option<String> {
        let needed = self.gpu_bytes.at(precision);
        (needed > most).then(|| {
            format!(
                "{:?} needs {}, but a browser gives the processor {}: it takes a graphics card",
                self.file,
                Bytes(needed),
                Bytes(most)
            )
        })
    }

    /// Two sentences: what it is, and what to do with it; memory as `precision` asks for it.
    pub fn sentence(&self, precision: Precision) -> String {
        let mut sentence = format!("{:?} is {}", self.file, with_article(&self.title()));
        sentence += &match self.dtype {
            Some(dtype) => {
                let count = Count(self.parameters);
                format!(": {count} numbers in {}, {}.", dtype.title(), Bytes(self.bytes))
            }
            None => format!(" of {}.", Bytes(self.bytes)),
        };
        sentence += &match self.kind {
            Kind::Checkpoint if self.usable_as.is_none() => {
                format!(" It cannot be loaded: {}.", self.refusal())
            }
            Kind::Checkpoint => {
                format!(" It needs {} of graphics memory.", Bytes(self.gpu_bytes.at(precision)))
            }
            kind => format!(" It {}.", kind.advice()),
        };
        sentence
    }

    fn refused(&self) -> Error {
        Error::UnsupportedCheckpoint { checkpoint: self.file.clone(), reason: self.refusal() }
    }

    /// What the file is, to follow "a" or "an".
    pub fn title(&self) -> String {
        let family = self.family.map(|family| format!("{} ", family.title())).unwrap_or_default();
        let variant = self.variant.map(|variant| format!(" ({variant})")).unwrap_or_default();
        format!("{family}{}{variant}", self.kind.title())
    }

    fn refusal(&self) -> String {
        let bare =
            |need: &String| need.split_once(' ').map_or(need.clone(), |(_, it)| it.to_owned());
        let lacks = |needs: &[String]| needs.iter().map(bare).collect::<Vec<_>>().join(" and no ");
        match (self.kind, self.needs.as_slice()) {
            (Kind::Checkpoint, [_, ..]) => format!("it holds no {}", lacks(&self.needs)),
            (Kind::Checkpoint, []) => {
                format!("it is {}, which cannot be sampled", with_article(&self.title()))
            }
            _ => format!("it is {}, which {}", with_article(&self.title()), self.kind.advice()),
        }
    }
}

impl fmt::Display for Recognised {
    /// [`Recognised::sentence`] of a file that is loaded without a number changed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Precision::Auto))
    }
}

/// "a" or "an", and the title.
pub(super) fn with_article(title: &str) -> String {
    let vowel = title.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']);
    let article = if vowel || title.starts_with("HD") { "an" } else { "a" };
    format!("{article} {title}")
}

/// A size as people say it.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..1_000 => write!(f, "{bytes} bytes"),
            bytes @ 1_000..1_000_000 => write!(f, "{:.1} kB", bytes as f64 / 1e3),
            bytes @ 1_000_000..1_000_000_000 => write!(f, "{:.1} MB", bytes as f64 / 1e6),
            bytes => write!(f, "{:.2} GB", bytes as f64 / 1e9),
        }
    }
}

/// A number as people say it.
struct Count(u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            count @ 0..1_000_000 => write!(f, "{count}"),
            count @ 1_000_000..1_000_000_000 => write!(f, "{:.1} million", count as f64 / 1e6),
            count => write!(f, "{:.2} billion", count as f64 / 1e9),
        }
    }
}
