//! Transports on real loopback sockets, each on an address of its own.

mod capture;
mod failure;
mod life_cycle;
mod load;
mod node;
