use super::*;
use proptest::prelude::*;

fn read(value: &Value) -> Result<Frequency, Vec<(String, String)>> {
    Frequency::parse(value)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn each_form_is_read_and_written_back_unchanged() {
    for value in [
        json!("manual"),
        json!({"every": "15m"}),
        json!({"every": "30d"}),
        json!({"cron": "0 3 * * *", "time_zone": "Europe/Berlin"}),
    ] {
        assert_eq!(read(&value).unwrap().to_json(), value);
    }
    let cron = read(&json!({"cron": "0 3 * * *"})).unwrap();
    assert_eq!(cron.to_json(), json!({"cron": "0 3 * * *", "time_zone": "UTC"}));
    assert_eq!(read(&json!({"cron": "0 3 * * *", "time_zone": null})), Ok(cron));
}

#[test]
fn the_same_interval_in_other_units_is_the_same() {
    let day = read(&json!({"every": "1d"})).unwrap();
    assert_eq!(day, read(&json!({"every": "24h"})).unwrap());
    assert_ne!(day, read(&json!({"every": "23h"})).unwrap());
}

#[test]
fn invalid_frequencies_are_reported_with_their_pointer() {
    for (value, pointer) in [
        (json!("daily"), ""),
        (json!(null), ""),
        (json!({}), ""),
        (json!({"every": "1d", "cron": "0 3 * * *"}), ""),
        (json!({"every": "14m"}), "/every"),
        (json!({"every": "31d"}), "/every"),
        (json!({"every": "1w"}), "/every"),
        (json!({"every": "é"}), "/every"),
        (json!({"every": 900}), "/every"),
        (json!({"every": "1d", "x": 1}), "/x"),
        (json!({"cron": "* * * * *"}), "/cron"),
        (json!({"cron": "0 0 31 2 *"}), "/cron"),
        (json!({"cron": "0 3 * *"}), "/cron"),
        (json!({"cron": ", 0 1 1 *"}), "/cron"),
        (json!({"cron": "0 3,,4 * * *"}), "/cron"),
        (json!({"cron": "0 3 * * 1,"}), "/cron"),
        (json!({"cron": "0 0 3 * * *"}), "/cron"),
        (json!({"cron": "0 3 * * *", "time_zone": "Mars/Base"}), "/time_zone"),
    ] {
        let faults = read(&value).unwrap_err();
        assert_eq!(faults[0].0, pointer, "{value}");
    }
    assert_eq!(read(&json!({"cron": "x", "time_zone": "x"})).unwrap_err().len(), 2);
}

#[test]
fn a_stored_frequency_is_read_even_if_no_longer_valid() {
    let stored = json!({"cron": "0 3,,4 * * *", "time_zone": "UTC"});
    let frequency = Frequency::from_stored(&stored).unwrap();
    assert_eq!(frequency.to_json(), stored);
}

#[test]
fn a_cron_run_follows_the_local_clock_through_summer_time() {
    let f = read(&json!({"cron": "0 3 * * *", "time_zone": "Europe/Berlin"})).unwrap();
    assert_eq!(f.next_after(at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T01:00:00Z")));
    assert_eq!(f.next_after(at("2026-10-24T12:00:00Z")), Some(at("2026-10-25T02:00:00Z")));
}

#[test]
fn a_skipped_local_time_runs_once_and_a_repeated_one_not_twice() {
    let f = read(&json!({"cron": "30 2 * * *", "time_zone": "Europe/Berlin"})).unwrap();
    let first = f.next_after(at("2026-03-28T12:00:00Z")).unwrap();
    assert_eq!(first.to_string()[..10], *"2026-03-29");
    assert_eq!(f.next_after(first).unwrap().to_string()[..10], *"2026-03-30");
    let first = f.next_after(at("2026-10-24T12:00:00Z")).unwrap();
    assert_eq!(f.next_after(first).unwrap().to_string()[..10], *"2026-10-26");
}

proptest! {
    #[test]
    fn the_next_run_is_always_later(minutes in 15i64..43_200, s in 0i64..4_000_000_000) {
        let f = read(&json!({"every": format!("{minutes}m")})).unwrap();
        let now = Timestamp::from_second(s).unwrap();
        let next = f.next_after(now).unwrap();
        prop_assert_eq!(next.duration_since(now), SignedDuration::from_mins(minutes));
    }

    #[test]
    fn cron_text_never_panics(text in "\\PC{0,40}", zone in "\\PC{0,20}") {
        let _ = read(&json!({"cron": text, "time_zone": zone}));
    }
}
