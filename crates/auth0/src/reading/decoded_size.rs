//! Estimates how much memory a JSON text takes once it is decoded, before it is: a value of two bytes becomes one of 32,
//! and an object a node of a tree.

/// A value, with the room that a growing list reserves.
const VALUE: usize = 64;
/// The first node of an object with members.
const OBJECT: usize = 640;
/// A member of an object: its share of a node.
const MEMBER: usize = 112;

/// An upper bound in bytes. The text need not be JSON.
pub(crate) fn decoded_size(text: &[u8]) -> usize {
    let mut size = text.len() + VALUE;
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b',' | b'[' => size += VALUE,
            b'{' => size += VALUE + OBJECT,
            b':' => size += MEMBER,
            _ => {}
        }
    }
    size
}

#[cfg(test)]
mod tests {
    use super::*;

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
