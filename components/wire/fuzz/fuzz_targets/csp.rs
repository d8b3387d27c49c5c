//! Any bytes as a Component Status Protocol report: no panic, and what decodes survives encoding and decoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::csp;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = csp::Report::decode(bytes) {
        let bytes = value.encode();
        let again = csp::Report::decode(&bytes);
        assert_eq!(again.map(|again| again.encode()), Ok(bytes));
    }
});
