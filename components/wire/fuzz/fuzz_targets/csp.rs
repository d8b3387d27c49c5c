//! Any bytes as a report of the Component Status Protocol: no panic, and what decodes comes back from its own bytes.

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
