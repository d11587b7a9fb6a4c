use burnish::monitor::{Event, Monitor, Silent, Stage};
use std::task::{Context, Poll, Waker};

#[test]
fn the_silent_monitor_lets_everything_pass() {
    Silent.report(Event::Stage(Stage::Encode));
    assert!(!Silent.cancelled());
    assert!(!Silent.wants_preview());
    let mut pause = Silent.pause();
    let poll = pause.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(poll, Poll::Ready(()));
}

#[test]
fn stages_have_the_names_the_page_knows() {
    let names = [Stage::Encode, Stage::Sample, Stage::Decode, Stage::Paste].map(Stage::name);
    assert_eq!(names, ["encode", "sample", "decode", "paste"]);
}
