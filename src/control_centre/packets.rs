//! The packets of the demonstration, for Wireshark: while they happen, or from a recording.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use chronicle::{Condition, Highlight, HighlightKind};
use command::Selection;
use crossbeam_channel::bounded;
use feed::Timestamp;
use live_capture::{Description, Ending, Hub, Opened, Server, Wireshark, WiresharkError, save_span};
use model::{ComponentId, Severity, words};
use recorder::PacketInlet;
use recording::Origin;
use replay::Watcher;
use supervisor::{PacketBatch, PacketSink};

use super::ControlCentre;

/// The packets of the demonstration while they happen. Dropping this lets those who listen have the last of them.
pub(crate) struct Packets {
    hub: Hub,
    /// Whether programs of the same user may ask for them.
    is_offered: bool,
    server: Option<Server>,
    /// Finds what is worth a comment while nothing is recorded; otherwise, the recording does.
    pub(super) watcher: Watcher,
    /// What is being saved.
    saving: Vec<JoinHandle<()>>,
}

/// The program with its version.
pub(super) fn program() -> String {
    format!("Poolscope {}", env!("CARGO_PKG_VERSION"))
}

impl Packets {
    pub(super) fn new() -> Self {
        Self {
            hub: Hub::new(&program()),
            is_offered: false,
            server: None,
            watcher: Watcher::default(),
            saving: Vec::new(),
        }
    }

    /// Returns the way for the components' packets: to those who listen, and into a recording.
    pub(super) fn sink(&self, recording: Option<PacketInlet>) -> PacketSink {
        let hub = self.hub.clone();
        Box::new(move |batch: PacketBatch| {
            let ComponentId(component) = batch.component;
            hub.write(component, batch.dropped, &batch.packets);
            if let Some(recording) = &recording {
                recording.write(component, batch.dropped, batch.packets);
            }
        })
    }

    /// Tells those who listen what was worth a mark.
    pub(super) fn tell(&self, highlight: &Highlight) {
        let component = highlight.component.map(|ComponentId(id)| id);
        match (component, &highlight.kind) {
            (Some(id), HighlightKind::Named { name, role, .. }) => {
                self.hub.name(id, name, &role.to_string());
            }
            (Some(id), HighlightKind::Condition(Condition::Removed)) => self.hub.remove(id),
            _ => {}
        }
        if let Some(comment) = highlight.sentence() {
            self.hub.comment(highlight.at, component, &comment);
        }
    }

    /// Offers the packets of a scenario that begins, if packets are offered.
    fn describe(&mut self, scenario: &str) -> std::io::Result<()> {
        let description = Description {
            program: program(),
            scenario: scenario.to_owned(),
            started: Timestamp::now(),
        };
        match &self.server {
            Some(server) => server.describe(description),
            None if self.is_offered => self.server = Some(Server::start(self.hub.clone(), description)?),
            None => {}
        }
        Ok(())
    }
}

impl Drop for Packets {
    fn drop(&mut self) {
        // First, nobody begins to listen any more.
        self.server = None;
        self.hub.clone().finish();
        for saving in self.saving.drain(..) {
            let _ = saving.join();
        }
    }
}

impl ControlCentre {
    /// Offers the packets of scenarios that begin from now on to programs of the same user: Wireshark lists them among its
    /// interfaces, if `poolscope extcap --install` was run.
    pub fn offer_packets(&mut self) {
        self.packets.is_offered = true;
    }

    /// Tells others which scenario takes place.
    pub(super) fn describe_packets(&mut self) {
        if let Err(error) = self.packets.describe(&self.scenario) {
            self.notice(format!("Wireshark cannot list this demonstration: {error}"));
        }
    }

    /// Opens Wireshark with packets while they happen.
    pub(crate) fn open_wireshark(&mut self, selection: &Selection) {
        self.open_with(Wireshark::find(), selection);
    }

    pub(super) fn open_with(&mut self, wireshark: Result<Wireshark, WiresharkError>, selection: &Selection) {
        if let Selection::Link(at, with) = selection {
            // They are known before they say anything.
            for end in [at, with] {
                self.tell_addresses(*end);
            }
        }
        let title = format!("{}: {}", self.scenario, self.in_words(selection));
        let opened = wireshark.and_then(|wireshark| {
            let selection = selected(selection, |ComponentId(id)| id);
            wireshark.open(&self.packets.hub, selection, &title)
        });
        match opened {
            Ok(opened) => self.watch(opened),
            Err(error) => self.notice(format!("No packets are shown: {error}")),
        }
    }

    fn tell_addresses(&self, id: ComponentId) {
        let port = self.sctp_port.unwrap_or(recording::ip::SCTP_OVER_UDP);
        let addresses = self.model.components.get(&id).map(|it| it.addresses.iter());
        for address in addresses.into_iter().flatten() {
            self.packets.hub.address(id.0, SocketAddr::new(*address, port));
        }
    }

    fn in_words(&self, selection: &Selection) -> String {
        let name = |id: &ComponentId| match self.model.components.get(id) {
            Some(component) => component.name.clone(),
            None => format!("component {}", id.0),
        };
        match selection {
            Selection::All => "all packets".to_owned(),
            Selection::Components(ids) => {
                let names: Vec<String> = ids.iter().map(name).collect();
                format!("packets of {}", names.join(", "))
            }
            Selection::Link(at, with) => format!("packets between {} and {}", name(at), name(with)),
        }
    }

    /// Tells if Wireshark fails.
    fn watch(&self, opened: Opened) {
        let outcomes = self.outcomes.clone();
        let watch = move || {
            if let Ending::Failed { why } = opened.wait() {
                outcomes.tell(Severity::Problem, format!("Wireshark failed: {why}"));
            }
        };
        // Without a thread, it is not told.
        let _ = std::thread::Builder::new().name("wireshark".into()).spawn(watch);
    }

    /// Writes packets of a recording to a file, on a thread of its own. The outcome appears on the timeline.
    pub(crate) fn save_packets(
        &mut self,
        recording: Origin,
        span: RangeInclusive<Timestamp>,
        selection: live_capture::Selection<String>,
        path: PathBuf,
    ) {
        let (told, flushed) = bounded(1);
        if recording.grows() {
            self.flush_recording(Arc::new(move || {
                let _ = told.try_send(());
            }));
        }
        let outcomes = self.outcomes.clone();
        let save = move || {
            // Fails at once if there is nothing to be flushed.
            let _ = flushed.recv();
            let (severity, text) = match save(&recording, &span, selection, &path) {
                Ok(text) => (Severity::Normal, text),
                Err(why) => (Severity::Problem, format!("The packets cannot be saved: {why}")),
            };
            outcomes.tell(severity, text);
        };
        self.packets.saving.retain(|saving| !saving.is_finished());
        match std::thread::Builder::new().name("saving".into()).spawn(save) {
            Ok(saving) => self.packets.saving.push(saving),
            Err(error) => self.notice(format!("The packets cannot be saved: {error}")),
        }
    }
}

/// Saves packets, and returns what was done.
fn save(
    recording: &Origin,
    span: &RangeInclusive<Timestamp>,
    selection: live_capture::Selection<String>,
    path: &Path,
) -> Result<String, String> {
    let recording = recording.open().map_err(|error| error.to_string())?;
    let saved = save_span(&recording, span, selection, path).map_err(|error| error.to_string())?;
    let mut text = match saved.packets {
        1 => format!("1 packet was saved as {}", path.display()),
        packets => format!(
            "{} packets were saved as {}",
            words::count(packets),
            path.display()
        ),
    };
    if saved.left_out > 0 {
        text += &format!(
            "; {} of other programs were left out",
            words::count(saved.left_out)
        );
    }
    Ok(text)
}

/// Returns a selection as Wireshark's part of the program wants it: with numbers or names.
pub(crate) fn selected<Id: Ord>(
    selection: &Selection,
    mut of: impl FnMut(ComponentId) -> Id,
) -> live_capture::Selection<Id> {
    match selection {
        Selection::All => live_capture::Selection::Everything,
        Selection::Components(ids) => {
            live_capture::Selection::Components(ids.iter().copied().map(of).collect())
        }
        Selection::Link(at, with) => live_capture::Selection::Link {
            at: of(*at),
            with: of(*with),
        },
    }
}
