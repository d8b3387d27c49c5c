//! The sessions between users and elements: how they begin, what passes, and how they are lost.

use std::time::Duration;

use calc_app::server;
use protocol::AssociationId;
use rand::RngExt;

use super::{Element, Happening, Served, Session, ToElement, ToUser, World};

impl World {
    pub(super) fn seek(&mut self, user: usize, number: u64) {
        if self.session(user, number).is_none() {
            return;
        }
        let reachable = |element: &Element| element.server.is_some() && !element.unplugged;
        let candidates: Vec<usize> = (0..self.elements.len())
            .filter(|element| reachable(&self.elements[*element]))
            .collect();
        if candidates.is_empty() {
            return self.schedule(Duration::from_millis(250), Happening::Seek { user, number });
        }
        self.associations += 1;
        let served = Served {
            element: candidates[self.rng.random_range(0..candidates.len())],
            association: AssociationId::incoming(self.associations),
            delay: Self::LONGEST_DELAY.mul_f64(self.rng.random()),
        };
        self.send(served, ToElement::Begin);
        self.schedule(served.delay, Happening::Up { user, number, served });
    }

    pub(super) fn up(&mut self, user: usize, number: u64, served: Served) {
        let now = self.now;
        let Some(session) = self.session(user, number) else {
            return;
        };
        session.served = Some(served);
        let cookie = session.cookie.clone();
        let echoed = cookie.is_some();
        if let Some(cookie) = cookie {
            self.send(served, ToElement::Echo(cookie));
        }
        self.users[user].client.session_up(now, echoed);
        self.flush_user(user);
    }

    fn session(&mut self, user: usize, number: u64) -> Option<&mut Session> {
        let session = self.users[user].session.as_mut();
        session.filter(|session| session.number == number)
    }

    /// Returns whether a message passes; the first one that does not is the end of the association.
    fn passes(&mut self, served: Served) -> bool {
        if self.elements[served.element].unplugged {
            self.dead.insert(served.association);
        }
        !self.dead.contains(&served.association)
    }

    pub(super) fn send(&mut self, served: Served, what: ToElement) {
        if self.passes(served) {
            self.schedule(served.delay, Happening::ToElement { served, what });
        }
    }

    pub(super) fn arrive_at_element(&mut self, served: Served, what: ToElement) {
        let now = self.now;
        // The end of an association is noticed sooner or later, even if no message tells of it.
        if !matches!(what, ToElement::End) && !self.passes(served) {
            return;
        }
        let Some(server) = &mut self.elements[served.element].server else {
            return;
        };
        let session = served.association;
        match what {
            ToElement::Begin => server.begin_session(now, session),
            ToElement::Echo(cookie) => server
                .handle_cookie_echo(now, session, &cookie)
                .expect("a cookie of another server"),
            ToElement::Data(bytes) => server
                .handle_message(now, session, &bytes)
                .expect("a client's message"),
            ToElement::End => server.end_session(now, session),
        }
        self.flush_element(served.element);
    }

    pub(super) fn arrive_at_user(&mut self, user: usize, association: AssociationId, what: ToUser) {
        let now = self.now;
        let is_served = |session: &&mut Session| {
            let served = session.served;
            served.is_some_and(|served| served.association == association)
        };
        let Some(session) = self.users[user].session.as_mut().filter(is_served) else {
            return;
        };
        match what {
            ToUser::Data(bytes) => self.users[user]
                .client
                .handle_message(now, &bytes)
                .expect("a server's message"),
            ToUser::Cookie(bytes) => {
                session.cookie = Some(bytes.clone());
                self.users[user].client.cookie_received(now, &bytes);
            }
            ToUser::Lost => {
                self.leave(user);
                self.users[user].client.session_lost(now);
            }
        }
        self.flush_user(user);
    }

    /// A user's session has no pool element any more, and looks for another one.
    pub(super) fn leave(&mut self, user: usize) {
        let Some(session) = &mut self.users[user].session else {
            return;
        };
        let number = session.number;
        if let Some(served) = session.served.take() {
            self.losses += 1;
            // The work since the last cookie that arrived: one may have been on its way. An unplugged pool element goes
            // on until its pool user does not answer.
            let usual = server::Settings::default();
            let alone = match self.dead.contains(&served.association) {
                true => usual.keep_alive_interval + usual.keep_alive_timeout,
                false => Duration::ZERO,
            };
            let unseen = (alone + 3 * Self::LONGEST_DELAY).as_secs_f64() * Self::LARGEST_CAPACITY;
            self.allowed_loss += Self::BETWEEN_COOKIES + unseen;
            self.schedule(
                Duration::from_secs(30),
                Happening::ToElement {
                    served,
                    what: ToElement::End,
                },
            );
        }
        self.schedule(Duration::from_millis(5), Happening::Seek { user, number });
    }

    /// Sends something to the user that an association belongs to.
    pub(super) fn tell_user(&mut self, association: AssociationId, what: ToUser, later: Duration) {
        let users = self.users.iter().enumerate();
        let mut found = users.filter_map(|(number, user)| {
            let served = user.session.as_ref()?.served?;
            (served.association == association).then_some((number, served))
        });
        if let Some((user, served)) = found.next()
            && self.passes(served)
        {
            self.schedule(
                served.delay + later,
                Happening::ToUser {
                    user,
                    association,
                    what,
                },
            );
        }
    }
}
