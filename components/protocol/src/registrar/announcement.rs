//! ASAP_SERVER_ANNOUNCE: sending announcements, and counting those of others (RFC 5352 section 3.2).

use rand::RngExt;
use wire::RegistrarIdentifier;
use wire::asap::{AnnouncedTransport, Message, ServerAnnounce};

use super::{Event, Registrar, Timer};
use crate::{MulticastGroup, Time};

/// Announcements cannot be trusted: at most this many registrars are counted.
const MOST_HEARD: usize = 64;

impl Registrar {
    /// Announces, and schedules the next announcement: "every (N+1) * T6", with N other registrars, so that all
    /// together announce about once per T6. However, it must not be so rare that listeners forget this registrar
    /// after T7, even if they miss one announcement: others can be forged, and their number must not silence this
    /// registrar.
    pub(super) fn announce(&mut self, now: Time) {
        let transport = self.settings.announced_transport.clone();
        let announcement = Message::ServerAnnounce(ServerAnnounce {
            registrar: self.settings.identifier,
            transports: transport.into_iter().map(AnnouncedTransport::Sctp).collect(),
        });
        self.outbox.multicast(MulticastGroup::Asap, announcement.encode());
        let registrars = u32::try_from(self.heard.len() + 1).unwrap_or(u32::MAX);
        let t6 = self.config.t6_server_announce;
        let longest = (self.config.t7_enrp_outdate / 2).max(t6);
        let interval = t6.saturating_mul(registrars).min(longest);
        let varied = interval.mul_f64(self.rng.random_range(0.875..1.125));
        self.timers.set(Timer::T6ServerAnnounce, now + varied);
    }

    pub(super) fn handle_announcement(&mut self, now: Time, bytes: &[u8]) {
        let Ok(decoded) = Message::decode(bytes) else {
            return;
        };
        let Message::ServerAnnounce(ServerAnnounce { registrar, .. }) = decoded.message else {
            return;
        };
        let known = self.heard.contains(&registrar);
        if registrar == self.settings.identifier || !known && self.heard.len() >= MOST_HEARD {
            return;
        }
        if !known {
            self.heard.insert(registrar);
            self.outbox.event(Event::RegistrarHeard { registrar });
        }
        let silent_at = now + self.config.t7_enrp_outdate;
        self.timers.set(Timer::T7EnrpOutdate(registrar), silent_at);
    }

    pub(super) fn registrar_silent(&mut self, registrar: RegistrarIdentifier) {
        self.heard.remove(&registrar);
        self.outbox.event(Event::RegistrarSilent { registrar });
    }
}
