//! The fractal client: requests pictures, each split over several sessions.

mod life_cycle;

use std::time::Duration;

use feed::{Activity, Command, Event as Told, PoolUserWork, WorkUnit};
use fractal::client_session::{Arrival, Settings};
use fractal::parameter_file::ParameterFile;
use protocol::Time;
use protocol::pool_user::{Event, SessionId};
use runtime::WorkSender;
use tracing::{debug, warn};
use wire::fractal_generator::Parameter;
use wire::{PeIdentifier, PoolHandle, Ppid};

use crate::check::Checked;
use crate::client::{Client, Host};
use crate::failover::CompletedFailover;
use crate::work::Work;
use crate::{Args, PictureArgs, Size, parameter_files};
use life_cycle::{Picture, TileSession};

/// Requests pictures from a pool.
pub(crate) struct FractalClient {
    pool_handle: PoolHandle,
    settings: Settings,
    args: PictureArgs,
    /// The pictures to request in turn, if not that of a view.
    files: Vec<ParameterFile>,
    work: WorkSender<Work>,
    /// The picture in progress, or the last one.
    picture: Option<Picture>,
    /// When the next picture begins, if none is in progress.
    next_at: Option<Time>,
    begun: u32,
    finished: u32,
    checks_outstanding: u32,
    /// Pictures with missing or wrong pixels, and files that could not be written.
    failed: u32,
    /// Pixels that have arrived, of all pictures; each pixel of a picture counts once.
    pixels: u64,
    /// Pictures without a missing pixel, and the time that they took altogether.
    completed: u64,
    handling: Duration,
}

impl FractalClient {
    /// Creates a client that begins at its first timeout.
    ///
    /// # Errors
    /// Returns an error if a parameter file cannot be used.
    pub(crate) fn new(args: &Args, pool_handle: PoolHandle, work: WorkSender<Work>) -> anyhow::Result<Self> {
        let files = args.picture.file.as_deref().map(parameter_files::read);
        Ok(Self {
            pool_handle,
            settings: args.fractal_settings(),
            args: args.picture.clone(),
            files: files.transpose()?.unwrap_or_default(),
            work,
            picture: None,
            next_at: Some(Time::from_origin(args.picture.begin_within.unwrap_or_default())),
            begun: 0,
            finished: 0,
            checks_outstanding: 0,
            failed: 0,
            pixels: 0,
            completed: 0,
            handling: Duration::ZERO,
        })
    }

    /// Returns the parameters of the next picture: files take turns.
    fn next_parameter(&self) -> Parameter {
        let turn = (self.begun as usize).checked_rem(self.files.len());
        let file = turn.and_then(|turn| self.files.get(turn));
        self.args.parameter(self.args.size, file)
    }

    /// Returns whether further pictures are to be started: fewer than requested are finished or in progress.
    fn wants_more(&self) -> bool {
        self.args.images == 0 || self.finished + u32::from(self.in_work()) < self.args.images
    }

    /// Returns whether a picture is in progress.
    fn in_work(&self) -> bool {
        let picture = self.picture.as_ref();
        picture.is_some_and(|picture| !picture.sessions.is_empty())
    }

    fn handle_data(&mut self, host: &mut Host<'_, '_>, id: SessionId, pe: PeIdentifier, bytes: &[u8]) {
        let now = host.now();
        let Some(picture) = &mut self.picture else {
            return;
        };
        let Some(session) = picture.sessions.get_mut(&id) else {
            return;
        };
        match session.client.handle_message(now.since_origin(), bytes) {
            Arrival::Pixels { data, .. } => {
                session.messages += 1;
                let tile = session.tile;
                self.pixels += picture.image.place(tile, &data, pe).new;
                picture
                    .feed
                    .write(now, host.context.feed, &picture.image, tile, &data, pe);
                picture.say_progress(host);
            }
            Arrival::Finished { missing } => {
                if missing > 0 {
                    warn!("session {id}: PE {pe} says it is done, but {missing} pixels are missing");
                }
                self.finish_tile(host, id);
            }
            Arrival::Repeating { missing } => {
                warn!("session {id}: {missing} pixels are missing; asking again");
                self.send(host, id);
            }
            Arrival::Ignored(why) => debug!("session {id}: message of PE {pe} ignored: {why}"),
        }
    }

    fn send(&mut self, host: &mut Host<'_, '_>, id: SessionId) {
        let session = self
            .picture
            .as_mut()
            .and_then(|picture| picture.sessions.get_mut(&id));
        if let Some(session) = session {
            while let Some(message) = session.client.poll_send() {
                host.send(id, Ppid::FRACTAL_GENERATOR, message.encode());
            }
        }
    }

    fn session(&mut self, id: SessionId) -> Option<&mut TileSession> {
        self.picture.as_mut()?.sessions.get_mut(&id)
    }
}

impl Client for FractalClient {
    fn handle_event(&mut self, host: &mut Host<'_, '_>, event: Event) {
        let now = host.now();
        match event {
            Event::SessionUp {
                session: id,
                pe_identifier,
                cookie_echoed,
                ..
            } => {
                let Some(session) = self.session(id) else {
                    return;
                };
                session.served_by = Some(pe_identifier);
                session.client.handle_connected(now.since_origin(), cookie_echoed);
                self.send(host, id);
            }
            Event::FailoverStarted { session: id, .. } => {
                let Some(session) = self.session(id) else {
                    return;
                };
                session.client.handle_disconnected();
                session.served_by = None;
                if session.client.is_complete() {
                    // All pixels arrived before the pool element was lost.
                    self.finish_tile(host, id);
                }
            }
            Event::FailoverComplete {
                session,
                to,
                times,
                responding,
            } => {
                if let Some(picture) = &mut self.picture {
                    picture.failovers += 1;
                }
                let completed = CompletedFailover {
                    session,
                    to,
                    times,
                    responding,
                };
                host.say(&completed.to_string());
            }
            Event::Cookie { session: id, .. } => {
                if let Some(session) = self.session(id) {
                    session.client.handle_cookie(now.since_origin());
                }
            }
            Event::Data {
                session,
                pe_identifier,
                ppid: Ppid::FRACTAL_GENERATOR,
                bytes,
            } => self.handle_data(host, session, pe_identifier, &bytes),
            // All other events are logged by the pool user; the sessions continue by themselves.
            _ => {}
        }
    }

    fn is_done_with(&self, session: SessionId) -> bool {
        let session = self
            .picture
            .as_ref()
            .and_then(|picture| picture.sessions.get(&session));
        session.is_none_or(|session| session.client.is_complete())
    }

    fn handle_command(&mut self, host: &mut Host<'_, '_>, command: Command) -> bool {
        match command {
            Command::Begin => {
                if self.begun == 0 {
                    self.next_at = Some(host.now());
                }
                true
            }
            Command::Failover => {
                let served: Vec<SessionId> = self
                    .picture
                    .iter()
                    .flat_map(|picture| &picture.sessions)
                    .filter(|(_, session)| session.served_by.is_some())
                    .map(|(id, _)| *id)
                    .collect();
                for id in served {
                    host.core
                        .fail_over(host.context.now, id, "asked for".into(), false);
                }
                true
            }
            Command::NewImage { width, height } => {
                if (width, height) != (0, 0) {
                    match format!("{width}x{height}").parse::<Size>() {
                        Ok(size) => self.args.size = size,
                        Err(error) => {
                            host.context
                                .problem(format!("new picture of {width}x{height}: {error}"));
                            return true;
                        }
                    }
                }
                if self.args.images != 0 && self.finished >= self.args.images {
                    host.context
                        .problem("no new picture: all that were asked for are finished".into());
                    return true;
                }
                self.abandon(host);
                self.begin(host);
                true
            }
            Command::Stop
            | Command::Impair { .. }
            | Command::FailAfter { .. }
            | Command::SetCapacity { .. }
            | Command::SetPolicy { .. }
            | Command::SetLoad { .. }
            | Command::LeavePool
            | Command::JoinPool { .. }
            | Command::SetMaxJobs { .. } => false,
        }
    }

    fn handle_work(&mut self, host: &mut Host<'_, '_>, work: Work) {
        let Work::Checked(Checked {
            number,
            missing,
            differences,
            file,
        }) = work
        else {
            return;
        };
        if let Some(differences) = differences {
            host.context.feed.emit(Told::ImageVerified {
                image: number,
                wrong: differences.saturating_sub(missing),
            });
        }
        self.checks_outstanding = self.checks_outstanding.saturating_sub(1);
        match differences {
            Some(0) => host.say(&format!(
                "picture {number}: verified, no pixel is missing or wrong"
            )),
            Some(differences) => {
                self.failed += 1;
                host.context.problem(format!(
                    "picture {number}: {differences} pixels are missing or wrong"
                ));
            }
            None => {}
        }
        match file {
            Some(Ok(path)) => host.say(&format!("picture {number}: written to {}", path.display())),
            Some(Err(error)) => {
                self.failed += 1;
                host.context.problem(format!("picture {number}: {error}"));
            }
            None => {}
        }
    }

    fn handle_timeout(&mut self, host: &mut Host<'_, '_>) {
        let now = host.now();
        if let Some(picture) = &mut self.picture {
            picture
                .feed
                .handle_timeout(now, host.context.feed, &picture.image);
            let mut silent = Vec::new();
            for (id, session) in &mut picture.sessions {
                if session.client.handle_timeout(now.since_origin()) {
                    silent.push(*id);
                }
            }
            let patience = self.settings.receive_timeout;
            for id in silent {
                let reason = format!("nothing received for {patience:?}");
                host.core.fail_over(now, id, reason, true);
            }
        }
        if self.wants_more() && self.next_at.is_some_and(|time| time <= now) {
            // The feed goes without what it had no room for.
            self.abandon(host);
            self.begin(host);
        }
    }

    fn poll_timeout(&self) -> Option<Time> {
        let Some(picture) = &self.picture else {
            return self.next_at;
        };
        let sessions = picture.sessions.values();
        sessions
            .filter_map(|session| session.client.poll_timeout())
            .map(Time::from_origin)
            .chain(self.next_at)
            .chain(picture.feed.poll_timeout())
            .min()
    }

    fn outcome(&self) -> Option<u8> {
        let all = self.args.images != 0 && self.finished >= self.args.images;
        let written = self.picture.as_ref().is_none_or(|picture| picture.feed.is_done());
        (all && written && self.checks_outstanding == 0).then_some(u8::from(self.failed > 0))
    }

    fn outcome_if_stopped(&self) -> u8 {
        u8::from(self.failed > 0 || self.finished < self.args.images)
    }

    fn activity(&self) -> Activity {
        let Some(picture) = &self.picture else {
            return match self.args.begin_within {
                Some(_) => Activity::Waiting,
                None => Activity::Idle,
            };
        };
        let number = picture.number;
        if picture.sessions.is_empty() {
            return Activity::PictureComplete { number };
        }
        let sessions = picture.sessions.values();
        let served: Vec<PeIdentifier> = sessions.filter_map(|session| session.served_by).collect();
        Activity::Picture {
            number,
            // At most 100.
            percent: picture.done_percent() as u32,
            served_by: served.first().copied().filter(|_| served.len() == 1),
            served: u32::try_from(served.len()).unwrap_or(u32::MAX),
        }
    }

    fn work(&self, _now: Time) -> Option<PoolUserWork> {
        Some(PoolUserWork {
            unit: WorkUnit::Pixels,
            // A picture begins as soon as it is asked for.
            queued: 0,
            running: self.in_work().into(),
            requested: self.begun.into(),
            completed: self.completed,
            rejected: 0,
            done: self.pixels as f64,
            handling: self.handling,
            queueing: Duration::ZERO,
        })
    }

    fn report(&self) -> String {
        let Some(picture) = &self.picture else {
            return "0 Sessions".into();
        };
        let mut sessions = picture.sessions.values();
        match (sessions.next(), sessions.next()) {
            (None, _) => "Image completed!".into(),
            (Some(session), None) => match session.served_by {
                Some(pe) => format!("Processed packet #{} of PE ${:08x}", session.messages, pe.0),
                None => "1 Session".into(),
            },
            (Some(_), Some(_)) => format!("{} Sessions", picture.sessions.len()),
        }
    }
}
