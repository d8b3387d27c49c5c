//! Checksums, which keep random bytes out.

/// Makes the checksums of all our blocks right.
pub(crate) fn corrected(bytes: &[u8]) -> Vec<u8> {
    const MAGIC: &[u8] = b"POOLSCOPE";
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() {
        if !bytes[at..].starts_with(MAGIC) {
            continue;
        }
        let Some(block) = bytes.get_mut(at..).filter(|block| block.len() >= 20) else {
            continue;
        };
        let length = u32::from_le_bytes([block[12], block[13], block[14], block[15]]) as usize;
        let Some(block) = length.checked_add(20).and_then(|size| block.get_mut(..size)) else {
            continue;
        };
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&block[9..16]), &block[20..]);
        block[16..20].copy_from_slice(&checksum.to_le_bytes());
    }
    bytes
}
