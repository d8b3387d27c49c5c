//! Packets of a running demonstration for Wireshark: pipes, a socket, and an extcap interface.
