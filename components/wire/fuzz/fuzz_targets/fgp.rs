//! Any bytes as fractal generator messages and state cookies: no panic, and what decodes survives encoding and
//! decoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::fractal_generator;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = fractal_generator::Message::decode(bytes) {
        let bytes = value.encode();
        let again = fractal_generator::Message::decode(&bytes);
        assert_eq!(again.map(|again| again.encode()), Ok(bytes));
    }
    if let Ok(value) = fractal_generator::StateCookie::decode(bytes) {
        let bytes = value.encode();
        let again = fractal_generator::StateCookie::decode(&bytes);
        assert_eq!(again.map(|again| again.encode()), Ok(bytes));
    }
});
