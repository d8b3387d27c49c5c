//! Strangers that claim the addresses of registrars and pool elements: they can neither impersonate nor block them.

use std::net::{IpAddr, SocketAddr};

use feed::{Event, PeerState};
use laboratory::{Lab, Process, Stranger};
use wire::asap::{self, Deregistration, HandleResolution, Message, Registration, Resolution};
use wire::enrp::{self, HandleUpdate, UpdateAction};
use wire::parameter::{CauseCode, PoolElementParameter, SctpTransport, UserTransport};
use wire::{PoolHandle, Ppid, RegistrarIdentifier};

const PROGRAM: &str = env!("CARGO_BIN_EXE_poolscope");
const ELEMENT: u32 = 7;
const HANDLE: &str = "Echo";

/// Starts a registrar, and waits until it is in service. Also returns its address.
fn registrar(lab: &Lab, identifier: u32, options: &[&str]) -> (Process, IpAddr) {
    let identifier = format!("--identifier={identifier}");
    let mut process = lab.start("registrar", &[&[identifier.as_str()], options].concat());
    let address = process.address();
    process.wait_ready();
    (process, address)
}

/// Starts a pool element that knows a single registrar. Also returns its address.
fn pool_element(lab: &Lab, home: IpAddr) -> (Process, IpAddr) {
    let options = [
        format!("--identifier={ELEMENT}"),
        format!("--pool-handle={HANDLE}"),
        format!("--registrar={home}"),
        "--service=echo".into(),
        "--asap-announce=off".into(),
    ];
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let mut process = lab.start("pool-element", &options);
    let address = process.address();
    process.wait_ready();
    (process, address)
}

fn wait_for_element(registrar: &mut Process) {
    registrar.wait_for("the pool element", |event| match event {
        Event::Handlespace { entries, .. } => entries
            .iter()
            .any(|entry| entry.pe_identifier.0 == ELEMENT)
            .then_some(()),
        _ => None,
    });
}

fn handle() -> PoolHandle {
    PoolHandle::new(HANDLE.as_bytes()).expect("a short handle")
}

/// Sends an ASAP message and waits for the response.
fn ask<T>(stranger: &mut Stranger, message: &Message, answer: impl Fn(Message) -> Option<T>) -> T {
    stranger.send(Ppid::ASAP, message.encode());
    stranger.wait_for(message.name(), |bytes| {
        answer(Message::decode(bytes).ok()?.message)
    })
}

/// Returns the pool elements in a registrar's handle resolution response.
fn resolve(stranger: &mut Stranger) -> Vec<PoolElementParameter> {
    let request = HandleResolution {
        subscribe: false,
        pool_handle: handle(),
        items: None,
    };
    ask(
        stranger,
        &Message::HandleResolution(request),
        |answer| match answer {
            Message::HandleResolutionResponse(response) => Some(match response.outcome {
                Resolution::Resolved { pool_elements, .. } => pool_elements,
                Resolution::Failed(_) => Vec::new(),
            }),
            _ => None,
        },
    )
}

#[test]
fn a_stranger_cannot_register_a_pool_element_again() {
    let lab = Lab::new(PROGRAM);
    let (_registrar, address) = registrar(&lab, 1, &[]);
    let (_element, elements) = pool_element(&lab, address);
    let mut stranger = Stranger::connect(0xbad, SocketAddr::new(address, asap::PORT), &[elements]);
    let before = resolve(&mut stranger);
    let [element] = &before[..] else {
        panic!("{before:?}")
    };
    let UserTransport::Sctp(transport) = &element.user_transport else {
        panic!("{element:?}")
    };
    let strangers = SctpTransport::new(
        transport.port(),
        transport.transport_use(),
        [stranger.address(), elements],
    );
    let registration = Registration {
        pool_handle: handle(),
        pool_element: PoolElementParameter {
            user_transport: UserTransport::Sctp(strangers.expect("a good address")),
            ..element.clone()
        },
    };
    let registration = Message::Registration(registration);
    let refusal = ask(&mut stranger, &registration, |answer| match answer {
        Message::RegistrationResponse(response) => Some((response.rejected, response.causes)),
        _ => None,
    });
    let codes: Vec<CauseCode> = refusal.1.iter().map(|cause| cause.code).collect();
    assert_eq!(
        (refusal.0, codes),
        (true, vec![CauseCode::NON_UNIQUE_PE_IDENTIFIER])
    );
    assert_eq!(resolve(&mut stranger), before);
}

#[test]
fn a_stranger_cannot_deregister_a_pool_element_at_another_registrar() {
    let lab = Lab::new(PROGRAM);
    let (_home, address) = registrar(&lab, 1, &[]);
    let (mut other, others) = registrar(&lab, 2, &[]);
    let (_element, elements) = pool_element(&lab, address);
    wait_for_element(&mut other);
    let mut stranger = Stranger::connect(0xbad, SocketAddr::new(others, asap::PORT), &[elements]);
    let before = resolve(&mut stranger);
    assert_eq!(before.len(), 1);
    let request = Deregistration {
        pool_handle: handle(),
        pe_identifier: before[0].identifier,
    };
    ask(&mut stranger, &Message::Deregistration(request), |answer| {
        matches!(answer, Message::DeregistrationResponse(_)).then_some(())
    });
    assert_eq!(resolve(&mut stranger), before);
}

#[test]
fn a_stranger_cannot_say_anything_in_a_registrars_name() {
    let lab = Lab::new(PROGRAM);
    let (_home, address) = registrar(&lab, 1, &[]);
    let (mut other, others) = registrar(&lab, 2, &[]);
    let (_element, _) = pool_element(&lab, address);
    wait_for_element(&mut other);
    let mut user = Stranger::connect(0xbad, SocketAddr::new(others, asap::PORT), &[]);
    let before = resolve(&mut user);
    assert_eq!(before.len(), 1);
    let mut stranger = Stranger::connect(0xbad, SocketAddr::new(others, enrp::PORT), &[address]);
    let update = enrp::Message {
        sender: RegistrarIdentifier(1),
        receiver: RegistrarIdentifier(2),
        body: HandleUpdate {
            takeover_suggested: false,
            action: UpdateAction::DelPe,
            pool_handle: handle(),
            pool_element: before[0].clone(),
        }
        .into(),
    };
    stranger.send(Ppid::ENRP, update.encode());
    // Messages are processed in the order of their arrival.
    assert_eq!(resolve(&mut user), before);
}

#[test]
fn a_stranger_does_not_keep_a_registrar_out() {
    let lab = Lab::new(PROGRAM);
    let (mut first, address) = registrar(&lab, 1, &[]);
    let [.., high, low] = std::process::id().to_be_bytes();
    let victims = IpAddr::from([127, 60, high, low]);
    let stranger = Stranger::connect(enrp::PORT, SocketAddr::new(address, enrp::PORT), &[victims]);
    let waiting = std::thread::spawn(move || {
        let (_second, _) = registrar(&lab, 2, &[&format!("--address={victims}")]);
        first.wait_for("the other registrar", |event| match event {
            Event::Peers { peers } => {
                let mut heard = peers.iter().filter(|peer| peer.state == PeerState::Active);
                heard.any(|peer| peer.identifier.0 == 2).then_some(())
            }
            _ => None,
        });
    });
    stranger.insist_until(|| waiting.is_finished());
    waiting.join().expect("the registrars find each other");
}
