use burnish::{
    models::clip::{CHUNK, TextModel, layout},
    weights::Weights,
};

use crate::support::{TEXT, assert_close, test_device, tiny_clip, values};

fn load() -> TextModel {
    let w = Weights::new(tiny_clip("c").open(), test_device()).pp("c");
    TextModel::load(&w, &layout::CLIP_L, 4).unwrap()
}

fn chunk(words: &[u32]) -> [u32; CHUNK] {
    let mut chunk = [49407; CHUNK];
    chunk[0] = 49406;
    chunk[1..=words.len()].copy_from_slice(words);
    chunk
}

#[test]
fn later_words_do_not_change_earlier_ones() {
    let model = load();
    let [short, long] = [&[320, 1125][..], &[320, 1125, 539, 2368]].map(|words| {
        let x = model.embed(&[chunk(words)]).unwrap();
        values(model.forward(x, 0).hidden)
    });
    assert_close(&short[..3 * TEXT], &long[..3 * TEXT], 1e-6);
    assert!((short[3 * TEXT] - long[3 * TEXT]).abs() > 1e-4);
}

#[test]
fn skipping_more_layers_than_there_are_skips_none() {
    let model = load();
    let run = |skip| {
        let x = model.embed(&[chunk(&[320])]).unwrap();
        values(model.forward(x, skip).hidden)
    };
    assert_close(&run(2), &run(0), 0.0);
    assert!(run(1).iter().zip(run(0)).any(|(a, b)| (a - b).abs() > 1e-3));
}

#[test]
fn weights_are_rounded_to_half_precision() {
    let model = load();
    let x = values(model.embed(&[chunk(&[])]).unwrap());
    let file = tiny_clip("c").open();
    let half = |v: &f32| half::f16::from_f32(*v).to_f32();
    let token = file.read_rows_f32("c.embeddings.token_embedding.weight", 49406..49407).unwrap();
    let place = file.read_f32("c.embeddings.position_embedding.weight").unwrap();
    let sum: Vec<f32> = token.iter().zip(&place).map(|(t, p)| half(t) + half(p)).collect();
    assert_close(&x[..TEXT], &sum, 0.0);
}
