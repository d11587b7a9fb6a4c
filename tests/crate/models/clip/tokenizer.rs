use burnish::Error;
use burnish::models::clip::Tokenizer;

fn tokenizer() -> Tokenizer {
    Tokenizer::embedded().expect("the vocabulary is built in")
}

/// Values: `CLIPTokenizer` of transformers 5 for `openai/clip-vit-large-patch14`.
#[test]
fn texts_become_clips_tokens() {
    let rows: [(&str, &[u32]); 9] = [
        ("a photo of a cat", &[320, 1125, 539, 320, 2368]),
        ("A  Photo,of a CAT!!!", &[320, 1125, 267, 539, 320, 2368, 995]),
        ("don't stop 2024", &[847, 713, 1691, 273, 271, 273, 275]),
        ("a BREAK b", &[320, 2568, 321]),
        ("[x]", &[314, 343, 316]),
        ("café ñandú", &[15304, 6445, 672, 36019]),
        ("日本語", &[39121, 44353, 34002, 508]),
        ("emoji 😀", &[16327, 7334]),
        ("it's I'LL", &[585, 568, 328, 1342]),
    ];
    let tokenizer = tokenizer();
    for (text, tokens) in rows {
        assert_eq!(tokenizer.encode(text), tokens, "{text}");
    }
}

#[test]
fn composed_and_decomposed_accents_are_the_same() {
    let tokenizer = tokenizer();
    assert_eq!(tokenizer.encode("cafe\u{301}"), tokenizer.encode("café"));
}

#[test]
fn markers_in_a_text_are_single_tokens() {
    assert_eq!(tokenizer().encode("a<|endoftext|><|startoftext|>"), [320, 49407, 49406]);
}

#[test]
fn a_very_long_word_is_encoded_in_reasonable_time() {
    let word = "ab".repeat(20_000);
    assert!(!tokenizer().encode(&word).is_empty());
}

#[test]
fn a_damaged_vocabulary_says_so() {
    let error = Tokenizer::from_gzip(b"no gzip").expect_err("it is no archive");
    assert!(matches!(error, Error::Vocabulary { .. }), "{error}");
}
