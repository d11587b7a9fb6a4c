use std::rc::Rc;

use burnish::diffusion::{
    Branches, Conditioning, Control, ControlNets, Pipe, Predicted, Predictor, load_control_net,
};
use burnish::geometry::Size;
use burnish::image::Frames;
use burnish::models::controlnet::ControlNet;
use burnish::monitor::Silent;
use burnish::weights::Precision;

use pollster::block_on;

use crate::detailer::for_each::tiny_pipe;
use crate::support::{
    Random, TIME, assert_close, noise_tensor, test_device, tiny_control_net, values,
};

/// The tiny ControlNet, from a file.
pub fn tiny_net() -> Rc<ControlNet> {
    let file = tiny_control_net("control_model").open_own();
    Rc::new(load_control_net(file, &test_device(), Precision::Auto, &Silent).unwrap())
}

fn control(strength: f32, range: [f64; 2], hint: Frames) -> Rc<Control> {
    Rc::new(Control { net: tiny_net(), hint: Rc::new(hint), strength, range })
}

fn picture(count: usize) -> Frames {
    Random(3).frames(Size::new(40, 24), count)
}

/// Both answers for two items at a noise level.
fn predicted(pipe: &Pipe, positive: &Conditioning, negative: &Conditioning) -> [Vec<f32>; 2] {
    let mut predictor = pipe.predictor(positive, negative);
    let Predicted { cond, uncond } =
        block_on(predictor.predict(&noise_tensor(5, [2, 4, 3, 5]), 2.0, Branches::Both)).unwrap();
    [values(cond), values(uncond.expect("was asked for"))]
}

fn prompts(pipe: &Pipe) -> [Conditioning; 2] {
    ["a cat", "blurry"].map(|text| pipe.encode_prompt(text).unwrap())
}

#[test]
fn strength_0_and_another_time_change_nothing() {
    let pipe = tiny_pipe();
    let [positive, negative] = prompts(&pipe);
    let plain = predicted(&pipe, &positive, &negative);
    for (strength, range) in [(0.0, [0.0, 1.0]), (1.0, [0.9, 1.0]), (1.0, [0.0, 0.1])] {
        let guided = positive.clone().with_control(&control(strength, range, picture(1)));
        let [cond, uncond] = predicted(&pipe, &guided, &negative);
        assert_close(&cond, &plain[0], 1e-5);
        assert_close(&uncond, &plain[1], 1e-5);
    }
    let guided = positive.with_control(&control(1.0, [0.0, 1.0], picture(1)));
    assert_ne!(predicted(&pipe, &guided, &negative), plain);
}

#[test]
fn the_simple_kind_guides_both_sides_as_the_other_does_on_both() {
    let pipe = tiny_pipe();
    let [positive, negative] = prompts(&pipe);
    let plain = predicted(&pipe, &positive, &negative);
    let control = control(0.8, [0.0, 1.0], picture(1));
    let simple = predicted(&pipe, &positive.clone().with_control(&control), &negative);
    let both =
        [positive.clone(), negative.clone()].map(|side| side.with_control_of_this_side(&control));
    let both = predicted(&pipe, &both[0], &both[1]);
    assert_close(&simple.concat(), &both.concat(), 1e-5);
    let one = predicted(&pipe, &positive.with_control_of_this_side(&control), &negative);
    assert_close(&one[0], &both[0], 1e-5);
    assert_close(&one[1], &plain[1], 1e-5);
}

#[test]
fn several_add_up() {
    let pipe = tiny_pipe();
    let [positive, negative] = prompts(&pipe);
    let control = |strength| control(strength, [0.0, 1.0], picture(1));
    let twice = positive.clone().with_control(&control(0.5)).with_control(&control(0.25));
    let once = positive.with_control(&control(0.75));
    let found = predicted(&pipe, &twice, &negative).concat();
    assert_close(&found, &predicted(&pipe, &once, &negative).concat(), 1e-4);
}

#[test]
fn pictures_are_taken_in_turn_for_the_items_of_a_batch() {
    let pipe = tiny_pipe();
    let [positive, negative] = prompts(&pipe);
    let both = picture(2);
    let guided = |hint| {
        let positive = positive.clone().with_control(&control(1.0, [0.0, 1.0], hint));
        predicted(&pipe, &positive, &negative)
    };
    let pair = guided(both.clone());
    let [first, second] = [0, 1].map(|index| guided(both.take_frame(index)));
    for side in 0..2 {
        let half = pair[side].len() / 2;
        assert_close(&pair[side][..half], &first[side][..half], 1e-5);
        assert_close(&pair[side][half..], &second[side][half..], 1e-5);
    }
}

#[test]
fn a_name_that_is_not_there_is_answered_with_those_that_are() {
    let mut nets = ControlNets::default();
    nets.insert("canny", tiny_net());
    assert_eq!(
        nets.get("pose").unwrap_err().to_string(),
        "unknown ControlNet \"pose\", add its file first; at hand: canny"
    );
    assert!(nets.get("canny").is_ok());
    assert!(nets.remove("canny"));
    assert!(!nets.remove("canny"));
}

#[test]
fn a_network_for_another_unet_is_refused() {
    let pipe = tiny_pipe();
    assert_eq!(pipe.check_control_net("canny", &tiny_net()), Ok(()));
    let mut file = tiny_control_net("control_model");
    for (path, shape) in [("weight", vec![64, 32, 1, 1]), ("bias", vec![64])] {
        let path = format!("control_model.zero_convs.0.0.{path}");
        file.without(&path).add(&path, &shape);
    }
    let net = load_control_net(file.open_own(), &test_device(), Precision::Auto, &Silent).unwrap();
    assert_eq!(
        pipe.check_control_net("canny", &net).unwrap_err().to_string(),
        "\"canny\" is no ControlNet that can be used: it adds to channels \
         [64, 32, 32, 32], the loaded checkpoint's are [32, 32, 32, 32]"
    );
}

#[test]
fn a_network_that_is_told_sizes_is_refused_where_the_unet_is_not() {
    let pipe = tiny_pipe();
    let mut file = tiny_control_net("control_model");
    file.layer("control_model.label_emb.0.0", &[TIME, 24]);
    file.layer("control_model.label_emb.0.2", &[TIME, TIME]);
    let net = load_control_net(file.open_own(), &test_device(), Precision::Auto, &Silent).unwrap();
    assert_eq!(
        pipe.check_control_net("xl", &net).unwrap_err().to_string(),
        "\"xl\" is no ControlNet that can be used: besides the text it is told numbers: 24, the \
         loaded checkpoint's is told 0"
    );
}
