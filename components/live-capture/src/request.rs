//! What is asked and answered on the socket of a demonstration.
//!
//! A request is a line of JSON, and so is its answer; but for packets: they follow as pcapng at once, whose first byte is
//! none of JSON.
//!
//! ```text
//! {"version":1,"want":"list"}
//!     {"version":1,"program":"Poolscope 0.1.0","scenario":"Failover","pid":4711,"started_s":1795428061,
//!      "components":[{"id":1,"name":"Registrar 1","role":"registrar"}]}
//! {"version":1,"want":"stream"}
//! {"version":1,"want":"stream","components":[1,"Pool element 2"]}
//! {"version":1,"want":"stream","link":[1,2]}
//! {"version":1,"want":"stream","copies":true}
//!     pcapng, or {"error":"..."}
//! ```

use std::collections::BTreeSet;

use feed::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Component, Copies, Selection, View};

/// The version of requests and answers.
pub(crate) const VERSION: u32 = 1;
/// The maximum size of a request in bytes.
pub(crate) const REQUEST: usize = 16 << 10;
/// The maximum size of an answer in bytes.
pub(crate) const ANSWER: usize = 4 << 20;

/// What others are told about a demonstration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The program with its version.
    pub program: String,
    /// The name of the scenario.
    pub scenario: String,
    /// When it began.
    pub started: Timestamp,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) version: u32,
    #[serde(flatten)]
    pub(crate) want: Want,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "want", rename_all = "lowercase")]
pub(crate) enum Want {
    /// What there is.
    List,
    /// Packets: all, unless one of these is given.
    Stream {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<Named>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<[Named; 2]>,
        /// Whether packets are shown at both ends.
        #[serde(default)]
        copies: bool,
    },
}

/// A component by its number or name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Named {
    Id(u32),
    Name(String),
}

/// The answer to [`Want::List`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct List {
    pub(crate) version: u32,
    pub(crate) program: String,
    pub(crate) scenario: String,
    pub(crate) pid: u32,
    /// When it began, in seconds since the Unix epoch.
    pub(crate) started_s: u64,
    pub(crate) components: Vec<Component>,
}

/// The answer to a request that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) error: String,
}

impl Named {
    /// Understands what a user wrote: a number, or else a name.
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim();
        text.parse()
            .map_or_else(|_| Self::Name(text.to_owned()), Self::Id)
    }

    /// Returns the numbers of the components: a number need not be known yet, a name has to be.
    fn resolve(&self, components: &[Component]) -> Result<Vec<u32>, Refusal> {
        match self {
            Self::Id(id) => Ok(vec![*id]),
            Self::Name(name) => {
                let named = components.iter().filter(|component| component.name == *name);
                let ids: Vec<_> = named.map(|component| component.id).collect();
                if ids.is_empty() {
                    let error = format!("no component is called {name:?}");
                    return Err(Refusal { error });
                }
                Ok(ids)
            }
        }
    }
}

/// Returns the view that a request means.
pub(crate) fn view(
    wanted: &[Named],
    link: Option<&[Named; 2]>,
    copies: bool,
    components: &[Component],
) -> Result<View, Refusal> {
    Ok(View {
        selection: selection(wanted, link, components)?,
        copies: if copies { Copies::Each } else { Copies::Once },
    })
}

fn selection(
    wanted: &[Named],
    link: Option<&[Named; 2]>,
    components: &[Component],
) -> Result<Selection, Refusal> {
    let refuse = |error: &str| Err(Refusal { error: error.into() });
    if let Some(link) = link {
        if !wanted.is_empty() {
            return refuse("either components or a link can be wanted");
        }
        // The latest of several with the same name is the one that runs.
        let [at, with] =
            [&link[0], &link[1]].map(|end| end.resolve(components).map(|ids| ids.last().copied()));
        return match (at?, with?) {
            (Some(at), Some(with)) if at != with => Ok(Selection::Link { at, with }),
            _ => refuse("a link has two ends"),
        };
    }
    let mut ids = BTreeSet::new();
    for named in wanted {
        ids.extend(named.resolve(components)?);
    }
    Ok(if ids.is_empty() {
        Selection::Everything
    } else {
        Selection::Components(ids)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(json: &str) -> Result<Selection, String> {
        let components = [(1, "Registrar 1"), (2, "PE 1"), (5, "PE 1")].map(|(id, name)| Component {
            id,
            name: name.to_owned(),
            role: String::new(),
        });
        let request: Request = serde_json::from_str(json).map_err(|error| error.to_string())?;
        match request.want {
            Want::List => panic!("{json}"),
            Want::Stream {
                components: wanted,
                link,
                ..
            } => selection(&wanted, link.as_ref(), &components).map_err(|refusal| refusal.error),
        }
    }

    #[test]
    fn requests_name_components_by_number_or_name() {
        let stream = |rest: &str| selected(&format!("{{\"version\":1,\"want\":\"stream\"{rest}}}"));
        assert_eq!(stream(""), Ok(Selection::Everything));
        assert_eq!(
            stream(r#","components":[9,"PE 1"]"#),
            Ok(Selection::Components([2, 5, 9].into()))
        );
        assert_eq!(
            stream(r#","link":["Registrar 1","PE 1"],"new":true"#),
            Ok(Selection::Link { at: 1, with: 5 })
        );
        for wrong in [
            r#","components":["nobody"]"#,
            r#","link":[1]"#,
            r#","link":[1,1]"#,
            r#","link":[1,2],"components":[3]"#,
            r#","components":[-1]"#,
            r#","components":7"#,
        ] {
            assert!(stream(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Named::parse(" 12"), Named::Id(12));
        assert_eq!(Named::parse("PE 1 "), Named::Name("PE 1".into()));
    }
}
