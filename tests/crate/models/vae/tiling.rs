use burnish::{
    models::vae::{Tiling, Vae},
    weights::Weights,
};

use crate::support::{assert_close, noise_tensor, test_device, tiny_vae, values};

fn load() -> Vae {
    Vae::load(&Weights::new(tiny_vae("v").open(), test_device()).pp("v")).unwrap()
}

#[test]
fn one_tile_is_the_whole() {
    let vae = load();
    let latent = noise_tensor(1, [1, 4, 3, 4]);
    let tiles = Tiling { width: 8, height: 8, overlap: 2 };
    let tiled = vae.decode_tiled(latent.clone(), &tiles);
    assert_close(&values(tiled), &values(vae.decode(latent)), 1e-6);
}

#[test]
fn tiles_cover_everything() {
    let vae = load();
    let tiles = Tiling { width: 4, height: 4, overlap: 1 };
    let picture = vae.decode_tiled(noise_tensor(1, [1, 4, 9, 5]), &tiles);
    assert_eq!(picture.dims(), [1, 72, 40, 3]);
    assert!(values(picture).iter().all(|v| v.is_finite()));
    let tiles = Tiling { width: 32, height: 32, overlap: 8 };
    let latent = vae.encode_tiled(noise_tensor(1, [1, 40, 72, 3]).abs(), &tiles);
    assert_eq!(latent.dims(), [1, 4, 5, 9]);
    assert!(values(latent).iter().all(|v| v.is_finite()));
}
