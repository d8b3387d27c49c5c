//! Many short texts that are added one after the other, and of which copies are cheap.

use std::sync::Arc;

/// Texts, by number. A copy shares all of them; only the piece that is added to afterwards is copied.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    pieces: Vec<Arc<Piece>>,
}

/// So many texts, one behind the other.
#[derive(Debug, Clone, Default)]
struct Piece {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    /// The number of texts of a piece.
    const PIECE: usize = 8_192;

    /// Adds a text.
    pub(crate) fn push(&mut self, text: &str) {
        if self
            .pieces
            .last()
            .is_none_or(|last| last.ends.len() >= Self::PIECE)
        {
            self.pieces.push(Arc::default());
        }
        if let Some(last) = self.pieces.last_mut() {
            let last = Arc::make_mut(last);
            last.text.push_str(text);
            last.ends.push(last.text.len() as u32);
        }
    }

    /// Returns a text; an empty one if there is none with this number.
    #[must_use]
    pub fn get(&self, number: usize) -> &str {
        let within = number % Self::PIECE;
        self.pieces
            .get(number / Self::PIECE)
            .and_then(|piece| {
                let begin = match within.checked_sub(1) {
                    Some(before) => *piece.ends.get(before)?,
                    None => 0,
                };
                piece.text.get(begin as usize..*piece.ends.get(within)? as usize)
            })
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_number() {
        let mut texts = Texts::default();
        for number in 0..20_000 {
            texts.push(&format!("text {number}"));
        }
        let before = texts.clone();
        texts.push("another");
        for number in [0, 1, 8_191, 8_192, 19_999] {
            assert_eq!(texts.get(number), format!("text {number}"));
        }
        assert_eq!(
            (texts.get(20_000), before.get(20_000), texts.get(20_001)),
            ("another", "", "")
        );
    }
}
