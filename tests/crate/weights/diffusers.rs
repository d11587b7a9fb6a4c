//! Names: section 6.4 of the semantics this follows.

use burnish::weights::diffusers::{control_net_to_single_file, from_single_file, to_single_file};

const PAIRS: &[(&str, &str)] = &[
    ("input_blocks.0.0", "conv_in"),
    ("time_embed.2", "time_embedding.linear_2"),
    ("input_blocks.1.0.in_layers.0", "down_blocks.0.resnets.0.norm1"),
    ("input_blocks.5.0.emb_layers.1", "down_blocks.1.resnets.1.time_emb_proj"),
    ("input_blocks.4.0.skip_connection", "down_blocks.1.resnets.0.conv_shortcut"),
    ("input_blocks.8.1.proj_in", "down_blocks.2.attentions.1.proj_in"),
    ("input_blocks.3.0.op", "down_blocks.0.downsamplers.0.conv"),
    ("input_blocks.9.0.op", "down_blocks.2.downsamplers.0.conv"),
    ("input_blocks.11.0.out_layers.3", "down_blocks.3.resnets.1.conv2"),
    ("middle_block.0.in_layers.2", "mid_block.resnets.0.conv1"),
    ("middle_block.1.norm", "mid_block.attentions.0.norm"),
    ("middle_block.2.out_layers.0", "mid_block.resnets.1.norm2"),
];

#[test]
fn the_way_down_and_the_middle_are_named_both_ways() {
    for (ours, theirs) in PAIRS {
        assert_eq!(from_single_file(ours, 3).as_deref(), Some(*theirs));
        assert_eq!(to_single_file(theirs, 3).as_deref(), Some(*ours));
    }
}

#[test]
fn the_way_up_is_named_as_diffusers_does() {
    for (ours, theirs) in [
        ("output_blocks.2.1.conv", "up_blocks.0.upsamplers.0.conv"),
        ("output_blocks.5.2.conv", "up_blocks.1.upsamplers.0.conv"),
        ("output_blocks.4.1.proj_out", "up_blocks.1.attentions.1.proj_out"),
        ("output_blocks.11.0.skip_connection", "up_blocks.3.resnets.2.conv_shortcut"),
        ("out.2", "conv_out"),
    ] {
        assert_eq!(from_single_file(ours, 3).as_deref(), Some(theirs));
    }
}

#[test]
fn a_control_net_has_names_of_its_own_besides() {
    for (theirs, ours) in [
        ("controlnet_cond_embedding.conv_in.weight", "input_hint_block.0.weight"),
        ("controlnet_cond_embedding.blocks.0.bias", "input_hint_block.2.bias"),
        ("controlnet_cond_embedding.blocks.5.weight", "input_hint_block.12.weight"),
        ("controlnet_cond_embedding.conv_out.weight", "input_hint_block.14.weight"),
        ("controlnet_down_blocks.11.weight", "zero_convs.11.0.weight"),
        ("controlnet_mid_block.bias", "middle_block_out.0.bias"),
        ("down_blocks.0.resnets.1.conv1.weight", "input_blocks.2.0.in_layers.2.weight"),
    ] {
        assert_eq!(control_net_to_single_file(theirs, 3).as_deref(), Some(ours));
    }
    assert_eq!(control_net_to_single_file("elsewhere.weight", 3), None);
}
