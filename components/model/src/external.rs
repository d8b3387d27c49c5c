//! Components started elsewhere, known only by their status reports (rsplib's Component Status Protocol).
//!
//! Anybody who can send a datagram here can send reports. What they say is kept apart from what feeds report, is
//! bounded, and expires unless it is repeated.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use feed::{ComponentRole, Timestamp};
use serde::{Deserialize, Serialize};
use wire::Ppid;
use wire::csp::{AssociationEntry, ComponentIdentifier, Group, Report};

use crate::appearances::{Appearances, Spent};
use crate::{ComponentId, Model, Severity, bounded, words};

/// The components that report here and are not the control centre's own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct External {
    #[serde(deserialize_with = "bounded::map::<{ External::COMPONENTS }, _, _, _>")]
    components: BTreeMap<ComponentIdentifier, ExternalComponent>,
    /// How many more components may appear.
    appearances: Appearances,
}

/// What an external component reports about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExternalComponent {
    /// Its identifier.
    pub identifier: ComponentIdentifier,
    /// Its role; `None` for a kind of component that RSerPool does not have.
    pub role: Option<ComponentRole>,
    /// Its display name: kind, identifier and, if reported, host.
    pub name: String,
    /// Its location, in its own words.
    pub location: String,
    /// The addresses in its location.
    #[serde(deserialize_with = "bounded::list::<{ Report::LONGEST_TEXT }, _, _>")]
    pub addresses: Vec<IpAddr>,
    /// Its status, in its own words.
    pub status: String,
    /// Its load from 0 to 1, if reported.
    pub load: Option<f64>,
    /// The associations that it lists. A component does not list those that its peers opened.
    #[serde(deserialize_with = "bounded::list::<{ Report::MOST_ASSOCIATIONS }, _, _>")]
    pub associations: Vec<AssociationEntry>,
    /// The source address of its reports.
    pub source: IpAddr,
    /// When it sent its first report, by its own clock.
    pub since: Timestamp,
    /// When it reported for the first time.
    pub(crate) first_heard: Timestamp,
    /// The report interval that it announces.
    #[serde(deserialize_with = "bounded::duration")]
    pub interval: Duration,
    /// When its latest report arrived.
    pub heard: Timestamp,
    /// The number of reports so far.
    #[serde(deserialize_with = "bounded::count")]
    pub reports: u64,
}

/// An association that an external component lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExternalLink {
    /// The component that lists the association, and usually opened it.
    pub from: ComponentIdentifier,
    /// The other end.
    pub to: ExternalEnd,
    /// The payload protocol identifier of the messages it carries.
    pub ppid: Ppid,
    /// The IP protocol number.
    pub protocol: u16,
    /// How long it had been up when the report was made.
    pub duration: Option<Duration>,
}

/// The other end of an association that an external component lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExternalEnd {
    /// One of the control centre's own components.
    Own(ComponentId),
    /// Another external component.
    External(ComponentIdentifier),
    /// An unknown component.
    Unknown(ComponentIdentifier),
}

impl External {
    /// A component that claims to have been up for longer, or to have had an association for longer, means something
    /// else.
    const LONGEST_LIFE: Duration = Duration::from_secs(365 * 86_400);
    /// The maximum number of components that are kept; further ones are ignored.
    pub const COMPONENTS: usize = 1024;
    /// The maximum number of components whose reports come from one address.
    pub const COMPONENTS_OF_A_SOURCE: usize = 256;

    /// Returns all of them, by kind and identifier.
    pub fn iter(&self) -> impl Iterator<Item = &ExternalComponent> {
        self.components.values()
    }

    /// Returns the component with this identifier.
    #[must_use]
    pub fn get(&self, identifier: ComponentIdentifier) -> Option<&ExternalComponent> {
        self.components.get(&identifier)
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.components.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.components.is_empty()
    }

    /// Checks what was read from a record.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let mut components = self.components.iter();
        let agrees = |(identifier, component): (&ComponentIdentifier, &ExternalComponent)| {
            component.identifier == *identifier && component.role == role(*identifier)
        };
        if components.all(agrees) {
            Ok(())
        } else {
            Err("an external component with two identifiers")
        }
    }

    /// Returns when the next component expires unless it reports.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.iter().map(ExternalComponent::forgotten_at).min()
    }
}

impl ExternalComponent {
    /// The number of intervals without a report after which a component counts as silent: one datagram may get lost.
    const SILENT_INTERVALS: u32 = 2;
    /// The number of intervals after which rsplib's monitor forgets a component, and its maximum; the minimum is
    /// ours.
    const FORGOTTEN_INTERVALS: u32 = 10;
    const LONGEST_SILENCE: Duration = Duration::from_secs(30);
    const SHORTEST_SILENCE: Duration = Duration::from_secs(3);

    /// Returns its name without the host.
    #[must_use]
    pub fn short_name(&self) -> String {
        external_name(self.identifier)
    }

    /// Returns the time since its latest report.
    #[must_use]
    pub fn silence(&self, now: Timestamp) -> Duration {
        now - self.heard
    }

    /// Returns whether its latest report may be out of date: one report is missing, and half of the next interval
    /// has passed.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now > self.silent_after()
    }

    /// Returns until when its latest report counts as up to date.
    #[must_use]
    pub fn silent_after(&self) -> Timestamp {
        let interval = self.interval;
        self.heard + (interval * Self::SILENT_INTERVALS + interval / 2)
    }

    /// Returns when it expires unless it reports.
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

    /// Returns the associations that external components list, with their ends as far as they are known here. Two
    /// registrars both list an association between them.
    pub fn external_links(&self) -> impl Iterator<Item = ExternalLink> {
        self.external
            .iter()
            .flat_map(|component| self.links_of(component))
    }

    /// Returns the associations that one component lists.
    pub fn links_of(&self, component: &ExternalComponent) -> impl Iterator<Item = ExternalLink> {
        component.associations.iter().map(|entry| ExternalLink {
            from: component.identifier,
            to: self.external_end(entry.receiver),
            ppid: entry.ppid,
            protocol: entry.protocol,
            duration: entry.duration_us.and_then(plausible),
        })
    }

    /// Returns the only external component that lists this address as its own, for the ends of associations in
    /// feeds.
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

    /// Processes a status report.
    pub(crate) fn report(&mut self, at: Timestamp, source: IpAddr, report: Report) {
        let identifier = report.component;
        // The feeds of our own components know better what these do.
        let own = identity(identifier).is_some_and(|identity| self.identified(identity).is_some());
        if own || !identifier.is_known() {
            return;
        }
        let known = self.external.components.get(&identifier);
        // Reports from elsewhere cannot speak for it unless it has fallen silent: its address may have changed then.
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
        let first_heard = known.map_or(at, |known| known.first_heard);
        let component = component((at, first_heard), source, report, reports);
        if reports == 1 {
            self.generation += 1;
            let text = format!("{} reports from {source}", component.name);
            self.note(None, at, Severity::Normal, |_| text);
        }
        self.external.components.insert(identifier, component);
    }

    /// Removes components that have not reported for too long.
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

    /// Returns whether another external component is admitted; if not, adds a timeline entry.
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

/// Returns a duration that a component reports, unless it cannot be true. Older programs put the time of day there.
fn plausible(microseconds: u64) -> Option<Duration> {
    let duration = Duration::from_micros(microseconds);
    (duration <= External::LONGEST_LIFE).then_some(duration)
}

fn component(
    (at, first_heard): (Timestamp, Timestamp),
    source: IpAddr,
    report: Report,
    reports: u64,
) -> ExternalComponent {
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
        since: plausible(report.uptime_us).map_or(first_heard, |uptime| at - uptime),
        first_heard,
        interval: Duration::from_micros(report.interval_us.into()),
        heard: at,
        reports,
    }
}

/// Returns the name of a component of which only the identifier is known.
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

/// Removes control characters, which could garble the screen.
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
