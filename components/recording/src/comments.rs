//! Comments that wait for a packet: pcapng has none for a point in time.

use std::collections::VecDeque;

use crate::InterfaceId;

/// Comments, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Comments(VecDeque<Comment>);

#[derive(Debug)]
struct Comment {
    /// The interface whose packet it waits for; any if `None`.
    interface: Option<InterfaceId>,
    text: String,
}

/// The maximum number of comments that wait, and of those that a packet gets.
const MOST: usize = 64;
/// The maximum size of a comment.
const TEXT: usize = 1000;

impl Comments {
    /// Returns as much of a text as a comment may have.
    pub(crate) fn bounded(text: &str) -> &str {
        &text[..text.floor_char_boundary(TEXT)]
    }

    pub(crate) fn add(&mut self, interface: Option<InterfaceId>, text: &str) {
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(Comment {
            interface,
            text: Self::bounded(text).to_owned(),
        });
    }

    /// Takes those that a packet of this interface gets.
    pub(crate) fn take(&mut self, interface: InterfaceId) -> Vec<String> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let (taken, kept) = std::mem::take(&mut self.0)
            .into_iter()
            .partition::<VecDeque<_>, _>(|comment| comment.interface.is_none_or(|of| of == interface));
        self.0 = kept;
        taken.into_iter().map(|comment| comment.text).collect()
    }

    /// Lets those that still wait be content with any packet.
    pub(crate) fn grow_old(&mut self) {
        for comment in &mut self.0 {
            comment.interface = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_waits_for_its_interface_and_then_for_any() {
        let (one, two) = (InterfaceId(1), InterfaceId(2));
        let mut comments = Comments::default();
        comments.add(Some(one), "of one");
        comments.add(None, "of any");
        assert_eq!(comments.take(two), ["of any"]);
        assert_eq!(comments.take(two), [""; 0]);
        comments.grow_old();
        assert_eq!(comments.take(two), ["of one"]);
    }

    #[test]
    fn comments_are_bounded() {
        let mut comments = Comments::default();
        for number in 0..=MOST {
            comments.add(None, &format!("{number} {}", "ü".repeat(TEXT)));
        }
        let taken = comments.take(InterfaceId(0));
        assert_eq!(taken.len(), MOST);
        assert!(taken[0].starts_with("1 ") && taken[0].len() <= TEXT);
    }
}
