//! The tables of an import's page: issues, quality by field, columns, and facts about the file.

use super::figures::{confidence, counted, grouped, percent};
use super::html::{Markup, clipped, el, value};
use super::import_html::section;
use super::svg::{before_after, mark, plain, share, small};
use super::verdict::{already_imported, capitalised};
use crate::model::consent::ConsentTarget;
use crate::model::field::Field;
use crate::model::format::TableFormat;
use crate::model::issue::Severity;
use crate::model::report::{ColumnMapping, FieldQuality, ImportReport, IssueCount, MappedBy};

/// What was noticed, the gravest first.
pub(super) fn issues(report: &ImportReport) -> Markup {
    if report.issues.is_empty() && (report.rows == 0 || already_imported(report)) {
        // No row was looked at: to say that nothing was noticed would claim too much.
        return Markup::default();
    }
    if report.issues.is_empty() {
        return section("issues", "Issues", "Nothing was noticed in any row.", "");
    }
    let groups = [
        (Severity::Error, "Errors", "the value or its row was rejected"),
        (Severity::Warning, "Warnings", "a value was dropped, repaired or is doubtful; the row is good"),
        (Severity::Info, "Notes", "worth knowing; nothing is wrong"),
    ];
    let most = report.issues.iter().map(|issue| issue.count).max().unwrap_or(0);
    let mut bodies = Vec::new();
    for (severity, name, meaning) in groups {
        let mut of_group: Vec<&IssueCount> =
            report.issues.iter().filter(|issue| issue.severity == severity).collect();
        of_group
            .sort_by(|a, b| (b.count, a.code.as_str(), &a.field).cmp(&(a.count, b.code.as_str(), &b.field)));
        if of_group.is_empty() {
            continue;
        }
        let heading = el(
            "th",
            &[("colspan", "4"), ("scope", "rowgroup")],
            [mark(severity), Markup::from(name), el("span", &[("class", "muted")], format!(" {meaning}"))],
        );
        let mut rows = vec![el("tr", &[("class", "group")], heading)];
        rows.extend(of_group.into_iter().map(|issue| issue_row(issue, report.rows, most)));
        bodies.push(el("tbody", &[("class", class_of(severity))], rows));
    }
    let heads = ["Field", "Finding", "Rows", "Examples, with the line of the file"];
    section("issues", "Issues", "", table("issues", &heads, bodies))
}

/// How complete and valid each field was in the file, and is in the leads.
pub(super) fn quality(report: &ImportReport) -> Markup {
    let accepted = report.rows.saturating_sub(report.rejected);
    let mut fields: Vec<(&String, &FieldQuality)> =
        report.quality.iter().filter(|(_, quality)| **quality != FieldQuality::default()).collect();
    if fields.is_empty() {
        return Markup::default();
    }
    fields.sort_by_key(|(name, _)| (place(name), *name));
    let rows: Vec<Markup> =
        fields.into_iter().map(|(name, quality)| quality_row(name, quality, report.rows, accepted)).collect();
    let heads = ["Field", "Before and after", "Filled in the file", "Valid", "Normalised", "Filled in leads"];
    let key = |class: &str, meaning: &str| {
        let swatch = el("span", &[("class", &format!("key {class}"))], "");
        el("li", &[], [swatch, Markup::from(meaning)])
    };
    let legend = el(
        "ul",
        &[("class", "legend")],
        [
            key("before", "in the file"),
            key("invalid", "in the file, not valid"),
            key("after", "in the leads"),
        ],
    );
    let note = format!(
        "Filled in the file: of {}. Valid and normalised: of the filled cells. Filled in leads: of {}.",
        counted(report.rows, "row", "rows"),
        counted(accepted, "accepted row", "accepted rows"),
    );
    let table = table("quality", &heads, vec![el("tbody", &[], rows)]);
    section("quality", "Quality by field", &note, [legend, table])
}

/// Where each column of the file went.
pub(super) fn mapping(report: &ImportReport) -> Markup {
    if report.mapping.is_empty() {
        return Markup::default();
    }
    let total = report.mapping.len() as u64;
    let left_out = report.mapping.iter().filter(|column| column.fields.is_empty()).count() as u64;
    let note = match left_out {
        0 => format!("{} of the file, all of them taken.", counted(total, "column", "columns")),
        n => format!(
            "{} of the file, {} taken and {} left out.",
            counted(total, "column", "columns"),
            grouped(total - n),
            grouped(n)
        ),
    };
    let rows: Vec<Markup> = report.mapping.iter().map(mapping_row).collect();
    let heads = ["Column", "Field", "Confidence", "Found by", "Might also be", "Examples"];
    section("columns", "Columns", &note, table("columns", &heads, vec![el("tbody", &[], rows)]))
}

/// What was found out about the file.
pub(super) fn file_facts(report: &ImportReport) -> Markup {
    let format = &report.format;
    let mut facts: Vec<(&str, Markup)> = Vec::new();
    let mut fact = |name: &'static str, text: String| {
        if !text.is_empty() {
            facts.push((name, Markup::from(text)));
        }
    };
    let bom = if format.bom && !format.encoding.is_empty() { ", with byte order mark" } else { "" };
    fact("Encoding", format!("{}{bom}", format.encoding));
    fact("Delimiter", readable(&format.delimiter));
    fact("Quote", format.quote.as_deref().map(readable).unwrap_or_default());
    fact("Escape", format.escape.as_deref().map(readable).unwrap_or_default());
    fact("Line ends", line_ends(&format.line_terminator));
    fact("Comment lines", format.comment.as_deref().map(readable).unwrap_or_default());
    if *format != TableFormat::default() {
        let header = counted(format.header_rows, "line", "lines");
        fact("Header", if format.header_rows == 0 { "none".to_string() } else { header });
        fact("Ignored", counted(report.ignored, "line", "lines"));
    }
    if format.preamble_rows > 0 {
        fact("Before the header", counted(format.preamble_rows, "line", "lines"));
    }
    if !format.columns.is_empty() {
        fact("Columns", grouped(format.columns.len() as u64));
    }
    fact("Sheets", format.sheets.join(", "));
    if format.confidence > 0.0 {
        fact("Sure of this", confidence(format.confidence));
    }
    if !report.file_hash.is_empty() {
        let short: String = report.file_hash.chars().take(12).collect();
        let dots = if short.len() < report.file_hash.len() { "…" } else { "" };
        let hash = format!("{short}{dots}");
        facts.push(("BLAKE3", el("code", &[("title", &report.file_hash)], hash)));
    }
    if facts.is_empty() {
        return Markup::default();
    }
    let items: Vec<Markup> = facts
        .into_iter()
        .map(|(name, text)| el("div", &[], [el("dt", &[], name), el("dd", &[], text)]))
        .collect();
    section("file", "File", "", el("dl", &[("class", "facts")], items))
}

fn issue_row(issue: &IssueCount, rows: u64, most: u64) -> Markup {
    let field = match &issue.field {
        Some(name) => field_label(name),
        None => Markup::from("Whole row"),
    };
    let examples: Vec<Markup> = issue
        .examples
        .iter()
        .map(|example| {
            let mut item = el("span", &[("class", "line")], grouped(example.row));
            if let Some(text) = &example.value {
                item.push(if text.is_empty() {
                    el("span", &[("class", "muted")], "empty")
                } else {
                    value(text)
                });
            }
            el("li", &[("class", "example")], item)
        })
        .collect();
    let rows: Markup = [
        el("span", &[("class", "count")], grouped(issue.count)),
        el("span", &[("class", "muted")], percent(issue.count, rows)),
        // Against the most frequent finding: shares of all rows are mostly too thin to compare.
        plain(share(issue.count, most)),
    ]
    .into();
    el(
        "tr",
        &[],
        [
            el("th", &[("scope", "row")], field),
            cell(
                "Finding",
                "",
                [
                    Markup::from(capitalised(&issue.message)),
                    el("code", &[("class", "name")], issue.code.as_str()),
                ],
            ),
            cell("Rows", "number", rows),
            cell("Examples", "", list(examples)),
        ],
    )
}

fn quality_row(name: &str, quality: &FieldQuality, rows: u64, accepted: u64) -> Markup {
    let FieldQuality { filled_before, valid_before, normalised, filled_after } = *quality;
    let before = percent(filled_before, rows);
    let valid = percent(valid_before, filled_before);
    let after = percent(filled_after, accepted);
    let chart = before_after(
        &format!("{}: {before} filled before, {valid} of it valid; {after} filled after", label(name)),
        share(filled_before, rows),
        share(valid_before, rows),
        share(filled_after, accepted),
    );
    let figures = |head, share: String, count: u64| {
        cell(
            head,
            "number",
            [el("span", &[("class", "count")], share), el("span", &[("class", "muted")], grouped(count))],
        )
    };
    el(
        "tr",
        &[],
        [
            el("th", &[("scope", "row")], field_label(name)),
            cell("Before and after", "chart", chart),
            figures("Filled in the file", before, filled_before),
            figures("Valid", valid, valid_before),
            figures("Normalised", percent(normalised, filled_before), normalised),
            figures("Filled in leads", after, filled_after),
        ],
    )
}

fn mapping_row(column: &ColumnMapping) -> Markup {
    let left_out = column.fields.is_empty();
    let fields: Markup = if left_out {
        el("span", &[("class", "left-out")], "left out")
    } else {
        column.fields.iter().map(|name| el("span", &[("class", "target")], field_name(name))).collect()
    };
    let sure: Markup = if left_out {
        el("span", &[("class", "muted")], "–")
    } else {
        [el("span", &[("class", "count")], confidence(column.confidence)), small(column.confidence)].into()
    };
    let by = match column.by {
        MappedBy::Given => "as given",
        MappedBy::Name => "name",
        MappedBy::Synonym => "synonym",
        MappedBy::Content => "values",
        MappedBy::Nothing => "–",
    };
    let others: Vec<Markup> = column
        .alternatives
        .iter()
        .map(|other| {
            let sure = format!(" {}", confidence(other.confidence));
            el("li", &[], [clipped(label(&other.field)), el("span", &[("class", "muted")], sure)])
        })
        .collect();
    let examples = column.examples.iter().map(|example| el("li", &[], value(example))).collect();
    let name = if column.column.is_empty() {
        el("span", &[("class", "muted")], "no name")
    } else {
        el("bdi", &[], clipped(&column.column))
    };
    el(
        "tr",
        if left_out { &[("class", "unmapped")] } else { &[] },
        [
            el("th", &[("scope", "row")], name),
            cell("Field", "", fields),
            cell("Confidence", "number", sure),
            cell("Found by", "", by),
            cell("Might also be", "", list(others)),
            cell("Examples", "", list(examples)),
        ],
    )
}

pub(super) fn table(heading: &str, heads: &[&str], bodies: Vec<Markup>) -> Markup {
    let heads: Markup = heads.iter().map(|head| el("th", &[("scope", "col")], *head)).collect();
    let mut content = el("thead", &[], el("tr", &[], heads));
    content.push(bodies);
    el("table", &[("class", heading), ("aria-labelledby", heading)], content)
}

/// A cell that knows its column's name, for screens too narrow for columns.
pub(super) fn cell(head: &str, class: &str, content: impl Into<Markup>) -> Markup {
    let content = el("div", &[], content);
    match class {
        "" => el("td", &[("data-head", head)], content),
        class => el("td", &[("class", class), ("data-head", head)], content),
    }
}

pub(super) fn list(items: Vec<Markup>) -> Markup {
    if items.is_empty() { el("span", &[("class", "muted")], "–") } else { el("ul", &[], items) }
}

/// A field for people; custom ones by their name.
fn field_label(name: &str) -> Markup {
    match label(name) {
        label if label == name => el("code", &[], clipped(name)),
        label => el("span", &[("title", name)], label),
    }
}

/// A field for people, with the name by which programs know it.
fn field_name(name: &str) -> Markup {
    match label(name) {
        label if label == name => el("code", &[], clipped(name)),
        label => [Markup::from(label), el("code", &[("class", "name")], name)].into(),
    }
}

fn label(name: &str) -> &str {
    match (Field::parse(name), ConsentTarget::parse(name)) {
        (Ok(field), _) => field.label(),
        (_, Ok(target)) => target.label(),
        _ => name,
    }
}

/// Standard fields in their own order, custom ones after them by name.
fn place(name: &str) -> usize {
    Field::ALL.iter().position(|field| field.name() == name).unwrap_or(usize::MAX)
}

fn class_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// A character that is hard to see or to tell apart, by its name.
fn readable(text: &str) -> String {
    match text {
        "," | "comma" => "comma",
        ";" | "semicolon" => "semicolon",
        "\t" | "\\t" | "tab" => "tab",
        "|" | "pipe" => "vertical bar",
        " " | "space" => "blank",
        ":" => "colon",
        "\"" => "double quote",
        "'" => "single quote",
        "\\" => "backslash",
        "#" => "number sign #",
        other => other,
    }
    .to_string()
}

fn line_ends(text: &str) -> String {
    match text {
        "\r\n" | "\\r\\n" | "crlf" => "CR LF (Windows)",
        "\n" | "\\n" | "lf" => "LF (Unix)",
        "\r" | "\\r" | "cr" => "CR (old Mac)",
        other => other,
    }
    .to_string()
}
