//! Messages of every kind with any content that a receiver accepts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use wire::parameter::{
    CauseCode, ErrorCause, Policy, PolicyType, PoolElementParameter, RegistrationLife, SctpTransport,
    ServerInformation, TransportAddress, TransportUse, UserTransport,
};
use wire::{PeIdentifier, PoolHandle, RegistrarIdentifier, asap, enrp};

fn bytes(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), length)
}

fn address() -> impl Strategy<Value = IpAddr> {
    // Unicast, and neither link-local nor IPv4-mapped.
    let ipv4 = (1_u8..=168, any::<[u8; 3]>()).prop_map(|(a, [b, c, d])| Ipv4Addr::new(a, b, c, d).into());
    let ipv6 = any::<u128>().prop_map(|bits| Ipv6Addr::from(bits >> 3 | 1 << 125).into());
    prop_oneof![ipv4, ipv6]
}

fn transport(transport_use: impl Strategy<Value = TransportUse>) -> impl Strategy<Value = SctpTransport> {
    let addresses = vec(address(), 1..=SctpTransport::MOST_ADDRESSES);
    (1..=u16::MAX, transport_use, addresses).prop_map(|(port, transport_use, addresses)| {
        SctpTransport::new(port, transport_use, addresses).expect("a transport that is valid")
    })
}

fn sctp() -> impl Strategy<Value = SctpTransport> {
    transport(prop_oneof![
        Just(TransportUse::DataOnly),
        Just(TransportUse::DataPlusControl)
    ])
}

/// A registrar's transport, or a pool element's ASAP transport.
fn data_only() -> impl Strategy<Value = SctpTransport> {
    transport(Just(TransportUse::DataOnly))
}

fn transport_address() -> impl Strategy<Value = TransportAddress> {
    (address(), 1..=u16::MAX)
        .prop_map(|(address, port)| TransportAddress::new(address, port).expect("an address that is valid"))
}

fn user_transport() -> impl Strategy<Value = UserTransport> {
    prop_oneof![
        sctp().prop_map(UserTransport::Sctp),
        transport_address().prop_map(UserTransport::Tcp),
        transport_address().prop_map(UserTransport::Udp),
        transport_address().prop_map(UserTransport::UdpLite),
        (transport_address(), any::<u32>()).prop_map(|(address, service_code)| UserTransport::Dccp {
            address,
            service_code,
        }),
        bytes(0..20).prop_map(UserTransport::Opaque),
    ]
}

pub(crate) fn policy() -> impl Strategy<Value = Policy> {
    let two = || any::<(u32, u32)>();
    prop_oneof![
        Just(Policy::RoundRobin),
        any::<u32>().prop_map(|weight| Policy::WeightedRoundRobin { weight }),
        Just(Policy::Random),
        any::<u32>().prop_map(|weight| Policy::WeightedRandom { weight }),
        any::<u32>().prop_map(|priority| Policy::Priority { priority }),
        any::<u32>().prop_map(|load| Policy::LeastUsed { load }),
        two().prop_map(|(load, load_degradation)| Policy::LeastUsedDegradation {
            load,
            load_degradation
        }),
        two().prop_map(|(load, load_degradation)| Policy::PriorityLeastUsed {
            load,
            load_degradation
        }),
        any::<u32>().prop_map(|load| Policy::RandomizedLeastUsed { load }),
        two().prop_map(|(load, load_degradation)| Policy::RandomizedPriorityLeastUsed {
            load,
            load_degradation
        }),
        two().prop_map(
            |(load, load_degradation)| Policy::RandomizedLeastUsedDegradation {
                load,
                load_degradation
            }
        ),
        two().prop_map(|(load, load_degradation)| Policy::PriorityLeastUsedDegradation {
            load,
            load_degradation
        }),
        two().prop_map(
            |(load, load_degradation)| Policy::RandomizedPriorityLeastUsedDegradation {
                load,
                load_degradation
            }
        ),
        any::<[u32; 3]>().prop_map(|[weight, weight_dpf, distance]| Policy::WeightedRandomDpf {
            weight,
            weight_dpf,
            distance
        }),
        any::<[u32; 3]>().prop_map(|[load, load_dpf, distance]| Policy::LeastUsedDpf {
            load,
            load_dpf,
            distance
        }),
        any::<[u32; 4]>().prop_map(|[load, load_degradation, load_dpf, distance]| {
            Policy::LeastUsedDegradationDpf {
                load,
                load_degradation,
                load_dpf,
                distance,
            }
        }),
        (0x1000_u32..0x2000, bytes(0..20)).prop_map(|(number, data)| Policy::Unknown {
            policy_type: PolicyType(number),
            data,
        }),
    ]
}

pub(crate) fn pool_handle() -> impl Strategy<Value = PoolHandle> {
    bytes(1..PoolHandle::LONGEST + 1).prop_map(|bytes| PoolHandle::new(&bytes).expect("of a valid length"))
}

pub(crate) fn pe_identifier() -> impl Strategy<Value = PeIdentifier> {
    (1..=u32::MAX).prop_map(PeIdentifier)
}

fn registrar() -> impl Strategy<Value = RegistrarIdentifier> {
    (1..=u32::MAX).prop_map(RegistrarIdentifier)
}

fn pool_element() -> impl Strategy<Value = PoolElementParameter> {
    let life = prop_oneof![
        Just(RegistrationLife::INFINITE),
        (1..=i32::MAX).prop_map(RegistrationLife)
    ];
    (
        pe_identifier(),
        any::<u32>(),
        life,
        user_transport(),
        policy(),
        option::of(data_only()),
    )
        .prop_map(
            |(identifier, home, registration_life, user_transport, policy, asap_transport)| {
                PoolElementParameter {
                    identifier,
                    home_registrar: RegistrarIdentifier(home),
                    registration_life,
                    user_transport,
                    policy,
                    asap_transport,
                }
            },
        )
}

/// A pool element as in messages between registrars.
fn complete_pool_element() -> impl Strategy<Value = PoolElementParameter> {
    (pool_element(), registrar(), data_only()).prop_map(|(pool_element, home_registrar, asap_transport)| {
        PoolElementParameter {
            home_registrar,
            asap_transport: Some(asap_transport),
            ..pool_element
        }
    })
}

fn pool_elements() -> impl Strategy<Value = Vec<PoolElementParameter>> {
    vec(pool_element(), 1..5)
}

fn server_information() -> impl Strategy<Value = ServerInformation> {
    (any::<u32>(), data_only()).prop_map(|(identifier, transport)| ServerInformation {
        identifier: RegistrarIdentifier(identifier),
        transport,
    })
}

fn causes(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<ErrorCause>> {
    let cause = (any::<u16>(), bytes(0..40)).prop_map(|(code, information)| ErrorCause {
        code: CauseCode(code),
        information,
    });
    vec(cause, count)
}

fn outcome() -> impl Strategy<Value = asap::Resolution> {
    prop_oneof![
        causes(1..4).prop_map(asap::Resolution::Failed),
        (option::of(policy()), pool_elements()).prop_map(|(overall_policy, pool_elements)| {
            asap::Resolution::Resolved {
                overall_policy,
                pool_elements,
            }
        }),
    ]
}

fn announced_transport() -> impl Strategy<Value = asap::AnnouncedTransport> {
    prop_oneof![
        sctp().prop_map(asap::AnnouncedTransport::Sctp),
        transport_address().prop_map(asap::AnnouncedTransport::Tcp),
    ]
}

pub(crate) fn asap_message() -> impl Strategy<Value = asap::Message> {
    let pe = || (pool_handle(), pe_identifier());
    prop_oneof![
        (pool_handle(), pool_element()).prop_map(|(pool_handle, pool_element)| {
            asap::Registration {
                pool_handle,
                pool_element,
            }
            .into()
        }),
        pe().prop_map(|(pool_handle, pe_identifier)| {
            asap::Deregistration {
                pool_handle,
                pe_identifier,
            }
            .into()
        }),
        (any::<bool>(), pe(), causes(0..4)).prop_map(|(rejected, (pool_handle, pe_identifier), causes)| {
            asap::RegistrationResponse {
                rejected,
                pool_handle,
                pe_identifier,
                causes,
            }
            .into()
        }),
        (pe(), causes(0..4)).prop_map(|((pool_handle, pe_identifier), causes)| {
            asap::DeregistrationResponse {
                pool_handle,
                pe_identifier,
                causes,
            }
            .into()
        }),
        (any::<bool>(), pool_handle(), any::<Option<u32>>()).prop_map(|(subscribe, pool_handle, items)| {
            asap::HandleResolution {
                subscribe,
                pool_handle,
                items,
            }
            .into()
        }),
        (any::<bool>(), pool_handle(), outcome()).prop_map(|(subscribed, pool_handle, outcome)| {
            asap::HandleResolutionResponse {
                subscribed,
                pool_handle,
                outcome,
            }
            .into()
        }),
        (
            any::<bool>(),
            registrar(),
            pool_handle(),
            option::of(pe_identifier())
        )
            .prop_map(|(home, registrar, pool_handle, pe_identifier)| {
                asap::EndpointKeepAlive {
                    home,
                    registrar,
                    pool_handle,
                    pe_identifier,
                }
                .into()
            }),
        pe().prop_map(|(pool_handle, pe_identifier)| {
            asap::EndpointKeepAliveAck {
                pool_handle,
                pe_identifier,
            }
            .into()
        }),
        pe().prop_map(|(pool_handle, pe_identifier)| {
            asap::EndpointUnreachable {
                pool_handle,
                pe_identifier,
            }
            .into()
        }),
        (registrar(), vec(announced_transport(), 0..4)).prop_map(|(registrar, transports)| {
            asap::ServerAnnounce {
                registrar,
                transports,
            }
            .into()
        }),
        bytes(1..100).prop_map(|cookie| asap::Cookie { cookie }.into()),
        bytes(1..100).prop_map(|cookie| asap::CookieEcho { cookie }.into()),
        (pool_handle(), pool_elements()).prop_map(|(pool_handle, pool_elements)| {
            asap::BusinessCard {
                pool_handle,
                pool_elements,
            }
            .into()
        }),
        causes(1..4).prop_map(|causes| asap::Error { causes }.into()),
    ]
}

fn enrp_body() -> impl Strategy<Value = enrp::Body> {
    let complete = vec(complete_pool_element(), 1..5);
    let entry = (pool_handle(), complete).prop_map(|(pool_handle, pool_elements)| enrp::PoolEntry {
        pool_handle,
        pool_elements,
    });
    let action = prop_oneof![Just(enrp::UpdateAction::AddPe), Just(enrp::UpdateAction::DelPe)];
    prop_oneof![
        (
            any::<bool>(),
            any::<Option<u16>>(),
            option::of(server_information())
        )
            .prop_map(|(reply_required, pe_checksum, server_information)| {
                enrp::Presence {
                    reply_required,
                    pe_checksum,
                    server_information,
                }
                .into()
            }),
        any::<bool>().prop_map(|own_children_only| enrp::HandleTableRequest { own_children_only }.into()),
        (any::<bool>(), any::<bool>(), vec(entry, 0..4)).prop_map(|(rejected, more_to_send, entries)| {
            enrp::HandleTableResponse {
                rejected,
                more_to_send,
                // A rejection has no entries.
                entries: if rejected { vec![] } else { entries },
            }
            .into()
        }),
        (any::<bool>(), action, pool_handle(), complete_pool_element()).prop_map(
            |(takeover_suggested, action, pool_handle, pool_element)| {
                enrp::HandleUpdate {
                    takeover_suggested,
                    action,
                    pool_handle,
                    pool_element,
                }
                .into()
            }
        ),
        Just(enrp::Body::ListRequest),
        (any::<bool>(), vec(server_information(), 0..5)).prop_map(|(rejected, servers)| enrp::ListResponse {
            rejected,
            servers
        }
        .into()),
        registrar().prop_map(enrp::Body::InitTakeover),
        registrar().prop_map(enrp::Body::InitTakeoverAck),
        registrar().prop_map(enrp::Body::TakeoverServer),
        causes(1..4).prop_map(enrp::Body::Error),
    ]
}

pub(crate) fn enrp_message() -> impl Strategy<Value = enrp::Message> {
    (registrar(), any::<u32>(), enrp_body()).prop_map(|(sender, receiver, body)| enrp::Message {
        sender,
        receiver: RegistrarIdentifier(receiver),
        body,
    })
}
