//! The loopback addresses of this process.

use std::net::{IpAddr, Ipv4Addr};

/// How many addresses are tried: more than all processes of several demonstrations on one host take. If none of them
/// is free, one program probably uses the port on all addresses.
pub(crate) const ATTEMPTS: usize = 1_000;

/// Returns addresses of 127.0.0.0/16 to try, beginning with one derived from this process's identifier, so that an
/// address is reused about as late as a process identifier. What peers of an ended process still send to its address
/// must not reach an unrelated process, such as the registrar of another demonstration on this host.
pub(crate) fn candidates() -> impl Iterator<Item = IpAddr> {
    from(std::process::id()).take(ATTEMPTS)
}

fn from(process: u32) -> impl Iterator<Item = IpAddr> {
    const LOW: u32 = 253;
    const ALL: u32 = 256 * LOW;
    (0..ALL).map(move |number| {
        let place = (process % ALL + number) % ALL;
        // 127.0.x.0, 127.0.x.1 and 127.0.x.255 look special to users.
        IpAddr::V4(Ipv4Addr::new(
            127,
            0,
            (place / LOW) as u8,
            (place % LOW + 2) as u8,
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_address_is_tried_once_and_neighbours_begin_side_by_side() {
        for process in [0, 1, 64_767, 64_768, u32::MAX] {
            let all: BTreeSet<IpAddr> = from(process).collect();
            assert_eq!((all.len(), from(process).count()), (64_768, 64_768));
            assert!(!all.contains(&IpAddr::V4(Ipv4Addr::LOCALHOST)));
        }
        assert_eq!(from(7).nth(1), from(8).next());
        assert_eq!(from(0).next(), Some([127, 0, 0, 2].into()));
    }
}
