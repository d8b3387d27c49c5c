//! The PE checksum (RFC 5353 section 3.7.2, RFC 5354 section 3.15).
//!
//! A registrar's checksum covers the pool elements that it owns, in any order. Each contributes the bytes of its
//! pool handle, padded with zero bytes to a multiple of 4, and its PE identifier; the 16-bit words of all
//! contributions are summed up as in RFC 1071. Policies and addresses are not included.

use crate::{PeIdentifier, PoolHandle};

/// The checksum of a changing set of pool elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeChecksum {
    /// The sum of all words, neither folded nor complemented, so that pool elements can be removed again. It is
    /// exact for any set that fits into memory.
    sum: u64,
}

impl PeChecksum {
    /// Adds a pool element.
    pub fn add(&mut self, pool_handle: &PoolHandle, identifier: PeIdentifier) {
        self.sum = self.sum.wrapping_add(contribution(pool_handle, identifier));
    }

    /// Removes a pool element that was added before.
    pub fn remove(&mut self, pool_handle: &PoolHandle, identifier: PeIdentifier) {
        self.sum = self.sum.wrapping_sub(contribution(pool_handle, identifier));
    }

    /// Returns the checksum of the current pool elements, as contained in ENRP_PRESENCE.
    #[must_use]
    pub const fn value(self) -> u16 {
        let mut sum = self.sum;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }
}

/// Returns the sum of the 16-bit words of a pool element.
fn contribution(pool_handle: &PoolHandle, identifier: PeIdentifier) -> u64 {
    // Whole words of zero bytes add nothing: only half a word has to be padded.
    let (words, odd) = pool_handle.as_bytes().as_chunks();
    let handle: u64 = words
        .iter()
        .map(|word| u64::from(u16::from_be_bytes(*word)))
        .sum();
    let last: u64 = odd.iter().map(|byte| u64::from(*byte) << 8).sum();
    handle + last + u64::from(identifier.0 >> 16) + u64::from(identifier.0 & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(pool_elements: &[(&str, u32)]) -> PeChecksum {
        let mut checksum = PeChecksum::default();
        for (pool_handle, identifier) in pool_elements {
            let pool_handle = PoolHandle::new(pool_handle.as_bytes()).unwrap();
            checksum.add(&pool_handle, PeIdentifier(*identifier));
        }
        checksum
    }

    #[track_caller]
    fn check(pool_elements: &[(&str, u32)], expected: u16) {
        assert_eq!(checksum(pool_elements).value(), expected);
    }

    #[test]
    fn computed_values_agree_with_rsplib() {
        check(&[], 0xffff);
        check(&[("EchoPool", 0xcafe_0001)], 0xc751);
        check(&[("PingPongPool!", 1)], 0xa17b);
        check(&[("EchoPool", 0xcafe_0001), ("PingPongPool!", 1)], 0x68cd);
        check(&[("EchoPool", 0x1122_3344)], 0x4deb);
        check(&[("FractalGeneratorPool", 0x1122_3344)], 0xd777);
    }

    #[test]
    fn values_seen_in_traces_of_rsplib_are_reproduced() {
        let [first, second, third] =
            [0x2100_0001, 0x2200_0002, 0x2300_0003].map(|identifier| ("FractalGeneratorPool", identifier));
        check(&[first], 0xfadc);
        check(&[second], 0xf9db);
        check(&[first, second], 0xf4b8);
        check(&[first, second, third], 0xed93);
    }

    #[test]
    fn leaving_undoes_joining_in_any_order() {
        let mut both = checksum(&[("EchoPool", 0xffff_ffff), ("PingPongPool!", 1)]);
        both.remove(&PoolHandle::new(b"EchoPool").unwrap(), PeIdentifier(0xffff_ffff));
        assert_eq!(both, checksum(&[("PingPongPool!", 1)]));
        both.remove(&PoolHandle::new(b"PingPongPool!").unwrap(), PeIdentifier(1));
        assert_eq!(both.value(), 0xffff);
    }
}
