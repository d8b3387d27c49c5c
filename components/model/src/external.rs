//! Components that others have started: known by their status reports (rsplib's Component Status Protocol) alone.
//!
//! Reports come from anybody who can send a datagram here. What they say is kept apart from what feeds say, is bounded, and
//! disappears when it is not repeated.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use feed::{ComponentRole, Timestamp};
use wire::Ppid;
use wire::csp::{AssociationEntry, ComponentIdentifier, Group, Report};

use crate::appearances::{Appearances, Spent};
use crate::{ComponentId, Model, Severity, words};

/// The components that report here and are not the control centre's own.
#[derive(Debug, Default)]
pub struct External {
    components: BTreeMap<ComponentIdentifier, ExternalComponent>,
    /// How many more components may appear.
    appearances: Appearances,
}

/// What an external component says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalComponent {
    /// Who it is.
    pub identifier: ComponentIdentifier,
    /// Its role; none if it is of a kind that RSerPool does not have.
    pub role: Option<ComponentRole>,
    /// What people call it: its kind, its identifier and, if it says so, its host.
    pub name: String,
    /// Where it says it is, in its own words.
    pub location: String,
    /// The addresses in these words.
    pub addresses: Vec<IpAddr>,
    /// What it says it is doing.
    pub status: String,
    /// Its load from 0 to 1, if it gives one.
    pub load: Option<f64>,
    /// Its associations, as it lists them: nobody lists those that others have opened.
    pub associations: Vec<AssociationEntry>,
    /// Where its reports come from.
    pub source: IpAddr,
    /// When it sent its first report, by its own clock.
    pub since: Timestamp,
    /// How often it means to report.
    pub interval: Duration,
    /// When its latest report came.
    pub heard: Timestamp,
    /// Reports so far.
    pub reports: u64,
}

/// An association that an external component lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExternalLink {
    /// Who lists it, and has opened it as a rule.
    pub from: ComponentIdentifier,
    /// The other end.
    pub to: ExternalEnd,
    /// What it carries.
    pub ppid: Ppid,
    /// IP protocol number.
    pub protocol: u16,
    /// Microseconds since it came up, when the report was made.
    pub duration: Option<Duration>,
}

/// The other end of an association that an external component lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExternalEnd {
    /// One of the control centre's own components.
    Own(ComponentId),
    /// Another one that reports here.
    External(ComponentIdentifier),
    /// One that nothing more is known of.
    Unknown(ComponentIdentifier),
}

impl External {
    /// The most components that are kept; further ones are not taken in.
    pub const COMPONENTS: usize = 1024;
    /// The most of them whose reports come from one address.
    pub const COMPONENTS_OF_A_SOURCE: usize = 256;

    /// All of them, by kind and identifier.
    pub fn iter(&self) -> impl Iterator<Item = &ExternalComponent> {
        self.components.values()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, identifier: ComponentIdentifier) -> Option<&ExternalComponent> {
        self.components.get(&identifier)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.components.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.components.is_empty()
    }

    /// When the next one is forgotten unless it reports.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.iter().map(ExternalComponent::forgotten_at).min()
    }
}

impl ExternalComponent {
    /// Intervals without a report after which it counts as silent: one datagram may get lost.
    const SILENT_INTERVALS: u32 = 2;
    /// Intervals after which rsplib's monitor forgets a component, and the longest that it waits for; the shortest is ours.
    const FORGOTTEN_INTERVALS: u32 = 10;
    const LONGEST_SILENCE: Duration = Duration::from_secs(30);
    const SHORTEST_SILENCE: Duration = Duration::from_secs(3);

    /// Its name without its host.
    #[must_use]
    pub fn short_name(&self) -> String {
        external_name(self.identifier)
    }

    /// How long it has not reported.
    #[must_use]
    pub fn silence(&self, now: Timestamp) -> Duration {
        now - self.heard
    }

    /// Whether what it last said may be out of date: it has missed a report, and half of the next interval is over.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        let interval = self.interval;
        self.silence(now) > interval * Self::SILENT_INTERVALS + interval / 2
    }

    /// When it is forgotten unless it reports.
    #[must_use]
    pub fn forgotten_at(&self) -> Timestamp {
        let silence = self.interval * Self::FORGOTTEN_INTERVALS;
        let silence = silence.clamp(Self::SHORTEST_SILENCE, Self::LONGEST_SILENCE);
        self.heard + silence
    }
}

impl Model {
    /// The components that report here and are not the control centre's own.
    #[must_use]
    pub fn external(&self) -> &External {
        &self.external
    }

    /// The associations that external components list, with their ends as far as they are known here. Two registrars list
    /// theirs both.
    pub fn external_links(&self) -> impl Iterator<Item = ExternalLink> {
        self.external
            .iter()
            .flat_map(|component| self.links_of(component))
    }

    /// The associations that one of them lists.
    pub fn links_of(&self, component: &ExternalComponent) -> impl Iterator<Item = ExternalLink> {
        component.associations.iter().map(|entry| ExternalLink {
            from: component.identifier,
            to: self.external_end(entry.receiver),
            ppid: entry.ppid,
            protocol: entry.protocol,
            duration: entry.duration_us.map(Duration::from_micros),
        })
    }

    /// The only external component that names an address as its own, for ends of associations that feeds tell of.
    #[must_use]
    pub fn external_at(&self, address: IpAddr) -> Option<&ExternalComponent> {
        let mut there = self
            .external
            .iter()
            .filter(|component| component.addresses.contains(&address));
        there.next().filter(|_| there.next().is_none())
    }

    fn external_end(&self, identifier: ComponentIdentifier) -> ExternalEnd {
        if let Some(own) = identity(identifier).and_then(|identity| self.identified(identity)) {
            return ExternalEnd::Own(own);
        }
        if self.external.components.contains_key(&identifier) {
            return ExternalEnd::External(identifier);
        }
        ExternalEnd::Unknown(identifier)
    }

    /// Takes a status report.
    pub(crate) fn report(&mut self, at: Timestamp, source: IpAddr, report: Report) {
        let identifier = report.component;
        // What own components do is known better from their feeds.
        let own = identity(identifier).is_some_and(|identity| self.identified(identity).is_some());
        if own || !identifier.is_known() {
            return;
        }
        let known = self.external.components.get(&identifier);
        // Others cannot speak in its name, unless it has fallen silent: it may have another address then.
        if known.is_some_and(|known| known.source != source && !known.is_stale(at)) {
            return;
        }
        if report.is_final {
            if let Some(component) = self.external.components.remove(&identifier) {
                self.generation += 1;
                let text = format!("{} says that it ends", component.name);
                self.note(None, at, Severity::Normal, |_| text);
            }
            return;
        }
        if known.is_none() && !self.may_appear(at, source) {
            return;
        }
        let known = self.external.components.get(&identifier);
        let reports = known.map_or(0, |known| known.reports) + 1;
        let component = component(at, source, report, reports);
        if reports == 1 {
            self.generation += 1;
            let text = format!("{} reports from {source}", component.name);
            self.note(None, at, Severity::Normal, |_| text);
        }
        self.external.components.insert(identifier, component);
    }

    /// Forgets those that have not reported for too long.
    pub(crate) fn forget_silent(&mut self, at: Timestamp) {
        let gone: Vec<_> = self
            .external
            .iter()
            .filter(|component| component.forgotten_at() <= at)
            .map(|component| component.identifier)
            .collect();
        for identifier in gone {
            let Some(component) = self.external.components.remove(&identifier) else {
                continue;
            };
            self.generation += 1;
            let silence = words::seconds(component.silence(at));
            let text = format!("{} has not reported for {silence}: forgotten", component.name);
            self.note(None, at, Severity::Problem, |_| text);
        }
    }

    /// Whether another external component is taken in; if not, the timeline says so.
    fn may_appear(&mut self, at: Timestamp, source: IpAddr) -> bool {
        let External {
            components,
            appearances,
        } = &mut self.external;
        let of_source = components.values().filter(|component| component.source == source);
        let why = if components.len() >= External::COMPONENTS {
            format!("there are {} already", External::COMPONENTS)
        } else if of_source.count() >= External::COMPONENTS_OF_A_SOURCE {
            format!(
                "{} from {source} are known already",
                External::COMPONENTS_OF_A_SOURCE
            )
        } else {
            match appearances.take(at, source) {
                Ok(()) => return true,
                Err(Spent::OfTheSource) => format!("too many from {source} come and go"),
                Err(Spent::InAll) => "too many come and go".to_owned(),
            }
        };
        let sentence = |count| {
            format!("{count} reports of more external components were left out, the latest since {why}")
        };
        appearances.left_out.one_more(&mut self.timeline, at, sentence);
        false
    }
}

fn component(at: Timestamp, source: IpAddr, report: Report, reports: u64) -> ExternalComponent {
    let identifier = report.component;
    let location = printable(&report.location);
    let (host, addresses) = place(&location);
    let name = match host {
        Some(host) => format!("{} on {host}", external_name(identifier)),
        None => external_name(identifier),
    };
    ExternalComponent {
        identifier,
        role: role(identifier),
        name,
        addresses,
        location,
        status: printable(&report.status),
        load: report.workload.map(|workload| workload.load()),
        associations: report.associations,
        source,
        since: at - Duration::from_micros(report.uptime_us),
        interval: Duration::from_micros(report.interval_us.into()),
        heard: at,
        reports,
    }
}

/// What a component is called of which nothing but its identifier is known.
#[must_use]
pub fn external_name(identifier: ComponentIdentifier) -> String {
    let object = identifier.object;
    match identifier.group {
        Group::Registrar => format!("PR {object:#010x}"),
        Group::PoolElement => format!("PE {object:#010x}"),
        Group::PoolUser => format!("PU {object:#016x}"),
        Group::Other(group) => format!("group {group} {object:#016x}"),
    }
}

const fn role(identifier: ComponentIdentifier) -> Option<ComponentRole> {
    match identifier.group {
        Group::Registrar => Some(ComponentRole::Registrar),
        Group::PoolElement => Some(ComponentRole::PoolElement),
        Group::PoolUser => Some(ComponentRole::PoolUser),
        Group::Other(_) => None,
    }
}

fn identity(identifier: ComponentIdentifier) -> Option<feed::ComponentIdentity> {
    feed::ComponentIdentity::new(role(identifier)?, identifier.object)
}

/// Without anything that could spoil the screen.
fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

/// Host and addresses in a location of rsplib's form: `host: 192.0.2.1:3863, 2001:db8::1`. Older versions name no host.
fn place(location: &str) -> (Option<&str>, Vec<IpAddr>) {
    let (host, list) = match location.split_once(": ") {
        Some((host, list)) => (Some(host.trim()).filter(|host| !host.is_empty()), list),
        None => (None, location),
    };
    let addresses = list.split(',').filter_map(|text| address(text.trim())).collect();
    (host, addresses)
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| {
        let with_port: Option<std::net::SocketAddr> = text.parse().ok();
        with_port.map(|address| address.ip()).or_else(|| {
            // IPv6 with a port and without brackets looks like a longer address; rsplib writes brackets.
            let (front, _) = text.rsplit_once(':')?;
            front.trim_start_matches('[').trim_end_matches(']').parse().ok()
        })
    });
    address
        .map(|address: IpAddr| address.to_canonical())
        .filter(|address| !address.is_unspecified())
}
