//! The tensors of a UNet by its widths and depths.

use super::layout::Row;

/// What UNets of the families differ in.
#[derive(Debug)]
pub struct Shape {
    pub width: usize,
    /// Of the width, level by level.
    pub multipliers: &'static [usize],
    /// Transformer blocks in every attention of a level.
    pub depths: &'static [usize],
    pub middle_depth: usize,
    /// Width of the text.
    pub context: usize,
    /// Whether projections around attention are matrices and not convolutions.
    pub is_linear: bool,
    /// How many numbers it is told besides; 0 for none.
    pub told: usize,
}

/// Residual blocks in every level on the way down; one more on the way up.
const BLOCKS: usize = 2;

/// The tensors below `model.diffusion_model`.
pub fn unet(shape: &Shape) -> Vec<Row> {
    let mut rows = Rows { rows: Vec::new(), shape };
    rows.outside();
    let middle = rows.down();
    rows.up(middle);
    rows.rows
}

struct Rows<'a> {
    rows: Vec<Row>,
    shape: &'a Shape,
}

impl Rows<'_> {
    fn add(&mut self, key: String, shape: &[usize]) {
        self.rows.push(Row::half(format!("model.diffusion_model.{key}"), shape));
    }

    /// A layer of this weight, with a bias.
    fn layer(&mut self, key: impl std::fmt::Display, weight: &[usize]) {
        self.add(format!("{key}.weight"), weight);
        self.add(format!("{key}.bias"), &weight[..1]);
    }

    fn time(&self) -> usize {
        4 * self.shape.width
    }

    fn outside(&mut self) {
        let (width, time, told) = (self.shape.width, self.time(), self.shape.told);
        self.layer("time_embed.0", &[time, width]);
        self.layer("time_embed.2", &[time, time]);
        if told > 0 {
            self.layer("label_emb.0.0", &[time, told]);
            self.layer("label_emb.0.2", &[time, time]);
        }
        self.layer("input_blocks.0.0", &[width, 4, 3, 3]);
        self.layer("out.0", &[width]);
        self.layer("out.2", &[4, width, 3, 3]);
    }

    /// The way down and the middle; channels of the skip connections.
    fn down(&mut self) -> Vec<usize> {
        let Shape { width, multipliers, depths, middle_depth, .. } = *self.shape;
        let (mut skips, mut inputs) = (vec![width], width);
        for (level, (multiplier, depth)) in multipliers.iter().zip(depths).enumerate() {
            for _ in 0..BLOCKS {
                let block = format!("input_blocks.{}", skips.len());
                self.resnet(&format!("{block}.0"), inputs, width * multiplier);
                inputs = width * multiplier;
                self.transformer(&format!("{block}.1"), inputs, *depth);
                skips.push(inputs);
            }
            if level + 1 < multipliers.len() {
                self.layer(format!("input_blocks.{}.0.op", skips.len()), &[inputs, inputs, 3, 3]);
                skips.push(inputs);
            }
        }
        self.resnet("middle_block.0", inputs, inputs);
        self.transformer("middle_block.1", inputs, middle_depth);
        self.resnet("middle_block.2", inputs, inputs);
        skips
    }

    fn up(&mut self, mut skips: Vec<usize>) {
        let Shape { width, multipliers, depths, .. } = *self.shape;
        let mut inputs = skips.last().copied().unwrap_or(width);
        for (number, level) in
            (0..multipliers.len()).rev().flat_map(|l| [l; BLOCKS + 1]).enumerate()
        {
            let (block, outputs) = (format!("output_blocks.{number}"), width * multipliers[level]);
            self.resnet(&format!("{block}.0"), inputs + skips.pop().unwrap_or(0), outputs);
            inputs = outputs;
            self.transformer(&format!("{block}.1"), inputs, depths[level]);
            if level > 0 && number % (BLOCKS + 1) == BLOCKS {
                let place = 1 + usize::from(depths[level] > 0);
                self.layer(format!("{block}.{place}.conv"), &[inputs, inputs, 3, 3]);
            }
        }
    }

    fn resnet(&mut self, key: &str, inputs: usize, outputs: usize) {
        self.layer(format!("{key}.in_layers.0"), &[inputs]);
        self.layer(format!("{key}.in_layers.2"), &[outputs, inputs, 3, 3]);
        self.layer(format!("{key}.emb_layers.1"), &[outputs, self.time()]);
        self.layer(format!("{key}.out_layers.0"), &[outputs]);
        self.layer(format!("{key}.out_layers.3"), &[outputs, outputs, 3, 3]);
        if inputs != outputs {
            self.layer(format!("{key}.skip_connection"), &[outputs, inputs, 1, 1]);
        }
    }

    fn transformer(&mut self, key: &str, width: usize, depth: usize) {
        if depth == 0 {
            return;
        }
        let kernel: &[usize] = if self.shape.is_linear { &[] } else { &[1, 1] };
        let projection = [&[width, width], kernel].concat();
        self.layer(format!("{key}.norm"), &[width]);
        self.layer(format!("{key}.proj_in"), &projection);
        self.layer(format!("{key}.proj_out"), &projection);
        for block in (0..depth).map(|index| format!("{key}.transformer_blocks.{index}")) {
            for (attention, inputs) in [("attn1", width), ("attn2", self.shape.context)] {
                self.add(format!("{block}.{attention}.to_q.weight"), &[width, width]);
                self.add(format!("{block}.{attention}.to_k.weight"), &[width, inputs]);
                self.add(format!("{block}.{attention}.to_v.weight"), &[width, inputs]);
                self.layer(format!("{block}.{attention}.to_out.0"), &[width, width]);
            }
            self.layer(format!("{block}.ff.net.0.proj"), &[8 * width, width]);
            self.layer(format!("{block}.ff.net.2"), &[width, 4 * width]);
            for norm in ["norm1", "norm2", "norm3"] {
                self.layer(format!("{block}.{norm}"), &[width]);
            }
        }
    }
}
