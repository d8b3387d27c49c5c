//! Inputs from outside the protocols: commands, signals, and results of the component's worker threads.

use std::io::{BufRead, Read};
use std::time::Duration;

use feed::Command;
use interruption::Interruption;
use tokio::sync::mpsc;

/// An input.
#[derive(Debug, Clone, PartialEq)]
pub enum Input<Work> {
    /// A command from the control centre.
    Command(Command),
    /// A line on standard input that is not a command, with the reason.
    Rubbish(String),
    /// Standard input has ended: the parent process is gone, or wants the component to stop.
    EndOfCommands,
    /// SIGINT, SIGTERM or SIGHUP.
    Signal,
    /// A result of the component's own worker threads.
    Work(Work),
}

/// The capacity of the input queue.
pub(crate) const QUEUE: usize = 256;

/// The maximum length of a command, in bytes.
const LONGEST_LINE: u64 = 64 << 10;

/// Reads commands from standard input until its end, in a thread of its own.
///
/// # Errors
/// Returns an error if the thread cannot be started.
pub(crate) fn read_commands<Work: Send + 'static>(
    stream: impl Read + Send + 'static,
    inputs: mpsc::Sender<Input<Work>>,
) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name("commands".into())
        .stack_size(128 << 10)
        .spawn(move || {
            let mut stream = std::io::BufReader::with_capacity(4096, stream);
            while let Some(input) = next_command(&mut stream) {
                if inputs.blocking_send(input).is_err() {
                    return;
                }
            }
            let _ = inputs.blocking_send(Input::EndOfCommands);
        })?;
    Ok(())
}

fn next_command<Work>(stream: &mut impl BufRead) -> Option<Input<Work>> {
    loop {
        let mut line = Vec::new();
        let length = stream
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .ok()?;
        if length == 0 {
            return None;
        }
        if line.last() != Some(&b'\n') && length as u64 == LONGEST_LINE {
            skip_line(stream);
            return Some(Input::Rubbish(format!(
                "a line of more than {LONGEST_LINE} bytes"
            )));
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        return Some(match serde_json::from_slice(line) {
            Ok(command) => Input::Command(command),
            Err(error) => {
                let shown = line.get(..60).unwrap_or(line);
                Input::Rubbish(format!("\"{}\": {error}", shown.escape_ascii()))
            }
        });
    }
}

fn skip_line(stream: &mut impl BufRead) {
    while let Ok(bytes) = stream.fill_buf() {
        if bytes.is_empty() {
            return;
        }
        match bytes.iter().position(|byte| *byte == b'\n') {
            Some(end) => return stream.consume(end + 1),
            None => {
                let length = bytes.len();
                stream.consume(length);
            }
        }
    }
}

/// How long a component may take to leave in order after a signal: longer than it waits for any answer by the timers of
/// the RFCs, but not for ever, as a reader of its output might keep it waiting.
const LEAVE_WITHIN: Duration = Duration::from_secs(60);

/// Forwards the first signal that asks for the end. The second one ends the process at once: the user does not want to
/// wait for the clean stop.
pub(crate) fn forward_signals<Work: Send + 'static>(
    interruption: &Interruption,
    inputs: mpsc::Sender<Input<Work>>,
) {
    let runtime = tokio::runtime::Handle::current();
    interruption.end_in_order(LEAVE_WITHIN, move || {
        // A full queue means that the driver is busy; that must not delay the second signal.
        let inputs = inputs.clone();
        runtime.spawn(async move { inputs.send(Input::Signal).await });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs_of(bytes: &[u8]) -> Vec<Input<()>> {
        let mut stream = bytes;
        std::iter::from_fn(|| next_command(&mut stream)).collect()
    }

    #[test]
    fn commands_are_read_line_by_line() {
        let inputs = inputs_of(b"{\"command\":\"stop\"}\n\n{\"command\":\"fail-after\",\"messages\":3}");
        assert_eq!(
            inputs,
            [
                Input::Command(Command::Stop),
                Input::Command(Command::FailAfter { messages: 3 })
            ]
        );
    }

    #[test]
    fn rubbish_is_told_and_the_next_command_is_read() {
        let mut bytes = b"\xff\xfe{]\n".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', 200_000));
        bytes.extend(b"\n{\"command\":\"dance\"}\n{\"command\":\"stop\"}\n");
        let inputs = inputs_of(&bytes);
        assert!(matches!(
            inputs.as_slice(),
            [
                Input::Rubbish(_),
                Input::Rubbish(_),
                Input::Rubbish(_),
                Input::Command(Command::Stop)
            ]
        ));
    }
}
