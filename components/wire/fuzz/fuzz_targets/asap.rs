//! Any bytes as ASAP: no panic, and what decodes survives encoding and decoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::asap;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(decoded) = asap::Message::decode(bytes) {
        let _line = decoded.message.to_string();
        let again = asap::Message::decode(&decoded.message.encode()).map(|again| again.message);
        assert_eq!(again, Ok(decoded.message));
    }
});
