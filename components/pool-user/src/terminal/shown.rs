//! Answers as text for a terminal, which obeys control characters: those of a stranger must not reach it.

use std::fmt::Write as _;

/// Returns a message as one or more whole lines. Tabs and the ends of lines are kept; all other control characters,
/// characters that change the direction of text, and bytes that are not UTF-8 are escaped (`\x1b`, `\u{202e}`).
pub(super) fn shown(message: &[u8]) -> String {
    let mut text = String::with_capacity(message.len() + 1);
    for chunk in message.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\n' | '\t' => text.push(character),
                '\0'..='\x1f' | '\x7f' => escape_byte(&mut text, character as u8),
                _ if character.is_control() || changes_direction(character) => {
                    text.extend(character.escape_unicode());
                }
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            escape_byte(&mut text, *byte);
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn escape_byte(text: &mut String, byte: u8) {
    // Writing to a string cannot fail.
    let _ = write!(text, "\\x{byte:02x}");
}

/// Returns whether a character makes text appear in another order than it has (Unicode bidirectional formatting), or
/// ends a line without being its end.
const fn changes_direction(character: char) -> bool {
    matches!(
        character,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_it_is() {
        assert_eq!(shown(b"two three\n"), "two three\n");
        assert_eq!(shown("K\u{e4}se\t\u{1f9c0}".as_bytes()), "K\u{e4}se\t\u{1f9c0}\n");
        assert_eq!(shown(b"one\ntwo"), "one\ntwo\n");
        assert_eq!(shown(b""), "\n");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        assert_eq!(shown(b"\x1b]0;mine\x07\r\x7f"), "\\x1b]0;mine\\x07\\x0d\\x7f\n");
        assert_eq!(shown(b"\xff\xfe\xc3"), "\\xff\\xfe\\xc3\n");
        assert_eq!(
            shown("\u{9b}2J \u{202e}abc".as_bytes()),
            "\\u{9b}2J \\u{202e}abc\n"
        );
        let all: Vec<u8> = (0..=255).collect();
        let text = shown(&all);
        assert!(
            text.chars()
                .all(|character| matches!(character, '\n' | '\t' | ' '..='~'))
        );
    }
}
