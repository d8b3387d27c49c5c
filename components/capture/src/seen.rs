//! Which transmission sequence numbers were seen already.

/// The numbers that are remembered, below and with the highest; a power of 2.
const SPAN: u32 = 2048;
/// A number so far below the highest belongs to another association with the same tag.
const ANOTHER: u64 = 1 << 24;
/// Where counting begins: far enough from 0 for numbers below the first one.
const ORIGIN: u64 = 1 << 40;

/// A window of numbers, which moves up with the highest.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    bits: [u64; SPAN as usize / 64],
    /// The highest number, and how many there are up to it.
    highest: Option<(u32, u64)>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            bits: [0; SPAN as usize / 64],
            highest: None,
        }
    }
}

impl Seen {
    /// Notes a number. Returns whether it was seen before, and the number as one that never begins again at 0.
    pub(crate) fn insert(&mut self, tsn: u32) -> (bool, u64) {
        let Some((highest, count)) = self.highest else {
            self.highest = Some((tsn, ORIGIN));
            self.set(tsn);
            return (false, ORIGIN);
        };
        // RFC 9260 section 1.6: serial number arithmetic.
        let above = tsn.wrapping_sub(highest).cast_signed();
        let extended = count.saturating_add_signed(above.into());
        if above > 0 {
            self.advance(highest, above.unsigned_abs());
            self.highest = Some((tsn, extended));
            self.set(tsn);
            return (false, extended);
        }
        if u64::from(above.unsigned_abs()) > ANOTHER {
            *self = Self {
                highest: Some((tsn, count + ANOTHER)),
                ..Self::default()
            };
            self.set(tsn);
            return (false, count + ANOTHER);
        }
        let before = self.contains(tsn);
        if above.unsigned_abs() < SPAN {
            self.set(tsn);
        }
        (before, extended)
    }

    /// Returns whether a number was seen; what is too old to be remembered was.
    pub(crate) fn contains(&self, tsn: u32) -> bool {
        let Some((highest, _)) = self.highest else {
            return false;
        };
        let above = tsn.wrapping_sub(highest).cast_signed();
        if above > 0 || u64::from(above.unsigned_abs()) > ANOTHER {
            return false;
        }
        let (word, bit) = place(tsn);
        above.unsigned_abs() >= SPAN || self.bits.get(word).is_some_and(|word| word & bit != 0)
    }

    fn advance(&mut self, highest: u32, by: u32) {
        if by >= SPAN {
            self.bits.fill(0);
            return;
        }
        for above in 1..by {
            let (word, bit) = place(highest.wrapping_add(above));
            if let Some(word) = self.bits.get_mut(word) {
                *word &= !bit;
            }
        }
    }

    fn set(&mut self, tsn: u32) {
        let (word, bit) = place(tsn);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= bit;
        }
    }
}

const fn place(tsn: u32) -> (usize, u64) {
    let position = tsn % SPAN;
    (position as usize / 64, 1 << (position % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_seen_once_also_where_they_begin_again_at_zero() {
        let mut seen = Seen::default();
        for tsn in (u32::MAX - 3000..=u32::MAX).chain(0..3000) {
            assert!(!seen.insert(tsn).0, "{tsn}");
            assert!(seen.insert(tsn).0, "{tsn}");
        }
        assert!(seen.contains(u32::MAX));
        assert!(!seen.contains(3000));
    }

    #[test]
    fn gaps_are_filled_later_and_leaps_forget() {
        let mut seen = Seen::default();
        assert_eq!(seen.insert(10), (false, ORIGIN));
        assert_eq!(seen.insert(13), (false, ORIGIN + 3));
        assert_eq!(seen.insert(12), (false, ORIGIN + 2));
        assert_eq!(seen.insert(12), (true, ORIGIN + 2));
        assert_eq!(seen.insert(8), (false, ORIGIN - 2));
        assert_eq!(
            seen.insert(13 + SPAN + 100),
            (false, ORIGIN + 103 + u64::from(SPAN))
        );
        assert!(!seen.contains(12 + SPAN));
        // Older than what is remembered.
        assert!(seen.insert(13).0);
        // Another association.
        assert!(!seen.insert(0_u32.wrapping_sub(1 << 26)).0);
        assert!(!seen.contains(13));
    }
}
