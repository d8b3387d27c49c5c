//! Components under the supervisor of a control centre.

use std::ffi::OsStr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use model::{Change, ComponentId, Update};
use supervisor::{JobCommand, PacketSink, Supervisor, SupervisorCommand};

use crate::Lab;

/// How long a test waits before it gives up: far longer than anything ever takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The components of a lab, as processes of a supervisor.
pub struct Supervised<'a> {
    lab: &'a Lab,
    supervisor: Supervisor,
    announced: mpsc::Receiver<()>,
}

impl<'a> Supervised<'a> {
    /// Starts a supervisor without components. Their packets go to the sink.
    ///
    /// # Panics
    /// Panics if no thread can be started.
    #[must_use]
    pub fn new(lab: &'a Lab, packets: Option<PacketSink>) -> Self {
        let (announce, announced) = mpsc::channel();
        let repaint = Arc::new(move || {
            let _ = announce.send(());
        });
        let program = lab.command("", &[]).get_program().into();
        let supervisor = Supervisor::start(program, repaint, packets).expect("a thread can be started");
        Self {
            lab,
            supervisor,
            announced,
        }
    }

    /// Starts a component.
    pub fn start(&mut self, component: ComponentId, subcommand: &str, options: &[&str]) {
        let command = self.lab.command(subcommand, options);
        let words = command.get_args().map(OsStr::to_string_lossy);
        let words = words.map(Into::into).collect();
        self.command(component, JobCommand::Start(words));
    }

    /// Passes on a command.
    ///
    /// # Panics
    /// Panics if too many commands are under way.
    pub fn command(&mut self, component: ComponentId, command: JobCommand) {
        let command = SupervisorCommand::Job(component, command);
        self.supervisor.command(command).expect("there is room");
    }

    /// Waits for the first change of any component for which `pick` returns something.
    ///
    /// # Panics
    /// Panics if none comes.
    pub fn wait_for<T>(&mut self, what: &str, mut pick: impl FnMut(ComponentId, &Change) -> Option<T>) -> T {
        loop {
            self.supervisor.begin_updates();
            while let Some(update) = self.supervisor.next_update() {
                if let Update::Component {
                    component, change, ..
                } = update
                    && let Some(picked) = pick(component, &change)
                {
                    return picked;
                }
            }
            let announced = self.announced.recv_timeout(PATIENCE);
            announced.unwrap_or_else(|_| panic!("waited in vain for {what}"));
        }
    }
}
