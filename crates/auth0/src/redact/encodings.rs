//! Finds a secret in its encodings: plain, percent-encoded, form-encoded, escaped as in JSON, hexadecimal, and
//! Base64, alone or within a longer text.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Shorter pieces of an encoding may be chance.
const PIECE_MIN: usize = 6;

/// `text` with `gone` in place of each occurrence of `secret`. Each encoding costs one pass.
pub(crate) fn without(text: &str, secret: &str, gone: &str) -> String {
    // No encoding is shorter than the secret.
    if secret.is_empty() || secret.len() > text.len() {
        return text.to_owned();
    }
    let text = text.replace(secret, gone);
    let text = cut_out(&text, gone, |rest| escaped(rest, secret), |_| false);
    let digits = hex::encode(secret);
    let mut text = cut_out(&text, gone, |rest| in_any_case(rest, &digits), |_| false);
    for piece in base64_pieces(secret) {
        // The text around the piece belongs to the same encoded value, such as `client_id:client_secret`.
        text = cut_out(&text, gone, |rest| escaped(rest, &piece), is_base64);
    }
    text
}

/// Base64 of the secret at each of the three alignments, without the characters at the edges, which depend on the
/// neighbours. In both alphabets.
fn base64_pieces(secret: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for before in 0..3 {
        let bytes = [&[0; 2][..before], secret.as_bytes()].concat();
        let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            let piece = encoded[from..to].to_owned();
            if piece.len() >= PIECE_MIN && !pieces.contains(&piece) {
                pieces.push(piece);
            }
        }
    }
    pieces
}

/// Replaces each match of `length` and the adjacent characters of the same kind.
fn cut_out(
    text: &str,
    gone: &str,
    length: impl Fn(&str) -> Option<usize>,
    is_same: impl Fn(char) -> bool,
) -> String {
    let mut kept = String::new();
    let (mut from, mut at) = (0, 0);
    while let Some(next) = text[at..].chars().next() {
        let Some(length) = length(&text[at..]) else {
            at += next.len_utf8();
            continue;
        };
        let begin = from + text[from..at].trim_end_matches(&is_same).len();
        let rest = text[at + length..].trim_start_matches(&is_same);
        kept.push_str(&text[from..begin]);
        kept.push_str(gone);
        (from, at) = (text.len() - rest.len(), text.len() - rest.len());
    }
    kept.push_str(&text[from..]);
    kept
}

/// Length of the start of `text` that spells `written`, with each character plain or escaped. A `%` or backslash of
/// the secret itself is ambiguous, so both readings are tried.
fn escaped(text: &str, written: &str) -> Option<usize> {
    let escape = |rest, c| percent(rest, c).or_else(|| json(rest, c));
    let first = |rest, c| escape(rest, c).or_else(|| plain(rest, c));
    let last = |rest, c| plain(rest, c).or_else(|| escape(rest, c));
    let rest = written.chars().try_fold(text, first);
    let rest = rest.or_else(|| written.chars().try_fold(text, last))?;
    Some(text.len() - rest.len())
}

fn plain(text: &str, c: char) -> Option<&str> {
    // In form encoding, a space is a plus.
    text.strip_prefix(c).or_else(|| text.strip_prefix('+').filter(|_| c == ' '))
}

fn percent(text: &str, c: char) -> Option<&str> {
    c.encode_utf8(&mut [0; 4]).bytes().try_fold(text, |rest, byte| {
        let rest = rest.strip_prefix('%')?;
        (number(rest, 2)? == u32::from(byte)).then(|| &rest[2..])
    })
}

fn json(text: &str, c: char) -> Option<&str> {
    if matches!(c, '"' | '\\' | '/')
        && let Some(rest) = text.strip_prefix('\\')
        && let Some(rest) = rest.strip_prefix(c)
    {
        return Some(rest);
    }
    c.encode_utf16(&mut [0; 2]).iter().try_fold(text, |rest, unit| {
        let rest = rest.strip_prefix("\\u")?;
        (number(rest, 4)? == u32::from(*unit)).then(|| &rest[4..])
    })
}

fn number(text: &str, digits: usize) -> Option<u32> {
    let digits =
        text.get(..digits).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

fn in_any_case(text: &str, digits: &str) -> Option<usize> {
    let is_there = digits.len() >= PIECE_MIN
        && text.get(..digits.len()).is_some_and(|start| start.eq_ignore_ascii_case(digits));
    is_there.then_some(digits.len())
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=')
}

#[cfg(test)]
mod tests;
