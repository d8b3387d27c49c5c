//! Messages on the ENRP endpoint: decoding, rejecting, and dispatching.

use wire::enrp::{Body, Message};
use wire::{Ppid, Reaction, RegistrarIdentifier};

use super::peers::Peer;
use super::{Event, PeerState, Registrar};
use crate::{AssociationId, Time};

impl Registrar {
    pub(super) fn handle_enrp_bytes(
        &mut self,
        now: Time,
        association: AssociationId,
        ppid: Ppid,
        bytes: &[u8],
    ) {
        let Some(known) = self.peer_associations.get_mut(&association) else {
            return;
        };
        if !known.messages.admit(now) {
            self.complain(association, "too many messages");
            return;
        }
        if ppid != Ppid::ENRP {
            self.discarded(Some(association), format!("{ppid} on the ENRP endpoint"));
            self.cut_peer_association(now, association);
            return;
        }
        match Message::decode(bytes) {
            Ok(decoded) => {
                let sender = decoded.message.sender;
                let is_error = matches!(decoded.message.body, Body::Error(_));
                self.handle_enrp_message(now, association, decoded.message);
                if let Some(cause) = decoded.report.first() {
                    let what = cause.to_string();
                    self.complain_about(association, "message of which a part is passed over", &what);
                }
                // RFC 5354 section 4: errors are never answered with errors.
                if !is_error {
                    self.report_to_registrar(association, sender, decoded.report);
                }
            }
            Err(rejection) => {
                let what = rejection.to_string();
                self.complain_about(association, "message that cannot be processed", &what);
                if let Reaction::Report(causes) = rejection.reaction {
                    let known = self.peer_associations.get(&association);
                    let sender = known.and_then(|known| known.registrar).unwrap_or_default();
                    self.report_to_registrar(association, sender, causes);
                }
            }
        }
    }

    fn report_to_registrar(
        &mut self,
        association: AssociationId,
        receiver: RegistrarIdentifier,
        causes: Vec<wire::parameter::ErrorCause>,
    ) {
        if self.peer_associations.contains_key(&association) {
            self.outbox
                .report_enrp(association, self.settings.identifier, receiver, causes);
        }
    }

    fn handle_enrp_message(&mut self, now: Time, association: AssociationId, message: Message) {
        let Message {
            sender,
            receiver,
            body,
        } = message;
        let own = self.settings.identifier;
        if sender == own {
            self.complain(association, "this registrar's own identifier as sender");
            return;
        }
        if !self.identify(now, association, sender) {
            return;
        }
        if is_request(&body) {
            let known = self.peer_associations.get_mut(&association);
            if known.is_some_and(|known| !known.requests.admit(now)) {
                self.complain(association, "too many requests");
                return;
            }
        }
        let first = self.peers.get(sender).map(Peer::state) == Some(PeerState::Unconfirmed);
        self.heard(now, sender);
        // An unknown sender that does not introduce itself is asked to.
        if first && !matches!(body, Body::Presence(_)) {
            self.send_presence(association, sender, true);
        }
        let for_us = !receiver.is_determined() || receiver == own;
        match body {
            Body::Presence(presence) => self.handle_presence(now, association, sender, &presence),
            Body::HandleTableRequest(request) => self.handle_table_request(now, sender, &request),
            Body::HandleTableResponse(response) => {
                if self.is_synchronizing(sender) {
                    self.handle_synchronization_table(now, sender, response);
                } else if !self.handle_start_up_table(now, sender, response) {
                    self.complain(association, "handle table that was not asked for");
                }
            }
            Body::HandleUpdate(update) => self.handle_update(now, association, sender, update),
            Body::ListRequest => self.handle_list_request(sender),
            Body::ListResponse(response) => {
                if !self.handle_list_response(now, sender, &response) {
                    self.complain(association, "peer list that was not asked for");
                }
            }
            Body::InitTakeover(_) | Body::InitTakeoverAck(_) | Body::TakeoverServer(_) if !for_us => {
                self.complain(association, "takeover message for another registrar");
            }
            Body::InitTakeover(target) => self.handle_init_takeover(now, association, sender, target),
            Body::InitTakeoverAck(target) => self.handle_init_takeover_ack(now, sender, target),
            Body::TakeoverServer(target) => self.handle_takeover_server(now, association, sender, target),
            Body::Error(causes) => {
                let error = wire::asap::Error { causes };
                self.outbox.event(Event::ErrorReceived { association, error });
            }
        }
    }
}

/// Returns whether a message requires a response.
const fn is_request(body: &Body) -> bool {
    match body {
        Body::Presence(presence) => presence.reply_required,
        Body::HandleTableRequest(_) | Body::ListRequest | Body::InitTakeover(_) => true,
        Body::HandleTableResponse(_)
        | Body::HandleUpdate(_)
        | Body::ListResponse(_)
        | Body::InitTakeoverAck(_)
        | Body::TakeoverServer(_)
        | Body::Error(_) => false,
    }
}
