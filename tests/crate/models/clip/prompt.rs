use burnish::models::clip::prompt::weighted_texts;
use burnish::models::clip::{CHUNK, Chunk, END_OF_TEXT, START_OF_TEXT, Tokenizer, chunks};

fn tokenized(prompt: &str) -> Vec<Chunk> {
    chunks(&Tokenizer::embedded().expect("the vocabulary is built in"), prompt)
}

#[test]
fn parentheses_weigh() {
    let rows: [(&str, &[(&str, f64)]); 12] = [
        ("a photo", &[("a photo", 1.0)]),
        ("(a)", &[("a", 1.1)]),
        ("((sharp))", &[("sharp", 1.1 * 1.1)]),
        ("((a:1.2):1.5)", &[("a", 1.2)]),
        ("((a:1.2))", &[("a", 1.2)]),
        ("(a (b:1.5) c:0.8)", &[("a ", 0.8), ("b", 1.5), (" c", 0.8)]),
        ("(:1.2)", &[(":1.2", 1.1)]),
        ("(a:1.2", &[("(a:1.2", 1.0)]),
        ("a) (b:1.5)", &[("a) (b:1.5)", 1.0)]),
        (r"\(a\) (a \(b\):1.3)", &[("(a) ", 1.0), ("a (b)", 1.3)]),
        ("(a: -1_0.5e-1 )", &[("a", -1.05)]),
        ("", &[]),
    ];
    for (prompt, expected) in rows {
        let found = weighted_texts(prompt);
        assert_eq!(found.len(), expected.len(), "{prompt}: {found:?}");
        for ((text, weight), (expected_text, expected_weight)) in found.iter().zip(expected) {
            assert_eq!(text, expected_text, "{prompt}");
            assert!((weight - expected_weight).abs() < 1e-12, "{prompt}: {weight}");
        }
    }
}

#[test]
fn numbers_are_read_as_python_reads_them() {
    for (prompt, weight) in [("(a:inf)", f64::INFINITY), ("(a:+.5)", 0.5), ("(a:5.)", 5.0)] {
        assert_eq!(weighted_texts(prompt), [("a".to_owned(), weight)]);
    }
    for prompt in ["(a:_1)", "(a:1__0)", "(a:0x10)", "(a:)", "(a:one)"] {
        assert_eq!(weighted_texts(prompt)[0].1, 1.1, "{prompt}");
    }
}

#[test]
fn nesting_may_be_as_deep_as_a_prompt_is_long() {
    let prompt = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(weighted_texts(&prompt)[0].0, "a");
}

#[test]
fn a_prompt_without_words_is_one_chunk_of_markers() {
    for prompt in ["", "( )", "   "] {
        let mut empty = [(END_OF_TEXT, 1.0); CHUNK];
        empty[0].0 = START_OF_TEXT;
        assert_eq!(tokenized(prompt), [empty], "{prompt:?}");
    }
}

#[test]
fn short_groups_are_not_torn_apart() {
    // 70 words, then a group of seven that does not fit the five places left.
    let found = tokenized(&format!("{}(b b b b b b b:1.5)", "a ".repeat(70)));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0][70], (320, 1.0));
    assert_eq!(found[0][71], (END_OF_TEXT, 1.0));
    assert_eq!(found[1][1..8], [(321, 1.5); 7]);
    // One of eight is torn.
    let found = tokenized(&format!("{}(b b b b b b b b:1.5)", "a ".repeat(70)));
    assert_eq!(found[0][71..76], [(321, 1.5); 5]);
    assert_eq!(found[1][1..4], [(321, 1.5); 3]);
    assert_eq!(found[1][4], (END_OF_TEXT, 1.0));
}

#[test]
fn a_full_chunk_is_not_followed_by_an_empty_one() {
    assert_eq!(tokenized(&"a ".repeat(75)).len(), 1);
    assert_eq!(tokenized(&"a ".repeat(76)).len(), 2);
}

#[test]
fn embeddings_are_left_out() {
    assert_eq!(tokenized("a embedding:bad-hands b"), tokenized("a b"));
    assert_eq!(tokenized("embedding:x"), tokenized(""));
}
