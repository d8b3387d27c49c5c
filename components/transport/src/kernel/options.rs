//! Applies an [`AssociationConfig`] to the kernel (RFC 6458 section 8.1).

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use socket2::SockRef;

use super::system::{self, Opt, STORAGE};
use crate::AssociationConfig;

const HEARTBEATS: u32 = 1 << 0;
const NO_HEARTBEATS: u32 = 1 << 1;
const NO_PATH_MTU_DISCOVERY: u32 = 1 << 4;
/// The maximum delay of acknowledgements that the kernel allows.
const LONGEST_SACK_DELAY_MS: u32 = 500;
/// The minimum packet size that the kernel allows for a path.
const SMALLEST_MTU: u32 = 512;

/// Sets the options for future associations of a one-to-many socket.
pub(super) fn apply(socket: &impl AsFd, config: &AssociationConfig) -> io::Result<()> {
    let losses = tolerated_losses(config);
    system::set(
        socket,
        Opt::RtoInfo,
        &words([
            0,
            milliseconds(config.rto_initial),
            milliseconds(config.rto_max),
            milliseconds(config.rto_min),
        ]),
    )?;
    set_association_losses(socket, losses)?;
    let initial = [
        config.streams.max(1),
        config.streams.max(1),
        u16::try_from(config.max_init_retransmits)
            .unwrap_or(u16::MAX)
            .max(1),
        u16::try_from(milliseconds(config.rto_max)).unwrap_or(u16::MAX),
    ];
    let initial: Vec<u8> = initial.iter().flat_map(|short| short.to_ne_bytes()).collect();
    system::set(socket, Opt::InitMsg, &initial)?;
    system::set(socket, Opt::PeerAddrParams, &path_parameters(config, losses))?;
    let delay = milliseconds(config.sack_delay).min(LONGEST_SACK_DELAY_MS);
    system::set(socket, Opt::DelayedSack, &words([0, delay, 2]))?;
    // The kernel doubles the given value and uses half of that for its own needs.
    let socket = SockRef::from(socket);
    socket.set_recv_buffer_size(config.receive_buffer)?;
    socket.set_send_buffer_size(config.send_buffer.max(4096))
}

/// Lets an association survive the failure of some of its paths, which is the purpose of several paths: the limit on
/// losses is that of all its paths together (RFC 9260 section 8.1). The kernel counts consecutive losses on all
/// paths.
pub(super) fn tolerate_failing_paths(
    socket: &impl AsFd,
    config: &AssociationConfig,
    paths: usize,
) -> io::Result<()> {
    let paths = u16::try_from(paths).unwrap_or(u16::MAX);
    set_association_losses(socket, tolerated_losses(config).saturating_mul(paths))
}

/// Sets Association.Max.Retrans.
fn set_association_losses(socket: &impl AsFd, losses: u16) -> io::Result<()> {
    // Association, the number (16 bits), what the kernel fills in, cookie life unchanged.
    let mut association = 0_u32.to_ne_bytes().to_vec();
    association.extend(losses.to_ne_bytes());
    association.resize(20, 0);
    system::set(socket, Opt::AssocInfo, &association)
}

/// Opens future associations of a socket over UDP, to this port of the peers (RFC 6951).
pub(super) fn encapsulate(socket: &impl AsFd, port: u16) -> io::Result<()> {
    // Unlike the other structures, this one is not packed: the address is aligned to eight bytes.
    let mut value = vec![0; 8 + STORAGE];
    value.extend(port.to_be_bytes());
    value.resize(8 + STORAGE + 8, 0);
    system::set(socket, Opt::RemoteUdpEncapsPort, &value)
}

fn path_parameters(config: &AssociationConfig, losses: u16) -> Vec<u8> {
    let interval = milliseconds(config.heartbeat_interval);
    let mut flags = if interval == 0 { NO_HEARTBEATS } else { HEARTBEATS };
    let mut mtu = 0;
    if let Some(bytes) = config.mtu {
        flags |= NO_PATH_MTU_DISCOVERY;
        mtu = u32::try_from(bytes).unwrap_or(u32::MAX).max(SMALLEST_MTU);
    }
    let mut value = vec![0; 4 + STORAGE];
    value.extend(interval.to_ne_bytes());
    value.extend(losses.to_ne_bytes());
    value.extend(words([mtu, 0, flags]));
    // Flow label, code point, and padding.
    value.resize(156, 0);
    value
}

/// Returns the number of consecutive heartbeats or retransmissions that may be lost, so that the kernel gives up a
/// silent peer at about the time specified by [`AssociationConfig::max_retransmissions`]. That setting counts
/// heartbeat intervals, whereas the kernel waits for the interval and the retransmission timeout once, and then for
/// the timeout alone, which doubles each time.
fn tolerated_losses(config: &AssociationConfig) -> u16 {
    let patience = config
        .heartbeat_interval
        .saturating_mul(config.max_retransmissions.saturating_add(2));
    if patience.is_zero() {
        return u16::try_from(config.max_retransmissions)
            .unwrap_or(u16::MAX)
            .max(1);
    }
    let mut timeout = config.rto_min;
    let mut spent = config.heartbeat_interval + timeout;
    let mut losses = 0;
    loop {
        timeout = timeout
            .saturating_mul(2)
            .min(config.rto_max)
            .max(Duration::from_millis(1));
        spent = spent.saturating_add(timeout);
        if spent > patience || losses == u16::MAX {
            return losses.max(1);
        }
        losses += 1;
    }
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

fn words<const N: usize>(words: [u32; N]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_peer_is_borne_about_as_long_as_in_user_space() {
        // 200 + 200 + 400 ms of 800 ms, 120 + 200 + 400 ms of 740 ms.
        assert_eq!(tolerated_losses(&AssociationConfig::demo()), 2);
        assert_eq!(tolerated_losses(&AssociationConfig::demo_session()), 2);
        // 31 + 2 + 4 + 8 + 16 + 32 s, then by the minute: of 360 s.
        assert_eq!(tolerated_losses(&AssociationConfig::default()), 9);
        let absurd = AssociationConfig {
            heartbeat_interval: Duration::MAX / 2,
            max_retransmissions: u32::MAX,
            rto_max: Duration::ZERO,
            ..AssociationConfig::default()
        };
        assert_eq!(tolerated_losses(&absurd), u16::MAX);
        let without = AssociationConfig {
            heartbeat_interval: Duration::ZERO,
            ..AssociationConfig::default()
        };
        assert_eq!(tolerated_losses(&without), 10);
    }

    #[test]
    fn path_parameters_have_the_length_that_the_kernel_insists_on() {
        assert_eq!(path_parameters(&AssociationConfig::demo(), 2).len(), 156);
    }
}
