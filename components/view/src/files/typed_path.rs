//! What people type or paste for a path: a bare name, a home folder, quotes, or an address.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// Resolves a typed path: `~` is the home folder, quotes around it and `file://` before it do not count, and a bare name
/// refers to the folder of scenarios.
pub(super) fn resolve(typed: &str, folder: Option<&Path>) -> PathBuf {
    resolve_from(typed, folder, std::env::home_dir().as_deref())
}

/// Resolves a typed path of any file; a bare name refers to the working directory.
pub(super) fn resolve_as_typed(typed: &str) -> PathBuf {
    let typed = unquoted(typed.trim());
    of_address(typed).unwrap_or_else(|| at_home(typed, std::env::home_dir().as_deref()))
}

fn at_home(typed: &str, home: Option<&Path>) -> PathBuf {
    match (typed.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(typed),
    }
}

fn resolve_from(typed: &str, folder: Option<&Path>, home: Option<&Path>) -> PathBuf {
    let typed = unquoted(typed.trim());
    if let Some(path) = of_address(typed) {
        return path;
    }
    let mut path = at_home(typed, home);
    if typed == "~" {
        return path;
    }
    if path.extension().is_none() {
        path.set_extension("json");
    }
    if typed.contains(['/', '\\']) {
        return path;
    }
    folder.map_or(path.clone(), |folder| folder.join(path))
}

/// Removes quotes, as terminals and file managers put around paths with spaces.
fn unquoted(typed: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| typed.strip_prefix(quote)?.strip_suffix(quote))
        .map_or(typed, str::trim)
}

/// Returns the path of a `file` address on this host, as browsers and file managers copy it.
fn of_address(typed: &str) -> Option<PathBuf> {
    let scheme = typed
        .get(..5)
        .filter(|scheme| scheme.eq_ignore_ascii_case("file:"))?;
    let rest = typed.get(scheme.len()..)?;
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => rest,
    };
    let decoded = percent_decode_str(path.starts_with('/').then_some(path)?);
    Some(PathBuf::from(decoded.decode_utf8().ok()?.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_understood_as_people_write_them() {
        let folder = Some(Path::new("demo-scenarios"));
        let home = Some(Path::new("/home/me"));
        for (typed, meant) in [
            ("mine", "demo-scenarios/mine.json"),
            (" mine.json ", "demo-scenarios/mine.json"),
            ("elsewhere/mine", "elsewhere/mine.json"),
            ("/tmp/mine.json", "/tmp/mine.json"),
            ("~/mine.json", "/home/me/mine.json"),
            ("~/a folder/mine", "/home/me/a folder/mine.json"),
            ("'/tmp/with space.json'", "/tmp/with space.json"),
            ("\"/tmp/with space.json\"", "/tmp/with space.json"),
            ("file:///tmp/with%20space.json", "/tmp/with space.json"),
            ("file://localhost/tmp/%C3%BC.json", "/tmp/\u{fc}.json"),
            ("FILE:/tmp/mine.json", "/tmp/mine.json"),
            ("'file:///tmp/mine.json'", "/tmp/mine.json"),
            ("100%.json", "demo-scenarios/100%.json"),
        ] {
            assert_eq!(resolve_from(typed, folder, home), PathBuf::from(meant), "{typed}");
        }
    }
}
