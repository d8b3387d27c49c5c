//! The life cycle of a picture: it begins, its sessions end one after the other, and it is checked; or it is abandoned.

use std::collections::BTreeMap;

use feed::Event as Told;
use fractal::client_session::ClientSession;
use fractal::image::Image;
use protocol::Time;
use protocol::pool_user::SessionId;
use tracing::info;
use wire::{PeIdentifier, fractal_generator};

use super::FractalClient;
use crate::check;
use crate::client::Host;
use crate::picture_feed::{Completion, PictureFeed};

pub(super) struct Picture {
    pub(super) number: u32,
    pub(super) image: Image,
    pub(super) sessions: BTreeMap<SessionId, TileSession>,
    started: Time,
    pub(super) failovers: u32,
    pub(super) feed: PictureFeed,
    /// The progress that was reported last, in tenths.
    told_tenths: u64,
}

pub(super) struct TileSession {
    pub(super) tile: usize,
    pub(super) client: ClientSession,
    pub(super) served_by: Option<PeIdentifier>,
    pub(super) messages: u64,
}

impl Picture {
    pub(super) fn done_percent(&self) -> u64 {
        let pixels = self.image.parameter().pixels();
        (pixels - self.image.missing()) * 100 / pixels
    }

    pub(super) fn say_progress(&mut self, host: &Host<'_, '_>) {
        let tenths = self.done_percent() / 10;
        if tenths > self.told_tenths && !host.context.feed.is_enabled() {
            self.told_tenths = tenths;
            host.say(&format!("picture {}: {} %", self.number, tenths * 10));
        }
    }
}

impl FractalClient {
    pub(super) fn begin(&mut self, host: &mut Host<'_, '_>) {
        self.next_at = None;
        let whole = self.next_parameter();
        let image = match Image::new(&whole, self.args.sessions.into()) {
            Ok(image) => image,
            Err(error) => return host.context.problem(error.to_string()),
        };
        self.begun += 1;
        let now = host.now();
        let (mut sessions, mut of_tiles) = (BTreeMap::new(), Vec::new());
        for (index, tile) in image.tiles().iter().enumerate() {
            let session = TileSession {
                tile: index,
                client: ClientSession::new(self.settings.clone(), tile.parameter),
                served_by: None,
                messages: 0,
            };
            let id = host.core.open_session(now, self.pool_handle.clone());
            sessions.insert(id, session);
            of_tiles.push(id);
        }
        info!("picture {}: {whole}, {} sessions", self.begun, sessions.len());
        let beginning = Told::ImageStarted {
            image: self.begun,
            width: whole.width,
            height: whole.height,
            max_iterations: whole.max_iterations,
            algorithm: whole.algorithm.to_string(),
            sessions: self.args.sessions.into(),
        };
        let request = fractal_generator::Message::Parameter(whole).encode();
        let mut feed = PictureFeed::new(self.begun, of_tiles, (beginning, request));
        feed.begin(now, host.context.feed);
        self.picture = Some(Picture {
            number: self.begun,
            image,
            sessions,
            started: now,
            failovers: 0,
            feed,
            told_tenths: 0,
        });
    }

    /// Abandons the picture, finished or not.
    pub(super) fn abandon(&mut self, host: &mut Host<'_, '_>) {
        if let Some(picture) = self.picture.take() {
            for session in picture.sessions.keys() {
                host.core.close_session(host.context.now, *session);
            }
            picture.feed.give_up(host.context.now, host.context.feed);
        }
    }

    /// A tile has ended, completely or not.
    pub(super) fn finish_tile(&mut self, host: &mut Host<'_, '_>, id: SessionId) {
        let Some(picture) = &mut self.picture else {
            return;
        };
        picture.sessions.remove(&id);
        host.core.close_session(host.context.now, id);
        if picture.sessions.is_empty() {
            self.finish_picture(host);
        }
    }

    fn finish_picture(&mut self, host: &mut Host<'_, '_>) {
        let Some(picture) = &mut self.picture else {
            return;
        };
        let now = host.now();
        let duration = now - picture.started;
        self.finished += 1;
        let missing = picture.image.missing();
        let number = picture.number;
        if missing == 0 {
            self.completed += 1;
            self.handling += duration;
            host.say(&format!(
                "picture {number}: complete after {:.2} s, {} failovers",
                duration.as_secs_f64(),
                picture.failovers
            ));
        } else {
            host.context
                .problem(format!("picture {number}: {missing} pixels are missing"));
            if !self.args.verify {
                self.failed += 1;
            }
        }
        let completion = Completion {
            duration,
            failovers: picture.failovers,
            missing,
        };
        picture.feed.complete(now, host.context.feed, completion);
        if self.args.verify || self.args.png.is_some() {
            let started = check::start(
                number,
                picture.image.clone(),
                self.args.verify,
                self.args.png.clone(),
                self.work.clone(),
            );
            match started {
                Ok(()) => self.checks_outstanding += 1,
                Err(error) => {
                    self.failed += 1;
                    host.context
                        .problem(format!("picture {number} cannot be checked: {error}"));
                }
            }
        }
        self.next_at = self.wants_more().then(|| now + self.args.pause);
    }
}
