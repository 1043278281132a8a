//! The page of contacts in numbers: what one would show a sales manager.

use super::figures::{counted, grouped, percent};
use super::html::{Markup, clipped, el, page};
use super::import_html::section;
use super::stats_charts::{days, hours};
use super::svg::{plain, share};
use crate::model::stats::{ContactFigures, StatsGroup, StatsReport};

/// Rows of a table.
const ROWS: usize = 12;

/// Contacts in numbers as one self-contained HTML page.
///
/// Charts are inline SVG; there are no scripts, and nothing is requested from anywhere, which the page's
/// own policy (CSP) enforces. Names are always escaped. Equal reports give equal pages.
///
/// ```
/// use leadkit_core::model::stats::{ContactFigures, StatsReport};
/// use leadkit_core::report::stats_html;
///
/// let total = ContactFigures { contacts: 1_200, reached: 1_000, answered: 140, ..Default::default() };
/// let report = StatsReport { title: "Spring <2026>".into(), total, ..Default::default() };
/// let html = stats_html(&report);
/// assert!(html.contains("1,000 contacts of ours reached somebody; 14\u{a0}% of them were answered."));
/// assert!(html.contains("Spring &lt;2026&gt;") && !html.contains("<script"));
/// ```
pub fn stats_html(report: &StatsReport) -> String {
    let body: Markup = [
        el(
            "main",
            &[],
            [
                header(report),
                headline(report),
                days(report),
                table("channels", "Channels", "Channel", "channel", &report.channels),
                hours(report),
                table("owners", "Owners", "Owner", "owner", &report.owners),
                table("campaigns", "Campaigns", "Campaign", "campaign", &report.campaigns),
                table("templates", "Templates", "Template", "template", &report.templates),
                table("countries", "Countries", "Country", "country", &report.countries),
                meaning(),
            ],
        ),
        el("footer", &[], el("p", &[], format!("leadkit {}", env!("CARGO_PKG_VERSION")))),
    ]
    .into();
    page(&format!("{}: contacts in numbers", report.title), STYLE, body)
}

/// What this page needs beside the style of all.
pub(super) const STYLE: &str = include_str!("stats.css");

fn header(report: &StatsReport) -> Markup {
    let day = |group: Option<&StatsGroup>| group.and_then(|group| group.key.get("day").cloned().flatten());
    let time = match (day(report.days.first()), day(report.days.last())) {
        (Some(first), Some(last)) if first == last => format!("{first} · {}", report.time_zone),
        (Some(first), Some(last)) => format!("{first} to {last} · {}", report.time_zone),
        _ => report.time_zone.clone(),
    };
    el(
        "header",
        &[],
        [
            el("p", &[("class", "kind")], format!("Contacts in numbers · {time}")),
            el("h1", &[], el("bdi", &[], report.title.as_str())),
            el("p", &[("class", "verdict")], verdict(&report.total)),
        ],
    )
}

fn verdict(total: &ContactFigures) -> String {
    if total.contacts == 0 {
        return "There were no contacts in this time.".to_string();
    }
    if total.reached == 0 {
        return format!(
            "None of our contacts reached anybody; {} came in.",
            counted(total.received, "contact", "contacts")
        );
    }
    let half = match total.reply_times {
        Some(times) => format!(", half of these within {}", about(times.median)),
        None => String::new(),
    };
    format!(
        "{} of ours reached somebody; {} of them were answered{half}.",
        counted(total.reached, "contact", "contacts"),
        percent(total.answered, total.reached),
    )
}

fn headline(report: &StatsReport) -> Markup {
    let (now, before) = (&report.total, &report.before);
    let median = |figures: &ContactFigures| figures.reply_times.map(|times| times.median);
    let mut tiles = vec![
        tile("Reached", grouped(now.reached), grown(now.reached, before.reached)),
        tile(
            "Delivered",
            percent(now.delivered, now.sent),
            points(now.delivery_rate, before.delivery_rate, true),
        ),
        tile("Answered", percent(now.answered, now.reached), points(now.reply_rate, before.reply_rate, true)),
        tile("Median reply", median(now).map_or("–".into(), about), quicker(median(now), median(before))),
        tile(
            "Opted out",
            percent(now.opted_out, now.reached),
            points(now.opt_out_rate, before.opt_out_rate, false),
        ),
        tile("Came in", grouped(now.received), grown(now.received, before.received)),
    ];
    for (currency, amount) in &now.cost {
        let was = before.cost.get(currency).map(|amount| format!("{} before", money(amount)));
        tiles.push(tile(
            "Cost",
            format!("{}\u{a0}{currency}", money(amount)),
            was.map(|was| el("span", &[("class", "muted")], was)),
        ));
    }
    let note = "Small print compares with as many days before.";
    el(
        "section",
        &[("aria-label", "Headline figures")],
        [el("dl", &[("class", "tiles figures")], tiles), el("p", &[("class", "note")], note)],
    )
}

fn tile(label: &str, figure: String, below: Option<Markup>) -> Markup {
    let mut content: Markup = [el("dt", &[], label), el("dd", &[("class", "count")], figure)].into();
    if let Some(below) = below {
        content.push(el("dd", &[("class", "muted")], below));
    }
    el("div", &[("class", "tile")], content)
}

fn grown(now: u64, before: u64) -> Option<Markup> {
    if before == 0 {
        return None;
    }
    let change = (now as f64 / before as f64 - 1.0) * 100.0;
    let text = match change.round() {
        0.0 => "as before".to_string(),
        change if change > 0.0 => format!("▲ {change:.0}\u{a0}%"),
        change => format!("▼ {:.0}\u{a0}%", -change),
    };
    Some(el("span", &[], text))
}

/// How much a rate has changed, in points.
fn points(now: Option<f64>, before: Option<f64>, more_is_better: bool) -> Option<Markup> {
    let change = (now? - before?) * 100.0;
    let text = format!("{change:.1}");
    let text = text.trim_start_matches('-');
    if text == "0.0" {
        return Some(el("span", &[], "as before"));
    }
    let class = if (change > 0.0) == more_is_better { "better" } else { "worse" };
    let arrow = if change > 0.0 { "▲" } else { "▼" };
    Some(el("span", &[("class", class)], format!("{arrow} {text} points")))
}

fn quicker(now: Option<f64>, before: Option<f64>) -> Option<Markup> {
    let (now, before) = (now?, before?);
    let class = if now <= before { "better" } else { "worse" };
    Some(el("span", &[("class", class)], format!("{} before", about(before))))
}

/// A time as people say it: `40 s`, `33 min`, `5.2 h`, `3.1 days`.
fn about(seconds: f64) -> String {
    match seconds {
        s if s < 60.0 => format!("{s:.0} s"),
        s if s < 90.0 * 60.0 => format!("{:.0} min", s / 60.0),
        s if s < 36.0 * 3_600.0 => format!("{:.1} h", s / 3_600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}

/// A decimal number to two places, with commas between thousands.
pub(super) fn money(amount: &str) -> String {
    let (sign, digits) = amount.strip_prefix('-').map_or(("", amount), |digits| ("-", digits));
    let cents = (digits.parse::<f64>().unwrap_or(0.0) * 100.0).round() as u64;
    format!("{sign}{}.{:02}", grouped(cents / 100), cents % 100)
}

/// Groups, the largest first, as a table; nothing where there is nothing to tell apart.
fn table(id: &'static str, heading: &str, head: &str, key: &str, groups: &[StatsGroup]) -> Markup {
    let named = |group: &&StatsGroup| group.key.get(key).is_some_and(Option::is_some);
    if !groups.iter().any(|group| named(&group)) {
        return Markup::default();
    }
    let most = groups.iter().map(|group| group.figures.contacts).max().unwrap_or(0);
    let heads = [head, "Contacts", "Delivered", "Answered", "Median", "Opted out", "Cost"];
    let mut columns = Markup::default();
    for head in heads {
        columns.push(el("th", &[("scope", "col")], head));
    }
    let rows = groups.iter().take(ROWS).map(|group| row(group, key, most, &heads));
    let more = match groups.len().saturating_sub(ROWS) {
        0 => String::new(),
        more => format!("The largest {ROWS}; {} more are left out.", grouped(more as u64)),
    };
    let table = el(
        "table",
        &[("class", "stats")],
        [el("thead", &[], el("tr", &[], columns)), el("tbody", &[], Markup::from_iter(rows))],
    );
    section(id, heading, &more, table)
}

fn row(group: &StatsGroup, key: &str, most: u64, heads: &[&str; 7]) -> Markup {
    let figures = &group.figures;
    let name = match group.key.get(key).and_then(Option::as_deref) {
        Some(name) => el("bdi", &[], clipped(name)),
        None => el("span", &[("class", "left-out")], "none"),
    };
    let bar: Markup = el(
        "span",
        &[("class", "bar")],
        [plain(share(figures.contacts, most)), Markup::from(grouped(figures.contacts))],
    );
    let cost: Vec<String> =
        figures.cost.iter().map(|(currency, amount)| format!("{}\u{a0}{currency}", money(amount))).collect();
    let dash = || "–".to_string();
    let cells = [
        percent(figures.delivered, figures.sent),
        percent(figures.answered, figures.reached),
        figures.reply_times.map_or_else(dash, |times| about(times.median)),
        percent(figures.opted_out, figures.reached),
        if cost.is_empty() { dash() } else { cost.join(" + ") },
    ];
    let mut content = el("th", &[("scope", "row")], name);
    let cells = [bar].into_iter().chain(cells.into_iter().map(Markup::from));
    for (head, cell) in heads.iter().skip(1).zip(cells) {
        content.push(el("td", &[("data-head", head)], cell));
    }
    el("tr", &[], content)
}

fn meaning() -> Markup {
    let note = "Contacts: messages, calls and whatever else was entered, in both directions. Delivered: of \
         those that a provider was handed. Answered and opted out: of ours that reached somebody, which are \
         those handed over that did not fail, and those entered; an answer counts at the time of what it \
         answers. Cost: as billed, or else as expected.";
    section("meaning", "What the figures mean", note, "")
}
