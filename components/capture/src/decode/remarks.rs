//! What is to be said of a message besides what is in it.

use std::fmt::{self, Arguments};

use wire::Ppid;

use crate::{Captured, Carried, Checksum, Message, Protocol, Repeated};

/// Hands over the remarks on how a message travelled and was captured, one after the other.
pub(crate) fn remarks(
    message: &Message<'_>,
    mut say: impl FnMut(Arguments<'_>) -> fmt::Result,
) -> fmt::Result {
    let cut = message.is_cut();
    let captured = message.bytes.len();
    let Some(delivery) = &message.delivery else {
        return if cut { said_of_cut(captured, say) } else { Ok(()) };
    };
    match delivery.repeated {
        Some(Repeated::Retransmission) => say(format_args!("retransmission"))?,
        Some(Repeated::OtherInterface) => say(format_args!("seen at another interface before"))?,
        None => {}
    }
    if delivery.wrong_checksum {
        say(format_args!("wrong checksum: the receiver has discarded it"))?;
    }
    match (delivery.lacks_beginning, delivery.lacks_end) {
        (true, true) => say(format_args!("its beginning and its end are missing"))?,
        (true, false) => say(format_args!("its beginning is missing"))?,
        (false, true) => say(format_args!("its end is missing"))?,
        (false, false) => {}
    }
    if delivery.fragments > 1 {
        let (fragments, first) = (delivery.fragments, delivery.first);
        say(format_args!("{fragments} fragments from frame {first} on"))?;
    }
    if let (Some(sent), Protocol::Payload(Ppid(today))) = (delivery.ppid, message.protocol)
        && sent != today
    {
        say(format_args!("PPID 0x{sent:08x} of an old rsplib"))?;
    }
    if cut { said_of_cut(captured, say) } else { Ok(()) }
}

/// Hands over the remarks on a packet.
pub(crate) fn packet_remarks(
    captured: &Captured<'_>,
    mut say: impl FnMut(Arguments<'_>) -> fmt::Result,
) -> fmt::Result {
    if let Carried::Sctp(sctp) = &captured.carried {
        if let Some((source, destination)) = sctp.udp_ports {
            say(format_args!("over UDP, from port {source} to {destination}"))?;
        }
        if sctp.checksum == Checksum::Wrong {
            say(format_args!("wrong checksum: the receiver has discarded it"))?;
        }
    }
    if let Some(byte) = captured.malformed_at() {
        say(format_args!("the length of the chunk at byte {byte} is wrong"))?;
    }
    if captured.is_cut() {
        said_of_cut(captured.bytes.len(), say)?;
    }
    Ok(())
}

fn said_of_cut(captured: usize, mut say: impl FnMut(Arguments<'_>) -> fmt::Result) -> fmt::Result {
    say(format_args!("the capture has only its first {captured} bytes"))
}
