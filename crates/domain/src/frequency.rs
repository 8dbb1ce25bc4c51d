//! Auto Sync Frequency: the schedule of automatic syncs. The scheduler that queues them is in `store`
//! (`syncs/scheduler.rs`).

use std::str::FromStr;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::fault::pointer_part;

/// Shortest interval in minutes.
pub const FLOOR_MINUTES: i64 = 15;
/// Longest interval in days.
pub const CEILING_DAYS: i64 = 30;
/// Occurrences of a cron expression that are checked against the shortest interval.
const CRON_LOOK_AHEAD: usize = 200;
const DEFAULT_EVERY: &str = "1d";

#[derive(Debug, Clone)]
pub enum Frequency {
    /// No automatic syncs.
    Manual,
    Every(Interval),
    /// A five-field cron expression in a time zone.
    Cron(Box<CronSchedule>),
}

/// A whole number of minutes, hours or days, as written.
#[derive(Debug, Clone)]
pub struct Interval {
    text: String,
    minutes: i64,
}

/// A cron expression with its time zone.
#[derive(Debug, Clone)]
pub struct CronSchedule {
    text: String,
    cron: Cron,
    time_zone: String,
    zone: TimeZone,
}

impl Default for Frequency {
    fn default() -> Self {
        Self::Every(Interval { text: DEFAULT_EVERY.into(), minutes: 24 * 60 })
    }
}

impl PartialEq for Frequency {
    /// Compares schedules by effect: `24h` equals `1d`.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Every(one), Self::Every(other)) => one.minutes == other.minutes,
            (one, other) => one.to_json() == other.to_json(),
        }
    }
}

impl Frequency {
    /// Parses the JSON form. Faults are pairs of pointer below the field and detail.
    pub fn parse(value: &Value) -> Result<Self, Vec<(String, String)>> {
        let frequency = Self::read(value)?;
        if let Self::Cron(schedule) = &frequency {
            schedule.check_floor().map_err(|detail| vec![("/cron".to_owned(), detail)])?;
        }
        Ok(frequency)
    }

    fn read(value: &Value) -> Result<Self, Vec<(String, String)>> {
        let shape = || {
            vec![(
                String::new(),
                r#"must be "manual", {"every": "15m" … "30d"} or {"cron": "0 3 * * *", "time_zone": "Europe/Berlin"}"#
                    .to_owned(),
            )]
        };
        match value {
            Value::String(text) if text == "manual" => Ok(Self::Manual),
            Value::Object(map) if map.contains_key("every") != map.contains_key("cron") => {
                let known: &[&str] =
                    if map.contains_key("every") { &["every"] } else { &["cron", "time_zone"] };
                let mut faults: Vec<_> = (map.keys().filter(|key| !known.contains(&key.as_str())))
                    .map(|key| {
                        (format!("/{}", pointer_part(key)), "is not a known field".to_owned())
                    })
                    .collect();
                let read = match map.get("every") {
                    Some(every) => Self::parse_every(every),
                    None => Self::parse_cron(&map["cron"], map.get("time_zone")),
                };
                match read {
                    Ok(frequency) if faults.is_empty() => Ok(frequency),
                    Ok(_) => Err(faults),
                    Err(more) => {
                        faults.extend(more);
                        Err(faults)
                    }
                }
            }
            _ => Err(shape()),
        }
    }

    fn parse_every(value: &Value) -> Result<Self, Vec<(String, String)>> {
        let interval = value.as_str().and_then(Interval::parse).ok_or_else(|| {
            let detail = r#"must be a number of minutes, hours or days from "15m" to "30d""#;
            vec![("/every".to_owned(), detail.to_owned())]
        })?;
        Ok(Self::Every(interval))
    }

    fn parse_cron(cron: &Value, zone: Option<&Value>) -> Result<Self, Vec<(String, String)>> {
        let mut faults = Vec::new();
        let zone = match zone.filter(|zone| !zone.is_null()).map_or(Some("UTC"), Value::as_str) {
            Some(name) => TimeZone::get(name).ok().map(|zone| (name.to_owned(), zone)),
            None => None,
        };
        if zone.is_none() {
            let detail = "must be an IANA time zone such as Europe/Berlin";
            faults.push(("/time_zone".to_owned(), detail.to_owned()));
        }
        let parsed = cron.as_str().ok_or_else(String::new).and_then(parse_cron_text);
        let parsed = parsed.inspect_err(|why| {
            let detail = format!("must be a cron expression of five fields such as 0 3 * * *{why}");
            faults.push(("/cron".to_owned(), detail));
        });
        let (Ok(cron), Some((time_zone, zone))) = (parsed, zone) else { return Err(faults) };
        let text = cron.pattern.to_string();
        Ok(Self::Cron(Box::new(CronSchedule { text, cron, time_zone, zone })))
    }

    /// Parses the output of [`Frequency::to_json`] without validating it again: a page of findings parses
    /// hundreds.
    pub fn from_stored(value: &Value) -> Option<Self> {
        Self::read(value).ok()
    }

    /// The JSON form, as entered.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Manual => json!("manual"),
            Self::Every(interval) => json!({"every": interval.text}),
            Self::Cron(c) => json!({"cron": c.text, "time_zone": c.time_zone}),
        }
    }

    /// The first run strictly after `at`; none for manual. A run skipped by a clock change happens once; a
    /// repeated one does not happen twice.
    pub fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Manual => None,
            Self::Every(interval) => at.checked_add(interval.duration()).ok(),
            Self::Cron(schedule) => schedule.next_after(at),
        }
    }

    /// Longest distance between two runs, used for staleness. None for manual.
    pub fn interval(&self, at: Timestamp) -> Option<SignedDuration> {
        match self {
            Self::Manual => None,
            Self::Every(interval) => Some(interval.duration()),
            Self::Cron(schedule) => {
                let first = schedule.next_after(at)?;
                let second = schedule.next_after(first)?;
                Some(second.duration_since(first).max(first.duration_since(at)))
            }
        }
    }
}

impl Interval {
    fn parse(text: &str) -> Option<Self> {
        let unit = text.chars().last()?;
        let per_unit = match unit {
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            _ => return None,
        };
        let digits = &text[..text.len() - 1];
        if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let minutes = i64::from_str(digits).ok()? * per_unit;
        (FLOOR_MINUTES..=CEILING_DAYS * 24 * 60)
            .contains(&minutes)
            .then(|| Self { text: text.to_owned(), minutes })
    }

    fn duration(&self) -> SignedDuration {
        SignedDuration::from_mins(self.minutes)
    }
}

fn parse_cron_text(text: &str) -> Result<Cron, String> {
    if text.len() > 120 || text.split_ascii_whitespace().count() != 5 {
        return Err(String::new());
    }
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build()
        .parse(text)
        .map_err(|e| format!(" ({e})"))
}

impl CronSchedule {
    fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        let local = at.to_zoned(self.zone.clone());
        self.cron.find_next_occurrence(&local, false).ok().map(|z| z.timestamp())
    }

    fn check_floor(&self) -> Result<(), String> {
        // The parser accepts an empty list as a field that never matches, and would search for an
        // occurrence through thousands of years.
        if self.text.split_ascii_whitespace().any(|field| field.split(',').any(str::is_empty)) {
            return Err("must not have a list with an empty member".into());
        }
        // A fixed start, so that validation does not depend on the current day.
        let mut at = Timestamp::UNIX_EPOCH;
        let mut previous: Option<Timestamp> = None;
        for _ in 0..CRON_LOOK_AHEAD {
            let Some(next) = self.next_after(at) else {
                return Err("never occurs".into());
            };
            let floor = SignedDuration::from_mins(FLOOR_MINUTES);
            if previous.is_some_and(|earlier| next.duration_since(earlier) < floor) {
                return Err(format!(
                    "must not occur more often than every {FLOOR_MINUTES} minutes"
                ));
            }
            (previous, at) = (Some(next), next);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
