//! A demonstration that is none: it shows in Wireshark what one would show.
//!
//! - `demonstration serve`: serves packets, until its standard input ends.
//! - `demonstration open`: opens Wireshark with them, until it is closed.
//! - `demonstration extcap ...`: what Wireshark starts.

mod synthetic;

use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Parser, Subcommand};
use feed::Timestamp;
use live_capture::{Description, Ending, ExtcapArgs, Hub, Selection, Server, Wireshark, extcap};

#[derive(Debug, Parser)]
struct Program {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Serves packets, until its standard input ends
    Serve,
    /// Opens Wireshark with them, until it is closed
    Open,
    /// What Wireshark starts
    Extcap(ExtcapArgs),
}

/// How often components are read.
const ROUND: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let done = match Program::parse().what {
        What::Serve => serve(),
        What::Open => open(),
        What::Extcap(args) => extcap::run(&args, &mut std::io::stdout()).map_err(|error| error.to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), String> {
    let hub = Hub::new("Demonstration of nothing");
    let description = Description {
        program: "Demonstration of nothing".to_owned(),
        scenario: "Nothing {much}".to_owned(),
        started: Timestamp::now(),
    };
    let server = Server::start(hub.clone(), description).map_err(|error| error.to_string())?;
    println!("{} {}", std::process::id(), server.path().display());
    std::io::stdout().flush().map_err(|error| error.to_string())?;
    happen(&hub, || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
    });
    drop(server);
    hub.finish();
    Ok(())
}

fn open() -> Result<(), String> {
    let hub = Hub::new("Demonstration of nothing");
    let wireshark = Wireshark::find().map_err(|error| error.to_string())?;
    let opened = wireshark
        .open(&hub, Selection::Everything, "All packets of 100% of nothing")
        .map_err(|error| error.to_string())?;
    let mut ending = Ending::Closed;
    happen(&hub, || ending = opened.wait());
    match ending {
        Ending::Closed => Ok(()),
        Ending::Failed { why } => Err(why),
    }
}

/// Lets packets happen until something else is done.
fn happen(hub: &Hub, until: impl FnOnce()) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            synthetic::name(hub);
            let mut exchange = synthetic::Exchange::new();
            while !done.load(Ordering::Acquire) {
                for (component, packets) in exchange.round() {
                    hub.write(component, 0, &packets);
                }
                hub.comment(Timestamp::now(), Some(synthetic::ELEMENT), "a comment");
                std::thread::park_timeout(ROUND);
            }
        });
        until();
        done.store(true, Ordering::Release);
    });
}
