//! Tests of `crate/src/models/clip/embeddings.rs` and of embeddings in prompts.

use burnish::models::clip::{
    CHUNK, Clip, EmbeddingFiles, FIRST_VECTOR, Prompt, Tokenizer, embedding_tokens,
};
use burnish::weights::Weights;

use crate::support::{Checkpoint, Random, TEXT, test_device, tiny_clip, values};

fn clip() -> Clip {
    Clip::load(&Weights::new(tiny_clip("c").open(), test_device()).pp("c"), 4).unwrap()
}

fn file(tensors: &[(&str, &[usize])]) -> std::rc::Rc<burnish::weights::Safetensors> {
    let mut file = Checkpoint::default();
    for (path, shape) in tensors {
        file.add(path, shape);
    }
    file.open()
}

fn cut(prompt: &str, known: &[(&str, usize)]) -> Prompt {
    let tokenizer = Tokenizer::embedded().expect("the vocabulary is built in");
    let find = |name: &str| {
        let found = known.iter().find(|(known, _)| *known == name);
        Ok(found.map(|(_, count)| vec![vec![0.5; 4]; *count]))
    };
    Prompt::cut(&tokenizer, prompt, find).expect("is text")
}

/// Tokens of the first chunk up to the first end marker, with their weights.
fn words(prompt: &Prompt) -> Vec<(u32, f32)> {
    prompt.chunks[0][1..].iter().copied().take_while(|(id, _)| *id != 49407).collect()
}

#[test]
fn a_name_becomes_its_vectors() {
    let prompt = cut("a embedding:neg b", &[("neg", 2)]);
    let expected = [(320, 1.0), (FIRST_VECTOR, 1.0), (FIRST_VECTOR + 1, 1.0), (321, 1.0)];
    assert_eq!((words(&prompt), prompt.vectors.len()), (expected.to_vec(), 2));
    let prompt = cut("(embedding:x embedding:neg:0.5)", &[("x", 1), ("neg", 1)]);
    assert_eq!(words(&prompt), [(FIRST_VECTOR, 0.5), (FIRST_VECTOR + 1, 0.5)]);
}

#[test]
fn a_comma_after_a_name_is_text_unless_it_belongs_to_it() {
    let comma = 267;
    let prompt = cut("embedding:x, b", &[("x", 1)]);
    assert_eq!(words(&prompt), [(FIRST_VECTOR, 1.0), (comma, 1.0), (321, 1.0)]);
    let prompt = cut("embedding:x, b", &[("x,", 1)]);
    assert_eq!(words(&prompt), [(FIRST_VECTOR, 1.0), (321, 1.0)]);
    assert_eq!(words(&cut("embedding:x, b", &[])), [(comma, 1.0), (321, 1.0)]);
    for odd in ["embedding:,é", "embedding:", "embedding:,,", "embedding: a"] {
        assert!(cut(odd, &[]).vectors.is_empty(), "{odd}");
    }
}

#[test]
fn a_long_embedding_goes_on_in_the_next_chunk() {
    let prompt = cut("embedding:x", &[("x", 80)]);
    assert_eq!(prompt.chunks.len(), 2);
    assert_eq!(prompt.chunks[1][5], (FIRST_VECTOR + 79, 1.0));
    assert_eq!(prompt.chunks[1][6], (49407, 1.0));
}

#[test]
fn files_are_found_without_folder_and_ending() {
    let mut files = EmbeddingFiles::default();
    files.insert("styles/ink.safetensors", file(&[("emb_params", &[3, TEXT])]));
    files.insert("bare", file(&[("clip_g", &[2, 32]), ("clip_l", &[2, TEXT])]));
    for name in ["ink", "ink.safetensors", "styles/ink"] {
        let found = files.find(name, "clip_l", TEXT).expect("fits").expect("is there");
        assert_eq!((found.len(), found[0].len()), (3, TEXT), "{name}");
    }
    assert_eq!(files.find("bare", "clip_l", TEXT).expect("fits").expect("is there").len(), 2);
    for name in ["in", "k", "tyles/ink", "Ink"] {
        assert_eq!(files.find(name, "clip_l", TEXT), Ok(None), "{name}");
    }
}

#[test]
fn only_a_textual_inversion_is_one() {
    let tokens = |tensors: &[(&str, &[usize])]| embedding_tokens(&file(tensors));
    assert_eq!(tokens(&[("emb_params", &[3, 4])]), Ok(3));
    assert_eq!(tokens(&[("*", &[4])]), Ok(1));
    assert_eq!(tokens(&[("clip_g", &[2, 8]), ("clip_l", &[2, 4])]), Ok(2));
    for (tensors, reason) in [
        (
            &[("a", &[2_usize, 4][..]), ("b", &[2, 4])][..],
            "it has 2 tensors and none called clip_l",
        ),
        (&[("emb_params", &[76, 4])], "its tensor has shape [76, 4]"),
        (&[("emb_params", &[1, 2, 4])], "its tensor has shape [1, 2, 4]"),
    ] {
        let message = tokens(tensors).expect_err("is refused").to_string();
        assert!(
            message.ends_with(&format!("is no textual-inversion embedding: {reason}")),
            "{message}"
        );
    }
}

#[test]
fn an_embedding_for_another_model_is_named() {
    let clip = clip();
    clip.add_embedding("wide", file(&[("emb_params", &[2, 1024])]));
    let message = clip.encode("a embedding:wide").expect_err("is too wide").to_string();
    assert_eq!(
        message,
        "tensor \"emb_params\" of \"tiny.safetensors\" has shape [2, 1024], [2, 16] is needed"
    );
}

#[test]
fn vectors_take_the_place_of_token_embeddings() {
    // The embedding is the row of the token 320, so both prompts are the same.
    let weights = Weights::new(tiny_clip("c").open(), test_device()).pp("c");
    let table = weights.pp("embeddings.token_embedding").rounded_to_half();
    let row = table.read_rows("weight", 320..321).unwrap();
    let mut file = Checkpoint::default();
    file.add_values("emb_params", &[1, TEXT], row);
    let clip = clip();
    clip.add_embedding("article.safetensors", file.open());
    let [found, expected] = ["embedding:article cat", "a cat"]
        .map(|prompt| values(clip.encode(prompt).expect("is text")));
    assert_eq!(found, expected);
    clip.clear_embeddings();
    let without = values(clip.encode("embedding:article cat").expect("is text"));
    assert_eq!(without, values(clip.encode("cat").expect("is text")));
}

#[test]
fn skipping_a_layer_is_remembered() {
    let clip = clip();
    let last = values(clip.encode("a cat").expect("is text"));
    clip.set_skip(1);
    let before = values(clip.encode("a cat").expect("is text"));
    assert_ne!(before, last);
    clip.set_skip(0);
    assert_eq!(values(clip.encode("a cat").expect("is text")), last);
}

#[test]
fn any_text_is_cut_into_whole_chunks() {
    let pieces = ["(", ")", ":", "1.3", "embedding:", "x", ",", "\\", "é", "\n", " ", "word "];
    let mut random = Random(3);
    for _ in 0..300 {
        let length = random.between(0, 60);
        let text: String = (0..length)
            .map(|_| pieces[random.between(0, pieces.len() as u32 - 1) as usize])
            .collect();
        let prompt = cut(&text, &[("x", 9)]);
        assert!(!prompt.chunks.is_empty(), "{text:?}");
        let ids = prompt.chunks.iter().flatten().map(|(id, _)| *id);
        let vectors = ids.filter(|id| *id >= FIRST_VECTOR).count();
        assert_eq!(vectors, prompt.vectors.len(), "{text:?}");
        assert!(
            prompt.chunks.iter().all(|chunk| chunk[0].0 == 49406 && chunk[CHUNK - 1].0 == 49407)
        );
    }
}
