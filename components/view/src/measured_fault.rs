//! Faults with a measure, as the palette offers them: each in a few usual strengths.

use feed::{Affected, Impairment, LinkTarget};

use command::{Command, links};
use model::Component;
use scenario::{RandomFault, RandomFaults, Who};

/// A fault with its measure, or the end of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasuredFault {
    /// Loses this percentage of the packets on all links.
    Loss(u8),
    /// Loses a fifth of the packets on all links, so many in a row on average.
    Bursts(u8),
    /// Limits the rate of all links to so many kilobits per second; 0 is no limit.
    Rate(u16),
    /// Flips a bit in this percentage of the packets on all links.
    Corruption(u8),
    /// Loses so many packets on all links at first.
    FirstLost(u8),
    /// Loses everything in one direction only.
    OneWay(Affected),
    /// Delays the packets on all links by so many milliseconds.
    Delay(u16),
    /// Varies the delay by so many milliseconds.
    Jitter(u16),
    /// Ends the faults on all links.
    GoodLinks,
    /// Breaks each session of a pool element after so many messages; 0 is never.
    FailAfter(u16),
    /// Limits each session of a pool element to so many million iterations per second; 0 is no limit.
    Capacity(u16),
    /// Begins random up- and down-times.
    BeginRandom,
    /// Ends random up- and down-times.
    EndRandom,
}

impl MeasuredFault {
    /// All faults and strengths, in palette order.
    pub const ALL: [Self; 28] = [
        Self::Loss(5),
        Self::Loss(20),
        Self::Loss(50),
        Self::Loss(0),
        Self::Bursts(10),
        Self::Rate(64),
        Self::Rate(0),
        Self::Corruption(5),
        Self::Corruption(0),
        Self::FirstLost(10),
        Self::OneWay(Affected::Sent),
        Self::OneWay(Affected::Received),
        Self::Delay(50),
        Self::Delay(200),
        Self::Delay(0),
        Self::Jitter(20),
        Self::Jitter(100),
        Self::Jitter(0),
        Self::GoodLinks,
        Self::FailAfter(10),
        Self::FailAfter(100),
        Self::FailAfter(1_000),
        Self::FailAfter(0),
        Self::Capacity(1),
        Self::Capacity(10),
        Self::Capacity(0),
        Self::BeginRandom,
        Self::EndRandom,
    ];

    /// Returns whether the fault is applicable to a component in its current state.
    #[must_use]
    pub fn applies_to(self, component: &Component, has_random: bool) -> bool {
        let alive = component.process.is_alive();
        let links = links::impairment_of_all(component);
        match self {
            Self::Loss(0) => alive && links.loss > 0.0,
            Self::Delay(0) => alive && links.delay_ms > 0.0,
            Self::Jitter(0) => alive && links.jitter_ms > 0.0,
            Self::Rate(0) => alive && links.rate_kbit_s > 0.0,
            Self::Corruption(0) => alive && links.corruption > 0.0,
            Self::Bursts(_) | Self::Rate(_) | Self::Corruption(_) | Self::FirstLost(_) | Self::OneWay(_) => {
                alive
            }
            Self::GoodLinks => alive && !links.is_none(),
            Self::Loss(_) | Self::Delay(_) | Self::Jitter(_) => alive,
            Self::FailAfter(_) => alive && component.limits.fail_after.is_some(),
            Self::Capacity(_) => alive && component.limits.iterations_per_second.is_some(),
            Self::BeginRandom => !has_random,
            Self::EndRandom => has_random,
        }
    }

    /// Returns the name of the action.
    #[must_use]
    pub fn name(self, component: &Component) -> String {
        let name = &component.name;
        match self {
            Self::Loss(0) => format!("No loss on the links of {name}"),
            Self::Loss(percent) => format!("Loss: {percent} % on all links of {name}"),
            Self::Bursts(packets) => {
                format!("Loss in bursts of {packets} packets: 20 % on all links of {name}")
            }
            Self::Rate(0) => format!("No limit to the rate of the links of {name}"),
            Self::Rate(kbit_s) => format!("Rate: {kbit_s} kbit/s on all links of {name}"),
            Self::Corruption(0) => format!("No corruption on the links of {name}"),
            Self::Corruption(percent) => format!("Corruption: {percent} % on all links of {name}"),
            Self::FirstLost(packets) => format!("First {packets} packets lost on all links of {name}"),
            Self::OneWay(Affected::Received) => format!("One direction: cut all that {name} receives"),
            Self::OneWay(_) => format!("One direction: cut all that {name} sends"),
            Self::Delay(0) => format!("No delay on the links of {name}"),
            Self::Delay(ms) => format!("Delay: {ms} ms on all links of {name}"),
            Self::Jitter(0) => format!("No jitter on the links of {name}"),
            Self::Jitter(ms) => format!("Jitter: {ms} ms on all links of {name}"),
            Self::GoodLinks => format!("Good links for {name}: no loss, delay or jitter"),
            Self::FailAfter(0) => format!("Fail after: never for {name}"),
            Self::FailAfter(messages) => format!("Fail after {messages} messages: {name}"),
            Self::Capacity(0) => format!("Capacity without limit: {name}"),
            Self::Capacity(millions) => format!("Capacity {millions} M iterations/s: {name}"),
            Self::BeginRandom => format!("Begin random faults of {name}"),
            Self::EndRandom => format!("End the random faults of {name}"),
        }
    }

    /// Returns the command for a component.
    #[must_use]
    pub fn command(self, component: &Component) -> Command {
        let id = component.id;
        let before = links::impairment_of_all(component);
        let impair = |impairment| Command::Impair(id, LinkTarget::All, impairment);
        match self {
            Self::Loss(percent) => impair(Impairment {
                loss: f64::from(percent) / 100.0,
                ..before
            }),
            Self::Bursts(packets) => impair(Impairment {
                loss: 0.2,
                burst: packets.into(),
                ..before
            }),
            Self::Rate(kbit_s) => impair(Impairment {
                rate_kbit_s: kbit_s.into(),
                ..before
            }),
            Self::Corruption(percent) => impair(Impairment {
                corruption: f64::from(percent) / 100.0,
                ..before
            }),
            Self::FirstLost(packets) => impair(Impairment {
                first_lost: packets.into(),
                ..before
            }),
            Self::OneWay(direction) => impair(Impairment {
                direction,
                ..Impairment::UNPLUGGED
            }),
            Self::Delay(ms) => impair(Impairment {
                delay_ms: ms.into(),
                ..before
            }),
            Self::Jitter(ms) => impair(Impairment {
                jitter_ms: ms.into(),
                ..before
            }),
            Self::GoodLinks => impair(Impairment::default()),
            Self::FailAfter(messages) => {
                let messages = messages.into();
                Command::Send(id, feed::Command::FailAfter { messages })
            }
            Self::Capacity(millions) => {
                let iterations_per_second = u64::from(millions) * 1_000_000;
                Command::Send(
                    id,
                    feed::Command::SetCapacity {
                        iterations_per_second,
                    },
                )
            }
            Self::BeginRandom => Command::BeginRandomFaults(RandomFaults {
                of: Who::Named(vec![component.name.clone()]),
                mean_up_s: 15.0,
                mean_down_s: 4.0,
                for_s: None,
                faults: vec![RandomFault::Kill, RandomFault::Freeze, RandomFault::Unplug],
                keep_up: Some(0),
            }),
            Self::EndRandom => Command::EndRandomFaults(id),
        }
    }
}
