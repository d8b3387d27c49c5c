//! Any bytes as ping-pong messages and state cookies: no panic, and what decodes survives encoding and decoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::ping_pong;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = ping_pong::Message::decode(bytes) {
        let bytes = value.encode();
        let again = ping_pong::Message::decode(&bytes);
        assert_eq!(again.map(|again| again.encode()), Ok(bytes));
    }
    if let Ok(value) = ping_pong::StateCookie::decode(bytes) {
        let bytes = value.encode();
        let again = ping_pong::StateCookie::decode(&bytes);
        assert_eq!(again.map(|again| again.encode()), Ok(bytes));
    }
});
