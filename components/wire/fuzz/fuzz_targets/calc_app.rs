//! Any bytes as CalcApp messages and state cookies: no panic, and what decodes survives encoding and decoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::calc_app;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = calc_app::Message::decode(bytes) {
        let bytes = value.encode();
        let again = calc_app::Message::decode(&bytes);
        assert_eq!(again.map(|again| again.encode()), Ok(bytes));
    }
    if let Ok(value) = calc_app::StateCookie::decode(bytes) {
        let bytes = value.encode();
        let again = calc_app::StateCookie::decode(&bytes);
        assert_eq!(again.map(|again| again.encode()), Ok(bytes));
    }
});
