//! Changed settings of pool elements, as sentences: from what to what. What changes quickly, as while a slider is
//! dragged, is one entry.

use feed::{Limits, Timestamp};
use serde::{Deserialize, Serialize};
use wire::parameter::Policy;

use crate::timeline::EntryNumber;
use crate::{ComponentId, Model, Severity, Timeline, words};

/// A setting that can be changed while a pool element runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Setting {
    Capacity,
    MaxJobs,
    PolicyData,
    ToldLoad,
}

/// The latest change that was told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ToldSetting {
    component: ComponentId,
    setting: Setting,
    /// The value before the first of the changes that follow each other quickly, in words.
    before: String,
    at: Timestamp,
    entry: EntryNumber,
}

impl Model {
    /// The limits of a pool element may have changed.
    pub(crate) fn limits_changed(&mut self, id: ComponentId, at: Timestamp, before: &Limits, now: &Limits) {
        if let (Some(before), Some(now)) = (capacity(before), capacity(now)) {
            self.setting_changed(id, at, Setting::Capacity, before, &now);
        }
        let jobs = |limits: &Limits| {
            limits
                .max_jobs
                .map(|jobs| format!("at most {}", words::jobs(jobs)))
        };
        if let (Some(before), Some(now)) = (jobs(before), jobs(now)) {
            self.setting_changed(id, at, Setting::MaxJobs, before, &now);
        }
    }

    /// What a pool element tells in its policy, other than the load, may have changed.
    pub(crate) fn policy_data_changed(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        before: &Policy,
        now: &Policy,
    ) {
        // The type of a policy changes for the whole pool, and is told as that.
        if before.policy_type() == now.policy_type() {
            let (before, now) = (words::policy_data(before), words::policy_data(now));
            self.setting_changed(id, at, Setting::PolicyData, before, &now);
        }
    }

    /// A pool element was told to tell registrars this load, or again the one that it measures.
    pub(crate) fn load_told(&mut self, id: ComponentId, at: Timestamp, load: Option<f64>) {
        let Some(component) = self.components.get_mut(&id) else {
            return;
        };
        component.told_load = load;
        component.policy_told += 1;
        let name = component.name.as_str();
        let text = match load {
            Some(load) => {
                let percent = words::percent(load.clamp(0.0, 1.0));
                format!("{name} tells registrars a load of {percent} from now on, whatever it measures")
            }
            None => format!("{name} tells registrars the load that it measures"),
        };
        self.tell_setting(id, at, Setting::ToldLoad, String::new(), |_| text);
    }

    fn setting_changed(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        setting: Setting,
        before: String,
        now: &str,
    ) {
        if before == now {
            return;
        }
        let name = self.components.get(&id).map(|component| component.name.clone());
        let name = name.unwrap_or_default();
        self.tell_setting(id, at, setting, before, |before| {
            if before == now {
                format!("{name} has {now} again")
            } else {
                format!("{name} was changed from {before} to {now}")
            }
        });
    }

    /// Tells of a change. The sentence is made from the value before, or before those changes that this one continues.
    fn tell_setting(
        &mut self,
        id: ComponentId,
        at: Timestamp,
        setting: Setting,
        before: String,
        sentence: impl FnOnce(&str) -> String,
    ) {
        let told = self.told_setting.take().filter(|told| {
            let same = (told.component, told.setting) == (id, setting);
            same && at - told.at <= Timeline::ONE_CHANGE
        });
        let (earlier, entry) = told.map(|told| (told.before, told.entry)).unzip();
        let before = earlier.unwrap_or(before);
        let text = sentence(&before);
        let entry = match entry {
            Some(entry) if self.timeline.amend(entry, text.clone()) => Some(entry),
            _ => self.enter(Some(id), at, Severity::Normal, |_| text),
        };
        self.told_setting = entry.map(|entry| ToldSetting {
            component: id,
            setting,
            before,
            at,
            entry,
        });
    }
}

/// Returns the capacity in words, if there is one that can be changed.
fn capacity(limits: &Limits) -> Option<String> {
    if let Some(calculations) = limits.calculations_per_second {
        return Some(format!("{} calculations/s", words::amount(calculations as f64)));
    }
    Some(match limits.iterations_per_second? {
        0 => "unlimited speed".to_owned(),
        iterations => format!("{} iterations/s", words::amount(iterations as f64)),
    })
}
