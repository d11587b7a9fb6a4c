use burnish::wildcards::WildcardFiles;

fn read(path: &str, text: &str) -> Vec<(String, Vec<String>)> {
    let mut files = WildcardFiles::default();
    files.add_file(path, text).unwrap();
    let names: Vec<String> = files.names().map(str::to_owned).collect();
    names.into_iter().map(|name| (name.clone(), files.entries(&name).unwrap().to_vec())).collect()
}

fn list(name: &str, entries: &[&str]) -> (String, Vec<String>) {
    (name.to_owned(), entries.iter().map(|&entry| entry.to_owned()).collect())
}

fn refusal(path: &str, text: &str) -> String {
    WildcardFiles::default().add_file(path, text).unwrap_err().to_string()
}

#[test]
fn a_text_file_is_a_list_under_its_path() {
    let text = "\u{FEFF}# colours\r\nred\r\n\r\n  light blue \r\n  # no\r\n";
    assert_eq!(
        read("My Folder\\Color.txt", text),
        [list("my-folder/color", &["red", "  light blue "])]
    );
}

#[test]
fn names_in_a_yaml_file_are_joined() {
    let text = "\
---
animal:          # all of them
  cat:
    - tabby
    - \"si\\\"amese\"
    - 'it''s'
  Big Dog: husky
color: [red, 'a, b', \"c\", ]
size:
- huge
- {very|so} big   # no quotes needed
-
light:
  - |
    soft
      light
  - >-
    golden
    hour
  - long
    entry
empty:
";
    assert_eq!(
        read("all.yaml", text),
        [
            list("animal/cat", &["tabby", "si\"amese", "it's"]),
            list("animal/big-dog", &["husky"]),
            list("color", &["red", "a, b", "c"]),
            list("size", &["huge", "{very|so} big", ""]),
            list("light", &["soft\n  light", "golden hour", "long entry"]),
        ]
    );
}

#[test]
fn a_later_list_takes_the_place_of_an_earlier_one() {
    let mut files = WildcardFiles::default();
    files.add_file("a.txt", "x").unwrap();
    files.add_file("b.txt", "y").unwrap();
    files.add_file("A.yml", "a: z").unwrap();
    assert_eq!(files.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(files.entries("A").unwrap(), ["z"]);
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    for (path, text, reason) in [
        ("a.doc", "x", "\"a.doc\" is no usable wildcard file: its name must end in .txt, .yaml or"),
        ("a.yaml", "just text", "line 1: this is neither a name nor an entry"),
        ("a.yaml", "- x", "line 1: the list has no name"),
        ("a.yaml", "a:\n\t- x", "line 2: tabs cannot indent"),
        ("a.yaml", "a: [x, y", "line 1: a list in brackets must end on its line"),
        ("a.yaml", "a: ['x' y]", "line 1: a comma or a closing bracket is missing"),
        ("a.yaml", "a:\n  - \"x", "line 2: closing quotes are missing"),
        ("a.yaml", "a: \"\\q\"", "line 1: an escape in quotes is not known"),
        ("a.yaml", "'a' b", "line 1: a colon is missing"),
    ] {
        let refusal = refusal(path, text);
        assert!(refusal.contains(reason), "{text}: {refusal}");
    }
    let deep: String = (0..40).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(refusal("a.yaml", &deep).contains("line 33: names are nested more than 32 deep"));
}
