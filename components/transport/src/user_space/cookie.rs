//! State cookies that only we can have created, for this peer, and recently (RFC 9260 section 5.1.3).
//!
//! dcsctp's own cookie contains the state of the future association without protection. It is wrapped when sent in
//! an INIT ACK and unwrapped when received in a COOKIE ECHO, so that a listening endpoint keeps no state of an
//! association until the peer has proven that it receives what is sent to its address.

use std::collections::{BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use sha2::Sha256;

const MAC_LENGTH: usize = 32;
/// The number of used cookies that are remembered, so that none is accepted twice.
const REMEMBERED: usize = 8192;

/// The peer for which a cookie is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holder {
    /// The peer's address and UDP port.
    pub(super) source: SocketAddr,
    pub(super) peer_port: u16,
    pub(super) local_port: u16,
}

/// The content of a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    /// dcsctp's cookie.
    pub(super) inner: Vec<u8>,
    /// The verification tag that the peer expects.
    pub(super) peer_tag: u32,
}

/// A cookie that is ours and still valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) content: Content,
    issued: Duration,
    mac: [u8; MAC_LENGTH],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Invalid {
    /// Not created by us, or for another peer.
    Forged,
    /// Too old, by this much.
    Stale { peer_tag: u32, by: Duration },
}

/// Creates and verifies cookies, with its own key.
pub(super) struct CookieJar {
    key: [u8; 32],
    lifetime: Duration,
    used: BTreeSet<[u8; MAC_LENGTH]>,
    used_in_order: VecDeque<(Duration, [u8; MAC_LENGTH])>,
    /// Cookies issued before this are refused, since some of them may have been used and forgotten.
    forgotten: Duration,
}

impl CookieJar {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self {
            key: rand::rng().random(),
            lifetime,
            used: BTreeSet::new(),
            used_in_order: VecDeque::new(),
            forgotten: Duration::ZERO,
        }
    }

    /// Wraps a cookie. `now` is the time since some fixed moment.
    pub(super) fn seal(&self, now: Duration, holder: Holder, content: &Content) -> Vec<u8> {
        let mut body = Vec::with_capacity(16 + content.inner.len() + MAC_LENGTH);
        // dcsctp's cookie has 48 bytes.
        body.extend(
            u16::try_from(content.inner.len())
                .unwrap_or(u16::MAX)
                .to_be_bytes(),
        );
        body.extend(&content.inner);
        body.extend(content.peer_tag.to_be_bytes());
        body.extend(u64::try_from(now.as_micros()).unwrap_or(u64::MAX).to_be_bytes());
        let mac = self.mac(holder, &body).finalize().into_bytes();
        body.extend(mac);
        body
    }

    /// Unwraps a cookie.
    pub(super) fn open(&self, now: Duration, holder: Holder, cookie: &[u8]) -> Result<Opened, Invalid> {
        let (body, mac) = cookie.split_last_chunk::<MAC_LENGTH>().ok_or(Invalid::Forged)?;
        self.mac(holder, body)
            .verify_slice(mac)
            .map_err(|_| Invalid::Forged)?;
        let (content, issued) = parse(body).ok_or(Invalid::Forged)?;
        let age = now.saturating_sub(issued);
        match age.checked_sub(self.lifetime) {
            Some(by) if !by.is_zero() => Err(Invalid::Stale {
                peer_tag: content.peer_tag,
                by,
            }),
            _ => Ok(Opened {
                content,
                issued,
                mac: *mac,
            }),
        }
    }

    /// Returns whether the cookie has been used, or may have been.
    pub(super) fn is_spent(&self, cookie: &Opened) -> bool {
        cookie.issued < self.forgotten || self.used.contains(&cookie.mac)
    }

    /// Remembers that the cookie has led to an association, until it has expired anyway.
    pub(super) fn spend(&mut self, now: Duration, cookie: &Opened) {
        while let Some(&(issued, mac)) = self.used_in_order.front() {
            let expired = now.saturating_sub(issued) > self.lifetime;
            if !expired {
                if self.used_in_order.len() < REMEMBERED {
                    break;
                }
                self.forgotten = self.forgotten.max(issued + Duration::from_micros(1));
            }
            self.used.remove(&mac);
            self.used_in_order.pop_front();
        }
        if self.used.insert(cookie.mac) {
            self.used_in_order.push_back((cookie.issued, cookie.mac));
        }
    }

    fn mac(&self, holder: Holder, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(&mapped(holder.source.ip()));
        for port in [holder.source.port(), holder.peer_port, holder.local_port] {
            mac.update(&port.to_be_bytes());
        }
        mac.update(body);
        mac
    }
}

fn parse(body: &[u8]) -> Option<(Content, Duration)> {
    let (length, body) = body.split_first_chunk::<2>()?;
    let (inner, body) = body.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let (peer_tag, body) = body.split_first_chunk::<4>()?;
    let issued = body.first_chunk::<8>()?;
    let content = Content {
        inner: inner.to_vec(),
        peer_tag: u32::from_be_bytes(*peer_tag),
    };
    Some((content, Duration::from_micros(u64::from_be_bytes(*issued))))
}

/// Returns an address as 16 bytes.
fn mapped(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_secs(60);

    fn holder() -> Holder {
        Holder {
            source: "127.0.0.2:9899".parse().unwrap(),
            peer_port: 3863,
            local_port: 9901,
        }
    }

    fn content() -> Content {
        Content {
            inner: vec![7; 48],
            peer_tag: 0xdead_beef,
        }
    }

    #[test]
    fn a_sealed_cookie_opens_for_its_holder_only() {
        let jar = CookieJar::new(LIFETIME);
        let cookie = jar.seal(LIFETIME, holder(), &content());
        assert_eq!(
            jar.open(LIFETIME * 2, holder(), &cookie).unwrap().content,
            content()
        );
        let others = [
            Holder {
                source: "127.0.0.3:9899".parse().unwrap(),
                ..holder()
            },
            Holder {
                source: "127.0.0.2:9898".parse().unwrap(),
                ..holder()
            },
            Holder {
                peer_port: 1,
                ..holder()
            },
            Holder {
                local_port: 1,
                ..holder()
            },
        ];
        for other in others {
            assert_eq!(jar.open(LIFETIME, other, &cookie), Err(Invalid::Forged));
        }
        assert_eq!(
            CookieJar::new(LIFETIME).open(LIFETIME, holder(), &cookie),
            Err(Invalid::Forged)
        );
    }

    #[test]
    fn every_changed_bit_and_every_truncation_is_noticed() {
        let jar = CookieJar::new(LIFETIME);
        let cookie = jar.seal(LIFETIME, holder(), &content());
        for bit in 0..cookie.len() * 8 {
            let mut changed = cookie.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                jar.open(LIFETIME, holder(), &changed),
                Err(Invalid::Forged),
                "bit {bit}"
            );
        }
        for length in 0..cookie.len() {
            assert_eq!(
                jar.open(LIFETIME, holder(), &cookie[..length]),
                Err(Invalid::Forged),
                "length {length}"
            );
        }
    }

    #[test]
    fn an_old_cookie_is_stale() {
        let jar = CookieJar::new(LIFETIME);
        let cookie = jar.seal(LIFETIME, holder(), &content());
        let by = Duration::from_millis(5);
        let stale = Err(Invalid::Stale {
            peer_tag: 0xdead_beef,
            by,
        });
        assert_eq!(jar.open(LIFETIME * 2 + by, holder(), &cookie), stale);
    }

    #[test]
    fn a_cookie_is_spent_once_even_when_many_others_have_been_spent_since() {
        let mut jar = CookieJar::new(LIFETIME);
        let opened = |jar: &CookieJar, at: u64| {
            let now = Duration::from_micros(at);
            jar.open(now, holder(), &jar.seal(now, holder(), &content()))
                .unwrap()
        };
        let first = opened(&jar, 0);
        assert!(!jar.is_spent(&first));
        jar.spend(Duration::ZERO, &first);
        assert!(jar.is_spent(&first));
        for at in 1..2 * REMEMBERED as u64 {
            let cookie = opened(&jar, at);
            assert!(!jar.is_spent(&cookie));
            jar.spend(Duration::from_micros(at), &cookie);
        }
        assert!(jar.is_spent(&first));
        assert!(jar.used.len() <= REMEMBERED && jar.used_in_order.len() <= REMEMBERED);
    }
}
