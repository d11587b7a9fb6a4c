//! Progress to a JavaScript callback, and the wish to cancel from it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::convert;
use crate::geometry::Rect;
use crate::monitor::{Event, Monitor, Pause};

/// Seconds spent in one kind of work.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Timing {
    stage: &'static str,
    seconds: f64,
}

/// Reports to `on_event` and measures what lies between reports.
#[derive(Debug)]
pub(super) struct JsMonitor {
    on_event: Function,
    cancelled: Rc<Cell<bool>>,
    began: Cell<f64>,
    stage: Cell<&'static str>,
    timings: RefCell<Vec<Timing>>,
}

/// What JavaScript receives.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Message<'a> {
    Loading { done: f64, total: f64 },
    Segment { index: usize, count: usize, crop_region: [u32; 4] },
    Stage { name: &'a str },
    Step { segment: usize, cycle: usize, step: usize, steps: usize },
    Window { segment: usize, cycle: usize, index: usize, count: usize },
    Note { segment: usize, note: &'a str },
    Skipped { segment: usize, reason: &'a str },
}

impl JsMonitor {
    pub(super) fn new(on_event: Function, cancelled: Rc<Cell<bool>>) -> Self {
        Self {
            on_event,
            cancelled,
            began: Cell::new(now()),
            stage: Cell::new("prompt"),
            timings: RefCell::default(),
        }
    }

    /// Seconds per stage so far, the current one included.
    pub(super) fn timings(&self) -> Vec<Timing> {
        self.enter("done");
        self.timings.borrow().clone()
    }

    fn enter(&self, stage: &'static str) {
        let at = now();
        let seconds = (at - self.began.replace(at)) / 1000.0;
        let ended = self.stage.replace(stage);
        let mut timings = self.timings.borrow_mut();
        match timings.iter_mut().find(|timing| timing.stage == ended) {
            Some(timing) => timing.seconds += seconds,
            None => timings.push(Timing { stage: ended, seconds }),
        }
    }

    fn send(&self, message: Result<JsValue, JsValue>) {
        // A listener that throws must not stop the work.
        let _ = message.and_then(|message| self.on_event.call1(&JsValue::NULL, &message));
    }
}

impl Monitor for JsMonitor {
    fn report(&self, event: Event) {
        let message = match &event {
            Event::Loading { done_bytes, total_bytes } => {
                Message::Loading { done: *done_bytes as f64, total: *total_bytes as f64 }
            }
            Event::Segment { index, count, crop_region: Rect { x1, y1, x2, y2 } } => {
                let crop_region = [*x1, *y1, *x2, *y2];
                Message::Segment { index: *index, count: *count, crop_region }
            }
            Event::Stage(stage) => {
                self.enter(stage.name());
                Message::Stage { name: stage.name() }
            }
            Event::Step { segment, cycle, step, steps } => {
                Message::Step { segment: *segment, cycle: *cycle, step: *step, steps: *steps }
            }
            Event::Window { segment, cycle, index, count } => {
                Message::Window { segment: *segment, cycle: *cycle, index: *index, count: *count }
            }
            Event::Note { segment, note } => Message::Note { segment: *segment, note },
            Event::Skipped { segment, reason } => Message::Skipped { segment: *segment, reason },
            Event::Preview { width, height, rgb } => {
                return self.send(convert::preview(*width, *height, rgb));
            }
        };
        self.send(convert::to_js(&message).map_err(JsValue::from));
    }

    fn cancelled(&self) -> bool {
        self.cancelled.get()
    }

    /// Always: reading the small preview back is also what keeps the work queued on the device, and
    /// with it the wait after a cancel, to one step.
    fn wants_preview(&self) -> bool {
        true
    }

    fn pause(&self) -> Pause<'_> {
        Box::pin(async {
            // A timer lets messages in, which a resolved promise would not.
            let promise = Promise::new(&mut |resolve, _| {
                let timer = Reflect::get(&js_sys::global(), &"setTimeout".into())
                    .and_then(|timer| timer.dyn_into::<Function>());
                let resume = match timer {
                    Ok(timer) => timer.call2(&JsValue::UNDEFINED, &resolve, &JsValue::from(0)),
                    Err(_) => resolve.call0(&JsValue::UNDEFINED),
                };
                let _ = resume;
            });
            let _ = JsFuture::from(promise).await;
        })
    }
}

/// Milliseconds since the epoch.
fn now() -> f64 {
    js_sys::Date::now()
}
