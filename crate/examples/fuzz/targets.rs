//! What is fed, with what, and what must hold of the answer.

use super::{files, headers, motion};
use burnish::geometry::{Rect, Size};
use burnish::image::{Frames, Mask};
use burnish::models::clip::prompt::weighted_texts;
use burnish::models::clip::{CHUNK, END_OF_TEXT, START_OF_TEXT, Tokenizer, chunks};
use burnish::segs::combine::{combined_mask, subtract_segs};
use burnish::segs::filter::{MEASURES, filter_ordered};
use burnish::segs::{
    Seg, SegMask, Segs, SegsPaste, scale_match, segs_from_json, segs_paste, segs_to_json,
};
use burnish::wildcards::{SegmentPrompt, SegmentPrompts, WildcardFiles, populate, resolve};
use std::cell::OnceCell;

/// Something that reads what users give it.
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words of its language.
    pub words: &'static [&'static str],
    /// Reads an input; a sentence on what was read, or why it was refused. Panics if it is wrong.
    pub feed: fn(&[u8]) -> Result<String, String>,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "wildcard",
        seeds: || texts(&WILDCARD_SEEDS),
        words: &[
            "{",
            "}",
            "|",
            "$$",
            "::",
            "__",
            "__a__",
            "__*__",
            "__*/b__",
            "#",
            "3#__a__",
            "2$$",
            "-3$$",
            "1-2$$, $$",
            "0.5::",
            "<lora:",
            ">",
            ":",
            "LBW=",
            "[SEP]",
            "[SEP:R]",
            "[ASC]",
            "[LAB]",
            "[ALL]",
            "[SKIP]",
            "BREAK",
            "[CONCAT]",
            "[RND]",
            "\n",
            "\u{e9}",
            "\0",
        ],
        feed: wildcard,
    },
    Target {
        name: "wildcard-file",
        seeds: || {
            texts(&["a: [b, 'c']\nd:\n  e:\n    - \"f\\n\"\n    - |\n     g\n  h: >\n    i\n"])
        },
        words: &[
            "- ", ": ", ":\n", "\n", "  ", "[", "]", ",", "'", "\"", "\\", "|", ">-", " #", "\t",
        ],
        feed: wildcard_file,
    },
    Target {
        name: "segs",
        seeds: segs_seeds,
        words: &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "null",
            "\"\"",
            "\"mask\":",
            "\"image\":",
            "\"bbox\":",
            "\"crop_region\":",
            "\"label\":",
            "data:image/png;base64,",
            "iVBORw0KGgo=",
            "\\u0000",
        ],
        feed: segs,
    },
    Target {
        name: "header",
        seeds: headers::seeds,
        words: &[
            "\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "-1",
            "1e9",
            "99999999999999999999",
            "18446744073709551615",
            "\\u0000",
            "null",
            "\"dtype\":\"F8_E4M3\"",
            "\"__metadata__\":{\"a\":\"b\"},",
            "\"shape\":[0]",
            "model.diffusion_model.",
            "conditioner.embedders.",
            "motion_modules.",
            "lora_te2_",
            ".absmax",
            ".lokr_w1",
            "double_blocks",
            "mid_block.",
            "PK\u{3}\u{4}",
            "GGUF",
        ],
        feed: headers::feed,
    },
    Target {
        name: "file",
        seeds: files::seeds,
        words: &[
            " ", " 0", " 1", " 2", " 5 8 60", " 7", " 8", " 9", " 30 8 48", " 64", " 77", "0", "3",
        ],
        feed: files::feed,
    },
    Target {
        name: "motion",
        seeds: || texts(motion::SEEDS),
        words: &[
            "{",
            "}",
            "[",
            "]",
            ",",
            "null",
            "true",
            "-1",
            "0",
            "128",
            "1e9",
            "\"context\":{",
            "\"length\":",
            "\"overlap\":",
            "\"stride\":",
            "\"schedule\":\"looped uniform\"",
            "\"fuse_method\":\"pyramid\"",
        ],
        feed: motion::feed,
    },
    Target {
        name: "prompt",
        seeds: || {
            texts(&["a (red:1.2) ((cat)) \\(x\\) embedding:y", "(a:(b:2):3) [c] d\u{e9}e 12"])
        },
        words: &[
            "(",
            ")",
            ":",
            "\\",
            "1.5",
            "_",
            "embedding:",
            "BREAK",
            " ",
            "'s",
            "\u{130}",
            "\u{fdd0}",
        ],
        feed: prompt,
    },
];

const WILDCARD_SEEDS: [&str; 6] = [
    "a {red|2::blue} __a__ {2$$, $$x|y|z} 2#__b__ __*__ <lora:l:0.5:LBW=X:1,A;A=2>",
    "[CONCAT][RND]a[SEP]b {c|{d|e}}[SEP:R][SKIP][SEP:7]__b__ BREAK f",
    "[LAB][ALL] a [face] __a__ [x y] {b|c}",
    "# c\n{-2$$a|b} __nope__ __b__\n#",
    "{2$$__a__} {1-3$$__b__|x}",
    "__grow__ __x__",
];

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn refusal(error: &burnish::Error) -> String {
    error.to_string()
}

/// Files of one another's names, one of which grows.
fn files() -> WildcardFiles {
    let mut files = WildcardFiles::default();
    for (name, entries) in [
        ("a", "red|{1|2}|__b__"),
        ("f/b", "x|3::y"),
        ("g/b", "__a__|2#__a__"),
        ("grow", "__grow__ __grow__|__u__ __grow__"),
        ("empty", ""),
    ] {
        let entries = entries.split('|').filter(|entry| !entry.is_empty());
        files.insert(name, entries.map(str::to_owned).collect());
    }
    files
}

fn wildcard(input: &[u8]) -> Result<String, String> {
    let text = String::from_utf8_lossy(input);
    let files = files();
    let filled = populate(&text, 3, &files);
    assert_eq!(filled, populate(&text, 3, &files), "the same seed chooses the same");
    let mut prompts = SegmentPrompts::new(&text, 3);
    for label in ["face", "x y", ""] {
        if let SegmentPrompt::Text { text, .. } = prompts.next(label)
            && let Ok(prompt) = resolve(&text, 4, &files)
        {
            assert!(!prompt.parts.is_empty(), "there is something to encode");
        }
    }
    let filled = filled.map_err(|error| refusal(&error))?;
    let marks: String = filled.chars().filter(|c| "{}_<|".contains(*c)).collect();
    Ok(format!("{:?} {marks}", prompts.order))
}

fn wildcard_file(input: &[u8]) -> Result<String, String> {
    let text = String::from_utf8_lossy(input);
    let mut files = WildcardFiles::default();
    files.add_file("a.txt", &text).map_err(|error| refusal(&error))?;
    files.add_file("a.yaml", &text).map_err(|error| refusal(&error))?;
    let lengths = files.names().filter_map(|name| files.entries(name)).map(<[String]>::len);
    Ok(format!("lists of {:?}", lengths.map(|len| "x".repeat(len.min(9))).collect::<Vec<_>>()))
}

/// The second document names its pictures, so that damage reaches what is around them.
fn segs_seeds() -> Vec<Vec<u8>> {
    let [mask, image] = pictures();
    let named = r#"{"schema":"burnish.segs","version":1,"size":{"width":8,"height":8},"segments":[
        {"label":"face","confidence":0.5,"bbox":[2.5,1,6,4],"crop_region":[2,1,6,4],
         "mask":"$mask","image":["$image","$image"]},
        {"bbox":[0,0,8,8],"crop_region":[4,3,8,6],"mask":["$mask","$mask"]}]}"#;
    let full = named.replace("$mask", &mask).replace("$image", &image);
    texts(&[&full, named])
}

/// Data URLs of a mask and of a picture of 4x3 pixels.
fn pictures() -> [String; 2] {
    let region = Rect::new(0, 0, 4, 3);
    let seg = Seg {
        cropped_image: Some(Frames::zeros(region.size(), 1, 3)),
        cropped_mask: SegMask::Still(Mask::filled(region.size(), 0.4)),
        confidence: 1.0,
        crop_region: region,
        bbox: region,
        label: String::new(),
        controls: Vec::new(),
    };
    let segs = Segs { size: region.size(), items: vec![seg] };
    let document = segs_to_json(&segs).unwrap_or_default();
    let mut urls = document.split('"').filter(|part| part.starts_with("data:"));
    [urls.next(), urls.next()].map(|url| url.unwrap_or_default().to_owned())
}

fn segs(input: &[u8]) -> Result<String, String> {
    let [mask, image] = pictures();
    let text = String::from_utf8_lossy(input).replace("$mask", &mask).replace("$image", &image);
    let read = segs_from_json(&text).map_err(|error| refusal(&error))?;
    let written = segs_to_json(&read).map_err(|error| format!("not written again: {error}"));
    let again = written.and_then(|json| segs_from_json(&json).map_err(|error| error.to_string()));
    assert_eq!(again.as_ref(), Ok(&read), "what was read is written and read again");
    if read.size.area() <= 1 << 16 {
        check_uses(&read);
    }
    for (measure, _) in MEASURES {
        let chosen = filter_ordered(read.clone(), measure, true, 0, 1);
        let chosen = chosen.map_err(|error| refusal(&error))?;
        assert_eq!(chosen.kept.items.len() + chosen.rest.items.len(), read.items.len());
    }
    let kinds = read.items.iter().map(|seg| match seg.cropped_mask {
        SegMask::Still(_) => 's',
        SegMask::PerFrame(_) => 'f',
    });
    Ok(kinds.collect())
}

/// Whatever was read can be worked with.
fn check_uses(segs: &Segs) {
    let covered = combined_mask(segs);
    assert_eq!(covered.size, segs.size, "a mask of all segments is as large as the picture");
    let taken_away = subtract_segs(segs, segs).map(|segs| combined_mask(&segs).is_blank());
    assert_eq!(taken_away, Ok(true), "nothing is left of segments without themselves");
    let image = Frames::zeros(segs.size, 2, 3);
    drop(segs_paste(&image, segs.clone(), None, SegsPaste::default()));
    drop(scale_match(segs.clone(), Size::new(5, 7)));
}

fn prompt(input: &[u8]) -> Result<String, String> {
    thread_local!(static TOKENIZER: OnceCell<Tokenizer> = const { OnceCell::new() });
    let text = String::from_utf8_lossy(input);
    let texts = weighted_texts(&text);
    TOKENIZER.with(|cell| {
        let tokenizer = match cell.get() {
            Some(tokenizer) => tokenizer,
            None => {
                let tokenizer = Tokenizer::embedded().map_err(|error| refusal(&error))?;
                cell.get_or_init(|| tokenizer)
            }
        };
        let chunks = chunks(tokenizer, &text);
        assert!(!chunks.is_empty(), "a prompt has at least one chunk");
        for chunk in &chunks {
            assert_eq!((chunk[0].0, chunk[CHUNK - 1].0), (START_OF_TEXT, END_OF_TEXT));
            assert!(chunk.iter().all(|(token, _)| *token <= END_OF_TEXT));
        }
        Ok(format!("{} texts in {} chunks", "t".repeat(texts.len().min(20)), chunks.len()))
    })
}
