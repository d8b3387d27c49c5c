//! The file of a recording: pcapng that Wireshark reads, with everything that Poolscope replays.
