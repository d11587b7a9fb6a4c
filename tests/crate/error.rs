use burnish::Error;
use burnish::geometry::Size;

fn every_error() -> Vec<(Error, &'static str)> {
    let text = |text: &str| text.to_owned();
    let (size, other) = (Size::new(64, 48), Size::new(32, 16));
    vec![
        (Error::Cancelled, "stopped on request"),
        (
            Error::UnknownSampler { name: text("eular"), known: vec!["euler", "ddim"] },
            "unknown sampler \"eular\", expected one of euler, ddim",
        ),
        (
            Error::UnknownScheduler { name: text("k"), known: vec!["normal", "karras"] },
            "unknown scheduler \"k\", expected one of normal, karras",
        ),
        (
            Error::UnknownNode { name: text("Face"), known: vec!["MaskDetailer"] },
            "unknown node \"Face\", expected one of MaskDetailer",
        ),
        (
            Error::UnknownMeasure { name: text("w"), known: vec!["area", "width"] },
            "unknown measure \"w\", expected one of area, width",
        ),
        (
            Error::UnknownHook { name: text("zoom"), known: vec!["preview"] },
            "unknown hook \"zoom\", expected one of preview",
        ),
        (
            Error::Hook { method: "post_paste", reason: text("it gave 3 numbers") },
            "the hook's post_paste failed: it gave 3 numbers",
        ),
        (
            Error::BlackPatch { attempts: 3 },
            "a segment came out black 3 times; try another seed or another model",
        ),
        (
            Error::SettingRange { name: "steps", value: text("0"), range: text("from 1 to 10000") },
            "steps is 0, it must be from 1 to 10000",
        ),
        (Error::BadRequest { reason: text("no mask") }, "the request is malformed: no mask"),
        (
            Error::NothingPainted,
            "nothing is painted: mark the part of the picture that shall be redone",
        ),
        (Error::EmptyPicture { size: Size::new(0, 7) }, "the picture is empty (0x7)"),
        (
            Error::PixelCount { size, channels: 3, expected: 9216, found: 5 },
            "a picture of 64x48 with 3 channels needs 9216 values, 5 came",
        ),
        (
            Error::PictureTooLarge { size, limit: 32 },
            "the picture is 64x48, the largest side that can be worked on is 32 pixels",
        ),
        (Error::MaskSize { mask: other, image: size }, "mask is 32x16, image is 64x48"),
        (
            Error::SegsSize { segs: other, image: size },
            "the segments are for a picture of 32x16, this one is 64x48",
        ),
        (
            Error::SegsData { reason: text("segment 1: no mask") },
            "the segments are unusable: segment 1: no mask",
        ),
        (
            Error::ScaledAway { segment: 2, from: size, to: other },
            "segment 2 has no pixels left when scaled from 64x48 to 32x16",
        ),
        (
            Error::FrameCount { what: "the mask", expected: 3, found: 1 },
            "the mask has 1 frames, 3 are needed",
        ),
        (
            Error::Wildcard { text: text("{ab$$c}"), reason: text("no number") },
            "the wildcard text \"{ab$$c}\" cannot be filled in: no number",
        ),
        (
            Error::WildcardFile { file: text("a.yaml"), reason: text("line 3: no name") },
            "\"a.yaml\" is no usable wildcard file: line 3: no name",
        ),
        (
            Error::Read { file: text("a"), offset: 8, len: 4, reason: text("gone") },
            "cannot read 4 bytes at 8 of \"a\": gone",
        ),
        (
            Error::NotSafetensors { file: text("a"), reason: text("it has only 3 bytes") },
            "\"a\" is not a usable safetensors file: it has only 3 bytes",
        ),
        (
            Error::TensorEntry { file: text("a"), tensor: text("w"), reason: text("too long") },
            "\"a\" is damaged at tensor \"w\": too long",
        ),
        (
            Error::MissingTensor { checkpoint: text("a"), path: text("w") },
            "\"a\" has no tensor \"w\"",
        ),
        (
            Error::TensorShape {
                checkpoint: text("a"),
                path: text("w"),
                expected: vec![2, 3],
                found: vec![6],
            },
            "tensor \"w\" of \"a\" has shape [6], [2, 3] is needed",
        ),
        (
            Error::TensorDtype { checkpoint: text("a"), path: text("w"), found: text("I64") },
            "tensor \"w\" of \"a\" is stored as I64, F32, F16 or BF16 is needed",
        ),
        (
            Error::UnsupportedCheckpoint { checkpoint: text("a"), reason: text("it has no UNet") },
            "\"a\" cannot be loaded: it has no UNet",
        ),
        (
            Error::LoraUnusable { lora: text("style"), reason: text("it is empty") },
            "the LoRA \"style\" cannot be used: it is empty",
        ),
        (
            Error::LoraShape {
                lora: text("style"),
                tensor: text("w"),
                expected: vec![4, 768],
                found: vec![4, 2048],
            },
            "the LoRA \"style\" is for another family of models: its tensor \"w\" has shape \
             [4, 2048], this checkpoint needs [4, 768]",
        ),
        (
            Error::UnsupportedControlNet { file: text("a"), reason: text("it is empty") },
            "\"a\" is no ControlNet for Stable Diffusion 1.5: it is empty",
        ),
        (
            Error::UnknownControlNet { name: text("pose"), known: vec![text("a"), text("b")] },
            "unknown ControlNet \"pose\", add its file first; at hand: a, b",
        ),
        (
            Error::UnsupportedMotion { file: text("mm.safetensors"), reason: text("it is a LoRA") },
            "\"mm.safetensors\" is no motion module for this checkpoint: it is a LoRA",
        ),
        (
            Error::UnknownMotion { what: "motion LoRA", name: text("pan"), known: Vec::new() },
            "unknown motion LoRA \"pan\", add its file first; at hand: ",
        ),
        (
            Error::TooManyFrames { frames: 40, limit: 32 },
            "the motion module sees at most 32 frames at once, 40 are given: set a context of 32 \
             frames or fewer",
        ),
        (
            Error::UnknownChoice { what: "schedule", name: text("x"), known: vec!["a", "b"] },
            "unknown schedule \"x\", expected one of a, b",
        ),
        (
            Error::NotEmbedding { file: text("e.safetensors"), reason: text("it has 2 tensors") },
            "\"e.safetensors\" is no textual-inversion embedding: it has 2 tensors",
        ),
        (
            Error::Vocabulary { reason: text("it is empty") },
            "the tokenizer's vocabulary is damaged: it is empty",
        ),
        (
            Error::NotFinite { stage: "decoder" },
            "the decoder gave values that are not finite; try other settings or another model",
        ),
        (Error::Device { reason: text("lost") }, "the graphics device failed: lost"),
    ]
}

#[test]
fn every_error_reads_as_a_sentence() {
    for (error, sentence) in every_error() {
        assert_eq!(error.to_string(), sentence);
    }
}

#[test]
fn every_error_has_a_code_of_its_own() {
    let mut codes: Vec<_> = every_error().iter().map(|(error, _)| error.code()).collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all);
    assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
}
