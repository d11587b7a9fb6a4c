//! Hooks written in JavaScript: objects with methods under the names of [`DetailerHook`].
//!
//! A method may answer at once or with a promise; `undefined` leaves things as they are. Methods an
//! object lacks cost nothing: what they would be shown is not even read back from the device.

mod values;

use std::fmt;

use burn::tensor::Tensor;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::detailer::hooks::{Cycle, DetailerHook, Pending};
use crate::diffusion::{KSampleSettings, Latent};
use crate::error::{Error, Result};
use crate::geometry::{Rect, Size};
use crate::image::Frames;
use crate::segs::{Segs, segs_from_json, segs_to_json};

/// One object.
#[derive(Clone)]
pub(super) struct JsHook {
    object: Object,
}

impl fmt::Debug for JsHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsHook")
    }
}

/// A method of an object, and what it is called.
struct Method<'a> {
    object: &'a Object,
    name: &'static str,
    function: Function,
}

impl JsHook {
    pub(super) fn new(object: Object) -> Self {
        Self { object }
    }

    fn method(&self, name: &'static str) -> Option<Method<'_>> {
        let function = Reflect::get(&self.object, &name.into()).ok()?.dyn_into().ok()?;
        Some(Method { object: &self.object, name, function })
    }

    /// Shows `value` to the method `name`, if there is one, and gives what it makes of it.
    async fn ask<T>(
        &self,
        name: &'static str,
        value: T,
        show: impl AsyncFnOnce(&Method<'_>, &T) -> Result<Vec<JsValue>>,
        read: impl FnOnce(&Method<'_>, T, JsValue) -> Result<T>,
    ) -> Result<T> {
        let Some(method) = self.method(name) else { return Ok(value) };
        let answer = method.call(&show(&method, &value).await?).await?;
        if answer.is_undefined() {
            return Ok(value);
        }
        read(&method, value, answer)
    }

    async fn ask_latent(
        &self,
        name: &'static str,
        latent: Latent,
        cycle: Option<Cycle>,
    ) -> Result<Latent> {
        let show = async |_: &Method<'_>, latent: &Latent| {
            let shown = values::latent(&latent.samples).await?;
            Ok([Some(shown), cycle.map(values::cycle)].into_iter().flatten().collect())
        };
        self.ask(name, latent, show, |method, latent, answer| {
            let samples = values::samples_from(method, &answer, &latent.samples)?;
            Ok(Latent { samples, ..latent })
        })
        .await
    }

    async fn ask_frames(&self, name: &'static str, frames: Frames) -> Result<Frames> {
        let show = async |_: &Method<'_>, frames: &Frames| Ok(vec![values::frames(frames)]);
        self.ask(name, frames, show, |method, frames, answer| {
            values::frames_from(method, &answer, frames)
        })
        .await
    }
}

impl Method<'_> {
    async fn call(&self, arguments: &[JsValue]) -> Result<JsValue> {
        let arguments: Array = arguments.iter().collect();
        let thrown = |thrown: JsValue| {
            let message = Reflect::get(&thrown, &"message".into()).ok();
            let message = message.and_then(|message| message.as_string());
            self.error(&message.unwrap_or_else(|| format!("{thrown:?}")))
        };
        let answer = Reflect::apply(&self.function, self.object, &arguments).map_err(thrown)?;
        JsFuture::from(Promise::resolve(&answer)).await.map_err(thrown)
    }

    /// What went wrong in it, or with its answer.
    fn error(&self, reason: &str) -> Error {
        Error::Hook { method: self.name, reason: reason.to_owned() }
    }
}

impl DetailerHook for JsHook {
    fn post_crop_region(
        &mut self,
        image: Size,
        bbox: Rect,
        crop_region: Rect,
    ) -> Pending<'_, Rect> {
        let show = async move |_: &Method<'_>, region: &Rect| {
            let size = [image.width.into(), image.height.into()];
            Ok(size.into_iter().chain([values::rect(bbox), values::rect(*region)]).collect())
        };
        Box::pin(self.ask("post_crop_region", crop_region, show, move |method, _, answer| {
            values::rect_from(method, &answer, image)
        }))
    }

    fn post_detection(&mut self, segs: Segs) -> Pending<'_, Segs> {
        let show = async |_: &Method<'_>, segs: &Segs| Ok(vec![segs_to_json(segs)?.into()]);
        Box::pin(self.ask("post_detection", segs, show, |method, _, answer| {
            let document = answer.as_string();
            segs_from_json(&document.ok_or_else(|| method.error("it must give a JSON text"))?)
        }))
    }

    fn touch_scaled_size(&mut self, size: Size) -> Pending<'_, Size> {
        let show =
            async |_: &Method<'_>, size: &Size| Ok(vec![size.width.into(), size.height.into()]);
        Box::pin(self.ask("touch_scaled_size", size, show, |method, _, answer| {
            values::size_from(method, &answer)
        }))
    }

    fn post_encode(&mut self, latent: Latent) -> Pending<'_, Latent> {
        Box::pin(self.ask_latent("post_encode", latent, None))
    }

    fn get_custom_sampler(&mut self) -> Pending<'_, Option<String>> {
        let show = async |_: &Method<'_>, _: &Option<String>| Ok(Vec::new());
        Box::pin(self.ask("get_custom_sampler", None, show, |_, _, answer| Ok(answer.as_string())))
    }

    fn cycle_latent(&mut self, latent: Latent, cycle: Cycle) -> Pending<'_, Latent> {
        Box::pin(self.ask_latent("cycle_latent", latent, Some(cycle)))
    }

    fn pre_ksample(
        &mut self,
        settings: KSampleSettings,
        cycle: Cycle,
    ) -> Pending<'_, KSampleSettings> {
        let show = async move |method: &Method<'_>, settings: &KSampleSettings| {
            Ok(vec![values::settings(method, settings)?, values::cycle(cycle)])
        };
        Box::pin(self.ask("pre_ksample", settings, show, |method, settings, answer| {
            values::settings_from(method, answer, settings)
        }))
    }

    fn get_custom_noise<'a>(
        &'a mut self,
        seed: u64,
        latent: &'a Latent,
        previous: Option<Tensor<4>>,
    ) -> Pending<'a, Option<Tensor<4>>> {
        let show = async move |_: &Method<'_>, previous: &Option<Tensor<4>>| {
            let previous = match previous {
                Some(noise) => values::latent(noise).await?,
                None => JsValue::NULL,
            };
            let shape = values::shape(latent.samples.dims());
            Ok(vec![seed.to_string().into(), shape.into(), previous])
        };
        Box::pin(self.ask("get_custom_noise", previous, show, |method, _, answer| {
            if answer.is_null() {
                return Ok(None);
            }
            values::samples_from(method, &answer, &latent.samples).map(Some)
        }))
    }

    fn pre_decode(&mut self, latent: Latent) -> Pending<'_, Latent> {
        Box::pin(self.ask_latent("pre_decode", latent, None))
    }

    fn post_decode(&mut self, frames: Frames) -> Pending<'_, Frames> {
        Box::pin(self.ask_frames("post_decode", frames))
    }

    fn should_retry_patch<'a>(
        &'a mut self,
        patch: &'a Frames,
        attempt: usize,
    ) -> Pending<'a, bool> {
        let show = async move |_: &Method<'_>, _: &bool| {
            Ok(vec![values::frames(patch), (attempt as f64).into()])
        };
        Box::pin(self.ask("should_retry_patch", false, show, |_, _, answer| Ok(answer.is_truthy())))
    }

    fn post_paste(&mut self, frames: Frames) -> Pending<'_, Frames> {
        Box::pin(self.ask_frames("post_paste", frames))
    }
}
