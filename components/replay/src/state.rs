//! The state of a control centre, rebuilt.

use feed::Timestamp;
use model::{Model, PastRebuild};
use play::Play;

use crate::{Entry, PlayCall, Stage};

/// The state of a control centre as of one moment.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// What was known.
    pub model: Model,
    /// The play of the steps, if there was one.
    pub play: Option<Play>,
    /// What surrounds them.
    pub stage: Stage,
    /// The number of entries that led here.
    pub position: u64,
    /// The time of the latest one.
    pub at: Timestamp,
}

impl State {
    /// Carries out an entry.
    pub fn carry_out(&mut self, entry: Entry) {
        match entry {
            Entry::Update(update) => self.model.apply(*update),
            Entry::Play(call) => {
                call.carry_out(&mut self.play, &self.model);
                // They were carried out when this was recorded; their effects follow as entries.
                while self.play.as_mut().and_then(Play::poll_command).is_some() {}
            }
            Entry::Stage(stage) => self.stage = *stage,
            Entry::Jump(keyframe) => {
                let keyframe = *keyframe;
                self.model = keyframe.model;
                self.model.put_past(PastRebuild::new(&keyframe.past).finish());
                self.play = keyframe.play;
                self.stage = keyframe.stage;
            }
            Entry::Keyframe(_) | Entry::Highlight(_) | Entry::Command(_) | Entry::Note(_) => {}
        }
    }
}

impl PlayCall {
    /// Makes the call.
    pub fn carry_out(self, play: &mut Option<Play>, model: &Model) {
        match (self, play) {
            (Self::Begin(new), play) => *play = Some(*new),
            (Self::End, play) => *play = None,
            (_, None) => {}
            (Self::Handle(now), Some(play)) => play.handle(now, model),
            (Self::Control(now, control), Some(play)) => play.control(now, control),
            (Self::GiveUp(at, why), Some(play)) => play.give_up(at, why),
        }
    }
}
