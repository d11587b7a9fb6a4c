//! The space a model's latents are sampled in.

/// How the VAE's numbers become the model's, and the model's become rough colours.
#[derive(Debug, PartialEq)]
pub struct LatentFormat {
    /// Model space is this times what the VAE encodes to.
    pub scale: f32,
    /// Red, green and blue, in -1..1, per latent channel; as the reference tabulates them.
    pub rgb: [[f32; 3]; 4],
    /// Added to red, green and blue.
    pub bias: [f32; 3],
}

impl LatentFormat {
    /// Stable Diffusion 1.x and 2.x.
    pub const SD: Self = Self {
        scale: 0.18215,
        rgb: [
            [0.3512, 0.2297, 0.3227],
            [0.3250, 0.4974, 0.2350],
            [-0.2829, 0.1762, 0.2721],
            [-0.2120, -0.2616, -0.7177],
        ],
        bias: [0.0; 3],
    };

    /// Stable Diffusion XL and its refiner.
    pub const SDXL: Self = Self {
        scale: 0.13025,
        rgb: [
            [0.3651, 0.4232, 0.4341],
            [-0.2533, -0.0042, 0.1068],
            [0.1076, 0.1111, -0.0362],
            [-0.3165, -0.2492, -0.2188],
        ],
        bias: [0.1084, -0.0175, -0.0011],
    };
}
