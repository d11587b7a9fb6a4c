use burnish::{
    models::clip::{CHUNK, Clip},
    weights::Weights,
};

use crate::support::{TEXT, assert_close, test_device, tiny_clip, values};

fn load() -> Clip {
    Clip::load(&Weights::new(tiny_clip("c").open(), test_device()).pp("c"), 4).unwrap()
}

fn chunk(words: &[(u32, f32)]) -> [(u32, f32); CHUNK] {
    let mut chunk = [(49407, 1.0); CHUNK];
    chunk[0] = (49406, 1.0);
    chunk[1..=words.len()].copy_from_slice(words);
    chunk
}

fn encode(clip: &Clip, chunks: &[[(u32, f32); CHUNK]]) -> Vec<f32> {
    values(clip.encode_chunks(chunks, 0).unwrap().cross_attn)
}

#[test]
fn a_weight_moves_its_word_from_the_empty_prompt() {
    let clip = load();
    let empty = encode(&clip, &[chunk(&[])]);
    let plain = encode(&clip, &[chunk(&[(320, 1.0), (2368, 1.0)])]);
    let weighted = encode(&clip, &[chunk(&[(320, 1.0), (2368, 1.5)])]);
    let row = 2 * TEXT..3 * TEXT;
    let expected: Vec<f32> = row.clone().map(|i| empty[i] + (plain[i] - empty[i]) * 1.5).collect();
    assert_close(&weighted[row.clone()], &expected, 1e-5);
    assert_close(&weighted[..row.start], &plain[..row.start], 1e-5);
    assert_close(&weighted[row.end..], &plain[row.end..], 1e-5);
}

#[test]
fn chunks_are_encoded_on_their_own_and_put_side_by_side() {
    let clip = load();
    let chunks = [chunk(&[(320, 1.0)]), chunk(&[(2368, 0.5)])];
    let both = clip.encode_chunks(&chunks, 0).unwrap();
    assert_eq!(both.cross_attn.dims(), [1, 2 * CHUNK, TEXT]);
    assert_eq!(both.pooled.dims(), [1, TEXT]);
    let alone = chunks.map(|chunk| encode(&clip, &[chunk])).concat();
    assert_close(&values(both.cross_attn), &alone, 1e-5);
}

#[test]
fn a_prompt_is_its_chunks() {
    let clip = load();
    let prompt = values(clip.encode("a (cat:1.5)").unwrap());
    assert_close(&prompt, &encode(&clip, &[chunk(&[(320, 1.0), (2368, 1.5)])]), 0.0);
}
