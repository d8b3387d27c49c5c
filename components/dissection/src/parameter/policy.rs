//! The Pool Member Selection Policy parameter (RFC 5354 section 3.8, RFC 5356, and policies of rsplib).

use crate::cursor::Cursor;
use crate::term::{Protocol, Shared, shared_terms};
use crate::{NoteKind, Value};

shared_terms! {
    POLICY = "Pool Member Selection Policy" {
        "RFC 5354, section 3.8",
        "By which rule a registrar orders the pool elements of an answer, with the pool element's own data for it. The first pool \
         element of a pool decides on the rule; others register with the same one or are refused."
    };
    TYPE = "Policy Type" ["pool_member_selection_policy_type"] {
        "RFC 5356, section 7.1",
        "Bit 31 stands for private policies, bit 30 for adaptive ones, which need to know the load. rsplib's own ones have bit 30 \
         clear although most are adaptive."
    };
    WEIGHT = "Policy Weight" ["pool_member_selection_policy_weight"] {
        "RFC 5356, section 4.2",
        "The share of the requests that the pool element gets, in proportion to the weights of the others. 0 gets none."
    };
    PRIORITY = "Policy Priority" ["pool_member_selection_policy_priority"] {
        "RFC 5356, section 4.5", "The pool elements of the largest priority are selected, as long as there are any."
    };
    LOAD = "Policy Load" ["pool_member_selection_policy_load"] {
        "RFC 5356, section 5.1",
        "How busy the pool element is: 0 is idle, 0xffffffff is all that it can do. It registers again when that changes."
    };
    DEGRADATION = "Policy Load Degradation" ["pool_member_selection_policy_degradation"] {
        "RFC 5356, section 5.2",
        "By how much one more session raises the load. A registrar adds it at each selection, until the pool element tells its real \
         load; without it, all users would run to the same one in between.", "D-31"
    };
    LOAD_DPF = "Load Distance Penalty Factor" ["pool_member_selection_policy_load_dpf"] {
        "rsplib", "What each millisecond of distance counts as load, as a share of 0xffffffff."
    };
    WEIGHT_DPF = "Weight Distance Penalty Factor" ["pool_member_selection_policy_weight_dpf"] {
        "rsplib", "What each millisecond of distance takes away from the weight, as a share of 0xffffffff."
    };
    DISTANCE = "Distance" ["pool_member_selection_policy_distance"] {
        "rsplib",
        "The one-way delay in milliseconds between registrar and pool element. Pool elements send 0; registrars fill it in.", "D-35"
    };
    DATA = "Policy Value" ["pool_member_selection_policy_value"] {
        "RFC 5356, section 7.1", "What a policy of an unknown type needs to know cannot be taken apart."
    };
}

/// One data word of a policy.
#[derive(Clone, Copy)]
enum Word {
    Weight,
    Priority,
    Load,
    Degradation,
    LoadDpf,
    WeightDpf,
    Distance,
}

impl Word {
    const fn term(self) -> &'static Shared {
        match self {
            Self::Weight => &WEIGHT,
            Self::Priority => &PRIORITY,
            Self::Load => &LOAD,
            Self::Degradation => &DEGRADATION,
            Self::LoadDpf => &LOAD_DPF,
            Self::WeightDpf => &WEIGHT_DPF,
            Self::Distance => &DISTANCE,
        }
    }

    fn value(self, number: u32) -> Value {
        match self {
            Self::Weight | Self::Priority | Self::Distance => Value::Unsigned(number.into(), None),
            Self::Load | Self::Degradation | Self::LoadDpf | Self::WeightDpf => {
                Value::Share(f64::from(number) / f64::from(u32::MAX))
            }
        }
    }
}

/// Returns the name and the data words of a policy; `None` if it is unknown or has no format.
fn kind(number: u32) -> Option<(&'static str, &'static [Word])> {
    use Word::{Degradation, Distance, Load, LoadDpf, Priority, Weight, WeightDpf};
    Some(match number {
        0x0000_0001 => ("Round Robin", &[]),
        0x0000_0002 => ("Weighted Round Robin", &[Weight]),
        0x0000_0003 => ("Random", &[]),
        0x0000_0004 => ("Weighted Random", &[Weight]),
        0x0000_0005 => ("Priority", &[Priority]),
        0x4000_0001 => ("Least Used", &[Load]),
        0x4000_0002 => ("Least Used with Degradation", &[Load, Degradation]),
        0x4000_0003 => ("Priority Least Used", &[Load, Degradation]),
        0x4000_0004 => ("Randomized Least Used", &[Load]),
        0xb000_1001 => ("Randomized Priority Least Used", &[Load, Degradation]),
        0xb000_1002 => ("Randomized Least Used with Degradation", &[Load, Degradation]),
        0xb000_1003 => ("Priority Least Used with Degradation", &[Load, Degradation]),
        0xb000_1004 => (
            "Randomized Priority Least Used with Degradation",
            &[Load, Degradation],
        ),
        0xb000_2001 => ("Weighted Random DPF", &[Weight, WeightDpf, Distance]),
        0xb000_2002 => ("Least Used DPF", &[Load, LoadDpf, Distance]),
        0xb000_2003 => (
            "Least Used with Degradation DPF",
            &[Load, Degradation, LoadDpf, Distance],
        ),
        _ => return None,
    })
}

/// Adds the value of a policy parameter.
pub(super) fn fill(cursor: &mut Cursor<'_, '_>, protocol: Protocol) -> Option<()> {
    let number = cursor.u32(TYPE.of(protocol), |number| {
        Value::Hexadecimal(number.into(), 8, kind(number).map(|(name, _)| name))
    })?;
    let Some((_, words)) = kind(number) else {
        cursor.note(
            cursor.last(),
            NoteKind::Unknown,
            "Unknown policy; a registrar that does not know it refuses the registration.",
        );
        if cursor.left() > 0 {
            cursor.remaining(DATA.of(protocol), Value::Bytes);
        }
        return Some(());
    };
    for &word in words {
        cursor.u32(word.term().of(protocol), |number| word.value(number))?;
    }
    Some(())
}
