//! An in-memory network, for testing what is built on a transport.
//!
//! There are associations but no packets: messages arrive in order, after the latency of the network. After
//! [`Network::kill`] and [`Transport::vanish`], the peers find the host unreachable. An
//! [`Impairment`](crate::Impairment) with `cut` holds everything back until it is removed or the associations time
//! out. Delays and limited rates of impairments are added to the latency; losses and corruption are not modelled, since SCTP
//! would recover from them.

mod state;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::outbox::Outbox;
use crate::shared::{Ending, Settings, Shared};
use crate::{BackEnd, Capabilities, Cause, Config, Event, Events, LARGEST_MESSAGE, Transport};
use state::{Host, State};

/// A network that connects any number of transports.
#[derive(Clone)]
pub struct Network(Arc<Mutex<State>>);

impl Network {
    /// Creates a network with this latency.
    #[must_use]
    pub fn new(latency: Duration) -> Self {
        Self(Arc::new(Mutex::new(State::new(latency))))
    }

    /// Adds a host with the first of the configured addresses, or with the next free one of 10.0.0.0/8 if none is
    /// configured. Its actor runs on the current tokio runtime and by tokio's clock, so that a test with paused time
    /// is fast and repeatable.
    ///
    /// # Panics
    /// Panics outside of a tokio runtime, and if the address is in use.
    #[must_use]
    pub fn start(&self, config: Config) -> (Transport, Events) {
        let mut state = self.lock();
        let address = match config.addresses.first() {
            Some(address) => *address,
            None => state.free_address(),
        };
        let settings = Settings {
            addresses: vec![address],
            udp_port: None,
            association: config.association.clone(),
            max_associations: config.max_associations,
            capabilities: Capabilities {
                back_end: BackEnd::Memory,
                path_events: false,
                packet_tap: false,
                impairments: true,
                largest_message: LARGEST_MESSAGE,
            },
        };
        let shared = Shared::new(settings, config.impairment_seed);
        let (sender, receiver) = mpsc::channel(config.event_queue.max(1));
        let is_new = state.add_host(
            address,
            Host::new(Arc::clone(&shared), Outbox::new(sender.clone())),
        );
        assert!(is_new, "{address} is in use");
        drop(state);
        tokio::spawn(self.clone().run(address, Arc::clone(&shared), sender));
        (Transport::new(shared), Events(receiver))
    }

    /// Kills a host: its transport ends, and the associations of its peers go down as unreachable.
    pub fn kill(&self, address: IpAddr) {
        self.lock().remove_host(address, &Cause::Unreachable);
    }

    /// Runs the actor of one host. Each actor carries out what is due on any host.
    async fn run(self, address: IpAddr, shared: Arc<Shared>, events: mpsc::Sender<Event>) {
        loop {
            let (deadline, waiting) = {
                let mut state = self.lock();
                match shared.ending() {
                    Some(Ending::Abort) => state.remove_host(address, &Cause::PeerAbort(String::new())),
                    Some(Ending::Vanish) => state.remove_host(address, &Cause::Unreachable),
                    None => {}
                }
                if !state.has_host(address) {
                    break;
                }
                state.step(address);
                (state.poll_timeout(), state.has_waiting_events(address))
            };
            let timer = async {
                match deadline {
                    Some(deadline) => tokio::time::sleep_until(deadline).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = timer => {}
                () = shared.wake.notified() => {}
                _ = events.reserve(), if waiting => {}
            }
        }
        shared.ended();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Network").field(&self.lock().addresses()).finish()
    }
}
