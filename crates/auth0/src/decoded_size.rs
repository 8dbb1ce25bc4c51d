//! Estimates how much memory a JSON text takes once it is decoded, before it is: a value of two bytes becomes one of 32,
//! and an object a node of a tree.

/// A value, with the room that a growing list reserves.
const VALUE: usize = 64;
/// The first node of an object with members.
const OBJECT: usize = 640;
/// A member of an object: its share of a node.
const MEMBER: usize = 112;

/// An upper bound in bytes for a text that arrives in pieces. The text need not be JSON.
#[derive(Debug)]
pub(crate) struct DecodedSize {
    bytes: usize,
    is_text: bool,
    is_escaped: bool,
}

impl DecodedSize {
    /// Of no text yet.
    pub fn new() -> Self {
        Self { bytes: VALUE, is_text: false, is_escaped: false }
    }

    /// By how much this piece, the text itself included, lets it grow.
    pub fn add(&mut self, piece: &[u8]) -> usize {
        let before = self.bytes;
        self.bytes += piece.len();
        for byte in piece {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.is_text => self.is_escaped = true,
                b'"' => self.is_text = !self.is_text,
                _ if self.is_text => {}
                b',' | b'[' => self.bytes += VALUE,
                b'{' => self.bytes += VALUE + OBJECT,
                b':' => self.bytes += MEMBER,
                _ => {}
            }
        }
        self.bytes - before
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded_size(text: &[u8]) -> usize {
        let mut size = DecodedSize::new();
        size.add(text);
        size.bytes()
    }

    #[test]
    fn pieces_count_as_the_whole() {
        let text = br#"[{"a,\\\"b": [1, "{,"]}, "c"]"#;
        let mut size = DecodedSize::new();
        let grown: usize = text.iter().map(|byte| size.add(&[*byte])).sum();
        assert_eq!((size.bytes(), VALUE + grown), (decoded_size(text), decoded_size(text)));
    }

    #[test]
    fn many_small_values_are_large_and_texts_are_not() {
        let bomb = format!("[{}0]", "0,".repeat(1 << 20));
        assert!(decoded_size(bomb.as_bytes()) > 64 << 20);
        let text = format!(r#"["{}\"{}"]"#, "a,b:{[".repeat(1000), ",".repeat(1000));
        assert!(decoded_size(text.as_bytes()) < text.len() + 3 * VALUE);
        let objects = format!("[{}{{}}]", r#"{"a":0},"#.repeat(1000));
        assert!(decoded_size(objects.as_bytes()) > 800 * 1000);
    }
}
