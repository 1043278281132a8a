//! Charts as inline SVG: plain rectangles in percent of their width, coloured by the style sheet.

use super::html::{Markup, el, void};
use crate::model::issue::Severity;

/// One part of a stacked bar.
pub(super) struct Part<'a> {
    /// The class that colours it.
    pub class: &'a str,
    /// What it says when pointed at.
    pub title: String,
    /// How much.
    pub amount: u64,
}

/// A stacked bar over the whole width; its parts add up to exactly the whole.
pub(super) fn stacked(label: &str, parts: &[Part]) -> Markup {
    let amounts: Vec<u64> = parts.iter().map(|part| part.amount).collect();
    let mut at = 0;
    let mut content = vec![el("title", &[], label)];
    for (part, width) in parts.iter().zip(widths(&amounts)) {
        if width > 0 {
            content.push(el(
                "rect",
                &[
                    ("class", part.class),
                    ("x", &hundredths(at)),
                    ("width", &hundredths(width)),
                    ("height", "100%"),
                ],
                el("title", &[], part.title.as_str()),
            ));
        }
        at += width;
    }
    el("svg", &[("class", "outcome"), ("role", "img"), ("aria-label", label)], content)
}

/// A small bar beside the number that says the same; hence silent for screen readers.
pub(super) fn small(share: f64) -> Markup {
    el(
        "svg",
        &[("class", "small"), ("aria-hidden", "true")],
        [rect("track", 10_000, "0", "100%"), rect("fill", width_of(share), "0", "100%")],
    )
}

/// A small bar for sizes among each other, not shares of a whole: without a track.
pub(super) fn plain(share: f64) -> Markup {
    el("svg", &[("class", "small"), ("aria-hidden", "true")], rect("fill", width_of(share), "0", "100%"))
}

/// Two bars, one below the other: filled and valid cells before, filled fields after.
pub(super) fn before_after(label: &str, filled: f64, valid: f64, after: f64) -> Markup {
    el(
        "svg",
        &[("class", "pair"), ("role", "img"), ("aria-label", label)],
        [
            el("title", &[], label),
            rect("track", 10_000, "0", "10"),
            rect("invalid", width_of(filled), "0", "10"),
            rect("before", width_of(valid.min(filled)), "0", "10"),
            rect("track", 10_000, "14", "10"),
            rect("after", width_of(after), "14", "10"),
        ],
    )
}

/// A mark for a severity, told apart by its shape as well as by its colour.
pub(super) fn mark(severity: Severity) -> Markup {
    let (class, shape) = match severity {
        Severity::Error => ("mark error", "M5 0 10 5 5 10 0 5Z"),
        Severity::Warning => ("mark warning", "M5 .5 10 9.5H0Z"),
        Severity::Info => ("mark info", "M5 1a4 4 0 1 0 0 8 4 4 0 1 0 0-8Z"),
    };
    el(
        "svg",
        &[("class", class), ("viewBox", "0 0 10 10"), ("aria-hidden", "true")],
        void("path", &[("d", shape)]),
    )
}

/// The share of a part in a whole, for bars: 0 to 1, and 0 of nothing.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64).clamp(0.0, 1.0) }
}

/// Widths in hundredths of a percent: in proportion, at least a visible sliver for each part
/// that is not nothing, and 100 percent in sum.
fn widths(amounts: &[u64]) -> Vec<u32> {
    const WHOLE: u32 = 10_000;
    const SLIVER: u32 = 80;
    let total: u128 = amounts.iter().map(|amount| u128::from(*amount)).sum();
    if total == 0 {
        return vec![0; amounts.len()];
    }
    let mut widths: Vec<u32> = amounts
        .iter()
        .map(|amount| match u128::from(*amount) * u128::from(WHOLE) / total {
            _ if *amount == 0 => 0,
            width => (width as u32).max(SLIVER),
        })
        .collect();
    // The largest gives or takes what rounding and slivers left over; it feels it least.
    let sum: u32 = widths.iter().sum();
    if let Some(largest) = widths.iter_mut().max_by_key(|width| **width) {
        *largest = (*largest + WHOLE).saturating_sub(sum);
    }
    widths
}

fn width_of(share: f64) -> u32 {
    let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
    let width = (share * 10_000.0).round() as u32;
    match width {
        // Some is never drawn as none, and almost all never as all.
        0 if share > 0.0 => 100,
        1..100 => 100,
        9_901..=10_000 if share < 1.0 => 9_900,
        width => width,
    }
}

fn rect(class: &str, width: u32, y: &str, height: &str) -> Markup {
    if width == 0 {
        return Markup::default();
    }
    void("rect", &[("class", class), ("y", y), ("width", &hundredths(width)), ("height", height)])
}

fn hundredths(width: u32) -> String {
    format!("{}.{:02}%", width / 100, width % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_add_up_and_show_every_part() {
        let cases: [&[u64]; 6] = [
            &[9_412, 0, 120, 254, 214],
            &[1, 1, 1],
            &[1_000_000, 1, 1, 1, 1],
            &[0, 0, 7],
            &[u64::MAX, u64::MAX, 1],
            &[333, 333, 334, 5],
        ];
        for amounts in cases {
            let widths = widths(amounts);
            assert_eq!(widths.iter().sum::<u32>(), 10_000, "{amounts:?} {widths:?}");
            for (amount, width) in amounts.iter().zip(&widths) {
                assert_eq!(*amount == 0, *width == 0, "{amounts:?} {widths:?}");
            }
        }
        assert_eq!(widths(&[0, 0]), [0, 0]);
    }

    #[test]
    fn small_bars_never_lie_at_the_ends() {
        assert_eq!((width_of(0.0), width_of(1.0)), (0, 10_000));
        assert_eq!((width_of(1e-9), width_of(1.0 - 1e-9)), (100, 9_900));
        assert_eq!((width_of(f64::NAN), width_of(-3.0), width_of(9.0)), (0, 0, 10_000));
        assert_eq!(width_of(0.5), 5_000);
    }
}
