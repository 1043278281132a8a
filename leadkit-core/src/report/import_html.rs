//! The page of an import: what happened, what was noticed, and how the file was read.

use super::figures::{counted, duration, grouped, percent};
use super::html::{Markup, el, page};
use super::import_tables::{file_facts, issues, mapping, quality};
use super::svg::{Part, stacked};
use super::verdict::{import_verdict, skipped_reasons};
use crate::model::report::{ConsentCounts, ImportReport};

/// The report of an import as one self-contained HTML page.
///
/// Charts are inline SVG; there are no scripts, and nothing is requested from anywhere, which the
/// page's own policy (CSP) enforces. Values are shown as they are in the report, masked unless
/// asked, and are always escaped. Reports that are equal but for their timing give pages that are
/// equal up to the footer.
///
/// ```
/// use leadkit_core::model::operation::OperationKind;
/// use leadkit_core::model::report::{ImportReport, Timing};
/// use leadkit_core::report::import_html;
///
/// let report = ImportReport {
///     operation_id: Some(1),
///     kind: OperationKind::Import,
///     file: Some("leads <June>.csv".into()),
///     file_hash: "af1349b9f5f9a1a6a0404dea36dcc949".into(),
///     dry_run: false,
///     resumed: false,
///     rows: 1_200,
///     created: 1_180,
///     updated: 0,
///     merged: 0,
///     skipped: 0,
///     skipped_by: Default::default(),
///     rejected: 20,
///     ignored: 3,
///     consent: Default::default(),
///     automations: 0,
///     rejects: Some("leads.rejects.csv".into()),
///     format: Default::default(),
///     mapping: vec![],
///     issues: vec![],
///     quality: Default::default(),
///     timing: Timing { seconds: 0.4, rows_per_second: 3_000.0 },
/// };
/// let html = import_html(&report);
/// assert!(html.contains("1,180 of 1,200 rows became leads; 20 rows were handed back in leads.rejects.csv."));
/// assert!(html.contains("leads &lt;June&gt;.csv") && !html.contains("<script"));
/// ```
pub fn import_html(report: &ImportReport) -> String {
    let name = report.file.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let title = name.unwrap_or("Import");
    let body: Markup = [
        el(
            "main",
            &[],
            [
                header(report, title),
                outcome(report),
                consent(report),
                issues(report),
                quality(report),
                mapping(report),
                file_facts(report),
            ],
        ),
        footer(report),
    ]
    .into();
    let tab = if name.is_some() { format!("{title}: import report") } else { "Import report".to_string() };
    page(&tab, "", body)
}

/// A section with its heading and, below it, a line of explanation.
pub(super) fn section(id: &'static str, heading: &str, note: &str, content: impl Into<Markup>) -> Markup {
    let mut inner = el("h2", &[("id", id)], heading);
    if !note.is_empty() {
        inner.push(el("p", &[("class", "note")], note));
    }
    inner.push(content.into());
    el("section", &[("aria-labelledby", id)], inner)
}

fn header(report: &ImportReport, title: &str) -> Markup {
    let mut kind = vec!["Import report".to_string()];
    kind.extend(report.operation_id.map(|id| format!("operation {id}")));
    if report.dry_run {
        kind.push("dry run".to_string());
    }
    if report.resumed {
        kind.push("resumed".to_string());
    }
    el(
        "header",
        &[],
        [
            el("p", &[("class", "kind")], kind.join(" · ")),
            el("h1", &[], el("bdi", &[], title)),
            el("p", &[("class", "verdict")], import_verdict(report)),
        ],
    )
}

/// What went into the consent ledger; nothing where the file said nothing.
fn consent(report: &ImportReport) -> Markup {
    let ConsentCounts { withdrawn, known, granted } = report.consent;
    if report.consent == ConsentCounts::default() {
        return Markup::default();
    }
    let tiles = [
        tile("", "Withdrawals entered", withdrawn, None),
        tile("", "Withdrawals known before", known, None),
        tile("", "Grants entered", granted, None),
    ];
    let note = match report.dry_run {
        true => "What a run would enter in the consent ledger, by phone number.",
        false => {
            "Entered in the consent ledger, by phone number. Undoing the import takes nothing of it back."
        }
    };
    section("consent", "Consent", note, el("dl", &[("class", "tiles")], Markup::from_iter(tiles)))
}

fn outcome(report: &ImportReport) -> Markup {
    let fates = [
        ("created", "Created", report.created),
        ("updated", "Updated", report.updated),
        ("merged", "Merged", report.merged),
        ("skipped", "Skipped", report.skipped),
        ("rejected", "Rejected", report.rejected),
    ];
    let mut content = Markup::default();
    if report.rows > 0 {
        let parts: Vec<Part> = fates
            .iter()
            .map(|(class, label, amount)| Part {
                class,
                title: format!(
                    "{label}: {}, {}",
                    counted(*amount, "row", "rows"),
                    percent(*amount, report.rows)
                ),
                amount: *amount,
            })
            .collect();
        let said: Vec<String> = fates
            .iter()
            .filter(|(_, _, amount)| *amount > 0)
            .map(|(class, _, amount)| format!("{} {class}", grouped(*amount)))
            .collect();
        let label = format!("{}: {}", counted(report.rows, "row", "rows"), said.join(", "));
        content.push(stacked(&label, &parts));
    }
    let mut tiles = vec![tile("", "Rows", report.rows, None)];
    tiles.extend(
        fates
            .iter()
            .map(|(class, label, amount)| tile(class, label, *amount, Some(percent(*amount, report.rows)))),
    );
    tiles.push(tile("", "Ignored", report.ignored, Some("lines, not rows".to_string())));
    content.push(el("dl", &[("class", "tiles")], tiles));
    if let Some(reasons) = skipped_reasons(report) {
        content.push(el("p", &[("class", "note")], reasons));
    }
    el("section", &[("aria-label", "Outcome")], content)
}

fn tile(class: &str, label: &str, amount: u64, below: Option<String>) -> Markup {
    let mut name = Markup::default();
    if !class.is_empty() {
        name.push(el("span", &[("class", &format!("key {class}"))], ""));
    }
    name.push(label);
    let mut content: Markup = [el("dt", &[], name), el("dd", &[("class", "count")], grouped(amount))].into();
    if let Some(below) = below {
        content.push(el("dd", &[("class", "muted")], below));
    }
    let class = if amount == 0 { "tile none" } else { "tile" };
    el("div", &[("class", class)], content)
}

fn footer(report: &ImportReport) -> Markup {
    let mut parts = vec![format!("Took {}", duration(report.timing.seconds))];
    let rate = report.timing.rows_per_second;
    if rate.is_finite() && rate >= 1.0 {
        parts.push(format!("{} rows a second", grouped(rate.round() as u64)));
    }
    parts.push(format!("leadkit {}", env!("CARGO_PKG_VERSION")));
    el("footer", &[], el("p", &[], parts.join(" · ")))
}
