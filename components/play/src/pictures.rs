//! The pictures that conditions are about.
//!
//! A condition about a picture is about the one that was being served when the step began: the picture that a fault
//! concerns, not a later one that nothing happened to. It stays the same from step to step, until an expectation has
//! been decided by it or a step injects another fault. A pool user that had no picture at that moment, or whose own
//! process the step ends, is bound to its next one. While random faults go on there is no such picture: every picture
//! counts.
//!
//! The picture is kept while conditions are about it, and until the story has gone on after that.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use command::Command;
use model::{Component, ComponentId, Model};
use scenario::{Disturbance, RoleFilter, Step, StepAction, Who};
use serde::{Deserialize, Serialize};

use crate::Play;
use crate::evaluate::EvaluationContext;

/// The pool users whose picture is kept, and what conditions are about it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Pictures {
    /// Whether an expectation has been decided by the picture, for each pool user that is bound to one.
    bound: BTreeMap<ComponentId, bool>,
    /// The pool users that the conditions until the next fault are about.
    about: Vec<Who>,
}

impl Pictures {
    /// Returns whether conditions about this pool user are about the picture that is kept of it.
    pub(super) fn are_bound(&self, user: &Component) -> bool {
        self.bound.contains_key(&user.id)
    }
}

impl Play {
    /// Binds the conditions of the step that begins, and of those after it, to the pictures that are being served.
    pub(super) fn bind_pictures(&mut self, model: &Model) {
        let Some(step) = self.steps.get(self.turn) else {
            return;
        };
        let disturbance = step.disturbance();
        let anew = self.users_that_begin_anew(step, model);
        self.pictures.about = match disturbance {
            Disturbance::AtRandom => Vec::new(),
            Disturbance::None | Disturbance::Fault => about(&self.steps, self.turn),
        };
        let still = self.users_with_conditions(model);
        let context_over = disturbance != Disturbance::None;
        let mut gone = Vec::new();
        self.pictures.bound.retain(|id, used| {
            let stays = !context_over && !*used && still.contains(id);
            if !stays && !still.contains(id) {
                gone.push(*id);
            }
            stays
        });
        self.commands.extend(gone.into_iter().map(Command::LetPictureGo));
        self.hold_pictures(model, &anew);
    }

    /// Binds pool users that conditions are about and that have not been bound yet, such as those that were added.
    pub(super) fn hold_pictures(&mut self, model: &Model, anew: &[ComponentId]) {
        for id in self.users_with_conditions(model) {
            if let Entry::Vacant(bound) = self.pictures.bound.entry(id) {
                bound.insert(false);
                let next = anew.contains(&id);
                self.commands.push_back(Command::HoldPicture { id, next });
            }
        }
    }

    /// The expectations of the current step have been decided, by the pictures that they were about.
    pub(super) fn pictures_have_decided(&mut self, model: &Model) {
        let mut about = Vec::new();
        for expectation in self.steps.get(self.turn).iter().flat_map(|step| &step.expect) {
            expectation.that.each_picture(&mut |who| about.push(who.clone()));
        }
        let users: Vec<ComponentId> = select(&self.context(model), &about);
        for id in users {
            if let Some(used) = self.pictures.bound.get_mut(&id) {
                *used = true;
            }
        }
    }

    fn users_with_conditions(&self, model: &Model) -> Vec<ComponentId> {
        if self.pictures.about.is_empty() {
            return Vec::new();
        }
        select(&self.context(model), &self.pictures.about)
    }

    /// Returns whether a step would do something to the pool element that serves a pool user, which is between two
    /// pictures: it is served by nobody then, but will be in a moment.
    pub(super) fn is_between_pictures(&self, step: &Step, model: &Model) -> bool {
        let context = self.context(model);
        let mut between = false;
        for action in &step.actions {
            action.each_who(&mut |who| {
                let users = match (action, who) {
                    (StepAction::KillServing(users), _) => users.clone(),
                    (_, Who::Serving(user)) => Who::Named(vec![user.clone()]),
                    _ => return,
                };
                between |= context.select(&users).into_iter().any(|user| {
                    let canvas = user.canvas.as_ref();
                    user.process.is_alive()
                        && user.served.is_empty()
                        && canvas.is_some_and(|canvas| canvas.completed.is_some())
                });
            });
        }
        between
    }

    /// Returns the pool users that lose their picture by the actions of a step.
    fn users_that_begin_anew(&self, step: &Step, model: &Model) -> Vec<ComponentId> {
        let mut whose = Vec::new();
        for action in &step.actions {
            match action {
                StepAction::Stop(who)
                | StepAction::Kill(who)
                | StepAction::Restart(who)
                | StepAction::Remove(who)
                | StepAction::NewImage { of: who, .. } => whose.push(who.clone()),
                StepAction::StopAll => whose.push(Who::Every(RoleFilter::PoolUser)),
                _ => {}
            }
        }
        select(&self.context(model), &whose)
    }
}

/// Returns the pool users that conditions about pictures name, from this step on until the next fault.
fn about(steps: &[Step], turn: usize) -> Vec<Who> {
    let mut about = Vec::new();
    for (index, step) in steps.iter().enumerate().skip(turn) {
        let mut note = |who: &Who| {
            if !about.contains(who) {
                about.push(who.clone());
            }
        };
        if index > turn {
            step.when.iter().for_each(|when| when.each_proof(&mut note));
            if step.disturbance() != Disturbance::None {
                break;
            }
        }
        for expectation in &step.expect {
            expectation.that.each_picture(&mut note);
        }
        let parts = step.say.iter().flat_map(scenario::Say::conditions);
        parts.for_each(|condition| condition.each_proof(&mut note));
    }
    about
}

fn select(context: &EvaluationContext<'_>, whose: &[Who]) -> Vec<ComponentId> {
    let mut ids: Vec<ComponentId> = whose
        .iter()
        .flat_map(|who| context.select(who))
        .filter(|component| RoleFilter::PoolUser.has(component.role()))
        .map(|component| component.id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
