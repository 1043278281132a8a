//! The charts of contacts in numbers: days as bars, hours of the week as a map.

use super::figures::{counted, grouped, percent};
use super::html::{Markup, el, void};
use super::import_html::section;
use super::svg::share;
use crate::model::stats::{ContactFigures, StatsGroup, StatsReport};

/// Contacts that an hour of the week must have reached before its share is shown: fewer tell nothing.
const ENOUGH: u64 = 10;
/// The width and height of an hour of the week, and the space for names.
const CELL: (usize, usize) = (30, 26);
const NAMES: (usize, usize) = (42, 20);
const WEEKDAYS: [(&str, &str); 7] = [
    ("mon", "Mon"),
    ("tue", "Tue"),
    ("wed", "Wed"),
    ("thu", "Thu"),
    ("fri", "Fri"),
    ("sat", "Sat"),
    ("sun", "Sun"),
];

/// Contacts of each day.
pub(super) fn days(report: &StatsReport) -> Markup {
    let most = report.days.iter().map(|day| all(&day.figures)).max().unwrap_or(0);
    if most == 0 {
        return Markup::default();
    }
    let width = 100.0 / report.days.len() as f64;
    let mut bars = Markup::default();
    let label = format!("Contacts by day, at most {}", grouped(most));
    bars.push(el("title", &[], label.as_str()));
    bars.push(void("line", &[("x1", "0"), ("x2", "100%"), ("y1", "100%"), ("y2", "100%")]));
    for (at, day) in report.days.iter().enumerate() {
        let figures = &day.figures;
        let name = day.key.get("day").cloned().flatten().unwrap_or_default();
        let title = format!(
            "{name}: {} reached, {} lost, {} came in",
            grouped(figures.reached),
            grouped(lost(figures)),
            grouped(figures.received)
        );
        let mut below = 0.0;
        let parts = [("ours", figures.reached), ("lost", lost(figures)), ("theirs", figures.received)];
        for (class, amount) in parts.into_iter().filter(|(_, amount)| *amount > 0) {
            let height = share(amount, most) * 100.0;
            below += height;
            bars.push(el(
                "rect",
                &[
                    ("class", class),
                    ("x", &hundredths(at as f64 * width + width * 0.1)),
                    ("width", &hundredths(width * 0.8)),
                    ("y", &hundredths(100.0 - below)),
                    ("height", &hundredths(height)),
                ],
                el("title", &[], title.as_str()),
            ));
        }
    }
    let key = |class: &str, meaning: &str| {
        el("li", &[], [el("span", &[("class", &format!("key {class}"))], ""), Markup::from(meaning)])
    };
    let legend =
        [key("ours", "reached somebody"), key("lost", "failed or refused"), key("theirs", "came in")];
    let named = |at: usize| {
        let day = report.days.get(at).and_then(|day| day.key.get("day").cloned().flatten());
        el("span", &[], day.unwrap_or_default())
    };
    let axis = match report.days.len() {
        1 => vec![named(0)],
        days => vec![named(0), named(days / 2), named(days - 1)],
    };
    let chart = el("svg", &[("class", "chart"), ("role", "img"), ("aria-label", &label)], bars);
    let note = format!("The highest bar stands for {}.", counted(most, "contact", "contacts"));
    section(
        "days",
        "Day by day",
        &note,
        [
            el("ul", &[("class", "legend")], Markup::from_iter(legend)),
            chart,
            el("div", &[("class", "axis")], axis),
        ],
    )
}

fn all(figures: &ContactFigures) -> u64 {
    figures.reached + lost(figures) + figures.received
}

fn lost(figures: &ContactFigures) -> u64 {
    figures.failed + figures.refused
}

/// How many were answered of those reached in each hour of the week, by the clock of the other side.
pub(super) fn hours(report: &StatsReport) -> Markup {
    let told: Vec<(&StatsGroup, usize, usize)> =
        report.hours.iter().filter_map(|group| place(group).map(|(day, hour)| (group, day, hour))).collect();
    let enough = |group: &StatsGroup| group.figures.reached >= ENOUGH;
    let rate = |group: &StatsGroup| group.figures.reply_rate.unwrap_or(0.0);
    let best =
        told.iter().filter(|(group, ..)| enough(group)).map(|(group, ..)| rate(group)).fold(0.0, f64::max);
    if best <= 0.0 {
        return Markup::default();
    }
    let mut cells = Markup::default();
    let label = "Answers by weekday and hour where the other side is";
    cells.push(el("title", &[], label));
    for hour in 0..24 {
        let x = NAMES.0 + hour * CELL.0 + CELL.0 / 2;
        cells.push(el(
            "text",
            &[("class", "hour"), ("x", &x.to_string()), ("y", "12")],
            format!("{hour:02}"),
        ));
    }
    for (day, (_, name)) in WEEKDAYS.iter().enumerate() {
        let y = NAMES.1 + day * CELL.1 + CELL.1 / 2 + 4;
        cells.push(el("text", &[("x", "0"), ("y", &y.to_string())], *name));
        for hour in 0..24 {
            let group = told.iter().find(|(_, d, h)| (*d, *h) == (day, hour)).map(|(group, ..)| *group);
            cells.push(cell(group.filter(|group| enough(group)), day, hour, best));
        }
    }
    let (width, height) = (NAMES.0 + 24 * CELL.0, NAMES.1 + 7 * CELL.1);
    let map = el(
        "svg",
        &[
            ("class", "heat"),
            ("viewBox", &format!("0 0 {width} {height}")),
            ("role", "img"),
            ("aria-label", label),
        ],
        cells,
    );
    let unknown: u64 =
        report.hours.iter().filter(|group| place(group).is_none()).map(|g| g.figures.reached).sum();
    let mut note = format!(
        "Percent answered of those reached in that hour, by the other side's clock; hours with fewer than \
         {ENOUGH} are left empty. {}.",
        best_hours(&told)
    );
    if unknown > 0 {
        note.push_str(&format!(
            " The time zone of {} is not known.",
            counted(unknown, "contact", "contacts")
        ));
    }
    section("hours", "Best hours", &note, map)
}

fn cell(group: Option<&StatsGroup>, day: usize, hour: usize, best: f64) -> Markup {
    let (x, y) = (NAMES.0 + hour * CELL.0, NAMES.1 + day * CELL.1);
    let text = |number: usize| number.to_string();
    let size = [("width", text(CELL.0 - 2)), ("height", text(CELL.1 - 2))];
    let (x_text, y_text) = (text(x), text(y));
    let [(_, width), (_, height)] = &size;
    let at: [(&'static str, &str); 4] =
        [("x", &x_text), ("y", &y_text), ("width", width), ("height", height)];
    let Some(group) = group else {
        let attributes: Vec<(&'static str, &str)> = [("class", "none")].into_iter().chain(at).collect();
        return void("rect", &attributes);
    };
    let figures = &group.figures;
    let rate = figures.reply_rate.unwrap_or(0.0);
    let opacity = format!("{:.2}", 0.08 + 0.72 * rate / best);
    let said = format!(
        "{} {hour:02}:00: {} of {} answered, {}",
        WEEKDAYS.get(day).map_or("", |(_, name)| name),
        grouped(figures.answered),
        grouped(figures.reached),
        percent(figures.answered, figures.reached)
    );
    let attributes: Vec<(&'static str, &str)> =
        [("class", "share"), ("fill-opacity", opacity.as_str())].into_iter().chain(at).collect();
    let middle = (text(x + CELL.0 / 2 - 1), text(y + CELL.1 / 2 + 3));
    [
        el("rect", &attributes, el("title", &[], said)),
        el("text", &[("class", "cell"), ("x", &middle.0), ("y", &middle.1)], format!("{:.0}", rate * 100.0)),
    ]
    .into()
}

/// The weekday and hour of a group.
fn place(group: &StatsGroup) -> Option<(usize, usize)> {
    let word = |name: &str| group.key.get(name).and_then(Option::as_deref);
    let day = WEEKDAYS.iter().position(|(key, _)| Some(*key) == word("weekday"))?;
    Some((day, word("hour_of_day")?.parse().ok().filter(|hour| *hour < 24)?))
}

/// The three hours of the week with the most answers by contact.
fn best_hours(told: &[(&StatsGroup, usize, usize)]) -> String {
    let mut best: Vec<_> = told.iter().filter(|(group, ..)| group.figures.reached >= ENOUGH).collect();
    let rate = |group: &StatsGroup| group.figures.reply_rate.unwrap_or(0.0);
    best.sort_by(|a, b| rate(b.0).total_cmp(&rate(a.0)));
    let shown = best.iter().take(3).map(|(group, day, hour)| {
        format!(
            "{} {hour:02}:00 ({})",
            WEEKDAYS.get(*day).map_or("", |(_, name)| name),
            percent(group.figures.answered, group.figures.reached)
        )
    });
    format!("Best: {}", shown.collect::<Vec<_>>().join(", "))
}

fn hundredths(percent: f64) -> String {
    format!("{percent:.3}%")
}
