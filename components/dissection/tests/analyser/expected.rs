//! What the analyser says of a field.

use roxmltree::Node;

/// A field as the analyser sees it.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) name: String,
    /// Where it is in the packet.
    pub(crate) at: usize,
    pub(crate) size: usize,
    /// Its value, for people.
    pub(crate) show: String,
    /// Its bytes in hexadecimal digits; those of a bit are 0 or 1.
    pub(crate) value: String,
    is_hidden: bool,
}

/// Why a field of the analyser is not in our tree.
pub(crate) struct Excuse {
    name: &'static str,
    pub(crate) why: &'static str,
}

const fn excuse(name: &'static str, why: &'static str) -> Excuse {
    Excuse { name, why }
}

/// The fields that only the analyser has.
const EXCUSES: &[Excuse] = &[
    excuse(
        "sctp.assoc_index",
        "which association it is, by all packets of the file",
    ),
    excuse(
        "sctp.checksum.status",
        "no field; compared as the meaning of the checksum",
    ),
    excuse(
        "sctp.data_tsn",
        "the absolute TSN once more, less the initial one of the association",
    ),
    excuse(
        "sctp.sack_cumulative_tsn_ack",
        "the absolute TSN once more, less the initial one of the association",
    ),
    excuse(
        "sctp.sack_gap_block_start_tsn",
        "the cumulative TSN plus the start of the block",
    ),
    excuse(
        "sctp.sack_gap_block_end_tsn",
        "the cumulative TSN plus the end of the block",
    ),
    excuse("sctp.sack_number_of_tsns_gap_acked", "the sum of all blocks"),
    excuse(
        "sctp.nr_sack_gap_block_start_tsn",
        "the cumulative TSN plus the start of the block",
    ),
    excuse(
        "sctp.nr_sack_gap_block_end_tsn",
        "the cumulative TSN plus the end of the block",
    ),
    excuse(
        "sctp.nr_sack_nr_gap_block_start_tsn",
        "the cumulative TSN plus the start of the block",
    ),
    excuse(
        "sctp.nr_sack_nr_gap_block_end_tsn",
        "the cumulative TSN plus the end of the block",
    ),
    excuse("sctp.nr_sack_number_of_tsns_gap_acked", "the sum of all blocks"),
    excuse(
        "sctp.nr_sack_number_of_tsns_nr_gap_acked",
        "the sum of all blocks",
    ),
    excuse("sctp.retransmission", "by other packets of the file"),
    excuse("sctp.retransmission.expert", "by other packets of the file"),
    excuse(
        "sctp.retransmission.more_than_twice",
        "by other packets of the file",
    ),
    excuse("sctp.retransmission_time", "by other packets of the file"),
    excuse("sctp.retransmitted", "by other packets of the file"),
    excuse("sctp.retransmitted_count", "by other packets of the file"),
    excuse("sctp.retransmitted_after_ack", "by other packets of the file"),
    excuse(
        "sctp.retransmitted_after_ack.expert",
        "by other packets of the file",
    ),
    excuse("sctp.acked", "by other packets of the file"),
    excuse("sctp.ack", "by other packets of the file"),
    excuse("sctp.ack_frame", "by other packets of the file"),
    excuse("sctp.data_rtt", "by other packets of the file"),
    excuse("sctp.sack_rtt", "by other packets of the file"),
    excuse("sctp.fragments", "by other packets of the file"),
    excuse("sctp.fragment", "by other packets of the file"),
    excuse("sctp.reassembled_in", "by other packets of the file"),
    excuse("sctp.duplicate", "by other packets of the file"),
    excuse("sctp.sack_a_rwnd.expert", "an opinion, not a field"),
    excuse(
        "sctp.sack_number_of_tsns_gap_acked.100",
        "an opinion, not a field",
    ),
    excuse("sctp.parameter_padding.expert", "an opinion, not a field"),
    excuse("sctp.checksum_bad.expert", "an opinion, not a field"),
];

impl Expected {
    /// Returns why we do not have the field, if there is a reason.
    pub(crate) fn excuse(&self) -> Option<&'static Excuse> {
        const HIDDEN: &Excuse = &excuse(
            "",
            "hidden by the analyser: another field once more, by a name for searching",
        );
        let known = EXCUSES.iter().find(|excuse| excuse.name == self.name);
        known.or_else(|| self.is_hidden.then_some(HIDDEN))
    }
}

/// Returns the name of a protocol or field.
pub(crate) fn name<'a>(node: Node<'a, '_>) -> &'a str {
    node.attribute("name").unwrap_or_default()
}

/// Returns a number that the analyser says of a protocol or field.
pub(crate) fn number(node: Node<'_, '_>, attribute: &str) -> usize {
    node.attribute(attribute).unwrap().parse().unwrap()
}

/// Returns all fields of a protocol that have a name of its own; what only groups them has none.
pub(crate) fn fields(protocol: Node<'_, '_>) -> Vec<Expected> {
    let prefix = format!("{}.", name(protocol));
    let fields = protocol
        .descendants()
        .filter(|node| node.has_tag_name("field") && name(*node).starts_with(&prefix));
    fields
        .map(|node| Expected {
            name: name(node).to_owned(),
            at: number(node, "pos"),
            size: number(node, "size"),
            show: node.attribute("show").unwrap_or_default().to_owned(),
            value: node.attribute("value").unwrap_or_default().to_owned(),
            is_hidden: node.attribute("hide") == Some("yes"),
        })
        .collect()
}

/// Returns the bytes of a message from those of its fields.
pub(crate) fn filled(fields: &[Expected], at: usize, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    for field in fields.iter().filter(|field| field.value.len() == 2 * field.size) {
        let begin = field.at - at;
        bytes[begin..begin + field.size].copy_from_slice(&unhex(&field.value));
    }
    bytes
}

/// Returns the bytes that these hexadecimal digits stand for.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
