//! The PE checksum (RFC 5353 section 3.7.2, RFC 5354 section 3.15).
