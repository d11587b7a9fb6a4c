//! Everything that can go wrong, each case a sentence the user can act on.
//!
//! "Nothing to do" for one segment is no error: that is a skip with its reason, decided by the
//! detailer.

use crate::geometry::Size;

/// What most functions of the crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong between the page and the pasted image.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The user asked to stop.
    #[error("stopped on request")]
    Cancelled,
    /// The name is in no row of the sampler table.
    #[error("unknown sampler {name:?}, expected one of {}", known.join(", "))]
    UnknownSampler {
        /// The name that was asked for.
        name: String,
        /// Every name there is.
        known: Vec<&'static str>,
    },
    /// The name is in no row of the scheduler table.
    #[error("unknown scheduler {name:?}, expected one of {}", known.join(", "))]
    UnknownScheduler {
        /// The name that was asked for.
        name: String,
        /// Every name there is.
        known: Vec<&'static str>,
    },
    /// The name is in no row of the node table.
    #[error("unknown node {name:?}, expected one of {}", known.join(", "))]
    UnknownNode {
        /// The name that was asked for.
        name: String,
        /// Every name there is.
        known: Vec<&'static str>,
    },
    /// The name is in no row of the table of measures.
    #[error("unknown measure {name:?}, expected one of {}", known.join(", "))]
    UnknownMeasure {
        /// The name that was asked for.
        name: String,
        /// Every name there is.
        known: Vec<&'static str>,
    },
    /// The name is in no row of the hook table.
    #[error("unknown hook {name:?}, expected one of {}", known.join(", "))]
    UnknownHook {
        /// The name that was asked for.
        name: String,
        /// Every name there is.
        known: Vec<&'static str>,
    },
    /// A crop came out black however often it was made.
    #[error("a segment came out black {attempts} times; try another seed or another model")]
    BlackPatch {
        /// How often it was made.
        attempts: usize,
    },
    /// A setting lies outside the range its node accepts.
    #[error("{name} is {value}, it must be {range}")]
    SettingRange {
        /// The setting, as the node names it.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is accepted, as words that follow "must be".
        range: String,
    },
    /// A hook that is not ours threw an error, or gave what cannot be used.
    #[error("the hook's {method} failed: {reason}")]
    Hook {
        /// The method that was called.
        method: &'static str,
        /// What it said, or what is wrong with its answer.
        reason: String,
    },
    /// What the page sent could not be understood.
    #[error("the request is malformed: {reason}")]
    BadRequest {
        /// What is wrong with it.
        reason: String,
    },
    /// No graphics device could be opened.
    #[error("no graphics device could be opened: {reason}")]
    NoGpu {
        /// What the system said.
        reason: String,
    },
    /// The mask holds no pixel to work on.
    #[error("nothing is painted: mark the part of the picture that shall be redone")]
    NothingPainted,
    /// A picture without pixels.
    #[error("the picture is empty ({size})")]
    EmptyPicture {
        /// Its size.
        size: Size,
    },
    /// The number of values does not belong to the picture's size.
    #[error("a picture of {size} with {channels} channels needs {expected} values, {found} came")]
    PixelCount {
        /// The size it claims.
        size: Size,
        /// Values per pixel.
        channels: usize,
        /// What size and channels ask for.
        expected: usize,
        /// What there is.
        found: usize,
    },
    /// More pixels than can be worked on.
    #[error("the picture is {size}, the largest side that can be worked on is {limit} pixels")]
    PictureTooLarge {
        /// Its size.
        size: Size,
        /// The longest side allowed, in pixels.
        limit: u32,
    },
    /// A mask must have the size of the image it belongs to.
    #[error("mask is {mask}, image is {image}")]
    MaskSize {
        /// Size of the mask.
        mask: Size,
        /// Size of the image.
        image: Size,
    },
    /// Segments must have been made for a picture of the size at hand.
    #[error("the segments are for a picture of {segs}, this one is {image}")]
    SegsSize {
        /// Size the segments were made for.
        segs: Size,
        /// Size of the picture at hand.
        image: Size,
    },
    /// A document of segments that cannot be read or written.
    #[error("the segments are unusable: {reason}")]
    SegsData {
        /// What is wrong with it.
        reason: String,
    },
    /// Scaling a segment to another picture left no pixel of it.
    #[error("segment {segment} has no pixels left when scaled from {from} to {to}")]
    ScaledAway {
        /// Place of the segment in its list, from 0.
        segment: usize,
        /// Size the segment was made for.
        from: Size,
        /// Size of the picture at hand.
        to: Size,
    },
    /// Two lists of frames that must match do not.
    #[error("{what} has {found} frames, {expected} are needed")]
    FrameCount {
        /// What has the wrong number.
        what: &'static str,
        /// The number needed.
        expected: usize,
        /// The number found.
        found: usize,
    },
    /// A wildcard text that cannot be filled in.
    #[error("the wildcard text {text:?} cannot be filled in: {reason}")]
    Wildcard {
        /// The text or the part of it that is meant.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of wildcards that cannot be read.
    #[error("{file:?} is no usable wildcard file: {reason}")]
    WildcardFile {
        /// Path of the file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file could not be read.
    #[error("cannot read {len} bytes at {offset} of {file:?}: {reason}")]
    Read {
        /// Name of the file.
        file: String,
        /// First byte asked for.
        offset: u64,
        /// Number of bytes asked for.
        len: u64,
        /// What the system said.
        reason: String,
    },
    /// The file is not a safetensors file, or damaged.
    #[error("{file:?} is not a usable safetensors file: {reason}")]
    NotSafetensors {
        /// Name of the file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// One entry of a safetensors header contradicts itself or the file.
    #[error("{file:?} is damaged at tensor {tensor:?}: {reason}")]
    TensorEntry {
        /// Name of the file.
        file: String,
        /// Path of the tensor.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The checkpoint has no tensor under a path the module asked for.
    #[error("{checkpoint:?} has no tensor {path:?}")]
    MissingTensor {
        /// Name of the file.
        checkpoint: String,
        /// The path asked for.
        path: String,
    },
    /// A tensor has another shape than the module needs.
    #[error("tensor {path:?} of {checkpoint:?} has shape {found:?}, {expected:?} is needed")]
    TensorShape {
        /// Name of the file.
        checkpoint: String,
        /// Path of the tensor.
        path: String,
        /// Shape the module needs.
        expected: Vec<usize>,
        /// Shape in the file.
        found: Vec<usize>,
    },
    /// A tensor holds numbers that cannot be used as weights.
    #[error("tensor {path:?} of {checkpoint:?} is stored as {found}, F32, F16 or BF16 is needed")]
    TensorDtype {
        /// Name of the file.
        checkpoint: String,
        /// Path of the tensor.
        path: String,
        /// How it is stored.
        found: String,
    },
    /// The file is of another kind than is needed, or not whole.
    #[error("{checkpoint:?} cannot be loaded: {reason}")]
    UnsupportedCheckpoint {
        /// Name of the file.
        checkpoint: String,
        /// How it shows.
        reason: String,
    },
    /// A LoRA holds nothing that could be applied.
    #[error("the LoRA {lora:?} cannot be used: {reason}")]
    LoraUnusable {
        /// Its name.
        lora: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A LoRA was made for layers of another size.
    #[error(
        "the LoRA {lora:?} is for another family of models: its tensor {tensor:?} has shape \
         {found:?}, this checkpoint needs {expected:?}"
    )]
    LoraShape {
        /// Its name.
        lora: String,
        /// Path of the tensor in it.
        tensor: String,
        /// Shape the checkpoint's layer needs, its axes after the first laid flat.
        expected: Vec<usize>,
        /// Shape in the file.
        found: Vec<usize>,
    },
    /// The file is no ControlNet that can be used.
    #[error("{file:?} is no ControlNet for Stable Diffusion 1.5: {reason}")]
    UnsupportedControlNet {
        /// Name of the file.
        file: String,
        /// How it shows.
        reason: String,
    },
    /// A file that was given as a textual-inversion embedding is none.
    #[error("{file:?} is no textual-inversion embedding: {reason}")]
    NotEmbedding {
        /// Name of the file.
        file: String,
        /// How it shows.
        reason: String,
    },
    /// A ControlNet is wanted that was not added.
    #[error("unknown ControlNet {name:?}, add its file first; at hand: {}", known.join(", "))]
    UnknownControlNet {
        /// The name that was asked for.
        name: String,
        /// Every name there is.
        known: Vec<String>,
    },
    /// The file is no motion module that can be used here.
    #[error("{file:?} is no motion module for this checkpoint: {reason}")]
    UnsupportedMotion {
        /// Name of the file.
        file: String,
        /// How it shows.
        reason: String,
    },
    /// A motion module or a motion LoRA is wanted that was not added.
    #[error("unknown {what} {name:?}, add its file first; at hand: {}", known.join(", "))]
    UnknownMotion {
        /// What it would be.
        what: &'static str,
        /// The name that was asked for.
        name: String,
        /// Every name there is.
        known: Vec<String>,
    },
    /// A motion module is to see more frames at once than it was trained for.
    #[error(
        "the motion module sees at most {limit} frames at once, {frames} are given: set a context \
         of {limit} frames or fewer"
    )]
    TooManyFrames {
        /// Frames at once.
        frames: usize,
        /// Most it can see.
        limit: usize,
    },
    /// The name is in no row of a table of motion settings.
    #[error("unknown {what} {name:?}, expected one of {}", known.join(", "))]
    UnknownChoice {
        /// What the name is of.
        what: &'static str,
        /// The name that was asked for.
        name: String,
        /// Every name there is.
        known: Vec<&'static str>,
    },
    /// The tokenizer's merge list is not what it should be.
    #[error("the tokenizer's vocabulary is damaged: {reason}")]
    Vocabulary {
        /// What is wrong with it.
        reason: String,
    },
    /// Arithmetic ran out of range.
    #[error("the {stage} gave values that are not finite; try other settings or another model")]
    NotFinite {
        /// The step of the work where it showed.
        stage: &'static str,
    },
    /// The device refused, failed or is gone.
    #[error("the graphics device failed: {reason}")]
    Device {
        /// What it said.
        reason: String,
    },
}

impl Error {
    /// A short stable name the page can switch on; never shown to the user.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::UnknownSampler { .. } => "unknown_sampler",
            Self::UnknownScheduler { .. } => "unknown_scheduler",
            Self::UnknownNode { .. } => "unknown_node",
            Self::UnknownMeasure { .. } => "unknown_measure",
            Self::UnknownHook { .. } => "unknown_hook",
            Self::Hook { .. } => "hook",
            Self::BlackPatch { .. } => "black_patch",
            Self::SettingRange { .. } => "setting_range",
            Self::NoGpu { .. } => "no_gpu",
            Self::BadRequest { .. } => "bad_request",
            Self::NothingPainted => "nothing_painted",
            Self::EmptyPicture { .. } => "empty_picture",
            Self::PixelCount { .. } => "pixel_count",
            Self::PictureTooLarge { .. } => "picture_too_large",
            Self::MaskSize { .. } => "mask_size",
            Self::SegsSize { .. } => "segs_size",
            Self::SegsData { .. } => "segs_data",
            Self::ScaledAway { .. } => "scaled_away",
            Self::FrameCount { .. } => "frame_count",
            Self::Wildcard { .. } => "wildcard",
            Self::WildcardFile { .. } => "wildcard_file",
            Self::Read { .. } => "read",
            Self::NotSafetensors { .. } => "not_safetensors",
            Self::TensorEntry { .. } => "tensor_entry",
            Self::MissingTensor { .. } => "missing_tensor",
            Self::TensorShape { .. } => "tensor_shape",
            Self::TensorDtype { .. } => "tensor_dtype",
            Self::UnsupportedCheckpoint { .. } => "unsupported_checkpoint",
            Self::LoraUnusable { .. } => "lora_unusable",
            Self::LoraShape { .. } => "lora_shape",
            Self::UnsupportedControlNet { .. } => "unsupported_control_net",
            Self::UnknownControlNet { .. } => "unknown_control_net",
            Self::UnsupportedMotion { .. } => "unsupported_motion",
            Self::UnknownMotion { .. } => "unknown_motion",
            Self::TooManyFrames { .. } => "too_many_frames",
            Self::UnknownChoice { .. } => "unknown_choice",
            Self::NotEmbedding { .. } => "not_embedding",
            Self::Vocabulary { .. } => "vocabulary",
            Self::NotFinite { .. } => "not_finite",
            Self::Device { .. } => "device",
        }
    }
}
