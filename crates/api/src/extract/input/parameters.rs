//! The query parameters of a request, each read into its type.

use domain::Fault;
use jiff::Timestamp;

use super::RequestInput;

/// Items of one filter at most.
const ITEMS_MAX: usize = 100;

impl RequestInput {
    /// A comma-separated list, in one or several occurrences of the parameter.
    pub fn list<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Option<Vec<T>> {
        let items: Vec<&str> = self.parameters.items(name)?.take(ITEMS_MAX + 1).collect();
        let read: Option<Vec<T>> = items.iter().map(|item| read(item)).collect();
        let detail = match read {
            Some(values) if items.len() <= ITEMS_MAX => return Some(values),
            Some(_) => format!("must have at most {ITEMS_MAX} items"),
            None => format!("must be {expected}, or a list of them separated by commas"),
        };
        self.faults.push(Fault::parameter(name, detail));
        None
    }

    /// A single value.
    pub fn single<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
        expected: &str,
    ) -> Option<T> {
        let read = read(self.parameters.get(name)?);
        if read.is_none() {
            self.faults.push(Fault::parameter(name, format!("must be {expected}")));
        }
        read
    }

    /// Free text; empty is absent.
    pub fn text(&mut self, name: &'static str, chars_max: usize) -> Option<String> {
        let text = self.parameters.get(name).filter(|text| !text.is_empty())?;
        if text.chars().count() <= chars_max && !text.chars().any(char::is_control) {
            return Some(text.to_owned());
        }
        let detail = format!("must be at most {chars_max} characters without control characters");
        self.faults.push(Fault::parameter(name, detail));
        None
    }

    /// `true` or `false`. Default: `false`.
    pub fn flag(&mut self, name: &'static str) -> bool {
        self.choice(name, &[("false", false), ("true", true)]).unwrap_or_default()
    }

    /// One of the named choices.
    pub fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.parameters.get(name)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            let detail = format!("must be one of {}", words.join(", "));
            self.faults.push(Fault::parameter(name, detail));
        }
        found
    }

    /// A time (RFC 3339).
    pub fn instant(&mut self, name: &'static str) -> Option<Timestamp> {
        let text = self.parameters.get(name)?;
        let read = text.parse().ok();
        if read.is_none() {
            let detail = "must be a time such as 2026-11-24T06:00:00Z (a + has to be sent as %2B)";
            self.faults.push(Fault::parameter(name, detail));
        }
        read
    }

    /// A whole number, 1 or more.
    pub fn position(&mut self, name: &'static str) -> Option<i64> {
        let text = self.parameters.get(name)?;
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let read = text.parse().ok().filter(|number| is_number && *number >= 1);
        if read.is_none() {
            self.faults.push(Fault::parameter(name, "must be a whole number, 1 or more"));
        }
        read
    }
}
