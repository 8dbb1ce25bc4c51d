//! Texts that Markdown does not interpret.

use crate::text;

/// A code span on one line. Its fence is longer than any run of backticks in it.
pub fn code(text: &str) -> String {
    let text = text::line(text);
    if text.trim().is_empty() {
        return "` `".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // A space at each end, which is not shown, separates backticks from the fence.
    format!("{fence} {text} {fence}")
}

/// A fenced code block with this indentation. It ends with the fence.
pub fn fenced(text: &str, indent: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let lines = text.lines().map(|line| format!("{indent}{line}\n"));
    format!("{indent}{fence}sh\n{}{indent}{fence}", lines.collect::<String>())
}

fn longest_run(text: &str) -> usize {
    text.split(|each| each != '`').map(str::len).max().unwrap_or(0)
}

/// A text of the catalogue: its punctuation has no meaning.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text::line(text).chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&'
        ) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_code_span_or_a_block_early() {
        assert_eq!(code("a"), "` a `");
        assert_eq!(code("``` x\n# y"), "```` ``` x # y ````");
        assert_eq!(code("\n"), "` `");
        assert_eq!(fenced("a\n```\nb", "  "), "  ````sh\n  a\n  ```\n  b\n  ````");
    }

    #[test]
    fn punctuation_is_escaped() {
        assert_eq!(escaped("*a* [b](c) <d>"), r"\*a\* \[b\](c) \<d\>");
    }
}
