//! Packets from anybody's capture files: formats, link types, fragments, SCTP over IP and UDP.
