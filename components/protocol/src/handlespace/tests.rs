use std::net::{IpAddr, Ipv4Addr};

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use wire::parameter::{
    Policy, RegistrationLife, SctpTransport, TransportAddress, TransportUse, UserTransport,
};

use super::*;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ONE: RegistrarIdentifier = RegistrarIdentifier(1);
const TWO: RegistrarIdentifier = RegistrarIdentifier(2);

fn handle(name: &str) -> PoolHandle {
    PoolHandle::new(name.as_bytes()).unwrap()
}

fn element(identifier: u32, owner: RegistrarIdentifier) -> PoolElementParameter {
    PoolElementParameter {
        identifier: PeIdentifier(identifier),
        home_registrar: owner,
        registration_life: RegistrationLife::INFINITE,
        user_transport: UserTransport::Sctp(
            SctpTransport::new(7000, TransportUse::DataPlusControl, [LOOPBACK]).unwrap(),
        ),
        policy: Policy::RoundRobin,
        asap_transport: None,
    }
}

#[test]
fn the_checksum_follows_every_change() {
    let mut handlespace = Handlespace::new();
    assert_eq!(handlespace.checksum(ONE), 0xffff);
    let (echo, fractal) = (handle("EchoPool"), handle("FractalGeneratorPool"));
    handlespace.put(&echo, element(0xcafe_0001, ONE)).unwrap();
    assert_eq!(handlespace.checksum(ONE), 0xc751);
    handlespace.put(&echo, element(0x1122_3344, TWO)).unwrap();
    assert_eq!(handlespace.checksum(ONE), 0xc751);
    assert_eq!(handlespace.checksum(TWO), 0x4deb);
    handlespace.remove(&echo, PeIdentifier(0xcafe_0001));
    assert_eq!(handlespace.checksum(ONE), 0xffff);
    handlespace.put(&fractal, element(0x1122_3344, ONE)).unwrap();
    assert_eq!(handlespace.checksum(ONE), 0xd777);
}

#[test]
fn a_change_of_owner_moves_the_checksum() {
    let mut handlespace = Handlespace::new();
    let echo = handle("EchoPool");
    handlespace.put(&echo, element(0x1122_3344, ONE)).unwrap();
    let replaced = handlespace.put(&echo, element(0x1122_3344, TWO)).unwrap();
    assert_eq!(replaced.unwrap().home_registrar, ONE);
    assert_eq!(handlespace.checksum(ONE), 0xffff);
    assert_eq!(handlespace.checksum(TWO), 0x4deb);
    assert_eq!(
        (handlespace.owned_count(ONE), handlespace.owned_count(TWO)),
        (0, 1)
    );
    assert_eq!(handlespace.len(), 1);
}

#[test]
fn a_pool_goes_with_its_last_element_and_the_next_first_one_may_differ() {
    let mut handlespace = Handlespace::new();
    let echo = handle("EchoPool");
    handlespace.put(&echo, element(1, ONE)).unwrap();
    let mut other = element(2, ONE);
    other.policy = Policy::LeastUsed { load: 0 };
    assert_eq!(
        handlespace.put(&echo, other.clone()),
        Err(Inconsistency::Policy(Policy::RoundRobin))
    );
    handlespace.remove(&echo, PeIdentifier(1));
    assert!(handlespace.is_empty() && handlespace.pool(&echo).is_none());
    assert_eq!(handlespace.put(&echo, other), Ok(None));
}

#[test]
fn transport_kind_and_use_must_be_the_pools() {
    let mut handlespace = Handlespace::new();
    let echo = handle("EchoPool");
    let first = element(1, ONE);
    handlespace.put(&echo, first.clone()).unwrap();
    let mut tcp = element(2, ONE);
    tcp.user_transport = UserTransport::Tcp(TransportAddress::new(LOOPBACK, 1).unwrap());
    let expected = Inconsistency::Transport(first.user_transport);
    assert_eq!(handlespace.put(&echo, tcp), Err(expected));
    let mut data_only = element(2, ONE);
    if let UserTransport::Sctp(sctp) = data_only.user_transport {
        data_only.user_transport = UserTransport::Sctp(sctp.with_use(TransportUse::DataOnly));
    }
    assert_eq!(
        handlespace.put(&echo, data_only),
        Err(Inconsistency::TransportUse)
    );
    assert_eq!(handlespace.len(), 1);
}

#[test]
fn pages_follow_each_other_without_gap_or_overlap() {
    let mut handlespace = Handlespace::new();
    for pool in ["a", "b", "c"] {
        for identifier in 1..=4 {
            handlespace.put(&handle(pool), element(identifier, ONE)).unwrap();
        }
    }
    let key = |(handle, element): (&PoolHandle, &PoolElementParameter)| (handle.clone(), element.identifier);
    let all: Vec<_> = handlespace.elements_after(None).map(key).collect();
    assert_eq!(all.len(), 12);
    assert!(all.is_sorted());
    let mut paged = Vec::new();
    while let Some(page) = {
        let position = paged.last().map(|(handle, identifier)| (handle, *identifier));
        let page: Vec<_> = handlespace.elements_after(position).take(5).map(key).collect();
        (!page.is_empty()).then_some(page)
    } {
        paged.extend(page);
    }
    assert_eq!(paged, all);
    let owned: Vec<_> = handlespace
        .owned_after(ONE, all.get(6).cloned())
        .map(key)
        .collect();
    assert_eq!(owned, all[7..]);
}

#[test]
fn an_unknown_pool_yields_nobody() {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    assert!(Handlespace::new().select(&handle("x"), 3, 1, &mut rng).is_empty());
}
