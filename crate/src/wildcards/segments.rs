//! One wildcard text divided among the segments of a picture.

use super::choice::PythonRandom;
use super::order::SegOrder;
use std::collections::HashMap;

/// The largest seed `[SEP:R]` gives.
const LARGEST_RANDOM_SEED: u64 = 1 << 50;

/// Order tags, one of which may begin a text.
const ORDERS: &[(&str, SegOrder)] = &[
    ("[ASC]", SegOrder::Ascending),
    ("[DSC]", SegOrder::Descending),
    ("[ASC-SIZE]", SegOrder::AscendingSize),
    ("[DSC-SIZE]", SegOrder::DescendingSize),
    ("[RND]", SegOrder::Given),
];

/// What a wildcard text holds for one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SegmentPrompt {
    /// Its prompt, still to be populated; an empty one changes nothing.
    Text {
        /// The text.
        text: String,
        /// A seed to take instead of the segment's own.
        seed: Option<u64>,
    },
    /// `[SKIP]`: the segment is left out and appears in no output.
    Skip,
    /// `[STOP]`: neither this segment nor any after it is worked on.
    Stop,
}

/// A wildcard text, divided.
///
/// Tags count at the very start of the text only and in capitals only.
#[derive(Debug, Clone)]
pub struct SegmentPrompts {
    /// `[CONCAT]`: the prompts extend the positive one instead of taking its place.
    pub concat: bool,
    /// The order the segments are to be worked on in.
    pub order: SegOrder,
    items: Items,
}

#[derive(Debug, Clone)]
enum Items {
    Same(String),
    ByLabel(HashMap<String, String>),
    InTurn { items: Vec<Item>, next: usize, shuffler: Option<Box<PythonRandom>> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    text: String,
    seed: Option<u64>,
}

impl SegmentPrompts {
    /// Divides `text`. `[RND]` and `[SEP:R]` draw from Python's generator as `seed` leaves it.
    pub fn new(text: &str, seed: u64) -> Self {
        let (concat, text) = match text.strip_prefix("[CONCAT]") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if let Some(rest) = text.strip_prefix("[LAB]") {
            return Self { concat, order: SegOrder::Given, items: Items::ByLabel(labelled(rest)) };
        }
        let tag =
            ORDERS.iter().find_map(|(tag, order)| Some((tag, order, text.strip_prefix(tag)?)));
        let Some((tag, &order, rest)) = tag else {
            return Self { concat, order: SegOrder::Given, items: Items::Same(text.to_owned()) };
        };
        let mut random = PythonRandom::new(seed);
        let items = separated(rest, &mut random);
        let shuffler = (*tag == "[RND]").then(|| Box::new(random));
        let next = items.len();
        Self { concat, order, items: Items::InTurn { items, next, shuffler } }
    }

    /// The prompt of the next segment, which has this label.
    ///
    /// Not to be asked for segments whose mask is empty: those take no prompt.
    pub fn next(&mut self, label: &str) -> SegmentPrompt {
        let item = match &mut self.items {
            Items::Same(text) => Item { text: text.clone(), seed: None },
            Items::ByLabel(texts) => {
                let text = |label: &str| texts.get(label).map_or("", String::as_str);
                Item { text: format!("{}{}", text("ALL"), text(label)), seed: None }
            }
            Items::InTurn { items, next, shuffler } => {
                if *next >= items.len() {
                    *next = 0;
                    if let Some(random) = shuffler {
                        random.shuffle(items);
                    }
                }
                *next += 1;
                items[*next - 1].clone()
            }
        };
        match item.text.trim() {
            "[SKIP]" => SegmentPrompt::Skip,
            "[STOP]" => SegmentPrompt::Stop,
            _ => SegmentPrompt::Text { text: item.text, seed: item.seed },
        }
    }
}

/// Entries `[label]text`; a text runs to the next bracket.
fn labelled(text: &str) -> HashMap<String, String> {
    let mut texts = HashMap::new();
    for entry in text.split('[').skip(1) {
        let Some((label, text)) = entry.split_once(']') else { continue };
        let is_label = |c: char| c.is_ascii_alphanumeric() || ['_', '.', ' '].contains(&c);
        let text = text.trim();
        if !label.is_empty() && label.chars().all(is_label) && !text.is_empty() {
            texts.insert(label.to_owned(), text.to_owned());
        }
    }
    texts
}

/// The items between separators, each with the seed of the separator before it.
fn separated(text: &str, random: &mut PythonRandom) -> Vec<Item> {
    const SEPARATOR: &str = "[SEP";
    let mut items = vec![Item { text: String::new(), seed: None }];
    let mut rest = text;
    while let Some(at) = rest.find(SEPARATOR) {
        let (before, behind) = rest.split_at(at);
        let behind = &behind[SEPARATOR.len()..];
        let item = items.len() - 1;
        items[item].text.push_str(before);
        let Some((word, after)) = separator_word(behind) else {
            items[item].text.push_str(SEPARATOR);
            rest = behind;
            continue;
        };
        let seed = match word {
            "R" => Some(random.up_to(LARGEST_RANDOM_SEED)),
            number => number.parse().ok(),
        };
        items.push(Item { text: String::new(), seed });
        rest = after;
    }
    let item = items.len() - 1;
    items[item].text.push_str(rest);
    items
}

/// The word in `]` or `:word]`, and what comes after.
fn separator_word(text: &str) -> Option<(&str, &str)> {
    let (word, after) = text.split_once(']')?;
    if word.is_empty() {
        return Some((word, after));
    }
    let word = word.strip_prefix(':')?;
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_word.then_some((word, after))
}
