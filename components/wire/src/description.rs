//! Names and summaries of messages, for logs, feeds and lists.

use std::borrow::Cow;
use std::fmt::Display;

use crate::{Malformed, Ppid, asap, calc_app, enrp, fractal_generator, ping_pong, scripting};

/// The description of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its name in its protocol, or the reason why it has none.
    pub name: Cow<'static, str>,
    /// A short description of its content.
    pub summary: String,
    /// Whether it is none of its protocol.
    pub undecodable: bool,
}

/// The maximum length of a summary in bytes; peers control its content.
const LONGEST_SUMMARY: usize = 200;

/// Describes a message of any of the protocols, which an SCTP association or a multicast datagram carried.
#[must_use]
pub fn describe(ppid: Ppid, bytes: &[u8]) -> Description {
    match ppid {
        Ppid::ASAP => match asap::Message::decode(bytes) {
            Ok(decoded) => described(decoded.message.name(), &decoded.message),
            Err(rejection) => undecodable(&rejection),
        },
        Ppid::ENRP => match enrp::Message::decode(bytes) {
            Ok(decoded) => described(decoded.message.name(), &decoded.message),
            Err(rejection) => undecodable(&rejection),
        },
        Ppid::FRACTAL_GENERATOR => service(
            fractal_generator::Message::decode(bytes),
            fractal_generator::Message::name,
        ),
        Ppid::PING_PONG => service(ping_pong::Message::decode(bytes), ping_pong::Message::name),
        Ppid::CALC_APP => service(calc_app::Message::decode(bytes), calc_app::Message::name),
        Ppid::SCRIPTING => service(scripting::Message::decode(bytes), scripting::Message::name),
        other => Description {
            name: format!("{other} data").into(),
            summary: cut(bytes.escape_ascii().to_string()),
            undecodable: false,
        },
    }
}

fn service<M: Display>(decoded: Result<M, Malformed>, name: impl Fn(&M) -> &'static str) -> Description {
    match decoded {
        Ok(message) => described(name(&message), &message),
        Err(malformed) => undecodable(&malformed),
    }
}

fn described(name: &'static str, message: &impl Display) -> Description {
    Description {
        name: name.into(),
        summary: cut(message.to_string()),
        undecodable: false,
    }
}

fn undecodable(why: &impl Display) -> Description {
    Description {
        name: format!("not decodable: {why}").into(),
        summary: String::new(),
        undecodable: true,
    }
}

fn cut(mut text: String) -> String {
    if text.len() > LONGEST_SUMMARY {
        text.truncate(text.floor_char_boundary(LONGEST_SUMMARY));
        text.push_str(" ...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_name_and_a_short_summary() {
        let announce = [0x0a, 0, 0, 8, 0x0a, 0, 0, 1];
        let description = describe(Ppid::ASAP, &announce);
        assert_eq!(description.name, "ASAP_SERVER_ANNOUNCE");
        let text = describe(Ppid::UNSPECIFIED, &[b'x'; 1000]);
        assert!(text.summary.len() < 210);
    }

    #[test]
    fn rubbish_says_why_it_is_rubbish() {
        for ppid in [11, 12, 32, 33, 34, 35, 99] {
            let description = describe(Ppid(ppid), &[0xff; 5]);
            assert!(!description.name.is_empty());
        }
        assert!(describe(Ppid::ASAP, &[]).name.starts_with("not decodable"));
    }
}
