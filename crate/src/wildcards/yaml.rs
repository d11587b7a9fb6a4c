//! As much of YAML as wildcard files use: nested names with lists of texts or single texts.
//!
//! No anchors, no tags, no nested lists. Entries are texts whatever they look like, so the braces
//! and stars of prompts need no quotes.

/// A name, its parts joined with `/`, and its entries.
type List = (String, Vec<String>);

/// Most names within names.
const DEEPEST: usize = 32;

/// The lists in `text`, or what is wrong with it.
pub(super) fn lists(text: &str) -> Result<Vec<List>, String> {
    let mut reader = Reader::default();
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let (line, number) = (lines[at], at + 1);
        at += 1;
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        let content = content.trim_end();
        let is_document_mark = indent == 0 && (content == "---" || content == "...");
        if content.is_empty() || content.starts_with('#') || is_document_mark {
            continue;
        }
        let block = reader.line(indent, content).map_err(|why| format!("line {number}: {why}"))?;
        if let Some(block) = block {
            let end = at + lines[at..].iter().take_while(|line| is_within(line, indent)).count();
            reader.add(vec![block.join(&lines[at..end])]);
            at = end;
        }
    }
    Ok(reader.lists)
}

/// Whether a line belongs to the block text of a line indented by `indent`.
fn is_within(line: &str, indent: usize) -> bool {
    let content = line.trim_start_matches(' ');
    content.is_empty() || line.len() - content.len() > indent
}

/// A text over several lines.
#[derive(Debug, Clone, Copy)]
enum Block {
    /// `|`: as it stands.
    Literal,
    /// `>`: on one line.
    Folded,
}

impl Block {
    fn of(mark: &str) -> Option<Self> {
        match mark.trim_end_matches(['-', '+']) {
            "|" => Some(Self::Literal),
            ">" => Some(Self::Folded),
            _ => None,
        }
    }

    fn join(self, lines: &[&str]) -> String {
        let indents = lines.iter().filter(|line| !line.trim().is_empty());
        let indent = indents.map(|line| line.len() - line.trim_start_matches(' ').len()).min();
        let lines =
            lines.iter().map(|line| line.get(indent.unwrap_or(0)..).unwrap_or("").trim_end());
        let joined = match self {
            Self::Literal => lines.collect::<Vec<_>>().join("\n"),
            Self::Folded => lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "),
        };
        joined.trim_matches('\n').to_owned()
    }
}

#[derive(Default)]
struct Reader {
    lists: Vec<List>,
    /// The names around the line at hand, with their indents.
    open: Vec<(usize, String)>,
    /// Indent of the entry just read, which deeper lines go on with.
    entry: Option<usize>,
}

impl Reader {
    /// Reads one line; a block mark at its end is answered.
    fn line(&mut self, indent: usize, content: &str) -> Result<Option<Block>, String> {
        if content.starts_with('\t') {
            return Err("tabs cannot indent".to_owned());
        }
        if let Some(entry) = content.strip_prefix("- ").or((content == "-").then_some("")) {
            self.open.retain(|(outer, _)| *outer <= indent);
            if self.open.is_empty() {
                return Err("the list has no name".to_owned());
            }
            self.entry = Some(indent);
            return self.value(entry.trim());
        }
        if self.entry.is_some_and(|entry| indent > entry) {
            let last = self.lists.last_mut().and_then(|(_, entries)| entries.last_mut());
            let last = last.ok_or("there is nothing this line goes on with")?;
            last.push(' ');
            last.push_str(without_comment(content));
            return Ok(None);
        }
        let (name, value) = name_and_value(content)?;
        self.open.retain(|(outer, _)| *outer < indent);
        if self.open.len() == DEEPEST {
            return Err(format!("names are nested more than {DEEPEST} deep"));
        }
        self.open.push((indent, name));
        self.entry = (!value.is_empty()).then_some(indent);
        if value.is_empty() { Ok(None) } else { self.value(value) }
    }

    fn value(&mut self, text: &str) -> Result<Option<Block>, String> {
        if let Some(block) = Block::of(without_comment(text)) {
            self.entry = None;
            return Ok(Some(block));
        }
        let entries = match text.strip_prefix('[') {
            Some(list) => flow_list(list)?,
            None => vec![scalar(text)?],
        };
        self.add(entries);
        Ok(None)
    }

    fn add(&mut self, entries: Vec<String>) {
        let names: Vec<&str> = self.open.iter().map(|(_, name)| name.as_str()).collect();
        let name = names.join("/");
        match self.lists.last_mut() {
            Some((last, list)) if *last == name => list.extend(entries),
            _ => self.lists.push((name, entries)),
        }
    }
}

/// Divides `name: value`.
fn name_and_value(content: &str) -> Result<(String, &str), String> {
    if content.starts_with(['"', '\'']) {
        let (name, rest) = quoted(content)?;
        let value = rest.trim_start().strip_prefix(':').ok_or("a colon is missing")?;
        return Ok((name, value.trim()));
    }
    let content = without_comment(content);
    let (name, value) = match content.split_once(": ") {
        Some(parts) => parts,
        None => (content.strip_suffix(':').ok_or("this is neither a name nor an entry")?, ""),
    };
    Ok((name.trim().to_owned(), value.trim()))
}

fn without_comment(text: &str) -> &str {
    text.split(" #").next().unwrap_or(text).trim_end()
}

fn scalar(text: &str) -> Result<String, String> {
    if text.starts_with(['"', '\'']) {
        Ok(quoted(text)?.0)
    } else {
        Ok(without_comment(text).to_owned())
    }
}

/// The entries of a list in brackets, given from behind the opening one.
fn flow_list(text: &str) -> Result<Vec<String>, String> {
    let mut entries = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let (entry, after) = if rest.starts_with(['"', '\'']) {
            quoted(rest)?
        } else {
            let end = rest.find([',', ']']).ok_or("a list in brackets must end on its line")?;
            (rest[..end].trim().to_owned(), &rest[end..])
        };
        let after = after.trim_start();
        let is_last = after.starts_with(']');
        if !is_last && !after.starts_with(',') {
            return Err("a comma or a closing bracket is missing".to_owned());
        }
        if !(entry.is_empty() && is_last) {
            entries.push(entry);
        }
        if is_last {
            return Ok(entries);
        }
        rest = after[1..].trim_start();
    }
}

/// The text in quotes at the start of `text`, and what comes after.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let mut chars = text.char_indices().skip(1).peekable();
    let is_single = text.starts_with('\'');
    let mut out = String::new();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if is_single => match chars.next_if(|(_, next)| *next == '\'') {
                Some(_) => out.push('\''),
                None => return Ok((out, &text[at + 1..])),
            },
            '"' if !is_single => return Ok((out, &text[at + 1..])),
            '\\' if !is_single => match chars.next() {
                Some((_, 'n')) => out.push('\n'),
                Some((_, 't')) => out.push('\t'),
                Some((_, c @ ('"' | '\\' | '/' | ' '))) => out.push(c),
                _ => return Err("an escape in quotes is not known".to_owned()),
            },
            c => out.push(c),
        }
    }
    Err("closing quotes are missing".to_owned())
}
