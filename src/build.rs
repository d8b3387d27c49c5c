//! Linker options.

use std::env;
use std::process::Command;

/// The first version of the GNU C library that can start programs with packed relocations.
const FIRST_WITH_PACKED_RELOCATIONS: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    // Without packed relocations, each component reads megabytes of relocations of the window's libraries when it
    // starts, and keeps them resident.
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|set| set == value);
    let builds_for_itself = env::var("HOST") == env::var("TARGET");
    if is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && builds_for_itself
        && library_version().is_some_and(|version| version >= FIRST_WITH_PACKED_RELOCATIONS)
    {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Parses the version of the C library from a line such as `glibc 2.36`.
fn library_version() -> Option<(u32, u32)> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().rsplit(' ').next()?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
