//! Tests of `crate/src/sampling/preview.rs`.

use burnish::sampling::preview::rgb_from_latent;

/// Values: the matrix's rows by hand, `trunc(255 (v + 1) / 2)`.
#[test]
fn each_latent_channel_adds_its_colour() {
    let latent = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.0];
    let rgb = rgb_from_latent(&latent, 2);
    assert_eq!(rgb[..3], [127, 127, 127]);
    let second = [0.3512 - 9.0 * 0.2120, 0.2297 - 9.0 * 0.2616, 0.3227 - 9.0 * 0.7177];
    assert!(second.iter().all(|value| *value < -1.0));
    assert_eq!(rgb[3..], [0, 0, 0]);
    assert_eq!(rgb_from_latent(&[1.0, 0.0, 0.0, 0.0], 1), [172, 156, 168]);
}
