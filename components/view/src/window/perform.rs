//! The execution of actions.

use egui::Ui;

use crate::action::{Action, TimeAction, WindowAction};
use crate::snapshot::Snapshot;
use crate::state::ViewState;
use crate::{comparison, dock, pool_policy, story, time};
use command::{Command, PlayControl};
use scenario::Preset;

/// Performs an action: on the window immediately, on everything else by a command.
pub(super) fn perform(
    ui: &Ui,
    action: Action,
    snapshot: &Snapshot<'_>,
    state: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    match action {
        Action::Component(action, id) => {
            if let Some(component) = snapshot.component(id)
                && action.applies_to(component)
            {
                commands.push(action.command(component));
            }
        }
        Action::PoolPolicy(id, policy_type) => {
            let component = snapshot.component(id);
            let pool = component.and_then(|component| component.spec.args.pool_handle());
            commands.extend(pool.and_then(|pool| pool_policy::choose(pool, policy_type)));
        }
        Action::Select(id) => state.selection.select(id),
        Action::SelectExternal(identifier) => state.selection.select_external(identifier),
        Action::Fault(fault, id) => {
            if let Some(component) = snapshot.component(id) {
                commands.push(fault.command(component));
            }
        }
        Action::LoadScenario(index) => {
            if let Some(scenario) = snapshot.scenario_status.library.get(index) {
                commands.push(Command::LoadScenario(scenario.path.clone()));
            }
        }
        Action::Time(action) => perform_on_time(action, snapshot, state, commands),
        Action::Compare(action) => comparison::perform(action, snapshot, state, commands),
        Action::Window(action) => perform_on_window(ui, action, snapshot, state, commands),
    }
}

fn perform_on_time(
    action: TimeAction,
    snapshot: &Snapshot<'_>,
    state: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    match action {
        TimeAction::Save => state.files.save_recording(snapshot),
        TimeAction::Open => state.files.open_recording(snapshot),
        TimeAction::Compare => state.files.compare_recording(),
        _ => time::perform(action, snapshot, &mut state.time, commands),
    }
}

/// Makes the window as it is at the very first start: sizes, zoom, and the places of the nodes.
fn reset_layout(ui: &Ui, state: &mut ViewState) {
    let context = ui.ctx();
    // The sizes of panels and columns, and what is folded.
    context.data_mut(|data| data.clear());
    state.settings.dock = None;
    state.settings.large = false;
    state.reset_zoom = true;
    state.graph.reset();
    for command in [
        egui::ViewportCommand::Maximized(false),
        egui::ViewportCommand::InnerSize(crate::app::SIZE),
    ] {
        context.send_viewport_cmd(command);
    }
}

fn perform_on_window(
    ui: &Ui,
    action: WindowAction,
    snapshot: &Snapshot<'_>,
    state: &mut ViewState,
    commands: &mut Vec<Command>,
) {
    match action {
        WindowAction::Palette => state.palette.open(),
        WindowAction::Help => state.help = !state.help,
        WindowAction::Present => state.presenting = !state.presenting,
        WindowAction::StartAll => commands.push(Command::StartAll),
        WindowAction::StopAll => commands.push(Command::StopAll),
        WindowAction::Undo => commands.push(Command::Undo),
        WindowAction::UndoFaults => commands.push(Command::UndoFaults),
        WindowAction::Inspector => state.selection.toggle_inspector(),
        WindowAction::Dock => {
            state.settings.dock = Some(state.presenting || !dock::is_open(ui, &state.settings));
        }
        WindowAction::Load => {
            if state.presenting {
                state.charts_on_stage = Some(!state.has_charts_on_stage(snapshot));
            } else {
                state.show_load();
            }
        }
        WindowAction::MessageWindow => {
            state.settings.messages.open = !state.settings.messages.open;
            if state.settings.messages.open {
                state.dock.protocol.spread();
            }
        }
        WindowAction::ResultWindow => state.settings.results.open = !state.settings.results.open,
        WindowAction::Laboratory => state.laboratory.toggle(),
        WindowAction::Theme => {
            let dark = ui.visuals().dark_mode;
            state.settings.theme = if dark {
                egui::ThemePreference::Light
            } else {
                egui::ThemePreference::Dark
            };
        }
        WindowAction::LargeType => state.settings.large = !state.settings.large,
        WindowAction::Tint => state.settings.tint = !state.settings.tint,
        WindowAction::FitGraph => state.graph.fit(),
        WindowAction::ResetLayout => reset_layout(ui, state),
        WindowAction::TidyGraph => state.graph.tidy(snapshot.model),
        WindowAction::PauseMessages => state.dock.messages.toggle_pause(&snapshot.model.messages),
        WindowAction::RunOrPause => {
            let order = snapshot.scenario_status.play.and_then(story::run_or_pause);
            commands.extend(order.map(Command::Play));
        }
        WindowAction::EarlierSentence => {
            if let Some(play) = snapshot.scenario_status.play {
                state.story.look_back(play);
            }
        }
        WindowAction::Blank => state.blank = true,
        WindowAction::NextStep => commands.push(Command::Play(PlayControl::Step)),
        WindowAction::RestartStory => commands.push(Command::RestartStory),
        WindowAction::OpenScenario => state.files.open(snapshot),
        WindowAction::SaveScenario => state.files.save(snapshot),
        WindowAction::RestartAll => commands.push(Command::RestartAll),
        WindowAction::Timers => commands.push(Command::SetPreset(match snapshot.scenario_status.preset {
            Preset::Rfc => Preset::Demo,
            Preset::Demo => Preset::Rfc,
        })),
        WindowAction::Quit => commands.push(Command::Quit),
    }
}
