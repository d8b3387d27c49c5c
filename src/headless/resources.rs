//! The resource usage of processes: memory and descriptors. Empty where there is no `/proc`.

use std::collections::BTreeMap;

use feed::Timestamp;
use serde::{Deserialize, Serialize};

/// The resource usage of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Usage {
    /// Resident memory in kilobytes.
    pub resident_kb: u64,
    /// Open file descriptors.
    pub descriptors: u64,
}

/// The resource usage of one process over its life.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProcessReport {
    /// The component.
    pub name: String,
    /// Process identifier.
    pub pid: u32,
    /// Time between the first and the last sample, in seconds.
    pub observed_s: f64,
    /// The first sample.
    pub first: Usage,
    /// The last sample.
    pub last: Usage,
    /// The maximum of all samples.
    pub most: Usage,
    #[serde(skip)]
    first_look: Timestamp,
}

/// The resource usage of all processes, bounded.
#[derive(Debug, Default)]
pub(super) struct Resources {
    processes: BTreeMap<u32, ProcessReport>,
}

impl Resources {
    /// The maximum number of processes that are kept.
    const PROCESSES: usize = 20_000;

    /// Adds a sample of a process.
    pub(super) fn sample(&mut self, now: Timestamp, name: &str, pid: u32, usage: Usage) {
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

/// Returns the current resource usage of a process.
pub(super) fn usage(pid: u32) -> Option<Usage> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let resident_kb = resident.trim().strip_suffix("kB")?.trim().parse().ok()?;
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64;
    Some(Usage {
        resident_kb,
        descriptors,
    })
}

/// Returns whether a process is one of our components and alive, excluding zombies.
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
        let sample = |resources: &mut Resources, at| {
            if let Some(usage) = usage(pid) {
                resources.sample(Timestamp::from_micros(at), "test", pid, usage);
            }
        };
        sample(&mut resources, 1_000_000);
        let held = std::fs::File::open("/proc/self/status");
        sample(&mut resources, 3_000_000);
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
