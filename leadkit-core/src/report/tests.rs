//! What holds for every page, whatever is in its report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::html::STYLE;
use super::{import_html, samples};
use crate::model::report::ImportReport;

/// A page without its style sheet, which has rules of its own.
fn markup(report: &ImportReport) -> String {
    let page = import_html(report);
    assert_eq!(page.matches(STYLE).count(), 1);
    page.replace(STYLE, "")
}

/// A start tag: its name and its attributes, still escaped.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn get(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }
}

/// Reads a page as strictly as XML: every tag closed in order, every attribute quoted and named
/// once, every `&` an entity. Returns the start tags.
fn parse(page: &str) -> Vec<Tag> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").expect("a doctype");
    let (mut open, mut tags) = (Vec::new(), Vec::new());
    while let Some(at) = rest.find('<') {
        check_text(&rest[..at]);
        let end = at + rest[at..].find('>').expect("a tag that ends");
        let inside = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed in order");
            continue;
        }
        let (inside, void) = inside.strip_suffix(" /").map_or((inside, false), |inside| (inside, true));
        let (name, mut list) = inside.split_once(' ').unwrap_or((inside, ""));
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{name}");
        let mut tag = Tag { name: name.to_string(), attributes: Vec::new() };
        while !list.is_empty() {
            let (key, after) = list.split_once("=\"").expect("a quoted attribute");
            let (text, after) = after.split_once('"').expect("a closed quote");
            check_text(text);
            assert!(tag.get(key).is_none(), "{key} twice");
            tag.attributes.push((key.to_string(), text.to_string()));
            list = after.trim_start();
        }
        if !void {
            open.push(name.to_string());
        }
        tags.push(tag);
    }
    assert_eq!(open, Vec::<String>::new(), "all closed");
    assert_eq!(rest.trim(), "");
    tags
}

fn check_text(text: &str) {
    assert!(!text.contains(['>', '"', '\'']), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    for part in text.split('&').skip(1) {
        let entity = part.split(';').next().unwrap();
        assert!(["amp", "lt", "gt", "quot", "#39"].contains(&entity), "{entity}");
    }
}

#[test]
fn every_page_is_well_formed_and_asks_for_nothing() {
    for (name, report) in samples::all() {
        let page = markup(&report);
        let policy = "http-equiv=\"Content-Security-Policy\" \
                      content=\"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;\"";
        assert_eq!(page.matches(policy).count(), 1, "{name}");
        assert!(!page.replace(policy, "").contains("http"), "{name}");
        assert!(!page.to_lowercase().contains("<script"), "{name}");
        for tag in parse(&page) {
            let allowed = "html head meta title style body main header footer section h1 h2 p dl dt dd div span \
                           code bdi ul li table thead tbody tr th td svg rect path";
            assert!(allowed.split_whitespace().any(|a| a == tag.name), "{name}: <{}>", tag.name);
            for (key, _) in &tag.attributes {
                assert!(!key.starts_with("on") && !["src", "href", "style"].contains(&key.as_str()), "{key}");
            }
        }
    }
}

#[test]
fn every_page_can_be_heard() {
    for (name, report) in samples::all() {
        let tags = parse(&markup(&report));
        let ids: Vec<_> = tags.iter().filter_map(|t| t.get("id")).collect();
        assert_eq!(tags.iter().filter(|t| t.name == "h1").count(), 1, "{name}");
        for tag in &tags {
            match tag.name.as_str() {
                "html" => assert_eq!(tag.get("lang"), Some("en")),
                "th" => assert!(tag.get("scope").is_some(), "{name}"),
                "svg" => {
                    let label = tag.get("role") == Some("img")
                        && tag.get("aria-label").is_some_and(|l| !l.is_empty());
                    assert!(label || tag.get("aria-hidden") == Some("true"), "{name}");
                }
                _ => {}
            }
            if let Some(id) = tag.get("aria-labelledby") {
                assert_eq!(ids.iter().filter(|i| **i == id).count(), 1, "{name}: {id}");
            }
        }
    }
}

#[test]
fn values_stay_values() {
    let page = markup(&samples::hostile());
    assert!(page.contains("<bdi class=\"value\">&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;y &amp; [U+202E][U+0000]⇥</bdi>"));
    assert!(page.contains("<code title=\"&lt;script&gt;alert("));
    assert!(page.contains("  two  blanks  "));
    // Masked values are not masked again, and not shown any other way.
    assert!(markup(&samples::full()).contains("<bdi class=\"value\">a*a.l******e.o*g</bdi>"));
}

#[test]
fn the_parts_of_the_outcome_add_up() {
    for (name, report) in samples::all() {
        let page = markup(&report);
        let Some((_, chart)) = page.split_once("<svg class=\"outcome\"") else {
            assert_eq!(report.rows, 0, "{name}");
            continue;
        };
        let chart = chart.split_once("</svg>").unwrap().0;
        let mut at = 0;
        for part in chart.split("<rect ").skip(1) {
            assert_eq!(hundredths(part, " x=\""), at, "{name}: no gap, no overlap");
            at += hundredths(part, " width=\"");
        }
        assert_eq!(at, 10_000, "{name}");
        let parts = [report.created, report.updated, report.merged, report.skipped, report.rejected];
        assert_eq!(chart.matches("<rect ").count(), parts.iter().filter(|p| **p > 0).count(), "{name}");
    }
}

#[test]
fn the_full_page_tells_everything() {
    let page = markup(&samples::full());
    for text in [
        "<title>leads-june.csv: import report</title>",
        "Import report · operation 17",
        "9,014 of 10,000 rows became leads, 398 filled gaps in leads already there and 374 were skipped; \
         214 rows were handed back in leads-june.rejects.csv.",
        ">9,014</dd>",
        "Of the skipped rows, 374 add nothing new to stored leads.",
        "Has no @; write it as name@domain",
        "email_missing_at",
        "Whole row",
        "Undoing the import takes nothing of it back.",
        ">1,204</dd>",
        "8 columns of the file, 7 taken and 1 left out.",
        "<span class=\"left-out\">left out</span>",
        "custom.plan",
        ">windows-1252<",
        ">semicolon<",
        "CR LF (Windows)",
        "<code title=\"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262\">af1349b9f5f9…</code>",
        "Took 1.9 s · 5,214 rows a second",
    ] {
        assert!(page.contains(text), "{text}");
    }
    // The gravest first; the folder of the rejects is not told; empty fields are left out.
    let place = |text| page.find(text).unwrap();
    assert!(place("Errors") < place("Warnings") && place("Warnings") < place(">Notes<"));
    assert!(!page.contains("/srv/uploads") && !page.contains(">Tags<"));
    assert!(page.contains("Email: 89\u{a0}% filled before, 98\u{a0}% of it valid; 89\u{a0}% filled after"));
}

#[test]
fn what_is_not_there_is_not_shown() {
    let page = markup(&samples::clean());
    assert!(page.contains("Nothing was noticed"));
    assert!(!page.contains("id=\"columns\"") && !page.contains("table class=\"issues\""));
    let page = markup(&samples::empty());
    assert!(page.contains("<title>Import report</title>") && page.contains("<bdi>Import</bdi>"));
    assert!(!page.contains("Nothing was noticed") && !page.contains("id=\"file\""));
    assert!(!page.contains("id=\"quality\"") && !page.contains("NaN") && !page.contains("BLAKE3"));
    let page = markup(&samples::repeated());
    assert!(!page.contains("Nothing was noticed") && !page.contains("Of the skipped rows"));
    assert!(markup(&samples::dry_run()).contains("Import report · dry run"));
}

#[test]
fn equal_reports_give_equal_pages_but_for_the_footer() {
    let (mut one, mut two) = (samples::full(), samples::full());
    two.timing.seconds = 77.0;
    // Issues of one severity come by count, whatever the order they were counted in.
    two.issues.reverse();
    let (page, other) = (import_html(&one), import_html(&two));
    assert_ne!(page, other);
    assert_eq!(page.split("<footer>").next(), other.split("<footer>").next());
    one.created += 1;
    assert_ne!(import_html(&one).split("<footer>").next(), other.split("<footer>").next());
}

fn hundredths(text: &str, key: &str) -> u32 {
    let number = text.split_once(key).unwrap().1.split_once("%\"").unwrap().0;
    number.replace('.', "").parse().unwrap()
}

/// A report whose names are as nasty as they come.
fn nasty_stats() -> crate::model::stats::StatsReport {
    use crate::model::stats::{ContactFigures, ReplyTimes, StatsGroup, StatsReport};
    let figures = |n: u64| ContactFigures {
        contacts: 10 * n,
        sent: 8 * n,
        delivered: 7 * n,
        failed: n,
        reached: 7 * n,
        answered: 2 * n,
        opted_out: n,
        received: 2 * n,
        reply_rate: Some(2.0 / 7.0),
        reply_times: Some(ReplyTimes { count: 2 * n, median: 1_500.0, p90: 86_400.0 }),
        cost: [("US\"D".to_string(), "1234.5678".to_string())].into(),
        ..ContactFigures::default()
    };
    let group = |key: &[(&str, Option<&str>)], n: u64| StatsGroup {
        key: key.iter().map(|(by, name)| (by.to_string(), name.map(str::to_string))).collect(),
        figures: figures(n),
    };
    let nasty = "</td><script>alert('x')</script>\u{202e}";
    StatsReport {
        title: nasty.into(),
        time_zone: nasty.into(),
        total: figures(3),
        before: figures(2),
        days: vec![group(&[("day", Some("2026-03-01"))], 1), group(&[("day", Some(nasty))], 0)],
        channels: vec![group(&[("channel", Some("sms"))], 2)],
        hours: vec![
            group(&[("weekday", Some("mon")), ("hour_of_day", Some("09"))], 2),
            group(&[("weekday", Some(nasty)), ("hour_of_day", Some(nasty))], 1),
            group(&[("weekday", None), ("hour_of_day", None)], 1),
        ],
        owners: (0..20).map(|n| group(&[("owner", Some(nasty))], 20 - n)).collect(),
        campaigns: vec![group(&[("campaign", None)], 1)],
        ..StatsReport::default()
    }
}

#[test]
fn a_page_of_contacts_is_sound_whatever_is_in_it() {
    let page = nasty_stats().to_html();
    assert!(page.contains(super::stats_html::STYLE));
    let markup = page.replace(STYLE, "").replace(super::stats_html::STYLE, "");
    let tags = parse(&markup);
    for tag in &tags {
        assert!(
            !matches!(tag.name.as_str(), "script" | "img" | "link" | "iframe" | "a" | "object"),
            "{}",
            tag.name
        );
        for (key, value) in &tag.attributes {
            assert!(!key.starts_with("on") && !value.contains("//"), "{key}={value}");
        }
    }
    assert!(!page.contains('\u{202e}') && page.contains("[U+202E]"));
    for text in [
        "21 contacts of ours reached somebody; 29\u{a0}% of them were answered, half of these within 25 min.",
        "1,234.57\u{a0}US&quot;D",
        "The largest 12; 8 more are left out.",
        "Mon 09:00: 4 of 14 answered, 29\u{a0}%",
        "▲ 50\u{a0}%",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains(">Campaigns<"), "nothing to tell apart");
    let empty = crate::model::stats::StatsReport::default().to_html();
    assert!(empty.contains("There were no contacts in this time.") && !empty.contains("class=\"chart\""));
    parse(&empty.replace(STYLE, "").replace(super::stats_html::STYLE, ""));
}
