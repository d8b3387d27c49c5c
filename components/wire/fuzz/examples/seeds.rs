//! Writes the test vectors as seeds into the corpus of each target.

use std::error::Error;
use std::fs;
use std::path::Path;

const VECTORS: &str = include_str!("../../tests/vectors/vectors.json");

fn main() -> Result<(), Box<dyn Error>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let vectors: Vec<serde_json::Value> = serde_json::from_str(VECTORS)?;
    for vector in vectors {
        let text = |member: &str| vector[member].as_str().unwrap_or_default();
        let target = match text("protocol") {
            "ASAP" => "asap",
            "ENRP" => "enrp",
            "CSP" => "csp",
            "FGP" => "fgp",
            "PPP" => "ping_pong",
            "CALCAPP" => "calc_app",
            "SSP" => "scripting",
            // A parameter alone is not a message of any protocol.
            _ => continue,
        };
        let bytes: Vec<u8> = text("hex")
            .as_bytes()
            .chunks(2)
            .map(|digits| Ok(u8::from_str_radix(str::from_utf8(digits)?, 16)?))
            .collect::<Result<_, Box<dyn Error>>>()?;
        fs::create_dir_all(corpus.join(target))?;
        fs::write(corpus.join(target).join(text("name")), bytes)?;
    }
    Ok(())
}
