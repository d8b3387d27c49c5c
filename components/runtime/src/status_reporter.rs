//! Status reports according to rsplib's Component Status Protocol.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use protocol::{Endpoint, Time};
use wire::csp::{AssociationEntry, ComponentIdentifier, PROTOCOL_SCTP, Report, Workload};
use wire::{PeIdentifier, Ppid, RegistrarIdentifier};

use crate::associations::{Association, Associations};
use crate::{Status, microseconds};

/// Sends a report immediately, then at each interval, and a last one at the end.
#[derive(Debug)]
pub(crate) struct StatusReporter {
    component: ComponentIdentifier,
    server: SocketAddr,
    interval: Duration,
    location: String,
    socket: UdpSocket,
    first: Option<Time>,
    next: Time,
}

impl StatusReporter {
    /// Creates a reporter that sends to `server`.
    ///
    /// # Errors
    /// Returns an error if no socket is available.
    pub(crate) fn new(
        component: feed::ComponentIdentity,
        server: SocketAddr,
        interval: Duration,
        location: String,
    ) -> std::io::Result<Self> {
        let any: SocketAddr = match server.ip() {
            IpAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            IpAddr::V6(_) => ([0_u16; 8], 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            component: component_identifier(component),
            server,
            interval,
            location,
            socket,
            first: None,
            next: Time::ZERO,
        })
    }

    /// Returns when the next report is due.
    pub(crate) const fn poll_timeout(&self) -> Time {
        self.next
    }

    /// Sends a report if one is due.
    pub(crate) fn handle_timeout(&mut self, now: Time, status: &Status, associations: &Associations) {
        if now < self.next {
            return;
        }
        self.next = now + self.interval;
        let report = self.report(now, status, associations);
        self.send(&report);
    }

    /// Sends the last report.
    pub(crate) fn finish(&self, now: Time) {
        let uptime = now.saturating_since(self.first.unwrap_or(now));
        self.send(&Report::last(
            self.component,
            microseconds(uptime),
            self.interval_us(),
        ));
    }

    fn report(&mut self, now: Time, status: &Status, associations: &Associations) -> Report {
        let first = *self.first.get_or_insert(now);
        Report {
            component: self.component,
            is_final: false,
            uptime_us: microseconds(now.saturating_since(first)),
            interval_us: self.interval_us(),
            location: self.location.clone(),
            status: status.report.clone(),
            workload: status.load.map(Workload::from_load),
            associations: entries(now, status, associations),
        }
    }

    fn interval_us(&self) -> u32 {
        u32::try_from(self.interval.as_micros()).unwrap_or(u32::MAX)
    }

    /// Reports are not acknowledged, and the component does not care whether there is a monitor.
    fn send(&self, report: &Report) {
        if self.component.is_known() {
            let _ = self.socket.send_to(&report.encode(), self.server);
        }
    }
}

/// Returns the entries of all associations; a peer counts once, even if both registrars have opened an association.
fn entries(now: Time, status: &Status, associations: &Associations) -> Vec<AssociationEntry> {
    let mut peers = BTreeSet::new();
    associations
        .iter()
        .filter_map(|association| entry(now, status, association))
        .filter(|entry| entry.ppid != Ppid::ENRP || peers.insert(entry.receiver))
        .collect()
}

/// Returns the entry of an association according to rsplib's rules: pool elements and pool users list their
/// registrar, pool users also the pool elements that serve them, registrars their peers; associations that others
/// opened are not listed.
fn entry(now: Time, status: &Status, association: &Association) -> Option<AssociationEntry> {
    let up_since = association.up_since?;
    let (receiver, ppid) = match association.endpoint {
        Endpoint::Asap if !association.inbound => (
            ComponentIdentifier::registrar(RegistrarIdentifier::UNDETERMINED),
            Ppid::ASAP,
        ),
        Endpoint::Enrp => (
            ComponentIdentifier::registrar(RegistrarIdentifier::UNDETERMINED),
            Ppid::ENRP,
        ),
        Endpoint::Service if status.lists_sessions => (
            ComponentIdentifier::pool_element(PeIdentifier(0)),
            Ppid(association.last_ppid),
        ),
        Endpoint::Asap | Endpoint::Service => return None,
    };
    Some(AssociationEntry {
        receiver: association.component.map_or(receiver, component_identifier),
        duration_us: (association.endpoint != Endpoint::Enrp)
            .then(|| microseconds(now.saturating_since(up_since))),
        protocol: PROTOCOL_SCTP,
        ppid,
    })
}

const fn component_identifier(component: feed::ComponentIdentity) -> ComponentIdentifier {
    match component {
        feed::ComponentIdentity::Registrar(identifier) => ComponentIdentifier::registrar(identifier),
        feed::ComponentIdentity::PoolElement(identifier) => ComponentIdentifier::pool_element(identifier),
        feed::ComponentIdentity::PoolUser(identifier) => ComponentIdentifier::pool_user(identifier),
    }
}

/// Formats host name and addresses as rsplib does, such as `host: 192.0.2.1:3863, 2001:db8::1`.
pub(crate) fn location(host: &str, addresses: &[IpAddr], port: Option<u16>) -> String {
    let (Some((first, rest)), false) = (addresses.split_first(), host.is_empty()) else {
        return "(local only)".into();
    };
    let mut text = format!("{host}: {first}");
    if let Some(port) = port {
        text.push_str(&format!(":{port}"));
    }
    for address in rest {
        text.push_str(&format!(", {address}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use protocol::{AssociationId, Peer};

    use super::*;

    fn monitor() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    fn next_report(monitor: &UdpSocket) -> Report {
        let mut buffer = [0; 2048];
        let length = monitor.recv(&mut buffer).unwrap();
        Report::decode(&buffer[..length]).unwrap()
    }

    fn status() -> Status {
        Status {
            ready: false,
            status: feed::Status::Registrar(feed::RegistrarStatus::Stopping),
            report: String::new(),
            load: None,
            lists_sessions: false,
        }
    }

    #[test]
    fn reports_come_at_once_each_interval_and_at_the_end() {
        let (monitor, server) = monitor();
        let component = feed::ComponentIdentity::PoolElement(PeIdentifier(0x1122_3344));
        let interval = Duration::from_millis(500);
        let mut reporter =
            StatusReporter::new(component, server, interval, "demo: 127.0.0.1:7000".into()).unwrap();
        let status = Status {
            report: "2 Sessions".into(),
            load: Some(0.5),
            ..status()
        };
        let associations = Associations::default();
        let begin = Time::from_origin(Duration::from_secs(3));
        reporter.handle_timeout(begin, &status, &associations);
        reporter.handle_timeout(begin + interval / 2, &status, &associations);
        reporter.handle_timeout(begin + interval, &status, &associations);
        reporter.finish(begin + 2 * interval);

        let first = next_report(&monitor);
        assert_eq!(first.component.to_string(), "PE $11223344");
        assert_eq!((first.uptime_us, first.interval_us), (0, 500_000));
        assert_eq!(first.status, "2 Sessions");
        assert_eq!(next_report(&monitor).uptime_us, 500_000);
        let last = next_report(&monitor);
        assert!(last.is_final && last.status.is_empty());
        assert_eq!(last.uptime_us, 1_000_000);
    }

    #[test]
    fn a_registrar_lists_each_peer_once() {
        let network = transport::memory::Network::new(Duration::from_millis(1));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let _entered = runtime.enter();
        let (transport, _events) = network.start(transport::Config::default());
        let address = transport.local_addresses()[0];
        let peer = Peer {
            addresses: vec![address],
            port: 9901,
        };
        let mut associations = Associations::default();
        for (number, registrar) in [(1, 0x0a), (2, 0x0a), (3, 0x0b)] {
            let remote = transport::Peer::new(address, 9901);
            let id = AssociationId::outgoing(number);
            associations.add_outgoing(
                id,
                transport.connect(0, remote, None),
                Endpoint::Enrp,
                peer.clone(),
            );
            associations.entry_mut(id).unwrap().up_since = Some(Time::ZERO);
            associations.identify(
                id,
                feed::ComponentIdentity::Registrar(RegistrarIdentifier(registrar)),
            );
        }
        let listed = entries(Time::ZERO, &status(), &associations);
        let receivers: Vec<String> = listed.iter().map(|entry| entry.receiver.to_string()).collect();
        assert_eq!(receivers, ["PR $0000000a", "PR $0000000b"]);
        assert!(listed.iter().all(|entry| entry.duration_us.is_none()));
    }

    #[test]
    fn the_location_is_in_the_form_of_rsplib() {
        let addresses = ["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
        assert_eq!(
            location("host", &addresses, Some(3863)),
            "host: 192.0.2.1:3863, 2001:db8::1"
        );
        assert_eq!(location("", &addresses, None), "(local only)");
    }
}
