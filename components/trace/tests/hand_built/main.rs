//! Packets that are made byte by byte, as their ends would have recorded them.

mod any_packets;
mod associations;
mod copies;
mod filters;
mod fragments;
mod network;
