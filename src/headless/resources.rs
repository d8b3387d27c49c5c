//! What processes use, as the system tells: memory and descriptors. Nothing where there is no `/proc`.

use std::collections::BTreeMap;

use feed::Timestamp;
use serde::Serialize;

/// What a process uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Usage {
    /// Resident memory, kilobytes.
    pub resident_kb: u64,
    /// Open descriptors.
    pub descriptors: u64,
}

/// What one process used over its life.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProcessReport {
    /// The component.
    pub name: String,
    /// Process identifier.
    pub pid: u32,
    /// Between the first and the last look, seconds.
    pub observed_s: f64,
    /// At the first look.
    pub first: Usage,
    /// At the last look.
    pub last: Usage,
    /// The most at any look.
    pub most: Usage,
    #[serde(skip)]
    first_look: Timestamp,
}

/// What all processes used, bounded.
#[derive(Debug, Default)]
pub(super) struct Resources {
    processes: BTreeMap<u32, ProcessReport>,
}

impl Resources {
    /// The most processes that are kept.
    const PROCESSES: usize = 20_000;

    /// Looks at a process.
    pub(super) fn sample(&mut self, now: Timestamp, name: &str, pid: u32) {
        let Some(usage) = usage(pid) else { return };
        if self.processes.len() >= Self::PROCESSES && !self.processes.contains_key(&pid) {
            return;
        }
        let process = self.processes.entry(pid).or_insert_with(|| ProcessReport {
            name: name.to_owned(),
            pid,
            observed_s: 0.0,
            first: usage,
            last: usage,
            most: usage,
            first_look: now,
        });
        process.observed_s = (now - process.first_look).as_secs_f64();
        process.last = usage;
        process.most.resident_kb = process.most.resident_kb.max(usage.resident_kb);
        process.most.descriptors = process.most.descriptors.max(usage.descriptors);
    }

    pub(super) fn report(self) -> Vec<ProcessReport> {
        self.processes.into_values().collect()
    }
}

/// What a process uses now.
fn usage(pid: u32) -> Option<Usage> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let resident_kb = resident.trim().strip_suffix("kB")?.trim().parse().ok()?;
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64;
    Some(Usage {
        resident_kb,
        descriptors,
    })
}

/// Whether a process is one of our components and lives, zombies left out.
pub(super) fn is_component(pid: u32) -> bool {
    let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    words.split(|byte| *byte == 0).any(|word| word == b"--feed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_descriptors() {
        let mut resources = Resources::default();
        let pid = std::process::id();
        resources.sample(Timestamp::from_micros(1_000_000), "test", pid);
        let held = std::fs::File::open("/proc/self/status");
        resources.sample(Timestamp::from_micros(3_000_000), "test", pid);
        drop(held);
        if !cfg!(target_os = "linux") {
            return;
        }
        let report = resources.report();
        assert_eq!((report.len(), report[0].observed_s), (1, 2.0));
        assert!(report[0].first.resident_kb > 100);
        assert!(report[0].most.descriptors >= report[0].first.descriptors);
        assert!(!is_component(pid));
    }
}
