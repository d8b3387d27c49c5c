//! Chunks that acknowledge, or tell of congestion.

use crate::Term;
use crate::cursor::Cursor;
use crate::sctp::chunk::Kind;
use crate::sctp::{unsigned, unsigned16};
use crate::term::terms;

terms! {
    SACK_TERM = "SACK" ["sctp"] {
        "RFC 9260, section 3.3.4",
        "Acknowledges DATA chunks: all up to a TSN, and blocks behind a gap. What is in a gap several times is sent again at once."
    };
    NR_SACK_TERM = "NR-SACK" ["sctp"] {
        "draft-tuexen-tsvwg-sctp-multipath, section 3",
        "As SACK, but says of some blocks that the receiver will not drop them any more, so that the sender can free its memory."
    };
    ECNE_TERM = "ECNE" ["sctp"] {
        "RFC 4960, appendix A", "A router has marked a packet because of congestion. The sender slows down and answers with CWR."
    };
    CWR_TERM = "CWR" ["sctp"] {
        "RFC 4960, appendix A", "The sender has reduced its congestion window."
    };
    NONCE_SUM = "Nonce Sum" ["sctp.sack_nounce_sum"] {
        "RFC 3540", "Of an experiment with congestion notification that is over; sent as 0."
    };
    CUMULATIVE = "Cumulative TSN Ack" ["sctp.sack_cumulative_tsn_ack_raw"] {
        "RFC 9260, section 3.3.4", "All DATA chunks up to this TSN have arrived."
    };
    WINDOW = "Advertised Receiver Window Credit" ["sctp.sack_a_rwnd"] {
        "RFC 9260, section 3.3.4", "How many bytes the receiver has room for. The sender does not send more than that ahead."
    };
    GAP_COUNT = "Number of Gap Ack Blocks" ["sctp.sack_number_of_gap_blocks"] {
        "RFC 9260, section 3.3.4", "How many blocks follow, each of which has arrived behind a gap."
    };
    DUPLICATE_COUNT = "Number of Duplicate TSNs" ["sctp.sack_number_of_duplicated_tsns"] {
        "RFC 9260, section 3.3.4", "How many TSNs follow that have arrived once more."
    };
    GAP_BLOCK = "Gap Ack Block" {
        "RFC 9260, section 3.3.4", "DATA chunks behind a gap that have arrived, counted from the cumulative TSN."
    };
    GAP_START = "Gap Ack Block Start" ["sctp.sack_gap_block_start"] {
        "RFC 9260, section 3.3.4", "The first TSN of the block, less the cumulative TSN."
    };
    GAP_END = "Gap Ack Block End" ["sctp.sack_gap_block_end"] {
        "RFC 9260, section 3.3.4", "The last TSN of the block, less the cumulative TSN."
    };
    DUPLICATE = "Duplicate TSN" ["sctp.sack_duplicate_tsn"] {
        "RFC 9260, section 3.3.4", "A DATA chunk that arrived once more: the sender has repeated it too early, or a SACK was lost."
    };
    NR_NONCE_SUM = "Nonce Sum" ["sctp.nr_sack_nounce_sum"];
    NR_CUMULATIVE = "Cumulative TSN Ack" ["sctp.nr_sack_cumulative_tsn_ack"] {
        "draft-tuexen-tsvwg-sctp-multipath, section 3", "All DATA chunks up to this TSN have arrived."
    };
    NR_WINDOW = "Advertised Receiver Window Credit" ["sctp.nr_sack_a_rwnd"] {
        "draft-tuexen-tsvwg-sctp-multipath, section 3", "How many bytes the receiver has room for."
    };
    NR_GAP_COUNT = "Number of Gap Ack Blocks" ["sctp.nr_sack_number_of_gap_blocks"];
    NR_NR_GAP_COUNT = "Number of NR Gap Ack Blocks" ["sctp.nr_sack_number_of_nr_gap_blocks"];
    NR_DUPLICATE_COUNT = "Number of Duplicate TSNs" ["sctp.nr_sack_number_of_duplicated_tsns"];
    NR_RESERVED = "Reserved" ["sctp.nr_sack_reserved"];
    NR_GAP_START = "Gap Ack Block Start" ["sctp.nr_sack_gap_block_start"] {
        "draft-tuexen-tsvwg-sctp-multipath, section 3", "The first TSN of the block, less the cumulative TSN."
    };
    NR_GAP_END = "Gap Ack Block End" ["sctp.nr_sack_gap_block_end"] {
        "draft-tuexen-tsvwg-sctp-multipath, section 3", "The last TSN of the block, less the cumulative TSN."
    };
    NR_BLOCK = "NR Gap Ack Block" {
        "draft-tuexen-tsvwg-sctp-multipath, section 3", "DATA chunks behind a gap that the receiver will not drop any more."
    };
    NR_START = "NR Gap Ack Block Start" ["sctp.nr_sack_nr_gap_block_start"] {
        "draft-tuexen-tsvwg-sctp-multipath, section 3", "The first TSN of the block, less the cumulative TSN."
    };
    NR_END = "NR Gap Ack Block End" ["sctp.nr_sack_nr_gap_block_end"] {
        "draft-tuexen-tsvwg-sctp-multipath, section 3", "The last TSN of the block, less the cumulative TSN."
    };
    NR_DUPLICATE = "Duplicate TSN" ["sctp.nr_sack_duplicate_tsn"] {
        "draft-tuexen-tsvwg-sctp-multipath, section 3", "A DATA chunk that arrived once more."
    };
    ECNE_LOWEST = "Lowest TSN" ["sctp.ecne_lowest_tsn"] {
        "RFC 4960, appendix A", "The lowest TSN of the packet that was marked."
    };
    CWR_LOWEST = "Lowest TSN" ["sctp.cwr_lowest_tsn"] {
        "RFC 4960, appendix A", "That of the ECNE that is answered."
    };
}

pub(super) static SACK: Kind = Kind {
    term: &SACK_TERM,
    flags: &[(0x01, &NONCE_SUM)],
    fill: sack,
};

pub(super) static NR_SACK: Kind = Kind {
    term: &NR_SACK_TERM,
    flags: &[(0x01, &NR_NONCE_SUM)],
    fill: nr_sack,
};

pub(super) static ECNE: Kind = Kind {
    term: &ECNE_TERM,
    flags: &[],
    fill: |cursor, _| cursor.u32(&ECNE_LOWEST, unsigned).map(|_| ()),
};

pub(super) static CWR: Kind = Kind {
    term: &CWR_TERM,
    flags: &[],
    fill: |cursor, _| cursor.u32(&CWR_LOWEST, unsigned).map(|_| ()),
};

fn sack(cursor: &mut Cursor<'_, '_>, _: u8) -> Option<()> {
    cursor.u32(&CUMULATIVE, unsigned)?;
    cursor.u32(&WINDOW, unsigned)?;
    let gaps = cursor.u16(&GAP_COUNT, unsigned16)?;
    let duplicates = cursor.u16(&DUPLICATE_COUNT, unsigned16)?;
    check(cursor, &[gaps, duplicates]);
    blocks(cursor, gaps, [&GAP_BLOCK, &GAP_START, &GAP_END]);
    list(cursor, duplicates, &DUPLICATE)
}

fn nr_sack(cursor: &mut Cursor<'_, '_>, _: u8) -> Option<()> {
    cursor.u32(&NR_CUMULATIVE, unsigned)?;
    cursor.u32(&NR_WINDOW, unsigned)?;
    let gaps = cursor.u16(&NR_GAP_COUNT, unsigned16)?;
    let nr_gaps = cursor.u16(&NR_NR_GAP_COUNT, unsigned16)?;
    let duplicates = cursor.u16(&NR_DUPLICATE_COUNT, unsigned16)?;
    cursor.u16(&NR_RESERVED, unsigned16)?;
    check(cursor, &[gaps, nr_gaps, duplicates]);
    blocks(cursor, gaps, [&GAP_BLOCK, &NR_GAP_START, &NR_GAP_END]);
    blocks(cursor, nr_gaps, [&NR_BLOCK, &NR_START, &NR_END]);
    list(cursor, duplicates, &NR_DUPLICATE)
}

/// Says so if the bytes that are left are not these numbers of entries, of 4 bytes each.
fn check(cursor: &mut Cursor<'_, '_>, counts: &[u16]) {
    let entries: usize = counts.iter().map(|&count| usize::from(count)).sum();
    if entries * 4 > cursor.left() {
        cursor.malformed("The chunk has no room for so many blocks and TSNs.");
    }
}

fn blocks(cursor: &mut Cursor<'_, '_>, count: u16, [block, start, end]: [&'static Term; 3]) {
    for _ in 0..count {
        if cursor.rest().is_empty() {
            break;
        }
        cursor.group(block, 4, |inner| {
            let first = inner.u16(start, unsigned16)?;
            let last = inner.u16(end, unsigned16)?;
            if last < first {
                inner.malformed("The block ends before it starts.");
            }
            Some(())
        });
    }
}

fn list(cursor: &mut Cursor<'_, '_>, count: u16, term: &'static Term) -> Option<()> {
    for _ in 0..count {
        if cursor.rest().is_empty() {
            break;
        }
        cursor.u32(term, unsigned)?;
    }
    Some(())
}
