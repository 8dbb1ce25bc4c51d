//! The score as a ring, and its trend as a line chart: SVG without styles of its own.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::{Point, text};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 160.0;
/// Left of the chart, for the labels.
const LEFT: f64 = 34.0;
const TOP: f64 = 8.0;
/// Circumference of a circle with radius 54.
const AROUND: f64 = 339.292;

pub fn ring(score: Option<u8>) -> Markup {
    let filled = f64::from(score.unwrap_or(0)) / 100.0 * AROUND;
    let label = format!("Score {} of 100", text::score(score));
    html! {
        svg.ring viewBox="0 0 128 128" role="img" aria-label=(label) {
            circle.track cx="64" cy="64" r="54" {}
            circle.filled cx="64" cy="64" r="54" transform="rotate(-90 64 64)"
                stroke-dasharray={ (format!("{filled:.1}")) " " (AROUND) } {}
            text.number x="64" y="70" { (score.map_or_else(|| "–".to_owned(), |n| n.to_string())) }
            text.label x="64" y="90" { "of 100" }
        }
    }
}

/// The trend of score and coverage. Empty for fewer than two points.
pub fn chart(history: &[Point]) -> Markup {
    let (Some(first), Some(last)) = (history.first(), history.last()) else { return html! {} };
    if first.at >= last.at {
        return html! {};
    }
    let score = lines(history, |point| point.score);
    let coverage = lines(history, |point| point.coverage_percent);
    let label = format!(
        "Score from {} on {} to {} on {}",
        text::score(first.score),
        text::date(first.at),
        text::score(last.score),
        text::date(last.at),
    );
    html! {
        section {
            h2 { "Trend" }
            svg.trend viewBox={ "0 0 " (WIDTH) " " (HEIGHT + 32.0) } role="img" aria-label=(label) {
                @for percent in [0_u8, 50, 100] {
                    line.grid x1=(LEFT) x2=(WIDTH) y1=(y(percent)) y2=(y(percent)) {}
                    text.axis x=(LEFT - 8.0) y=(y(percent) + 4.0) text-anchor="end" { (percent) }
                }
                @for points in &coverage { polyline.coverage points=(points) {} }
                @for points in &score { polyline.score points=(points) {} }
                text.axis x=(LEFT) y=(HEIGHT + 28.0) { (text::date(first.at)) }
                text.axis x=(WIDTH) y=(HEIGHT + 28.0) text-anchor="end" { (text::date(last.at)) }
            }
            p.legend { span.score { "Score" } " " span.coverage { "Coverage in percent" } }
        }
    }
}

/// A line for each run of points with a value. A lone point is drawn as a short line.
fn lines(history: &[Point], value: impl Fn(&Point) -> Option<u8>) -> Vec<String> {
    let (Some(first), Some(last)) = (history.first(), history.last()) else { return Vec::new() };
    let mut lines: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for point in history {
        match (value(point), lines.last_mut()) {
            (Some(percent), Some(line)) => line.push((x(point.at, first.at, last.at), y(percent))),
            (None, _) => lines.push(Vec::new()),
            (Some(_), None) => {}
        }
    }
    let drawn = lines.into_iter().filter(|line| !line.is_empty());
    drawn
        .map(|mut line| {
            if let [(x, y)] = line[..] {
                line.push((x + 1.0, y));
            }
            let points = line.iter().map(|(x, y)| format!("{x:.1},{y:.1}"));
            points.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

fn x(at: Timestamp, first: Timestamp, last: Timestamp) -> f64 {
    let whole = last.duration_since(first).as_secs_f64();
    LEFT + (WIDTH - LEFT) * at.duration_since(first).as_secs_f64() / whole
}

fn y(percent: u8) -> f64 {
    TOP + HEIGHT * (1.0 - f64::from(percent) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(day: i64, score: Option<u8>) -> Point {
        let at = Timestamp::from_second(day * 86_400).unwrap();
        Point { at, score, coverage_percent: Some(100) }
    }

    #[test]
    fn a_sync_without_a_score_interrupts_the_line() {
        let history = [point(0, Some(0)), point(1, Some(100)), point(2, None), point(4, Some(50))];
        assert_eq!(lines(&history, |p| p.score), ["34.0,168.0 205.5,8.0", "720.0,88.0 721.0,88.0"]);
        assert!(chart(&history).0.contains("Score from 0 on 1970-01-01 to 50 on 1970-01-05"));
    }

    #[test]
    fn one_point_has_no_trend() {
        assert_eq!(chart(&[point(0, Some(1))]).0, "");
        assert_eq!(chart(&[]).0, "");
    }
}
