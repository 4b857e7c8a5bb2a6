//! A small line that says how it went lately.

use super::chart::rounded;
use maud::{Markup, html};

/// A small line without axes, the last value's day not over.
pub(crate) fn spark(values: &[f64]) -> Markup {
    let top = values.iter().copied().fold(1.0, f64::max);
    let points: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(place, value)| {
            let x = place as f64 / (values.len().max(2) - 1) as f64 * 100.0;
            format!("{} {}", rounded(x), rounded(100.0 - value / top * 96.0))
        })
        .collect();
    let finished = points.len().saturating_sub(1);
    let line = format!("M{}", points[..finished].join("L"));
    let end = finished.saturating_sub(1) as f64 / (values.len().max(2) - 1) as f64 * 100.0;
    html! {
        svg.spark viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" {
            @if finished > 0 && values.iter().any(|value| *value > 0.0) {
                path.area d={ (line) "L" (rounded(end)) " 100L0 100z" } {}
                path.line d=(line) {}
                path.line.dotted d={ "M" (points[finished - 1]) "L" (points[finished]) } {}
            }
        }
    }
}
