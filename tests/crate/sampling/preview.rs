//! Tests of `crate/src/sampling/preview.rs`.

use burnish::sampling::LatentFormat;
use burnish::sampling::preview::rgb_from_latent;

/// Values: the matrix's rows by hand, `trunc(255 (v + 1) / 2)`.
#[test]
fn each_latent_channel_adds_its_colour() {
    let latent = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.0];
    let rgb = rgb_from_latent(&latent, 2, &LatentFormat::SD);
    assert_eq!(rgb[..3], [127, 127, 127]);
    let second = [0.3512 - 9.0 * 0.2120, 0.2297 - 9.0 * 0.2616, 0.3227 - 9.0 * 0.7177];
    assert!(second.iter().all(|value| *value < -1.0));
    assert_eq!(rgb[3..], [0, 0, 0]);
    assert_eq!(rgb_from_latent(&[1.0, 0.0, 0.0, 0.0], 1, &LatentFormat::SD), [172, 156, 168]);
}

/// `255 (0.3651 + 0.1084 + 1) / 2` and so on, cut to whole numbers; the table of section 11.
#[test]
fn stable_diffusion_xl_has_other_colours_and_a_bias() {
    let rgb = rgb_from_latent(&[1.0, 0.0, 0.0, 0.0], 1, &LatentFormat::SDXL);
    assert_eq!(rgb, [187, 179, 182]);
}
