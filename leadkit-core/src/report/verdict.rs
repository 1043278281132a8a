//! What an import did, in one sentence.

use super::figures::{counted, grouped};
use crate::model::issue::IssueCode;
use crate::model::operation::OperationKind;
use crate::model::report::ImportReport;

/// One sentence in plain words, such as "9,412 of 10,000 rows became leads; 214 rows were handed
/// back in leads.rejects.csv."
pub(super) fn import_verdict(report: &ImportReport) -> String {
    if already_imported(report) {
        return if report.dry_run {
            "This file was imported before with the same options; a run would change nothing."
        } else {
            "This file was imported before with the same options; nothing was changed."
        }
        .to_string();
    }
    let opening = match (report.dry_run, report.resumed) {
        (true, _) => "Dry run, nothing was written: ",
        (false, true) => "Resumed after an interruption: ",
        (false, false) => "",
    };
    let sentence = if report.rows == 0 {
        "the file holds no rows, so there was nothing to import.".to_string()
    } else {
        format!("{}{}.", outcomes(report), rejects(report))
    };
    if opening.is_empty() { capitalised(&sentence) } else { format!("{opening}{sentence}") }
}

/// Why rows were skipped, where that is known and not said by the verdict.
pub(super) fn skipped_reasons(report: &ImportReport) -> Option<String> {
    if already_imported(report) {
        return None;
    }
    let reasons: Vec<String> = report
        .skipped_by
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(reason, count)| {
            let (one, many) = match reason.as_str() {
                "unchanged" if report.kind == OperationKind::ImportContacts => {
                    ("is known by its key", "are known by their keys")
                }
                "unchanged" => ("adds nothing new to a stored lead", "add nothing new to stored leads"),
                "match_skipped" => (
                    "matches a stored lead, to be skipped as asked",
                    "match stored leads, to be skipped as asked",
                ),
                "already_imported" => ("was imported before", "were imported before"),
                other => return format!("{} {}", grouped(*count), other.replace('_', " ")),
            };
            counted(*count, one, many)
        })
        .collect();
    (!reasons.is_empty()).then(|| format!("Of the skipped rows, {}.", reasons.join(", ")))
}

/// The file of rejected rows by its name; its folder is nobody's business but the owner's.
pub(super) fn rejects_name(report: &ImportReport) -> Option<String> {
    report.rejects.as_ref()?.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// Whether the import stopped at once, since the same was done before.
pub(super) fn already_imported(report: &ImportReport) -> bool {
    let told = report.skipped_by.get("already_imported").is_some_and(|count| *count > 0)
        || report.issues.iter().any(|issue| issue.code == IssueCode::AlreadyImported);
    told && report.created == 0 && report.updated == 0 && report.merged == 0 && report.rejected == 0
}

/// The fates of rows that were not rejected; the first says of how many.
fn outcomes(report: &ImportReport) -> String {
    // Each with its words for one row and for several, done and in a dry run.
    let fates = [
        match report.kind {
            OperationKind::ImportContacts => {
                (report.created, ["was entered", "were entered"], ["would be entered", "would be entered"])
            }
            _ => (
                report.created,
                ["became a lead", "became leads"],
                ["would become a lead", "would become leads"],
            ),
        },
        (
            report.updated,
            ["updated a lead already there", "updated leads already there"],
            ["would update a lead already there", "would update leads already there"],
        ),
        (
            report.merged,
            ["filled gaps in a lead already there", "filled gaps in leads already there"],
            ["would fill gaps in a lead already there", "would fill gaps in leads already there"],
        ),
        (report.skipped, ["was skipped", "were skipped"], ["would be skipped", "would be skipped"]),
    ];
    let mut clauses: Vec<String> = Vec::new();
    for (count, done, planned) in fates {
        if count > 0 {
            let [one, many] = if report.dry_run { planned } else { done };
            let words = if count == 1 { one } else { many };
            clauses.push(if clauses.is_empty() {
                format!("{} {words}", of_rows(count, report.rows))
            } else {
                format!("{} {words}", grouped(count))
            });
        }
    }
    match clauses.split_last() {
        None => match (report.kind, report.dry_run) {
            (OperationKind::ImportContacts, true) => "no row would be entered".to_string(),
            (OperationKind::ImportContacts, false) => "no row was entered".to_string(),
            (_, true) => "no row would become a lead".to_string(),
            (_, false) => "no row became a lead".to_string(),
        },
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

fn rejects(report: &ImportReport) -> String {
    if report.rejected == 0 {
        return if report.dry_run { "; none would be rejected" } else { "; none was rejected" }.to_string();
    }
    let rows = counted(report.rejected, "row", "rows");
    let was = if report.rejected == 1 { "was" } else { "were" };
    match rejects_name(report) {
        Some(name) => format!("; {rows} {was} handed back in {name}"),
        None if report.dry_run => format!("; {rows} would be rejected"),
        None => format!("; {rows} {was} rejected"),
    }
}

fn of_rows(count: u64, rows: u64) -> String {
    match rows {
        1 => "the one row".to_string(),
        2 if count == 2 => "both rows".to_string(),
        _ if count == rows => format!("all {} rows", grouped(rows)),
        _ => format!("{} of {} rows", grouped(count), grouped(rows)),
    }
}

pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn report(created: u64, updated: u64, merged: u64, skipped: u64, rejected: u64) -> ImportReport {
        let rows = created + updated + merged + skipped + rejected;
        ImportReport { rows, created, updated, merged, skipped, rejected, ..samples::empty() }
    }

    #[test]
    fn the_sentence_fits_what_happened() {
        let cases = [
            (report(9_412, 0, 0, 0, 588), "9,412 of 10,000 rows became leads; 588 rows were rejected."),
            (report(3, 0, 0, 0, 0), "All 3 rows became leads; none was rejected."),
            (report(1, 0, 0, 0, 0), "The one row became a lead; none was rejected."),
            (
                report(1, 2, 1, 5, 1),
                "1 of 10 rows became a lead, 2 updated leads already there, 1 filled gaps in a lead already \
                 there and 5 were skipped; 1 row was rejected.",
            ),
            (report(0, 0, 0, 0, 4), "No row became a lead; 4 rows were rejected."),
            (report(0, 0, 0, 7, 0), "All 7 rows were skipped; none was rejected."),
            (report(0, 0, 0, 0, 0), "The file holds no rows, so there was nothing to import."),
        ];
        for (report, sentence) in cases {
            assert_eq!(import_verdict(&report), sentence);
        }
    }

    #[test]
    fn rejects_are_named_without_their_folder() {
        let mut report = report(8, 0, 0, 0, 2);
        report.rejects = Some("/home/ada/secret/leads.rejects.csv".into());
        assert_eq!(
            import_verdict(&report),
            "8 of 10 rows became leads; 2 rows were handed back in leads.rejects.csv."
        );
    }

    #[test]
    fn dry_runs_resumed_and_repeated_imports_say_so() {
        let mut dry = report(8, 0, 1, 0, 1);
        dry.dry_run = true;
        assert_eq!(
            import_verdict(&dry),
            "Dry run, nothing was written: 8 of 10 rows would become leads and 1 would fill gaps in a lead \
             already there; 1 row would be rejected."
        );
        let mut resumed = report(10, 0, 0, 0, 0);
        resumed.resumed = true;
        assert_eq!(
            import_verdict(&resumed),
            "Resumed after an interruption: all 10 rows became leads; none was rejected."
        );
        let mut again = report(0, 0, 0, 10, 0);
        again.skipped_by.insert("already_imported".to_string(), 10);
        assert_eq!(
            import_verdict(&again),
            "This file was imported before with the same options; nothing was changed."
        );
        again.dry_run = true;
        assert!(import_verdict(&again).ends_with("a run would change nothing."));
    }

    #[test]
    fn reasons_for_skipping_are_words() {
        let mut skipped = report(0, 0, 0, 12, 0);
        assert_eq!(skipped_reasons(&skipped), None);
        skipped.skipped_by.extend([("unchanged".to_string(), 11), ("match_skipped".to_string(), 1)]);
        assert_eq!(
            skipped_reasons(&skipped).unwrap_or_default(),
            "Of the skipped rows, 1 matches a stored lead, to be skipped as asked, 11 add nothing new to \
             stored leads."
        );
    }

    #[test]
    fn contacts_are_entered() {
        let contacts = |report| ImportReport { kind: OperationKind::ImportContacts, ..report };
        let mut known = contacts(report(3, 0, 0, 1, 1));
        known.skipped_by.insert("unchanged".into(), 1);
        assert_eq!(import_verdict(&known), "3 of 5 rows were entered and 1 was skipped; 1 row was rejected.");
        assert_eq!(skipped_reasons(&known).as_deref(), Some("Of the skipped rows, 1 is known by its key."));
        assert_eq!(
            import_verdict(&contacts(report(0, 0, 0, 0, 2))),
            "No row was entered; 2 rows were rejected."
        );
    }
}
