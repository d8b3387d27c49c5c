//! Puts us among the programs that Wireshark asks for interfaces.

use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why Poolscope cannot be put into Wireshark's list of interfaces, or taken off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// Nobody knows where.
    #[error("there is no home folder: set HOME")]
    NoHome,
    /// The program does not know where it is.
    #[error("the program does not know its own path: {0}")]
    OwnPath(io::Error),
    /// There is something else.
    #[error("{} was not written by Poolscope: move it away", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The folder cannot be written.
    #[error("{} cannot be changed: {why}{advice}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
        /// What to do.
        advice: &'static str,
    },
}

/// Where programs for all users are; which of them may be writable.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Folder {
    path: PathBuf,
    is_personal: bool,
}

const NAME: &str = "poolscope";
const MARK: &str = "# Written by `poolscope extcap --install`; `poolscope extcap --uninstall` removes it.";
const ADVICE: &str = ". Before version 4.2, Wireshark looks only there: run this once as an administrator, or name another \
    folder to Wireshark in WIRESHARK_EXTCAP_DIR";

/// Writes a script into the extcap folder of the user, which starts this program. Returns what was done.
///
/// # Errors
/// Returns an error if it cannot be written.
pub fn install() -> Result<String, InstallError> {
    let program = std::env::current_exe().map_err(InstallError::OwnPath)?;
    let folder = folder()?;
    let file = folder.path.join(NAME);
    if !is_ours_or_none(&file) {
        return Err(InstallError::Foreign { path: file });
    }
    let write = || {
        std::fs::create_dir_all(&folder.path)?;
        whole_file::write(&file, whole_file::IfThere::Replace, script(&program).as_bytes())?;
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755))
    };
    write().map_err(|why| failed(&file, why, &folder))?;
    Ok(format!(
        "{} has been written, which starts {}. Wireshark lists running demonstrations among its interfaces when it is \
         started again, or with F5.",
        file.display(),
        program.display()
    ))
}

/// Removes the script. Returns what was done.
///
/// # Errors
/// Returns an error if it cannot be removed.
pub fn uninstall() -> Result<String, InstallError> {
    let folder = folder()?;
    let file = folder.path.join(NAME);
    if !is_ours_or_none(&file) {
        return Err(InstallError::Foreign { path: file });
    }
    match std::fs::remove_file(&file) {
        Ok(()) => Ok(format!("{} has been removed.", file.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(format!(
            "{} does not exist: there is nothing to remove.",
            file.display()
        )),
        Err(error) => Err(failed(&file, error, &folder)),
    }
}

fn failed(path: &Path, why: io::Error, folder: &Folder) -> InstallError {
    InstallError::Write {
        path: path.to_owned(),
        why,
        advice: if folder.is_personal { "" } else { ADVICE },
    }
}

/// Returns the script. It says nothing if the program is gone: Wireshark would complain at each start.
fn script(program: &Path) -> String {
    let quoted = program.to_string_lossy().replace('\'', r"'\''");
    format!("#!/bin/sh\n{MARK}\n[ -x '{quoted}' ] || exit 0\nexec '{quoted}' extcap \"$@\"\n")
}

fn is_ours_or_none(file: &Path) -> bool {
    match whole_file::read(file, 64 << 10) {
        Ok(content) => String::from_utf8_lossy(&content).contains(MARK),
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

/// Asks Wireshark for its folders; if it is not there, they are where it will look.
fn folder() -> Result<Folder, InstallError> {
    for program in ["tshark", "wireshark"] {
        let asked = Command::new(program)
            .args(["-G", "folders"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        if let Ok(output) = asked
            && let Some(folder) = told(&String::from_utf8_lossy(&output.stdout))
        {
            return Ok(folder);
        }
    }
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    let home = home.ok_or(InstallError::NoHome)?;
    Ok(Folder {
        path: Path::new(&home).join(".local/lib/wireshark/extcap"),
        is_personal: true,
    })
}

/// Finds the folder in what `tshark -G folders` prints: the personal one, or before version 4.2 the only one.
fn told(folders: &str) -> Option<Folder> {
    let named = |name: &str| {
        folders.lines().find_map(|line| {
            let (key, path) = line.split_once(':')?;
            let path = path.trim();
            (key.trim().eq_ignore_ascii_case(name) && !path.is_empty()).then(|| PathBuf::from(path))
        })
    };
    let personal = named("Personal Extcap path");
    let is_personal = personal.is_some();
    let path = personal
        .or_else(|| named("Extcap path"))
        .or_else(|| named("Global Extcap path"))?;
    Some(Folder { path, is_personal })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_personal_folder_is_preferred_and_older_versions_have_none() {
        let newer = "Temp:                  /tmp\nPersonal Extcap path:  /home/me/.local/lib/wireshark/extcap\n\
            Global Extcap path:    /usr/lib/wireshark/extcap\n";
        let older = "Temp:                \t/tmp\nExtcap path:         \t/usr/lib/wireshark/extcap\n";
        let folder = |text| told(text).map(|folder| (folder.path.display().to_string(), folder.is_personal));
        assert_eq!(
            folder(newer),
            Some(("/home/me/.local/lib/wireshark/extcap".to_owned(), true))
        );
        assert_eq!(
            folder(older),
            Some(("/usr/lib/wireshark/extcap".to_owned(), false))
        );
        assert_eq!(folder("nothing: /of\nthe kind"), None);
    }

    #[test]
    fn paths_with_quotes_are_quoted() {
        let script = script(Path::new("/it's/here"));
        assert!(script.contains(r"exec '/it'\''s/here' extcap"), "{script}");
    }
}
