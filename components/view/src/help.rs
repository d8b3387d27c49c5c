//! The help: what the views show, what the controls do to the network, and all keys.

use egui::{Color32, Grid, Id, Modal, ScrollArea, Ui};
use feed::ComponentRole;

use crate::action::{CompareAction, ComponentAction, TimeAction, WindowAction};
use crate::button::{IconButton, icon_label, key_cap, role_label};
use crate::graph;
use crate::icon::Icon;
use crate::theme::{self, Theme, size};
use crate::wording::Standing;

/// The width of the help, chosen for readable lines.
const WIDTH: f32 = 740.0;

/// Draws the help if it is open.
pub(crate) fn help_ui(ui: &mut Ui, open: &mut bool, with_time: bool) {
    if !*open {
        return;
    }
    let theme = Theme::of(ui);
    let height = (ui.ctx().content_rect().height() - 140.0).max(200.0);
    let frame = egui::Frame::popup(ui.style()).inner_margin(18);
    let modal = Modal::new(Id::unique("help")).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(WIDTH);
        let close = ui
            .horizontal(|ui| {
                ui.label(theme::title("Help"));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    IconButton::new(Icon::Cross, "Close the help").show(ui).clicked()
                })
                .inner
            })
            .inner;
        ScrollArea::vertical()
            .max_height(height)
            .min_scrolled_height(height)
            .show(ui, |ui| {
                ui.label(theme::strong("Who is who"));
                roles_ui(ui, theme);
                ui.add_space(8.0);
                ui.label(theme::strong("States"));
                states_ui(ui, theme);
                ui.add_space(8.0);
                ui.label(theme::strong("Lines and messages in the graph"));
                graph::legend_ui(ui);
                ui.add_space(8.0);
                ui.label(theme::strong("What can be done with the chosen component"));
                actions_ui(ui, theme);
                ui.add_space(8.0);
                ui.label(theme::strong("Keys"));
                keys_ui(ui, with_time);
            });
        close
    });
    if modal.inner || modal.should_close() {
        *open = false;
    }
}

fn roles_ui(ui: &mut Ui, theme: &Theme) {
    for (role, text) in [
        (
            ComponentRole::Registrar,
            "Registrar (PR): keeps the handlespace and watches over pool elements (RFC 5353).",
        ),
        (
            ComponentRole::PoolElement,
            "Pool element (PE): a server of a pool; it computes the pictures. Its filling is its load.",
        ),
        (
            ComponentRole::PoolUser,
            "Pool user (PU): a client; it keeps the state cookie that lets its session survive a pool element (RFC 5352).",
        ),
    ] {
        ui.horizontal(|ui| {
            role_label(ui, role, Color32::TRANSPARENT, theme.text, size::ICON_LARGE);
            ui.label(text);
        });
    }
    ui.horizontal(|ui| {
        icon_label(ui, Icon::Eye, theme.text, size::ICON_LARGE);
        let text = "Double outline: started elsewhere. It sends its status here (--csp-server) and can only be watched.";
        ui.label(text);
    });
}

fn states_ui(ui: &mut Ui, theme: &Theme) {
    ui.horizontal_wrapped(|ui| {
        for (standing, word) in [
            (Standing::Ready, "ready"),
            (Standing::Running, "running, not ready yet"),
            (Standing::Frozen, "frozen"),
            (Standing::Silent, "not heard any more"),
            (Standing::Unplugged, "unplugged"),
            (Standing::Stopped, "stopped"),
            (Standing::Killed, "killed"),
            (Standing::Crashed, "crashed"),
        ] {
            icon_label(ui, standing.icon(), standing.colour(theme), size::ICON);
            ui.label(word);
            ui.add_space(10.0);
        }
    });
}

fn actions_ui(ui: &mut Ui, theme: &Theme) {
    Grid::new("help actions")
        .num_columns(3)
        .spacing([12.0, 6.0])
        .show(ui, |ui| {
            for action in ComponentAction::ALL {
                ui.horizontal(|ui| {
                    icon_label(ui, action.icon(), theme.text, size::ICON);
                    ui.label(action.label());
                });
                match action.key() {
                    Some(key) => key_cap(ui, key.name()),
                    None => {
                        ui.label("");
                    }
                }
                ui.add(egui::Label::new(theme.remark(action.explanation())).wrap());
                ui.end_row();
            }
        });
}

/// The keys of the time line that are no actions.
const TIME_KEYS: [(&str, &str); 4] = [
    ("In the past: play or pause time", "Space"),
    (
        "On the time line: move the cursor, in small steps",
        "\u{2190} \u{2192}, with Shift",
    ),
    ("On the time line: magnify", "+ and \u{2212}, scroll wheel"),
    (
        "On the time line: select a span that is played over and over",
        "Shift + drag",
    ),
];

fn keys_ui(ui: &mut Ui, with_time: bool) {
    Grid::new("help keys")
        .num_columns(2)
        .spacing([24.0, 4.0])
        .show(ui, |ui| {
            for action in WindowAction::ALL {
                // With a recording, this key goes back as a whole.
                if with_time && action == WindowAction::EarlierSentence {
                    continue;
                }
                if let Some(shortcut) = action.shortcut() {
                    ui.label(action.label());
                    let keys = ui.ctx().format_shortcut(&shortcut);
                    key_cap(ui, &keys);
                    ui.end_row();
                }
            }
            if with_time {
                for (action, shortcut) in TimeAction::all().filter_map(|it| Some((it, it.shortcut()?))) {
                    ui.label(action.label());
                    key_cap(ui, &ui.ctx().format_shortcut(&shortcut));
                    ui.end_row();
                }
                for action in CompareAction::ALL {
                    if let Some(shortcut) = action.shortcut() {
                        ui.label(action.label());
                        key_cap(ui, &ui.ctx().format_shortcut(&shortcut));
                        ui.end_row();
                    }
                }
                for (text, key) in TIME_KEYS {
                    ui.label(text);
                    key_cap(ui, key);
                    ui.end_row();
                }
            }
            for (text, key) in [
                ("Choose the next component", "Arrow keys, Tab"),
                ("Details of the chosen one", "Enter"),
                ("Choose nothing, close, stop presenting", "Esc"),
                ("Present, as presentation remotes ask for it", "F5, Shift+F5"),
                ("Blank the screen, as they do; any key shows it again", "."),
                ("Larger and smaller", "Ctrl + and \u{2212}"),
            ] {
                ui.label(text);
                key_cap(ui, key);
                ui.end_row();
            }
        });
}
