use burnish::models::taesd::Taesd;
use burnish::weights::Weights;

use crate::support::{Checkpoint, assert_close, noise_tensor, test_device, values};

/// A decoder of four channels inside; `named` says what a layer of a number is called.
fn decoder(named: impl Fn(usize) -> String) -> Checkpoint {
    const INSIDE: usize = 4;
    let mut file = Checkpoint::default();
    file.layer(&named(1), &[INSIDE, 4, 3, 3]).layer(&named(19), &[3, INSIDE, 3, 3]);
    for block in [3, 4, 5, 8, 9, 10, 13, 14, 15, 18] {
        for conv in [0, 2, 4] {
            file.layer(&format!("{}.conv.{conv}", named(block)), &[INSIDE, INSIDE, 3, 3]);
        }
    }
    for doubled in [7, 12] {
        file.add(&format!("{}.weight", named(doubled)), &[INSIDE, INSIDE, 3, 3]);
    }
    file.layer(&named(17), &[INSIDE, INSIDE, 3, 3]);
    file
}

/// Its numbers are compared with torch at full size, by the example `fullsize`.
#[test]
fn a_cell_becomes_eight_pixels_a_side() {
    let file = decoder(|number| number.to_string()).open();
    let taesd = Taesd::load(&Weights::new(file, test_device())).unwrap();
    let latent = noise_tensor::<4>(1, [2, 4, 3, 5]);
    let picture = taesd.decode(latent.clone());
    assert_eq!(picture.dims(), [2, 24, 40, 3]);
    // Beyond three a value says no more.
    let far = values(taesd.decode(latent.clone() * 1e4));
    assert_close(&far, &values(taesd.decode(latent * 2e4)), 1e-4);
}

#[test]
fn diffusers_count_layers_from_another_number() {
    let ours = decoder(|number| number.to_string()).open();
    let theirs = decoder(|number| format!("decoder.layers.{}", number - 1));
    let load = |file| Taesd::load(&Weights::new(file, test_device())).unwrap();
    // Values follow from paths, so only that all layers are found can be told.
    let latent = noise_tensor::<4>(1, [1, 4, 2, 2]);
    let shapes = [load(ours), load(theirs.open())].map(|net| net.decode(latent.clone()).dims());
    assert_eq!(shapes, [[1, 16, 16, 3]; 2]);
}

#[test]
fn a_layer_that_is_missing_is_named() {
    let mut file = decoder(|number| number.to_string());
    let file = file.without("8.conv.2.weight").open();
    let message = Taesd::load(&Weights::new(file, test_device())).unwrap_err().to_string();
    assert!(message.contains("\"8.conv.2.weight\""), "{message}");
}
