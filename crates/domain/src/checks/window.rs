//! Windows of the statistics: whole UTC days until yesterday, and weeks of seven such days. Auth0 omits days without
//! activity, so a missing day is zero. A row that cannot be read makes the window unknown.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::inconclusive::Inconclusive;
use crate::readings::{Count, DailyStats, DayOfActivity, Field};

pub const WEEK: usize = 7;
/// Larger figures are clamped, so that sums and squares do not overflow.
const FIGURE_MAX: u64 = u32::MAX as u64;

/// A figure of a day.
pub type Figure = for<'a> fn(&'a DayOfActivity) -> &'a Field<Count>;

/// The figure of each of the last `days` whole days, oldest first.
pub fn daily(
    stats: &DailyStats,
    observed_at: Timestamp,
    days: usize,
    figure: Figure,
) -> Result<Vec<u64>, Inconclusive> {
    let mut figures = vec![0; days];
    for day in &stats.0 {
        let age = age_days(day, observed_at)?;
        // Yesterday is one day old; today is incomplete.
        let slot = usize::try_from(age).ok().filter(|age| *age > 0);
        if let Some(slot) = slot.and_then(|age| days.checked_sub(age)) {
            figures[slot] = FIGURE_MAX.min(figures[slot] + figure(day).known()?.0.min(FIGURE_MAX));
        }
    }
    Ok(figures)
}

/// The sum over the last `days` whole days.
pub fn sum(
    stats: &DailyStats,
    observed_at: Timestamp,
    days: usize,
    figure: Figure,
) -> Result<u64, Inconclusive> {
    Ok(daily(stats, observed_at, days, figure)?.iter().sum())
}

/// The last week, and twice the median of the four weeks before it.
pub fn last_week_and_twice_the_median(
    stats: &DailyStats,
    observed_at: Timestamp,
    figure: Figure,
) -> Result<(u64, u64), Inconclusive> {
    let figures = daily(stats, observed_at, 5 * WEEK, figure)?;
    let mut weeks: Vec<u64> = figures.chunks(WEEK).map(|week| week.iter().sum()).collect();
    let last = weeks.pop().unwrap_or(0);
    Ok((last, twice_the_median(&mut weeks)))
}

/// Twice, because the median of an even number of figures may lie halfway between two.
pub fn twice_the_median(figures: &mut [u64]) -> u64 {
    figures.sort_unstable();
    let middle = figures.len() / 2;
    match figures.len() {
        0 => 0,
        odd if odd % 2 == 1 => 2 * figures[middle],
        _ => figures[middle - 1] + figures[middle],
    }
}

/// Age of a row in days, relative to `observed_at` (UTC).
pub fn age_days(day: &DayOfActivity, observed_at: Timestamp) -> Result<i64, Inconclusive> {
    let since = date(observed_at).duration_since(date(*day.date.known()?));
    Ok(since.as_hours() / 24)
}

fn date(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inconclusive::UnknownReason;
    use serde_json::{Value, json};

    fn logins(rows: Value, observed_at: &str, days: usize) -> Result<Vec<u64>, Inconclusive> {
        let stats: DailyStats = serde_json::from_value(rows).unwrap();
        daily(&stats, observed_at.parse().unwrap(), days, |day| &day.logins)
    }

    fn row(date: &str, logins: u64) -> Value {
        json!({"date": format!("{date}T00:00:00.000Z"), "logins": logins})
    }

    #[test]
    fn a_window_ends_yesterday_and_missing_days_are_zero() {
        let rows = json!([
            row("2026-06-11", 1),
            row("2026-06-12", 2),
            row("2026-06-14", 4),
            row("2026-06-15", 8)
        ]);
        for observed_at in ["2026-06-15T00:00:00Z", "2026-06-15T23:59:59Z"] {
            assert_eq!(logins(rows.clone(), observed_at, 3), Ok(vec![2, 0, 4]));
        }
        assert_eq!(logins(rows, "2026-06-16T00:00:00Z", 3), Ok(vec![0, 4, 8]));
    }

    #[test]
    fn months_and_leap_years_do_not_matter() {
        let rows = json!([row("2028-02-28", 1), row("2028-02-29", 2), row("2028-03-01", 4)]);
        assert_eq!(logins(rows, "2028-03-02T12:00:00Z", 3), Ok(vec![1, 2, 4]));
    }

    #[test]
    fn a_figure_is_only_needed_inside_the_window() {
        let without = |date: &str| json!([{"date": format!("{date}T00:00:00Z")}]);
        let unknown = Err(Inconclusive::Unknown(UnknownReason::NotUnderstood));
        assert_eq!(logins(without("2026-06-12"), "2026-06-15T12:00:00Z", 2), Ok(vec![0, 0]));
        assert_eq!(logins(without("2026-06-13"), "2026-06-15T12:00:00Z", 2), unknown);
        assert_eq!(logins(without("2026-06-15"), "2026-06-15T12:00:00Z", 2), Ok(vec![0, 0]));
        assert_eq!(logins(json!([{"logins": 1}]), "2026-06-15T12:00:00Z", 2), unknown);
    }

    #[test]
    fn absurd_figures_are_cut() {
        let rows = json!([row("2026-06-14", u64::MAX), row("2026-06-14", u64::MAX)]);
        assert_eq!(logins(rows, "2026-06-15T12:00:00Z", 1), Ok(vec![FIGURE_MAX]));
    }

    #[test]
    fn weeks_are_counted_back_from_yesterday() {
        let rows = json!([
            row("2026-05-10", 99),
            row("2026-05-11", 1),
            row("2026-05-17", 1),
            row("2026-05-18", 4),
            row("2026-05-25", 8),
            row("2026-06-07", 16),
            row("2026-06-08", 5),
            row("2026-06-14", 6),
        ]);
        let stats: DailyStats = serde_json::from_value(rows).unwrap();
        let observed_at = "2026-06-15T12:00:00Z".parse().unwrap();
        let weeks = last_week_and_twice_the_median(&stats, observed_at, |day| &day.logins);
        assert_eq!(weeks, Ok((11, 4 + 8)));
    }

    #[test]
    fn medians_are_doubled() {
        for (mut figures, twice) in
            [(vec![], 0), (vec![3], 6), (vec![9, 1], 10), (vec![5, 1, 3], 6)]
        {
            assert_eq!(twice_the_median(&mut figures), twice);
        }
    }
}
