//! Servers, clients and what is between them, in virtual time.

mod sessions;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use calc_app::Distribution;
use calc_app::client::{self, Client, Completed, FirstRequest};
use calc_app::server::{self, Server};
use protocol::{AssociationId, Time};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Whether something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Faults {
    /// Nothing.
    None,
    /// Pool elements crash, stop in order, are unplugged and change their capacity; sessions break.
    All,
}

pub(crate) struct World {
    now: Time,
    rng: Pcg64Mcg,
    elements: Vec<Element>,
    pub(crate) users: Vec<User>,
    happenings: BTreeMap<(Time, u64), Happening>,
    scheduled: u64,
    associations: u64,
    /// Associations that a pulled cable has cost a message: nothing passes any more, and nobody is told.
    dead: BTreeSet<AssociationId>,
    retired: server::Work,
    /// Sessions lost by a user.
    pub(crate) losses: u64,
    /// The calculations that these may have cost.
    pub(crate) allowed_loss: f64,
}

struct Element {
    server: Option<Server>,
    unplugged: bool,
}

pub(crate) struct User {
    pub(crate) client: Client,
    session: Option<Session>,
    sessions: u64,
    sizes: BTreeMap<u32, u64>,
    pub(crate) completed: Vec<Completed>,
}

/// A session as the core of a pool user knows it.
#[derive(Debug, Clone)]
struct Session {
    number: u64,
    served: Option<Served>,
    cookie: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy)]
struct Served {
    element: usize,
    association: AssociationId,
    delay: Duration,
}

enum Happening {
    /// A user's session looks for a pool element.
    Seek {
        user: usize,
        number: u64,
    },
    /// The association to it is up.
    Up {
        user: usize,
        number: u64,
        served: Served,
    },
    ToElement {
        served: Served,
        what: ToElement,
    },
    ToUser {
        user: usize,
        association: AssociationId,
        what: ToUser,
    },
    /// Something goes wrong.
    Fault,
    /// A pool element comes back, or its cable does.
    Recover(usize),
}

enum ToElement {
    Begin,
    Echo(Vec<u8>),
    Data(Vec<u8>),
    End,
}

enum ToUser {
    Data(Vec<u8>),
    Cookie(Vec<u8>),
    Lost,
}

impl World {
    /// Requests of each user.
    pub(crate) const REQUESTS: u64 = 6;
    /// The largest capacity of a pool element, in calculations per second.
    pub(crate) const LARGEST_CAPACITY: f64 = 2e6;
    const BETWEEN_COOKIES: f64 = 2e5;
    const ELEMENTS: usize = 3;
    const USERS: usize = 6;
    const LONGEST_DELAY: Duration = Duration::from_millis(50);
    /// How long something goes wrong.
    const TROUBLE: Duration = Duration::from_secs(200);
    /// When everything must be over.
    const END: Duration = Duration::from_secs(5_000);

    /// Lets all users have their requests processed.
    pub(crate) fn run(seed: u64, faults: Faults) -> Self {
        let mut world = Self {
            now: Time::ZERO,
            rng: Pcg64Mcg::seed_from_u64(seed),
            elements: Vec::new(),
            users: Vec::new(),
            happenings: BTreeMap::new(),
            scheduled: 0,
            associations: 0,
            dead: BTreeSet::new(),
            retired: server::Work::default(),
            losses: 0,
            allowed_loss: 0.0,
        };
        for _ in 0..Self::ELEMENTS {
            let server = Some(world.new_server());
            world.elements.push(Element {
                server,
                unplugged: false,
            });
        }
        for number in 0..Self::USERS {
            let settings = client::Settings {
                request_size: Distribution::Exponential { mean: 8e6 },
                request_interval: Distribution::Exponential { mean: 20.0 },
                first_request: FirstRequest::AfterInterval,
                requests: Some(Self::REQUESTS),
                ..client::Settings::default()
            };
            let seed = seed.wrapping_mul(1000).wrapping_add(number as u64);
            world.users.push(User {
                client: Client::new(Time::ZERO, settings, seed),
                session: None,
                sessions: 0,
                sizes: BTreeMap::new(),
                completed: Vec::new(),
            });
        }
        if faults == Faults::All {
            world.schedule(Duration::from_secs(10), Happening::Fault);
        }
        while world.step() {
            assert!(
                world.now.since_origin() < Self::END,
                "seed {seed}: not over by {:?}",
                world.now
            );
        }
        world
    }

    /// Returns the calculations done by all pool elements.
    pub(crate) fn done(&self) -> f64 {
        self.servers().done
    }

    /// Returns the calculations of all completed requests, which are those that were asked for.
    pub(crate) fn completed_calculations(&self) -> f64 {
        let sizes = self.users.iter().flat_map(|user| user.sizes.values());
        sizes.map(|size| *size as f64).sum()
    }

    /// Returns the completions and rejections that the pool elements know of.
    pub(crate) fn of_servers(&self) -> (u64, u64) {
        let work = self.servers();
        (work.completed, work.rejected)
    }

    /// Returns the completions and rejections that the users know of.
    pub(crate) fn of_users(&self) -> (u64, u64) {
        let works = self.users.iter().map(|user| user.client.work());
        works.fold((0, 0), |(completed, rejected), work| {
            (completed + work.completed, rejected + work.rejected)
        })
    }

    /// Returns what differs between different courses.
    pub(crate) fn course(&self) -> Vec<&Completed> {
        self.users.iter().flat_map(|user| &user.completed).collect()
    }

    fn servers(&self) -> server::Work {
        let running = self.elements.iter().filter_map(|element| element.server.as_ref());
        running.fold(self.retired, |sum, server| added(sum, server.work(self.now)))
    }

    fn new_server(&mut self) -> Server {
        let settings = server::Settings {
            capacity: self.rng.random_range(0.5e6..Self::LARGEST_CAPACITY),
            max_jobs: self.rng.random_range(1..6),
            // Much less than a request, so that it matters whether work continues from a cookie.
            cookie_calculations: Self::BETWEEN_COOKIES,
            final_cookie_probability: 0.5,
            ..server::Settings::default()
        };
        Server::new(self.now, settings, self.rng.random())
    }

    /// Lets the next thing happen. Returns whether there is one.
    fn step(&mut self) -> bool {
        let happening = self.happenings.first_key_value().map(|((time, _), _)| *time);
        let servers = self.elements.iter().filter_map(|element| element.server.as_ref());
        let servers = servers.filter_map(Server::poll_timeout).min();
        let users = self
            .users
            .iter()
            .filter_map(|user| user.client.poll_timeout())
            .min();
        let Some(next) = [happening, servers, users].into_iter().flatten().min() else {
            return false;
        };
        self.now = self.now.max(next);
        if happening == Some(next) {
            if let Some((_, happening)) = self.happenings.pop_first() {
                self.happen(happening);
            }
            return true;
        }
        for number in 0..self.elements.len() {
            let server = self.elements[number].server.as_mut();
            if let Some(server) = server.filter(|server| server.poll_timeout() <= Some(next)) {
                server.handle_timeout(next);
                self.flush_element(number);
            }
        }
        for number in 0..self.users.len() {
            let due = self.users[number].client.poll_timeout();
            if due.is_some_and(|due| due <= next) {
                self.users[number].client.handle_timeout(next);
                self.flush_user(number);
            }
        }
        true
    }

    fn schedule(&mut self, after: Duration, happening: Happening) {
        self.scheduled += 1;
        self.happenings
            .insert((self.now + after, self.scheduled), happening);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Seek { user, number } => self.seek(user, number),
            Happening::Up { user, number, served } => self.up(user, number, served),
            Happening::ToElement { served, what } => self.arrive_at_element(served, what),
            Happening::ToUser {
                user,
                association,
                what,
            } => self.arrive_at_user(user, association, what),
            Happening::Fault => self.fault(),
            Happening::Recover(number) => {
                self.elements[number].unplugged = false;
                if self.elements[number].server.is_none() {
                    self.elements[number].server = Some(self.new_server());
                }
            }
        }
    }

    fn flush_element(&mut self, number: usize) {
        let Some(server) = &mut self.elements[number].server else {
            return;
        };
        let outputs: Vec<server::Output> = std::iter::from_fn(|| server.poll_output()).collect();
        for output in outputs {
            let (session, what) = match output {
                server::Output::Send { session, bytes } => (session, ToUser::Data(bytes)),
                server::Output::Cookie { session, bytes } => (session, ToUser::Cookie(bytes)),
                server::Output::Event(_) => continue,
            };
            self.tell_user(session, what, Duration::ZERO);
        }
    }

    fn flush_user(&mut self, number: usize) {
        while let Some(output) = self.users[number].client.poll_output() {
            let user = &mut self.users[number];
            let served = user.session.as_ref().and_then(|session| session.served);
            match output {
                client::Output::OpenSession => {
                    assert!(user.session.is_none(), "one session at a time");
                    user.sessions += 1;
                    let seek = Happening::Seek {
                        user: number,
                        number: user.sessions,
                    };
                    user.session = Some(Session {
                        number: user.sessions,
                        served: None,
                        cookie: None,
                    });
                    self.schedule(Duration::from_millis(5), seek);
                }
                client::Output::Send { bytes } => {
                    let served = served.expect("nothing is sent without a pool element");
                    self.send(served, ToElement::Data(bytes));
                }
                client::Output::FailOver { .. } => {
                    if let Some(served) = served {
                        self.send(served, ToElement::End);
                    }
                    self.leave(number);
                }
                client::Output::CloseSession => {
                    user.session = None;
                    if let Some(served) = served {
                        self.send(served, ToElement::End);
                    }
                }
                client::Output::Event(client::Event::CameUp { job_id, size, .. }) => {
                    assert_eq!(user.sizes.insert(job_id, size), None);
                }
                client::Output::Event(client::Event::Completed(completed)) => {
                    assert_eq!(user.sizes.get(&completed.job_id), Some(&completed.size));
                    user.completed.push(completed);
                }
                client::Output::Event(_) => {}
            }
        }
    }

    fn fault(&mut self) {
        let number = self.rng.random_range(0..self.elements.len());
        match self.rng.random_range(0..5) {
            0 => self.end_element(number, false),
            1 => self.end_element(number, true),
            2 => self.elements[number].unplugged = true,
            3 => self.break_session(),
            _ => {
                let capacity = self.rng.random_range(0.0..Self::LARGEST_CAPACITY);
                let now = self.now;
                if let Some(server) = &mut self.elements[number].server {
                    server.set_capacity(now, capacity);
                    self.flush_element(number);
                }
            }
        }
        let recovery = Duration::from_secs_f64(self.rng.random_range(0.1..20.0));
        self.schedule(recovery, Happening::Recover(number));
        if self.now.since_origin() < Self::TROUBLE {
            let next = Duration::from_secs_f64(self.rng.random_range(0.1..8.0));
            self.schedule(next, Happening::Fault);
        }
    }

    /// A pool element crashes, or stops in order.
    fn end_element(&mut self, number: usize, in_order: bool) {
        let now = self.now;
        if let Some(server) = &mut self.elements[number].server {
            if in_order {
                server.shut_down(now);
            } else {
                server.handle_timeout(now);
            }
        }
        self.flush_element(number);
        if let Some(server) = self.elements[number].server.take() {
            self.retired = added(self.retired, server.work(now));
        }
        let users = self.users.iter();
        let served = users.filter_map(|user| user.session.as_ref()?.served);
        let lost: Vec<Served> = served.filter(|served| served.element == number).collect();
        for served in lost {
            let noticed = match in_order {
                true => Duration::ZERO,
                false => Duration::from_secs_f64(self.rng.random()),
            };
            self.tell_user(served.association, ToUser::Lost, noticed);
        }
    }

    /// A session breaks, as after the loss of too many packets.
    fn break_session(&mut self) {
        let user = self.rng.random_range(0..self.users.len());
        let session = self.users[user].session.as_ref();
        if let Some(served) = session.and_then(|session| session.served) {
            self.arrive_at_element(served, ToElement::End);
            self.tell_user(served.association, ToUser::Lost, Duration::ZERO);
        }
    }
}

fn added(one: server::Work, other: server::Work) -> server::Work {
    server::Work {
        done: one.done + other.done,
        completed: one.completed + other.completed,
        rejected: one.rejected + other.rejected,
    }
}
