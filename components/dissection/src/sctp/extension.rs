//! Chunks of extensions: authentication (RFC 4895) and padding (RFC 4820).

use crate::Value;
use crate::sctp::chunk::Kind;
use crate::sctp::parameter::hmac_name;
use crate::sctp::unsigned16;
use crate::term::terms;

terms! {
    AUTH_TERM = "AUTH" ["sctp"] {
        "RFC 4895, section 4.1",
        "Authenticates the chunks behind it in the packet. A receiver drops chunks that should have been authenticated and are not."
    };
    PAD_TERM = "PAD" ["sctp"] {
        "RFC 4820, section 3", "Makes the packet larger, such as to find out how large packets may be. A receiver ignores it."
    };
    KEY = "Shared Key Identifier" ["sctp.shared_key_id"] {
        "RFC 4895, section 4.1", "Which of the keys that both ends know was used."
    };
    HMAC_IDENTIFIER = "HMAC Identifier" ["sctp.hmac_id"] {
        "RFC 4895, section 4.1", "With which hash function the HMAC was computed."
    };
    HMAC = "HMAC" ["sctp.hmac"] {
        "RFC 4895, section 4.1", "Computed over this chunk, with zeros in this field, and all chunks behind it."
    };
    PADDING_DATA = "Padding Data" ["sctp.padding_data"];
}

pub(super) static AUTH: Kind = Kind {
    term: &AUTH_TERM,
    flags: &[],
    fill: |cursor, _| {
        cursor.u16(&KEY, unsigned16)?;
        cursor.u16(&HMAC_IDENTIFIER, |number| {
            Value::Unsigned(number.into(), hmac_name(number))
        })?;
        cursor.remaining(&HMAC, Value::Bytes);
        Some(())
    },
};

pub(super) static PAD: Kind = Kind {
    term: &PAD_TERM,
    flags: &[],
    fill: |cursor, _| {
        if cursor.left() > 0 {
            cursor.remaining(&PADDING_DATA, Value::Bytes);
        }
        Some(())
    },
};
