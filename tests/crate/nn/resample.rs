use burnish::{
    nn::{self, Conv2d},
    weights::Weights,
};

use crate::support::{Checkpoint, assert_close, noise_tensor, test_device, values};

/// A kernel that copies the pixel under its middle.
fn identity() -> Conv2d {
    let mut kernel = vec![0.0; 9];
    kernel[4] = 1.0;
    let file = Checkpoint::default().add_values("weight", &[1, 1, 3, 3], kernel).open();
    Conv2d::load(&Weights::new(file, test_device()), Some(1), Some(1)).unwrap()
}

#[test]
fn downsample_takes_every_other_pixel_and_rounds_up() {
    let x = noise_tensor(1, [1, 5, 3, 1]);
    let pixels = values(x.clone());
    let y = nn::downsample(&identity(), x);
    assert_eq!(y.dims(), [1, 3, 2, 1]);
    assert_close(&values(y), &[0, 2, 6, 8, 12, 14].map(|i| pixels[i]), 0.0);
}

#[test]
fn upsample_goes_to_the_size_of_the_skip_even_if_odd() {
    let x = noise_tensor(2, [1, 2, 2, 1]);
    let [a, b, c, d] = values(x.clone())[..] else { panic!() };
    let doubled = nn::upsample(&identity(), x.clone(), [4, 4]);
    assert_close(&values(doubled)[..8], &[a, a, b, b, a, a, b, b], 0.0);
    let odd = nn::upsample(&identity(), x, [3, 3]);
    assert_close(&values(odd), &[a, a, b, a, a, b, c, c, d], 0.0);
}
