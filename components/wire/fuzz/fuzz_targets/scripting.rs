//! Any bytes as messages of the scripting service: no panic, and what decodes survives encoding and decoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::scripting;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = scripting::Message::decode(bytes) {
        let bytes = value.encode();
        let again = scripting::Message::decode(&bytes);
        assert_eq!(again.map(|again| again.encode()), Ok(bytes));
    }
});
