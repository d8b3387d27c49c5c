//! The state of a process according to the system.

use model::SystemState;

/// Asks the system for the state of a process.
pub(crate) fn system_state(pid: u32) -> SystemState {
    // Other systems have no such file.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.map_or(SystemState::Unknown, |stat| parse(&stat))
}

/// The state follows the program's name, which may contain anything, in parentheses (proc(5)).
fn parse(stat: &str) -> SystemState {
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    match state {
        Some('R') => SystemState::Running,
        Some('S' | 'I') => SystemState::Waiting,
        Some('D') => SystemState::Blocked,
        Some('T') => SystemState::Stopped,
        Some('t') => SystemState::Traced,
        Some('Z' | 'X') => SystemState::Ended,
        _ => SystemState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_program_is_no_obstacle() {
        assert_eq!(parse("7 (a) T (b)) T 1 7"), SystemState::Stopped);
        assert_eq!(parse("7 (poolscope) S 1 7"), SystemState::Waiting);
        assert_eq!(parse(""), SystemState::Unknown);
    }

    #[test]
    fn a_process_that_asks_runs() {
        let expected = if cfg!(target_os = "linux") {
            // The main thread waits while the tests run.
            [SystemState::Running, SystemState::Waiting].as_slice()
        } else {
            &[SystemState::Unknown]
        };
        assert!(expected.contains(&system_state(std::process::id())));
        assert_eq!(system_state(u32::MAX), SystemState::Unknown);
    }
}
