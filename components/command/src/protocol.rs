//! What is asked about the messages and packets of what is shown.

use std::path::PathBuf;

use analysis::{Item, Wanted};
use feed::Timestamp;
use model::ComponentId;

/// A question about the messages of what is shown, or a wish for its packets.
#[derive(Debug, Clone, PartialEq)]
pub enum ProtocolCommand {
    /// Look for the messages that satisfy this. Asked again and again for as long as the answer is looked at: what is not
    /// looked at costs nothing.
    Want(Wanted),
    /// Take this apart; likewise.
    Inspect(Item),
    /// Open Wireshark with packets of the demonstration, while they happen.
    OpenWireshark {
        /// Which packets.
        selection: Selection,
    },
    /// Write the packets of a span of time to a file, as pcapng.
    SaveSpan {
        /// The file; what was there is replaced.
        path: PathBuf,
        /// The time of the first packets.
        from: Timestamp,
        /// The time of the last packets.
        to: Timestamp,
        /// Which packets.
        selection: Selection,
    },
    /// Write a sequence chart to a file.
    SaveChart {
        /// The file: SVG or PNG, by the extension of its name; what was there is replaced.
        path: PathBuf,
        /// The chart.
        chart: Box<ChartFile>,
    },
}

/// A sequence chart that is to be written to a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartFile {
    /// What it shows.
    pub content: ladder::Content,
    /// How it is laid out.
    pub options: ladder::Options,
}

/// Which packets are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// Those of all components.
    #[default]
    All,
    /// Those that these components send and receive.
    Components(Vec<ComponentId>),
    /// Those between two components, as they are seen at the first.
    Link(ComponentId, ComponentId),
}
