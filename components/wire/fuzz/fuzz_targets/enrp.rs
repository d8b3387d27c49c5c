//! Any bytes as ENRP: no panic, and what decodes survives encoding and decoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::enrp;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(decoded) = enrp::Message::decode(bytes) {
        let _line = decoded.message.to_string();
        let again = enrp::Message::decode(&decoded.message.encode()).map(|again| again.message);
        assert_eq!(again, Ok(decoded.message));
    }
});
