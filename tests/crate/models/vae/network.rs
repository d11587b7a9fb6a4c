use burnish::{models::vae::Vae, weights::Weights};

use crate::support::{assert_close, noise_tensor, test_device, tiny_vae, values};

fn load() -> Vae {
    Vae::load(&Weights::new(tiny_vae("v").open(), test_device()).pp("v")).unwrap()
}

#[test]
fn eight_pixels_are_one_cell() {
    let vae = load();
    let latent = vae.encode(noise_tensor(1, [1, 32, 24, 3]).abs());
    assert_eq!(latent.dims(), [1, 4, 4, 3]);
    assert_eq!(vae.decode(latent).dims(), [1, 32, 24, 3]);
}

#[test]
fn a_picture_is_cut_around_its_centre() {
    let vae = load();
    let picture = noise_tensor(1, [1, 21, 19, 4]).abs();
    let cut = picture.clone().slice([0..1, 2..18, 1..17, 0..3]);
    assert_close(&values(vae.encode(picture)), &values(vae.encode(cut)), 0.0);
}

#[test]
fn pixels_stay_within_0_and_1() {
    let pixels = values(load().decode(noise_tensor(1, [1, 4, 2, 2]) * 100.0));
    assert!(pixels.iter().all(|v| (0.0..=1.0).contains(v)));
}

#[test]
fn items_of_a_batch_do_not_mix() {
    let vae = load();
    let latents = noise_tensor(1, [2, 4, 3, 2]);
    let alone = [0, 1].map(|i| values(vae.decode(latents.clone().slice([i..i + 1]))));
    assert_close(&values(vae.decode(latents)), &alone.concat(), 1e-5);
}
