//! The table: one line for each row.

use std::time::Duration;

/// Measurements of one thing, sorted.
pub struct Samples(Vec<f64>);

impl Samples {
    pub fn new(mut values: Vec<f64>) -> Self {
        assert!(!values.is_empty(), "nothing was measured");
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    pub fn one(value: f64) -> Self {
        Self::new(vec![value])
    }

    pub fn milliseconds(times: &[Duration]) -> Self {
        Self::new(times.iter().map(|time| time.as_secs_f64() * 1000.0).collect())
    }

    /// Of 0 to 100.
    pub fn percentile(&self, percent: usize) -> f64 {
        self.0[(self.0.len() - 1) * percent / 100]
    }

    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    fn spread(&self) -> String {
        match self.0.len() {
            1 => String::new(),
            2..20 => format!("{}..{}", figure(self.0[0]), figure(self.0[self.0.len() - 1])),
            _ => format!("{}..{}", figure(self.percentile(25)), figure(self.percentile(75))),
        }
    }
}

/// What a row is compared with.
pub struct Baseline<'a>(pub &'a str, pub f64);

pub fn heading(topic: &str) {
    println!(
        "\n{topic:<54}{:>9} {:<15}{:>17}{:>9}  {:<42}target",
        "median", "unit", "spread", "ratio", "baseline (= 1)"
    );
}

/// The spread is p25 to p75, or minimum to maximum of fewer than 20 measurements.
pub fn row(work: &str, measured: &Samples, unit: &str, baseline: &Baseline<'_>, target: &str) {
    let Baseline(name, of) = baseline;
    let ratio = measured.median() / of;
    println!(
        "{work:<54}{:>9} {unit:<15}{:>17}{:>9}  {:<42}{target}",
        figure(measured.median()),
        measured.spread(),
        format!("{}×", figure(ratio)),
        format!("{name}: {}", figure(*of)),
    );
}

/// Three significant digits.
pub fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || size == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        size if size >= 0.1 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}
