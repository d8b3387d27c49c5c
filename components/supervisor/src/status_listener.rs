//! Receives status reports: datagrams of rsplib's Component Status Protocol, from any sender.
//!
//! A thread of its own reads them. Malformed ones are ignored; those that arrive faster than they are taken are
//! dropped, since all reports are repeated.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use feed::Timestamp;
use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;
use wire::csp::{MONITOR_PORT, Report};

use crate::Repaint;
use model::Update;

/// The maximum number of waiting reports.
const WAITING: usize = 1024;
/// The maximum size of a report, plus one byte to detect longer datagrams.
const DATAGRAM: usize = Report::FIXED_SIZE + Report::MOST_ASSOCIATIONS * Report::ENTRY_SIZE + 1;
/// How often the thread checks whether it has to end.
const ROUND: Duration = Duration::from_millis(250);

/// The address where the control centre listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListenAt {
    /// The usual port on all addresses of this machine.
    #[default]
    Usual,
    /// This address.
    Address(SocketAddr),
    /// Do not listen.
    Off,
}

impl FromStr for ListenAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let port = text.parse().map(|port: u16| (Ipv6Addr::UNSPECIFIED, port).into());
        if let Ok(address) = port.or_else(|_| text.parse()) {
            return Ok(Self::Address(address));
        }
        let Some((host, Ok(_))) = text
            .rsplit_once(':')
            .map(|(host, port)| (host, port.parse::<u16>()))
        else {
            return Err(format!(
                "{text:?} is neither a port, nor an address or a name with a port, nor off"
            ));
        };
        let resolved = text.to_socket_addrs().map(|mut addresses| addresses.next());
        match resolved {
            Ok(Some(address)) => Ok(Self::Address(address)),
            Ok(None) | Err(_) => Err(format!(
                "the name {host} cannot be resolved: check its spelling and /etc/hosts, or give an address"
            )),
        }
    }
}

/// The reason why reports cannot be received.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The port is already in use.
    #[error("UDP port {0} is in use, perhaps by another control centre or by rsplib's cspmonitor")]
    InUse(u16),
    /// Another socket error.
    #[error("cannot receive on {address}: {source}")]
    Socket {
        /// The address.
        address: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
}

/// Receives status reports until it is dropped.
#[derive(Debug)]
pub struct StatusListener {
    address: SocketAddr,
    reports: Receiver<Update>,
    announced: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl StatusListener {
    /// Starts to receive reports. `repaint` is called from another thread when reports are waiting. Returns `None`
    /// if listening is off.
    ///
    /// # Errors
    /// Returns an error if the port is not available.
    pub fn start(at: ListenAt, repaint: Repaint) -> Result<Option<Self>, ListenError> {
        let (socket, asked) = match at {
            ListenAt::Off => return Ok(None),
            ListenAt::Address(address) => bind(address)?,
            ListenAt::Usual => {
                bind((Ipv6Addr::UNSPECIFIED, MONITOR_PORT).into()).or_else(|error| match error {
                    ListenError::InUse(_) => Err(error),
                    // There is no IPv6 on this host.
                    ListenError::Socket { .. } => bind((Ipv4Addr::UNSPECIFIED, MONITOR_PORT).into()),
                })?
            }
        };
        let failed = |source| ListenError::Socket {
            address: asked,
            source,
        };
        let address = socket.local_addr().map_err(failed)?;
        socket.set_read_timeout(Some(ROUND)).map_err(failed)?;
        let (sender, reports) = crossbeam_channel::bounded(WAITING);
        let (announced, ended) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let task = Task {
            socket,
            sender,
            announced: Arc::clone(&announced),
            ended: Arc::clone(&ended),
            repaint,
        };
        let thread = std::thread::Builder::new()
            .name("status reports".into())
            .spawn(move || task.run())
            .map_err(failed)?;
        Ok(Some(Self {
            address,
            reports,
            announced,
            ended,
            thread: Some(thread),
        }))
    }

    /// Returns the address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to take reports; the repaint callback is called again for those that arrive from now on.
    pub fn begin(&self) {
        self.announced.store(false, Ordering::Release);
    }

    /// Returns the next waiting report.
    #[must_use]
    pub fn try_next(&self) -> Option<Update> {
        self.reports.try_recv().ok()
    }
}

impl Drop for StatusListener {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed by its own thread.
            let _ = thread.join();
        }
    }
}

/// Binds a socket, and returns it with the requested address. A socket on all addresses of IPv6 also receives over
/// IPv4, whatever the system's setting is (net.ipv6.bindv6only on Linux).
fn bind(address: SocketAddr) -> Result<(UdpSocket, SocketAddr), ListenError> {
    let bound = || -> io::Result<UdpSocket> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(!address.ip().is_unspecified())?;
        }
        socket.bind(&address.into())?;
        Ok(socket.into())
    };
    match bound() {
        Ok(socket) => Ok((socket, address)),
        Err(source) if source.kind() == io::ErrorKind::AddrInUse => Err(ListenError::InUse(address.port())),
        Err(source) => Err(ListenError::Socket { address, source }),
    }
}

struct Task {
    socket: UdpSocket,
    sender: Sender<Update>,
    announced: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    repaint: Repaint,
}

impl Task {
    fn run(self) {
        let mut buffer = vec![0; DATAGRAM];
        while !self.ended.load(Ordering::Acquire) {
            let (length, source) = match self.socket.recv_from(&mut buffer) {
                Ok(received) => received,
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    continue;
                }
                // No replies are sent, hence the network causes no errors; whatever the error is, avoid a busy loop.
                Err(_) => {
                    std::thread::sleep(ROUND);
                    continue;
                }
            };
            if let Some(update) = read(source.ip(), buffer.get(..length).unwrap_or_default())
                && self.sender.try_send(update).is_ok()
                && !self.announced.swap(true, Ordering::AcqRel)
            {
                (self.repaint)();
            }
        }
    }
}

/// Parses a datagram. Returns `None` if it is not a report.
fn read(source: IpAddr, bytes: &[u8]) -> Option<Update> {
    let report = Report::decode(bytes).ok()?;
    Some(Update::Report {
        at: Timestamp::now(),
        source: source.to_canonical(),
        report: Box::new(report),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use wire::PeIdentifier;
    use wire::csp::ComponentIdentifier;

    use super::*;

    fn anywhere() -> ListenAt {
        ListenAt::Address("127.0.0.1:0".parse().unwrap())
    }

    fn next(listener: &StatusListener) -> Update {
        let update = listener.reports.recv_timeout(Duration::from_secs(20));
        update.expect("a report comes")
    }

    #[test]
    fn reports_are_received_and_rubbish_is_left_out() {
        let repaints = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&repaints);
        let repaint: Repaint = Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let listener = StatusListener::start(anywhere(), repaint).unwrap().unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let report = |number| Report::last(ComponentIdentifier::pool_element(PeIdentifier(number)), 1, 2);
        let mut longer = report(7).encode();
        longer.push(0);
        for bytes in [
            vec![],
            vec![0; 288],
            vec![1; 60_000],
            longer,
            report(1).encode(),
            report(2).encode(),
        ] {
            socket.send_to(&bytes, listener.address()).unwrap();
        }
        for number in 1..=2 {
            let Update::Report {
                source, report: it, ..
            } = next(&listener)
            else {
                panic!("nothing else comes from here");
            };
            assert_eq!((source, *it), ("127.0.0.1".parse().unwrap(), report(number)));
        }
        assert!(listener.try_next().is_none());
        // Announced once, until they are taken.
        assert_eq!(repaints.load(Ordering::Relaxed), 1);
        listener.begin();
        socket.send_to(&report(3).encode(), listener.address()).unwrap();
        next(&listener);
    }

    /// What `net.ipv6.bindv6only` sets is the default of this option, which a test cannot change for itself alone.
    #[test]
    fn all_addresses_of_ipv6_include_those_of_ipv4_whatever_the_system_sets() {
        let Ok((socket, _)) = bind("[::]:0".parse().unwrap()) else {
            return; // There is no IPv6 here.
        };
        assert!(!socket2::SockRef::from(&socket).only_v6().unwrap());
        let port = socket.local_addr().unwrap().port();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        sender.send_to(b"report", ("127.0.0.1", port)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let (length, source) = socket.recv_from(&mut [0; 9]).unwrap();
        assert_eq!(length, 6);
        assert_eq!(source.ip().to_canonical(), IpAddr::from([127, 0, 0, 1]));
    }

    #[test]
    fn the_largest_report_is_read_whole() {
        let listener = StatusListener::start(anywhere(), Arc::new(|| {}))
            .unwrap()
            .unwrap();
        let component = ComponentIdentifier::from_number(0x0300_0000_0000_0009);
        let entry = wire::csp::AssociationEntry {
            receiver: component,
            duration_us: None,
            protocol: 132,
            ppid: wire::Ppid::ASAP,
        };
        let report = Report {
            is_final: false,
            associations: vec![entry; Report::MOST_ASSOCIATIONS],
            ..Report::last(component, 1, 2)
        };
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(&report.encode(), listener.address()).unwrap();
        let Update::Report { report: it, .. } = next(&listener) else {
            panic!("nothing else comes from here");
        };
        assert_eq!(*it, report);
    }

    #[test]
    fn where_to_listen_is_read_from_words() {
        let address = |text: &str| Ok(ListenAt::Address(text.parse().unwrap()));
        assert_eq!("off".parse(), Ok(ListenAt::Off));
        assert_eq!("2961".parse::<ListenAt>(), address("[::]:2961"));
        assert_eq!("127.0.0.1:2960".parse::<ListenAt>(), address("127.0.0.1:2960"));
        let Ok(ListenAt::Address(local)) = "localhost:2960".parse() else {
            panic!("this host has a name");
        };
        assert!(local.ip().is_loopback() && local.port() == 2960, "{local}");
        for wrong in ["127.0.0.1", "localhost", "localhost:x", "nowhere.invalid:2960"] {
            assert!(wrong.parse::<ListenAt>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_port_in_use_is_said_to_be_so() {
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let error = StatusListener::start(ListenAt::Address(address), Arc::new(|| {})).unwrap_err();
        assert!(matches!(error, ListenError::InUse(port) if port == address.port()));
        assert!(
            StatusListener::start(ListenAt::Off, Arc::new(|| {}))
                .unwrap()
                .is_none()
        );
    }
}
