//! Pictures within records: their pixels in the form in which they arrived, so that whoever compresses a record together with
//! the feed finds them again.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::Bytes;
use wire::PeIdentifier;
use wire::fractal_generator::Message;

use super::{Canvas, Completed, Left, Mark};
use crate::{Request, bounded};

#[derive(Serialize, Deserialize)]
#[serde(rename = "Canvas")]
struct CanvasRecord<'a> {
    image: u32,
    width: u32,
    height: u32,
    max_iterations: u32,
    request: Option<Request>,
    /// Big-endian values.
    #[serde(borrow)]
    iterations: Cow<'a, Bytes>,
    #[serde(borrow)]
    computed_by: Cow<'a, Bytes>,
    #[serde(deserialize_with = "bounded::list::<255, _, _>")]
    pool_elements: Vec<PeIdentifier>,
    #[serde(deserialize_with = "bounded::list::<{ Canvas::MARKS }, _, _>")]
    marks: Vec<Mark>,
    completed: Option<Completed>,
    #[serde(deserialize_with = "bounded::list::<{ Canvas::MARKS }, _, _>")]
    left: Vec<Left>,
}

impl Serialize for Canvas {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let iterations: Vec<u8> = self
            .iterations
            .iter()
            .flat_map(|value| value.to_be_bytes())
            .collect();
        CanvasRecord {
            image: self.image,
            width: self.width,
            height: self.height,
            max_iterations: self.max_iterations,
            request: self.request,
            iterations: Cow::Borrowed(Bytes::new(&iterations)),
            computed_by: Cow::Borrowed(Bytes::new(&self.computed_by)),
            pool_elements: self.pool_elements.clone(),
            marks: self.marks.clone(),
            completed: self.completed,
            left: self.left.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Canvas {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = CanvasRecord::deserialize(deserializer)?;
        let CanvasRecord {
            image,
            width,
            height,
            max_iterations,
            ..
        } = record;
        // What has changed since the view last looked is everything.
        let mut canvas = Self::new(image, width, height, max_iterations)
            .ok_or_else(|| D::Error::custom(format_args!("a picture of {width} x {height} pixels")))?;
        let (values, rest) = record.iterations.as_chunks::<4>();
        let most = record.pool_elements.len();
        if values.len() != canvas.iterations.len()
            || !rest.is_empty()
            || record.computed_by.len() != canvas.computed_by.len()
        {
            return Err(D::Error::custom("a picture with too few or too many pixels"));
        }
        if record.computed_by.iter().any(|by| usize::from(*by) > most) {
            return Err(D::Error::custom("pixels of a pool element that is not listed"));
        }
        if record
            .marks
            .iter()
            .any(|mark| mark.x >= width || mark.y >= height)
        {
            return Err(D::Error::custom("a failover beside its picture"));
        }
        let is_for_it =
            |request: &Request| (request.parameter.width, request.parameter.height) == (width, height);
        if !record.request.as_ref().is_none_or(is_for_it) {
            return Err(D::Error::custom("a picture of another size than requested"));
        }
        for (pixel, value) in canvas.iterations.iter_mut().zip(values) {
            *pixel = u32::from_be_bytes(*value);
        }
        canvas.computed_by.copy_from_slice(&record.computed_by);
        // There are no more pixels than this can count.
        canvas.done = canvas.computed_by.iter().filter(|by| **by != 0).count() as u32;
        canvas.request = record.request;
        canvas.pool_elements = record.pool_elements;
        canvas.marks = record.marks;
        canvas.completed = record.completed;
        canvas.left = record.left;
        Ok(canvas)
    }
}

/// As the pool user told it.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Request")]
struct RequestRecord<'a> {
    #[serde(borrow)]
    parameter: Cow<'a, Bytes>,
    sessions: u32,
}

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parameter = Message::Parameter(self.parameter).encode();
        RequestRecord {
            parameter: Cow::Borrowed(Bytes::new(&parameter)),
            sessions: self.sessions,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Request {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let RequestRecord { parameter, sessions } = RequestRecord::deserialize(deserializer)?;
        match Message::decode(&parameter) {
            Ok(Message::Parameter(parameter)) if (1..=Self::SESSIONS).contains(&sessions) => {
                Ok(Self { parameter, sessions })
            }
            _ => Err(D::Error::custom("a request for a picture that is none")),
        }
    }
}
