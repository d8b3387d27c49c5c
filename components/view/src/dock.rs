//! The dock at the bottom: messages, log, handlespace and load. When closed, it is a row of tabs.

use egui::{Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::button::IconButton;
use crate::handlespace::HandlespaceState;
use crate::icon::Icon;
use crate::load::LoadState;
use crate::log_panel::LogState;
use crate::message_table::MessageState;
use crate::protocol::ProtocolState;
use crate::selection::Selection;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::theme::{self, Theme, size};
use crate::{handlespace, load, log_panel, message_table, protocol};
use command::Command;
use model::words;

/// The minimum height of windows that have room for an open dock.
const ROOMY: f32 = 960.0;

/// The tabs of the dock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum DockTab {
    /// The table of messages.
    #[default]
    Messages,
    /// The log lines of components.
    Log,
    /// The handlespace of each registrar.
    Handlespace,
    /// The load over time.
    Load,
}

/// The state of the dock and its tabs.
#[derive(Debug, Default)]
pub(crate) struct DockState {
    tab: DockTab,
    pub(crate) messages: MessageState,
    pub(crate) protocol: ProtocolState,
    log: LogState,
    handlespace: HandlespaceState,
    pub(crate) load: LoadState,
}

impl DockState {
    /// Opens the dock at a tab.
    pub(crate) fn open(&mut self, tab: DockTab, settings: &mut Settings) {
        self.tab = tab;
        settings.dock = Some(true);
    }
}

impl DockState {
    /// Returns whether messages are shown, here or in a window of their own.
    pub(crate) fn shows_messages(&self, ui: &Ui, settings: &Settings) -> bool {
        settings.messages.open || self.tab == DockTab::Messages && is_open(ui, settings)
    }
}

/// Returns whether the dock is open: as set by the user, else depending on the room.
pub(crate) fn is_open(ui: &Ui, settings: &Settings) -> bool {
    settings
        .dock
        .unwrap_or_else(|| ui.ctx().content_rect().height() >= ROOMY)
}

/// Draws the row of tabs.
pub(crate) fn tabs_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    dock: &mut DockState,
    settings: &mut Settings,
    selection: &Selection,
    commands: &mut Vec<Command>,
) {
    let open = is_open(ui, settings);
    let messages = format!("Messages  {}", words::count(snapshot.model.messages.next_number));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (tab, text) in [
            (DockTab::Messages, messages.as_str()),
            (DockTab::Log, "Log"),
            (DockTab::Handlespace, "Handlespace"),
            (DockTab::Load, "Load"),
        ] {
            let chosen = open && dock.tab == tab;
            if tab_button(ui, text, chosen) {
                settings.dock = Some(!chosen);
                dock.tab = tab;
            }
        }
        if !open {
            return;
        }
        ui.add_space(12.0);
        match dock.tab {
            DockTab::Messages if settings.messages.open => {}
            DockTab::Messages if snapshot.time.is_some() => {
                if IconButton::new(Icon::Window, "Show the messages in a window of their own")
                    .show(ui)
                    .clicked()
                {
                    settings.messages.open = true;
                    dock.protocol.spread();
                }
                protocol::controls_ui(ui, snapshot, &mut dock.protocol, selection, commands);
            }
            DockTab::Messages => message_table::controls_ui(ui, snapshot, &mut dock.messages, selection),
            DockTab::Log => log_panel::controls_ui(ui, snapshot, &mut dock.log, selection),
            DockTab::Handlespace => handlespace::controls_ui(ui, snapshot, &mut dock.handlespace),
            DockTab::Load => load::controls_ui(ui, &mut dock.load),
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if IconButton::new(Icon::Cross, "Close the dock").show(ui).clicked() {
                settings.dock = Some(false);
            }
        });
    });
}

/// Draws the content of the selected tab.
pub(crate) fn content_ui(
    ui: &mut Ui,
    snapshot: &Snapshot<'_>,
    dock: &mut DockState,
    settings: &mut Settings,
    selection: &mut Selection,
    commands: &mut Vec<Command>,
) {
    match dock.tab {
        DockTab::Messages if settings.messages.open => {
            ui.label(Theme::of(ui).remark("The messages are in a window of their own."));
            if ui.button("Bring them back").clicked() {
                settings.messages.open = false;
            }
        }
        DockTab::Messages if snapshot.time.is_some() => {
            protocol::protocol_ui(ui, snapshot, &mut dock.protocol, selection, commands);
        }
        DockTab::Messages => message_table::message_table_ui(ui, snapshot, &mut dock.messages, selection),
        DockTab::Log => log_panel::log_panel_ui(ui, snapshot, &mut dock.log, selection),
        DockTab::Handlespace => handlespace::handlespace_ui(ui, snapshot, &mut dock.handlespace, selection),
        DockTab::Load => load::load_ui(ui, snapshot, &mut dock.load, selection),
    }
}

fn tab_button(ui: &mut Ui, text: &str, chosen: bool) -> bool {
    let theme = Theme::of(ui);
    let ink = if chosen { theme.text } else { theme.weak };
    let galley = ui
        .painter()
        .layout_no_wrap(text.to_owned(), theme::plain_font(size::LABEL), ink);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(20.0, 12.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, chosen, text.trim()));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 6.0, theme.raised);
    }
    if chosen {
        ui.painter().hline(
            rect.shrink(8.0).x_range(),
            rect.bottom() - 1.0,
            Stroke::new(2.5, theme.accent),
        );
    }
    ui.painter().galley(
        pos2(rect.left() + 10.0, rect.center().y - galley.size().y / 2.0),
        galley,
        ink,
    );
    response.clicked()
}
