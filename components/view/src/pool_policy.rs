//! The choice of a pool's policy: all policies, each with what it does and where that is specified.

use egui::{Response, Ui};
use wire::PoolHandle;
use wire::parameter::{Policy, PolicyData, PolicyType};

use crate::present;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme};
use command::Command;
use model::{Component, Model};

/// The width of the list of policies.
const WIDTH: f32 = 330.0;

/// What pool elements begin with if they have no value of their own yet: equal ones, with room for others on both sides.
/// A degradation of a quarter suits pool elements with four sessions, as they have by default.
const USUAL: PolicyData = PolicyData {
    weight: Some(10),
    priority: Some(10),
    load_degradation: Some(u32::MAX / 4 + 1),
    dpf: Some(u32::MAX / 1000),
};

/// Returns the choices: every policy, with values to begin with.
pub(crate) fn choices() -> impl Iterator<Item = Policy> {
    Policy::every().map(|policy| policy.with_data(USUAL))
}

/// Returns the abbreviation of the policy with this name, such as "LUD" for "Least Used with Degradation".
pub(crate) fn short_name(name: &str) -> Option<&'static str> {
    let policy = choices().find(|policy| policy.name() == name)?;
    Some(policy.short_name())
}

/// Returns the command that gives a pool the policy of this type.
pub(crate) fn choose(pool: PoolHandle, policy_type: PolicyType) -> Option<Command> {
    let policy = choices().find(|policy| policy.policy_type() == policy_type)?;
    Some(Command::SetPoolPolicy(pool, policy))
}

/// Returns the pools with a pool element here, and the type of policy that all of them have, if they agree.
pub(crate) fn pools(model: &Model) -> Vec<(PoolHandle, Option<PolicyType>)> {
    let mut pools: Vec<(PoolHandle, Option<PolicyType>)> = Vec::new();
    for component in model.components.values() {
        let (Some(handle), Some(policy)) = (component.spec.args.pool_handle(), policy_of(component)) else {
            continue;
        };
        let policy_type = policy.policy_type();
        match pools.iter_mut().find(|(pool, _)| *pool == handle) {
            Some((_, common)) => *common = common.filter(|common| *common == policy_type),
            None => pools.push((handle, Some(policy_type))),
        }
    }
    pools
}

/// Returns the policy that a pool element has or, without a process, will have.
pub(crate) fn policy_of(component: &Component) -> Option<&Policy> {
    let current = component.policy_data.as_ref();
    current.or_else(|| component.spec.args.policy())
}

/// Returns the policy of a pool with a pool element here, with that one's data.
pub(crate) fn of_pool<'a>(model: &'a Model, pool: &PoolHandle) -> Option<&'a Policy> {
    let mut members = model.components.values();
    members.find_map(|component| {
        let policy = policy_of(component)?;
        (component.spec.args.pool_handle().as_ref() == Some(pool)).then_some(policy)
    })
}

/// Adds the menu of policies to what was clicked: for this pool, or for all if none is named.
pub(crate) fn menu(
    heading: &Response,
    only: Option<&PoolHandle>,
    snapshot: &Snapshot<'_>,
    commands: &mut Vec<Command>,
) {
    egui::Popup::menu(heading).show(|ui| {
        let pools = pools(snapshot.model).into_iter();
        present::only_present(ui, |ui| {
            for (pool, current) in pools.filter(|(pool, _)| only.is_none_or(|only| only == pool)) {
                list_ui(ui, &pool, current, commands);
            }
        });
    });
}

/// Draws the list of policies for one pool.
pub(crate) fn list_ui(
    ui: &mut Ui,
    pool: &PoolHandle,
    current: Option<PolicyType>,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    ui.set_width(WIDTH);
    ui.label(theme.remark(format!("Policy of {pool}, changed while it runs")));
    for policy in choices() {
        let is_current = current == Some(policy.policy_type());
        let text = format!("{}  {}", policy.name(), policy.short_name());
        let choice = ui.selectable_label(is_current, text);
        let (does, source) = explanation(&policy);
        let choice = choice.on_hover_ui(|ui| {
            ui.set_max_width(WIDTH);
            ui.label(does);
            ui.label(theme::small(source).color(theme.weak));
        });
        if choice.clicked() {
            commands.extend(choose(pool.clone(), policy.policy_type()).filter(|_| !is_current));
            ui.close();
        }
    }
}

/// Returns what a policy does, in a sentence, and where it is specified.
pub(crate) fn explanation(policy: &Policy) -> (&'static str, &'static str) {
    match policy {
        Policy::RoundRobin => (
            "All in turn, whatever they do. Every registrar has to know it.",
            "RFC 5356 section 4.1",
        ),
        Policy::WeightedRoundRobin { .. } => (
            "All in turn, each as often as its weight says, spread evenly.",
            "RFC 5356 section 4.2",
        ),
        Policy::Random => ("Any, with equal probability.", "RFC 5356 section 4.3"),
        Policy::WeightedRandom { .. } => (
            "Any, with a probability in proportion to its weight.",
            "RFC 5356 section 4.4",
        ),
        Policy::Priority { .. } => (
            "Those of the highest priority. The others stand by until these are gone.",
            "RFC 5356 section 4.5",
        ),
        Policy::LeastUsed { .. } => (
            "The one with the least load. Equals take turns. It is as good as the loads are fresh.",
            "RFC 5356 section 5.1",
        ),
        Policy::LeastUsedDegradation { .. } => (
            "The one with the least load, where the registrar adds a degradation for each selection until the next \
             report: so it does not send everybody to the same one.",
            "RFC 5356 section 5.2",
        ),
        Policy::PriorityLeastUsed { .. } => (
            "The one with the least load after one more session: load plus degradation. A large degradation makes it \
             a stand-by.",
            "RFC 5356 section 5.3",
        ),
        Policy::RandomizedLeastUsed { .. } => (
            "Any, with a probability in proportion to what is free.",
            "RFC 5356 section 5.4",
        ),
        Policy::RandomizedPriorityLeastUsed { .. } => (
            "Any, with a probability in proportion to what is free after one more session.",
            "a policy of rsplib",
        ),
        Policy::RandomizedLeastUsedDegradation { .. } => (
            "Any, with a probability in proportion to what is free, less a degradation for each selection since the \
             last report.",
            "a policy of rsplib",
        ),
        Policy::PriorityLeastUsedDegradation { .. } => (
            "The one with the least load after one more session, plus a degradation for each selection since the last \
             report.",
            "a policy of rsplib",
        ),
        Policy::RandomizedPriorityLeastUsedDegradation { .. } => (
            "Any, with a probability in proportion to what is free after one more session, less a degradation for \
             each selection since the last report.",
            "a policy of rsplib",
        ),
        Policy::WeightedRandomDpf { .. } => (
            "Any, in proportion to its weight, less a penalty for its distance (DPF).",
            "a policy of rsplib",
        ),
        Policy::LeastUsedDpf { .. } => (
            "The one with the least load, plus a penalty for its distance (DPF).",
            "a policy of rsplib",
        ),
        Policy::LeastUsedDegradationDpf { .. } => (
            "The one with the least load, plus a degradation for each selection since the last report, plus a penalty \
             for its distance (DPF).",
            "a policy of rsplib",
        ),
        Policy::Unknown { .. } => ("Not known here.", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_explained_and_begins_with_values_that_let_everybody_serve() {
        let mut explained = std::collections::BTreeSet::new();
        for policy in choices() {
            let (does, source) = explanation(&policy);
            assert!(explained.insert(does), "{policy}: {does}");
            let standard = source.starts_with("RFC 5356 section ");
            assert!(standard != source.contains("rsplib"), "{policy}: {source}");
            assert_ne!(policy.data().weight, Some(0), "{policy}");
        }
        assert_eq!(explained.len(), 16);
    }

    #[test]
    fn every_policy_can_be_abbreviated_and_nothing_else() {
        for policy in choices() {
            assert_eq!(short_name(policy.name()), Some(policy.short_name()));
        }
        assert_eq!(short_name("Least Used, Random"), None);
    }
}
