//! The ControlNets of a request, checked once.

use wasm_bindgen::JsValue;

use super::convert::{Picture, field};
use super::error::JsResult;
use super::request::{given, list, text};
use crate::Error;
use crate::detailer::setting::{SettingRow, number, setting};
use crate::image::Frames;
use crate::image::preprocess::Preprocessor;
use crate::segs::{ControlMode, SegControl, Segs, with_control};

/// Ranges of the numbers, as ControlNetApplyAdvanced (SEGS) has them.
const RANGES: [SettingRow; 3] = [
    setting("strength", number(0.0, 10.0, 0.01)),
    setting("start_percent", number(0.0, 1.0, 0.001)),
    setting("end_percent", number(0.0, 1.0, 0.001)),
];

/// A ControlNet for all segments, and the whole picture to follow, if one is given.
#[derive(Debug)]
pub(super) struct ControlRequest {
    control: SegControl,
    image: Option<Frames>,
}

impl ControlRequest {
    /// Reads and checks the list `control_nets` of a request, `{ name, strength, start_percent,
    /// end_percent, preprocessor, image }` each. Without `start_percent` and `end_percent` it is
    /// the simple node.
    pub(super) fn all(request: &JsValue) -> JsResult<Vec<Self>> {
        let listed = given(request, "control_nets")?.unwrap_or_default();
        list(&listed).map(|value| Self::from_js(&value)).collect()
    }

    fn from_js(value: &JsValue) -> JsResult<Self> {
        let number = |row: &SettingRow| -> JsResult<Option<f64>> {
            let number = field(value, row.name)?.as_f64();
            row.check(&serde_json::json!({ row.name: number }))?;
            Ok(number)
        };
        let [strength, start, end] = [&RANGES[0], &RANGES[1], &RANGES[2]].map(number);
        let mode = match (start?, end?) {
            (None, None) => ControlMode::Plain,
            (start, end) => ControlMode::Advanced {
                start_percent: start.unwrap_or(0.0),
                end_percent: end.unwrap_or(1.0),
            },
        };
        let preprocessor = given(value, "preprocessor")?
            .map(serde_wasm_bindgen::from_value::<Preprocessor>)
            .transpose()
            .map_err(|error| Error::BadRequest { reason: format!("preprocessor: {error}") })?;
        if let Some(preprocessor) = &preprocessor {
            preprocessor.validate()?;
        }
        let image = given(value, "image")?.map(|image| Picture::from_js(&image)).transpose()?;
        let control = SegControl {
            control_net: text(value, "name")?,
            strength: strength?.unwrap_or(1.0) as f32,
            mode,
            preprocessor,
            control_image: None,
        };
        Ok(Self { control, image: image.map(|image| image.frames()) })
    }

    /// `segs`, each guided by it too.
    pub(super) fn apply(&self, segs: Segs) -> Segs {
        with_control(segs, &self.control, self.image.as_ref())
    }
}
