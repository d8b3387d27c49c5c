//! The Component Status Protocol, which UDP carries.

use wire::Ppid;

use crate::cursor::Cursor;
use crate::service::{self, protocol};
use crate::term::terms;
use crate::{Term, Tree, Value};

const MOST: u64 = u64::MAX;

protocol!(
    PROTOCOL = "componentstatusprotocol",
    "rsplib, Component Status Protocol"
);

terms! {
    REPORT = "CSP_REPORT" ["componentstatusprotocol"] {
        "rsplib, Component Status Protocol",
        "A component tells a monitor how it is, every second or so. There is no answer; a component from which nothing comes for \
         several intervals is taken for gone."
    };
    FINAL = "Final (F)" ["componentstatusprotocol.message_final_bit"] {
        "rsplib, Component Status Protocol", "The last report: the component ends, and the monitor forgets it at once."
    };
    VERSION = "Version" ["componentstatusprotocol.message_version"] {
        "rsplib, Component Status Protocol", "0x00000200 is version 2.0, the only one in use."
    };
    SENDER_ID = "Sender ID" ["componentstatusprotocol.message_sender_id"] {
        "rsplib, Component Status Protocol", "The component: its kind in the first byte, then its identifier in ASAP or ENRP."
    };
    SENDER_GROUP = "Group" ["componentstatusprotocol.message_sender_id.group"] {
        "rsplib, Component Status Protocol", "The kind of component."
    };
    SENDER_OBJECT = "Object" ["componentstatusprotocol.message_sender_id.object"] {
        "rsplib, Component Status Protocol", "The identifier of a registrar or pool element; a random number for a pool user."
    };
    TIME_STAMP = "Sender Time Stamp" ["componentstatusprotocol.message_sendertimestamp"] {
        "rsplib, Component Status Protocol", "The time since the first report of the component: how long it has been running."
    };
    INTERVAL = "Report Interval" ["componentstatusprotocol.componentstatusreport_reportinterval"] {
        "rsplib, Component Status Protocol", "When to expect the next report."
    };
    LOCATION = "Location" ["componentstatusprotocol.componentstatusreport_location"] {
        "rsplib, Component Status Protocol", "The name of the host and the component's addresses, for people."
    };
    STATUS = "Status" ["componentstatusprotocol.componentstatusreport_status"] {
        "rsplib, Component Status Protocol", "What the component does, for people."
    };
    WORKLOAD = "Workload" ["componentstatusprotocol.componentstatusreport_workload"] {
        "rsplib, Component Status Protocol",
        "The load of a pool element: 0xfffe stands for all that it can do, 0xffff for not given."
    };
    ASSOCIATIONS = "Associations" ["componentstatusprotocol.componentstatusreport_associations"] {
        "rsplib, Component Status Protocol", "How many entries follow."
    };
    ASSOCIATION = "Association" {
        "rsplib, Component Status Protocol", "A component with which the sender is connected."
    };
    RECEIVER_ID = "Receiver ID" ["componentstatusprotocol.componentassociation_receiver_id"] {
        "rsplib, Component Status Protocol", "The component at the other end; its object is 0 while its identifier is not known."
    };
    RECEIVER_GROUP = "Group" ["componentstatusprotocol.componentassociation_receiver_id.group"] {
        "rsplib, Component Status Protocol", "The kind of component."
    };
    RECEIVER_OBJECT = "Object" ["componentstatusprotocol.componentassociation_receiver_id.object"] {
        "rsplib, Component Status Protocol", "The identifier of a registrar or pool element; 0 while it is not known."
    };
    DURATION = "Duration" ["componentstatusprotocol.componentassociation_duration"] {
        "rsplib, Component Status Protocol", "How long they have been connected."
    };
    ASSOCIATION_FLAGS = "Flags" ["componentstatusprotocol.componentassociation_flags"] {
        "rsplib, Component Status Protocol", "Sent as 0; no flag has a meaning."
    };
    PROTOCOL_ID = "Protocol ID" ["componentstatusprotocol.componentassociation_protocolid"] {
        "rsplib, Component Status Protocol", "The protocol number of IP."
    };
    PPID = "PPID" ["componentstatusprotocol.componentassociation_ppid"] {
        "rsplib, Component Status Protocol", "The payload protocol identifier of what they say to each other."
    };
}

const TEXT: usize = 128;
const ENTRY: usize = 24;

/// Takes a datagram of the Component Status Protocol apart.
pub fn dissect_status_report(bytes: &[u8], tree: &mut Tree) {
    dissect_cut_status_report(bytes, bytes.len(), tree);
}

/// Takes the beginning of a datagram apart that had the length `whole`, of which the capture has only these bytes.
pub fn dissect_cut_status_report(bytes: &[u8], whole: usize, tree: &mut Tree) {
    let mut cursor = Cursor::new(bytes, whole, tree);
    let term = cursor
        .peek()
        .and_then(|[number]| (number == 1).then_some(&REPORT));
    let _taken_apart = service::message(&mut cursor, &PROTOCOL, term, &[(0x01, &FINAL)], |inner, _| {
        report(inner)
    });
    cursor.note_cut();
}

fn report(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    let version = cursor.u32(&VERSION, |version| {
        Value::Hexadecimal(version.into(), 8, (version == 0x200).then_some("2.0"))
    })?;
    if version != 0x200 {
        cursor.malformed("The version is not 2.0.");
    }
    component(cursor, [&SENDER_ID, &SENDER_GROUP, &SENDER_OBJECT])?;
    cursor.u64(&TIME_STAMP, Value::Microseconds)?;
    cursor.u32(&INTERVAL, |span| Value::Microseconds(span.into()))?;
    cursor.field(&LOCATION, TEXT, Value::Text)?;
    cursor.field(&STATUS, TEXT, Value::Text)?;
    cursor.u16(&WORKLOAD, |load| match load {
        u16::MAX => Value::Unsigned(load.into(), Some("not given")),
        load => Value::Share(f64::from(load) / f64::from(0xfffe_u16)),
    })?;
    let count = cursor.u16(&ASSOCIATIONS, |count| Value::Unsigned(count.into(), None))?;
    if usize::from(count) * ENTRY != cursor.left() {
        cursor.malformed("The entries that follow are not as many.");
    }
    for _ in 0..count {
        if cursor.rest().is_empty() {
            break;
        }
        cursor.group(&ASSOCIATION, ENTRY, association);
    }
    Some(())
}

fn association(cursor: &mut Cursor<'_, '_>) -> Option<()> {
    component(cursor, [&RECEIVER_ID, &RECEIVER_GROUP, &RECEIVER_OBJECT])?;
    cursor.u64(&DURATION, |span| match span {
        MOST => Value::Unsigned(span, Some("unknown")),
        span => Value::Microseconds(span),
    })?;
    cursor.u16(&ASSOCIATION_FLAGS, |flags| {
        Value::Hexadecimal(flags.into(), 4, None)
    })?;
    cursor.u16(&PROTOCOL_ID, |number| {
        let name = match number {
            6 => Some("TCP"),
            17 => Some("UDP"),
            132 => Some("SCTP"),
            _ => None,
        };
        Value::Unsigned(number.into(), name)
    })?;
    cursor.u32(&PPID, |ppid| Value::Unsigned(ppid.into(), Ppid(ppid).name()))?;
    Some(())
}

/// Adds the identifier of a component, and its two parts.
fn component(cursor: &mut Cursor<'_, '_>, [whole, group, object]: [&'static Term; 3]) -> Option<()> {
    let Some(bytes) = cursor.peek::<8>() else {
        return cursor.u64(whole, |_| Value::Bytes).map(|_| ());
    };
    let number = u64::from_be_bytes(bytes);
    cursor.parent(whole, 8, Value::Hexadecimal(number, 16, None), |inner| {
        inner.u8(group, |group| {
            let name = match group {
                1 => Some("registrar"),
                2 => Some("pool element"),
                3 => Some("pool user"),
                _ => None,
            };
            Value::Hexadecimal(group.into(), 2, name)
        })?;
        let number = number & 0x00ff_ffff_ffff_ffff;
        inner.field(object, 7, Value::Hexadecimal(number, 14, None))?;
        Some(())
    });
    Some(())
}
