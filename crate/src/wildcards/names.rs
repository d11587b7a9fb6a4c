//! Where a text names wildcard files: `__name__`.

/// What stands on both sides of a name.
const MARK: &str = "__";

/// A name's place in a text, marks included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NamePlace {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl NamePlace {
    /// The name without its marks.
    pub(super) fn name(self, text: &str) -> &str {
        &text[self.start + MARK.len()..self.end - MARK.len()]
    }
}

/// The names in `text`, each as short as it can be, none overlapping another.
pub(super) fn name_places(text: &str) -> Vec<NamePlace> {
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(MARK).map(|at| from + at) {
        match end_of_name(text, start) {
            Some(end) => {
                places.push(NamePlace { start, end });
                from = end;
            }
            None => from = start + 1,
        }
    }
    places
}

/// The name `text` consists of, if it is nothing else.
pub(super) fn only_name(text: &str) -> Option<&str> {
    let place = NamePlace { start: 0, end: text.len() };
    let whole = text.starts_with(MARK) && end_of_name(text, 0) == Some(text.len());
    whole.then(|| place.name(text))
}

/// A text that names the file `name`.
pub(super) fn marked(name: &str) -> String {
    format!("{MARK}{name}{MARK}")
}

fn end_of_name(text: &str, start: usize) -> Option<usize> {
    let name = &text[start + MARK.len()..];
    let is_part = |c: char| c.is_alphanumeric() || "_.-+/*\\".contains(c);
    for (at, c) in name.char_indices() {
        if at > 0 && name[at..].starts_with(MARK) {
            return Some(start + 2 * MARK.len() + at);
        }
        if !is_part(c) {
            return None;
        }
    }
    None
}
