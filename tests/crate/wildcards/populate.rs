use burnish::wildcards::{WildcardFiles, populate};

fn files() -> WildcardFiles {
    let mut files = WildcardFiles::default();
    let list = |entries: &str| entries.split_whitespace().map(str::to_owned).collect();
    files.insert("color", list("red green blue"));
    files.insert("animal/cat", list("tabby siamese"));
    files.insert("animal/dog", list("pug husky corgi"));
    files.insert("again", vec!["__again__ __again__".to_owned()]);
    files.insert("nest", vec!["{x|y} z".to_owned()]);
    files.insert("nothing", Vec::new());
    files
}

fn outcome(text: &str, seed: u64) -> String {
    populate(text, seed, &files()).unwrap()
}

fn refusal(text: &str) -> String {
    populate(text, 0, &files()).unwrap_err().to_string()
}

/// Values: the pack's own `process`, seed 0 (more of them in the golden cases).
#[test]
fn the_same_seed_chooses_what_the_reference_chooses() {
    assert_eq!(outcome("{2$$, $$a|b|c|d}", 0), "c, b");
    assert_eq!(outcome("{1-3$$a|b|c|d}", 0), "b a d");
    assert_eq!(outcome("__animal/*__", 0), "corgi");
    assert_eq!(outcome("3#__color__", 0), "blue|green|green");
}

#[test]
fn counts_may_be_nothing_or_more_than_there_is() {
    assert_eq!(outcome("<{0$$a|b}>", 3), "<>");
    assert_eq!(outcome("<{2$$__nothing__}>", 3), "<>");
    let all = outcome("{9$$a|b|c}", 3);
    let mut all: Vec<&str> = all.split(' ').collect();
    all.sort_unstable();
    assert_eq!(all, ["a", "b", "c"]);
    assert_eq!(outcome("{ }{}", 3), " ");
}

#[test]
fn weights_are_numbers_before_two_colons() {
    for seed in 0..50 {
        assert_eq!(outcome("{0::a|.5::b|0.0::c}", seed), "b");
        assert_eq!(outcome("{5.::a::b|0::c}", seed), "a::b");
        assert!(["x::a", "b"].contains(&outcome("{x::a|b}", seed).as_str()));
    }
}

#[test]
fn names_match_whatever_their_case_and_slashes() {
    for seed in 0..20 {
        let dog = outcome("__Animal\\DOG__", seed);
        assert!(["pug", "husky", "corgi"].contains(&dog.as_str()), "{dog}");
        // The shortest name counts, so two names may touch.
        let two = outcome("__color____color__", seed);
        assert!(!two.contains('_'), "{two}");
    }
}

#[test]
fn unknown_names_stay_and_are_looked_for_in_all_folders() {
    assert_eq!(outcome("a __nope__ b", 0), "a __*/nope__ b");
    assert_eq!(outcome("__no/pe__ __", 0), "__no/pe__ __");
    assert!(["tabby", "siamese"].contains(&outcome("__cat__", 5).as_str()));
}

/// The reference stops looking when the last name it met was unknown.
#[test]
fn an_unknown_name_at_the_end_leaves_inserted_options_alone() {
    assert_eq!(outcome("__nest__ __nope__", 0), "{x|y} z __*/nope__");
    assert!(!outcome("__nope__ __nest__", 0).contains('{'));
}

#[test]
fn comment_lines_join_their_neighbours() {
    assert_eq!(outcome("# a\nx\n  # b\ny\nz", 0), "x y\nz");
    assert_eq!(outcome("x\n# b", 0), "x");
    assert_eq!(outcome("x # b\ny", 0), "x # b\ny");
}

#[test]
fn single_braces_are_plain_text() {
    assert_eq!(outcome("a } b { c", 0), "a } b { c");
    assert_eq!(outcome("{{a}", 0), "{a");
}

#[test]
fn malformed_options_are_refused_with_their_reason() {
    let malformed = "is no number of options, such as 2, 1-3 or -3";
    for (text, reason) in [
        ("x {ab$$c|d}", "the wildcard text \"{ab$$c|d}\" cannot be filled in: \"ab\" before $$ "),
        ("{ 2$$a|b}", malformed),
        ("{2-$$a|b}", malformed),
        ("{$$a}", malformed),
        ("{3-1$$a|b}", "\"3-1\" before $$ runs backwards"),
        ("{-1::a|b}", "the weight -1 is negative"),
        ("{0::a|0::b}", "every weight is 0"),
        ("{2$$0::a|b}", "2 options are to be chosen, 1 have a weight above 0"),
        ("__nothing__", "its list is empty"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(reason), "{text}: {refusal}");
    }
}

#[test]
fn texts_that_grow_without_end_are_refused() {
    assert!(refusal("__again__").contains("it takes too long to fill in"));
    assert!(refusal("{3$$__again__}".repeat(20_000).as_str()).contains("it grows without end"));
    assert!(refusal("999999999999999999999#__color__").contains("it repeats a name too often"));
    let braces = "{".repeat(100_000) + &"}".repeat(100_000);
    assert!(refusal(&braces).contains("it takes too long to fill in"));
    let unknown = "__u__ ".repeat(250);
    assert!(refusal(&unknown).contains("it has too many names that are in no file"));
}
