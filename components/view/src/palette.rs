//! The palette: all actions, found by typing.

use egui::{Id, Key, Modal, Rect, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};

use crate::action::{Action, CompareAction, ComponentAction, MeasuredFault, TimeAction, WindowAction};
use crate::deliberate::is_deliberate;
use crate::pool_policy;
use crate::selection::Selection;
use crate::snapshot::Snapshot;
use crate::theme::{self, SPACE, Theme, size};
use feed::ComponentRole;
use model::{Component, ComponentId};

/// Width of the palette.
const WIDTH: f32 = 520.0;
/// The maximum height of the entries.
const MOST_HEIGHT: f32 = 380.0;
/// Height of an entry.
const ENTRY: f32 = 30.0;

/// The state of the palette while it is open.
#[derive(Debug, Default)]
pub(crate) struct PaletteState {
    open: bool,
    just_opened: bool,
    text: String,
    marked: usize,
    found: Found,
}

impl PaletteState {
    /// Returns whether the palette is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Opens the palette, empty.
    pub(crate) fn open(&mut self) {
        *self = Self {
            open: true,
            just_opened: true,
            ..Self::default()
        };
    }
}

#[derive(Debug)]
struct Entry {
    label: String,
    keys: String,
    action: Action,
}

/// The entries that match the input, searched again only when the result may differ.
#[derive(Debug, Default)]
struct Found {
    key: Option<FoundKey>,
    entries: Vec<Entry>,
}

/// Everything that the entries depend on.
#[derive(Debug, PartialEq, Eq)]
struct FoundKey {
    revision: (u64, u64),
    is_present: bool,
    chosen: Option<ComponentId>,
    has_story: bool,
    compared: (bool, bool),
    random_faults: usize,
    scenarios: usize,
    text: String,
}

impl Found {
    fn update(&mut self, ui: &Ui, snapshot: &Snapshot<'_>, selection: &Selection, text: &str) {
        let key = FoundKey {
            revision: (snapshot.epoch(), snapshot.model.revision),
            is_present: snapshot.is_present(),
            chosen: selection.component(),
            has_story: snapshot.scenario_status.play.is_some(),
            compared: (snapshot.time.is_some(), snapshot.compared.is_some()),
            random_faults: snapshot.scenario_status.random_faults.len(),
            scenarios: snapshot.scenario_status.library.len(),
            text: text.to_owned(),
        };
        if self.key.as_ref() != Some(&key) {
            self.entries = matching(all_entries(ui, snapshot, selection), text);
            self.key = Some(key);
        }
    }
}

/// Draws the palette if it is open; returns the selected action.
pub(crate) fn palette_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    palette: &mut PaletteState,
    selection: &Selection,
) -> Option<Action> {
    if !palette.open {
        return None;
    }
    palette.found.update(ui, snapshot, selection, &palette.text);
    let entries = &palette.found.entries;
    let count = entries.len();
    let (up, down, enter) = ui.input_mut(|input| {
        let none = egui::Modifiers::NONE;
        (
            input.consume_key(none, Key::ArrowUp),
            input.consume_key(none, Key::ArrowDown),
            input.consume_key(none, Key::Enter),
        )
    });
    if down {
        palette.marked = (palette.marked + 1).min(count.saturating_sub(1));
    }
    if up {
        palette.marked = palette.marked.saturating_sub(1);
    }
    palette.marked = palette.marked.min(count.saturating_sub(1));
    let mut chosen = enter.then_some(palette.marked);
    let frame = egui::Frame::popup(ui.style()).inner_margin(10);
    let modal = Modal::new(Id::unique("palette"))
        .frame(frame)
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            let edit = ui
                .add(
                    TextEdit::singleline(&mut palette.text)
                        .hint_text("What do you want to do?")
                        .font(theme::plain_font(size::LARGE))
                        .desired_width(f32::INFINITY),
                )
                .accessible_name("Search all actions");
            if std::mem::take(&mut palette.just_opened) {
                edit.request_focus();
            }
            if edit.changed() {
                palette.marked = 0;
            }
            if count == 0 {
                ui.add_space(SPACE);
                ui.label(theme::small("No action has all of these words.").color(Theme::of(ui).weak));
                return;
            }
            // Only visible entries are drawn: there are many for each component.
            ScrollArea::vertical()
                .max_height(MOST_HEIGHT)
                .show_viewport(ui, |ui, seen| {
                    let (area, _) = ui.allocate_exact_size(
                        vec2(ui.available_width(), count as f32 * ENTRY),
                        Sense::hover(),
                    );
                    for (index, entry) in entries.iter().enumerate() {
                        let top = index as f32 * ENTRY;
                        let rect = Rect::from_min_size(area.min + vec2(0.0, top), vec2(area.width(), ENTRY));
                        if (up || down) && index == palette.marked {
                            ui.scroll_to_rect(rect, None);
                        }
                        if top + ENTRY < seen.top() || top > seen.bottom() {
                            continue;
                        }
                        if entry_ui(ui, rect, index, entry, index == palette.marked) {
                            chosen = Some(index);
                        }
                    }
                });
        });
    if modal.should_close() || chosen.is_some() {
        palette.open = false;
    }
    chosen
        .and_then(|index| entries.get(index))
        .map(|entry| entry.action)
}

/// Draws an entry; returns whether it was clicked.
fn entry_ui(ui: &mut Ui, rect: Rect, index: usize, entry: &Entry, marked: bool) -> bool {
    let theme = Theme::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(("entry", index)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, true, &entry.label));
    if marked || response.hovered() {
        ui.painter().rect_filled(rect, 6.0, theme.raised);
    }
    let small = theme::plain_font(size::SMALL);
    let keys = theme::elided(ui.painter(), &entry.keys, small, theme.weak, rect.width() / 2.0);
    let room = rect.width() - keys.size().x - 30.0;
    let body = theme::plain_font(size::BODY);
    let label = theme::elided(ui.painter(), &entry.label, body, theme.text, room);
    let elided = label.elided;
    for (left, galley) in [
        (rect.left() + 10.0, label),
        (rect.right() - 10.0 - keys.size().x, keys),
    ] {
        let at = pos2(left, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, theme.text);
    }
    let clicked = is_deliberate(ui, &response, &entry.label);
    if elided {
        response.on_hover_text(&entry.label);
    }
    clicked
}

fn all_entries(ui: &Ui, snapshot: &Snapshot<'_>, selection: &Selection) -> Vec<Entry> {
    let mut entries = Vec::new();
    // Actions on the selected component come first.
    let chosen = selection.component().and_then(|id| snapshot.component(id));
    let others = snapshot
        .model
        .components
        .values()
        .filter(|component| Some(component.id) != selection.component());
    // In the past, components can be looked at.
    let is_present = snapshot.is_present();
    for component in chosen.into_iter().chain(others) {
        for action in ComponentAction::ALL {
            if is_present && action.applies_to(component) {
                entries.push(Entry {
                    label: action.name(component),
                    keys: action
                        .key()
                        .filter(|_| chosen.is_some_and(|it| it.id == component.id))
                        .map_or_else(String::new, |key| key.name().to_owned()),
                    action: Action::Component(action, component.id),
                });
            }
        }
    }
    let measured = |component: &Component| {
        let has_random = snapshot.random_faults_of(component.id).is_some();
        MeasuredFault::ALL
            .into_iter()
            .filter(|fault| fault.applies_to(component, has_random))
            .map(|fault| Entry {
                label: fault.name(component),
                keys: String::new(),
                action: Action::Fault(fault, component.id),
            })
            .collect::<Vec<_>>()
    };
    let window = WindowAction::ALL
        .into_iter()
        .filter(|action| *action != WindowAction::Palette && action.applies_to(snapshot))
        .map(|action| Entry {
            label: action.label_now(snapshot).into_owned(),
            keys: action
                .shortcut()
                .map_or_else(String::new, |keys| ui.ctx().format_shortcut(&keys)),
            action: Action::Window(action),
        });
    let time = TimeAction::all()
        .filter(|action| action.applies_to(snapshot))
        .map(|action| Entry {
            label: action.label().into_owned(),
            keys: action
                .shortcut()
                .map_or_else(String::new, |keys| ui.ctx().format_shortcut(&keys)),
            action: Action::Time(action),
        });
    let window = window.chain(time);
    let at = entries
        .iter()
        .take_while(
            |entry| matches!(entry.action, Action::Component(_, id) if selection.component() == Some(id)),
        )
        .count();
    let compare = CompareAction::ALL
        .into_iter()
        .filter(|_| snapshot.compared.is_some())
        .map(|action| Entry {
            label: action.label().to_owned(),
            keys: action
                .shortcut()
                .map_or_else(String::new, |keys| ui.ctx().format_shortcut(&keys)),
            action: Action::Compare(action),
        });
    entries.splice(at..at, window.chain(compare));
    entries.extend(
        snapshot
            .scenario_status
            .library
            .iter()
            .enumerate()
            .filter(|_| is_present)
            .map(|(index, scenario)| Entry {
                label: format!("Load scenario: {}", scenario.name),
                keys: String::new(),
                action: Action::LoadScenario(index),
            }),
    );
    entries.extend(policies(snapshot).filter(|_| is_present));
    entries.extend(snapshot.model.components.values().map(|component| Entry {
        label: format!("Choose {}", component.name),
        keys: String::new(),
        action: Action::Select(component.id),
    }));
    entries.extend(snapshot.model.external().iter().map(|component| Entry {
        label: format!("Choose {}, started elsewhere", component.name),
        keys: String::new(),
        action: Action::SelectExternal(component.identifier),
    }));
    for component in snapshot.model.components.values().filter(|_| is_present) {
        entries.extend(measured(component));
    }
    entries
}

/// Returns the policies that pools may have and do not have, for each pool.
fn policies(snapshot: &Snapshot<'_>) -> impl Iterator<Item = Entry> {
    let pools = pool_policy::pools(snapshot.model).into_iter();
    pools.flat_map(|(pool, current)| {
        let mut components = snapshot.model.components.values();
        let member = components.find(|component| {
            component.role() == ComponentRole::PoolElement
                && component.spec.args.pool_handle().as_ref() == Some(&pool)
        });
        let member = member.map(|member| member.id);
        pool_policy::choices()
            .filter(move |policy| current != Some(policy.policy_type()))
            .filter_map(move |policy| {
                Some(Entry {
                    label: format!("Policy of {pool}: {} ({})", policy.name(), policy.short_name()),
                    keys: String::new(),
                    action: Action::PoolPolicy(member?, policy.policy_type()),
                })
            })
    })
}

/// Returns the entries that contain every typed word.
fn matching(entries: Vec<Entry>, text: &str) -> Vec<Entry> {
    let words: Vec<String> = text
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    entries
        .into_iter()
        .filter(|entry| {
            let label = entry.label.to_lowercase();
            words.iter().all(|word| label.contains(word))
        })
        .collect()
}
