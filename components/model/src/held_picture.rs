//! A picture that is kept after its pool user has begun another one: the one that a fault concerns. Once it is over, it
//! is compared, pixel by pixel, with one that was computed here.

use std::mem;

use feed::Timestamp;
use serde::{Deserialize, Serialize};
use wire::fractal_generator::Parameter;

use crate::{Canvas, Component, ComponentId, Model, Severity, words};

/// A picture that is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HeldPicture {
    /// Its sequence number at its pool user; `None` until the pool user begins its next picture.
    pub image: Option<u32>,
    /// The result of the comparison.
    pub proof: Proof,
    /// The picture, once the pool user has begun another one.
    canvas: Option<Box<Canvas>>,
}

/// The request for a picture: all that is needed to compute it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request {
    /// The whole picture.
    pub parameter: Parameter,
    /// The number of sessions. Each has a tile of the picture, which is computed as a picture of its own.
    pub sessions: u32,
}

/// The comparison of a picture with one that was computed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// The picture is not over yet.
    Awaited,
    /// The other picture is being computed.
    UnderWay,
    /// They have been compared.
    Made(Comparison),
}

/// The result of comparing two pictures pixel by pixel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// All pixels of the picture.
    pub pixels: u64,
    /// Pixels that arrived with another value.
    pub wrong: u64,
    /// Pixels that did not arrive.
    pub missing: u64,
    /// Column and row of the first pixel that is wrong or missing.
    pub first: Option<(u32, u32)>,
}

impl Request {
    /// The maximum number of sessions between which a picture is divided; who reports more is not believed.
    pub(crate) const SESSIONS: u32 = 65_536;
}

impl Comparison {
    /// Compares the pixels that arrived with those that were computed.
    #[must_use]
    pub fn of(canvas: &Canvas, computed: &[u32]) -> Self {
        let mut comparison = Self {
            pixels: canvas.computed_by.len() as u64,
            wrong: 0,
            missing: 0,
            first: None,
        };
        let arrived = canvas.iterations.iter().zip(&canvas.computed_by);
        for (index, (value, by)) in arrived.enumerate() {
            match (by, computed.get(index)) {
                (0, _) => comparison.missing += 1,
                (_, Some(computed)) if computed == value => continue,
                _ => comparison.wrong += 1,
            }
            // A picture has fewer pixels than its dimensions can count.
            let index = index as u32;
            comparison
                .first
                .get_or_insert((index % canvas.width, index / canvas.width));
        }
        comparison
    }

    /// Returns the number of pixels that are equal.
    #[must_use]
    pub const fn equal(&self) -> u64 {
        self.pixels
            .saturating_sub(self.wrong.saturating_add(self.missing))
    }

    /// Returns whether all pixels are equal.
    #[must_use]
    pub const fn is_equal(&self) -> bool {
        self.wrong == 0 && self.missing == 0
    }

    /// Returns the result in words: how many pixels are equal and, if not all are, how many are not, and where.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut text = format!(
            "{} of {} pixels equal",
            words::count(self.equal()),
            words::count(self.pixels)
        );
        for (number, what) in [(self.wrong, "wrong"), (self.missing, "missing")] {
            if number > 0 {
                text.push_str(&format!(", {} {what}", words::count(number)));
            }
        }
        if let Some((column, row)) = self.first {
            text.push_str(&format!(", the first in row {row}, column {column}"));
        }
        text
    }
}

impl HeldPicture {
    /// Returns the result of the comparison, once there is one.
    #[must_use]
    pub const fn comparison(&self) -> Option<&Comparison> {
        match &self.proof {
            Proof::Made(comparison) => Some(comparison),
            Proof::Awaited | Proof::UnderWay => None,
        }
    }
}

impl Component {
    /// Returns the picture that is kept of this pool user, which may still be the one that arrives.
    #[must_use]
    pub fn held_canvas(&self) -> Option<&Canvas> {
        let held = self.held.as_ref()?;
        match &held.canvas {
            Some(canvas) => Some(canvas),
            None => self.canvas.as_ref().filter(|live| Some(live.image) == held.image),
        }
    }

    /// Returns whether the picture that is kept is no longer the one that arrives.
    #[must_use]
    pub fn held_is_past(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.canvas.is_some())
    }

    /// Returns the picture to compare, if it is time to: it is complete, or will never be.
    #[must_use]
    pub fn picture_to_compare(&self) -> Option<&Canvas> {
        let held = self.held.as_ref().filter(|held| held.proof == Proof::Awaited)?;
        let canvas = self.held_canvas()?;
        (canvas.completed.is_some() || held.canvas.is_some()).then_some(canvas)
    }

    /// Shows another picture as the one that arrives, and keeps the previous one if it is to be kept.
    pub(crate) fn begin_picture(&mut self, canvas: Canvas) {
        let image = canvas.image;
        let before = self.canvas.replace(canvas);
        if let Some(held) = &mut self.held {
            match held.image {
                None => held.image = Some(image),
                Some(kept) if held.canvas.is_none() => {
                    held.canvas = before.filter(|before| before.image == kept).map(Box::new);
                }
                Some(_) => {}
            }
        }
    }
}

impl Model {
    /// Keeps the picture that is arriving at a pool user, or with `next` the one that it begins next.
    pub(crate) fn hold_picture(&mut self, id: ComponentId, next: bool) {
        let Some(user) = self.components.get_mut(&id) else {
            return;
        };
        let arriving = user
            .canvas
            .as_ref()
            .filter(|canvas| !next && canvas.completed.is_none() && user.process.is_alive());
        let image = arriving.map(|canvas| canvas.image);
        user.held = Some(HeldPicture {
            image,
            proof: Proof::Awaited,
            canvas: None,
        });
    }

    /// The comparison of a picture has begun, or has been made.
    pub(crate) fn picture_compared(&mut self, id: ComponentId, at: Timestamp, image: u32, proof: Proof) {
        let held = self
            .components
            .get_mut(&id)
            .and_then(|user| user.held.as_mut())
            .filter(|held| held.image == Some(image));
        let Some(held) = held else { return };
        let before = mem::replace(&mut held.proof, proof);
        let Proof::Made(comparison) = held.proof.clone() else {
            return;
        };
        if before == held.proof {
            return;
        }
        let severity = if comparison.is_equal() {
            Severity::Recovery
        } else {
            Severity::Problem
        };
        self.note(Some(id), at, severity, |name| {
            format!(
                "{name}: picture {image} compared with one computed here: {}",
                comparison.in_words()
            )
        });
    }
}
