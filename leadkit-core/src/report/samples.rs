//! Reports for the tests of this module, and the pages to look at.

use std::collections::BTreeMap;

use crate::model::format::TableFormat;
use crate::model::issue::{IssueCode, Severity};
use crate::model::operation::OperationKind;
use crate::model::report::{
    Alternative, ColumnMapping, ConsentCounts, FieldQuality, ImportReport, IssueCount, IssueExample,
    MappedBy, Timing,
};

/// A report of nothing at all.
pub(super) fn empty() -> ImportReport {
    ImportReport {
        operation_id: None,
        kind: OperationKind::Import,
        file: None,
        file_hash: String::new(),
        dry_run: false,
        resumed: false,
        rows: 0,
        created: 0,
        updated: 0,
        merged: 0,
        skipped: 0,
        skipped_by: BTreeMap::new(),
        rejected: 0,
        ignored: 0,
        consent: Default::default(),
        automations: 0,
        rejects: None,
        format: TableFormat::default(),
        mapping: Vec::new(),
        issues: Vec::new(),
        quality: BTreeMap::new(),
        timing: Timing::default(),
    }
}

/// A usual import, with something in every part of the page.
pub(super) fn full() -> ImportReport {
    let mut issues = vec![
        issue(
            IssueCode::EmailMissingAt,
            Some("email"),
            121,
            &["a*a.l******e.o*g", "j*n d*e", "i**o g**g*e.c*m"],
        ),
        issue(IssueCode::EmailInvalidDomain, Some("email"), 68, &["m*x@@w**b.de", "p*****r@-a**e.c*m"]),
        issue(IssueCode::PhoneTooShort, Some("phone"), 57, &["+** *67", "*** 21"]),
        issue(IssueCode::MissingIdentity, None, 24, &[]),
        issue(IssueCode::TooManyCells, None, 1, &[]),
        issue(
            IssueCode::PhoneNotInUse,
            Some("phone"),
            342,
            &["+** *** *****12", "(***) ***-**87", "+** ** *****67", "0*** ***34", "+1 *** *** **01"],
        ),
        issue(IssueCode::EmailTypo, Some("email"), 91, &["k***n@g**l.c*m", "s****h@h*****l.c*n"]),
        issue(IssueCode::CountryUnknown, Some("country"), 33, &["U*****d K*****m o", "D*****land"]),
        issue(IssueCode::EmailRole, Some("email"), 611, &["i**o@a**e.c*m", "s***s@b***a.de"]),
        issue(IssueCode::Placeholder, Some("company"), 402, &["n/a", "-", "N*ne"]),
    ];
    issues[3].examples = (0..3).map(|i| IssueExample { row: 1_204 + i * 377, value: None }).collect();
    let mapping = vec![
        column(
            "Id",
            &["external_id"],
            0.93,
            MappedBy::Synonym,
            &[("custom.crm_no", 0.31)],
            &["**07", "**08"],
        ),
        column(
            "Name",
            &["first_name", "last_name"],
            0.88,
            MappedBy::Content,
            &[("full_name", 0.72)],
            &["A*a L******e", "J*n D*e"],
        ),
        column(
            "E-Mail",
            &["email"],
            1.0,
            MappedBy::Name,
            &[],
            &["a*a@l******e.o*g", "j*n@d*e.c*m", "k***n@g**l.c*m"],
        ),
        column("Tel.", &["phone"], 0.97, MappedBy::Synonym, &[("phones", 0.4)], &["+** ** *****67"]),
        column("Firma", &["company"], 0.95, MappedBy::Synonym, &[], &["A**e G**H", "B***a L*d"]),
        column("Land", &["country"], 0.9, MappedBy::Synonym, &[("state", 0.22)], &["D*", "A*"]),
        column("Tarif", &["custom.plan"], 1.0, MappedBy::Given, &[], &["p*o", "f**e"]),
        column("Spalte 9", &[], 0.12, MappedBy::Nothing, &[("notes", 0.12)], &["x", "1"]),
    ];
    let quality = [
        ("external_id", 10_000, 10_000, 0, 9_786),
        ("first_name", 9_610, 9_610, 1_204, 9_520),
        ("last_name", 9_702, 9_702, 1_377, 9_611),
        ("email", 8_911, 8_722, 2_314, 8_688),
        ("phone", 7_120, 6_721, 6_480, 6_650),
        ("company", 6_450, 6_048, 311, 6_001),
        ("country", 9_999, 9_966, 7_204, 9_750),
        ("custom.plan", 420, 420, 0, 417),
        ("notes", 3, 3, 0, 3),
        ("tags", 0, 0, 0, 0),
    ];
    ImportReport {
        operation_id: Some(17),
        kind: OperationKind::Import,
        file: Some("leads-june.csv".to_string()),
        file_hash: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262".to_string(),
        rows: 10_000,
        created: 9_014,
        updated: 0,
        merged: 398,
        skipped: 374,
        skipped_by: [("unchanged".to_string(), 374)].into(),
        rejected: 214,
        ignored: 12,
        consent: ConsentCounts { withdrawn: 1_204, known: 31, granted: 877 },
        rejects: Some("/srv/uploads/leads-june.rejects.csv".into()),
        format: TableFormat {
            encoding: "windows-1252".to_string(),
            delimiter: ";".to_string(),
            quote: Some("\"".to_string()),
            line_terminator: "\r\n".to_string(),
            preamble_rows: 2,
            header_rows: 1,
            confidence: 0.98,
            columns: mapping.iter().map(|m| m.column.clone()).collect(),
            ..TableFormat::default()
        },
        mapping,
        issues,
        quality: quality
            .into_iter()
            .map(|(name, a, b, c, d)| (name.to_string(), counts(a, b, c, d)))
            .collect(),
        timing: Timing { seconds: 1.918, rows_per_second: 5_213.8 },
        ..empty()
    }
}

/// Values, names and columns that try to be markup, and ones that are far too long.
pub(super) fn hostile() -> ImportReport {
    let nasty = "<script>alert('x')</script>\" onload=\"y & \u{202e}\u{0}\t";
    let long = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(30);
    let mut report = full();
    report.file = Some(format!("{nasty}.csv"));
    report.file_hash = nasty.to_string();
    report.rejects = Some(format!("/tmp/{}.rejects.csv", nasty.replace(['/', '\0'], "")).into());
    report.skipped_by = [(nasty.to_string(), 374)].into();
    report.format.encoding = nasty.to_string();
    report.format.delimiter = "\t".to_string();
    report.format.sheets = vec![nasty.to_string(), long.clone()];
    report.issues.push(IssueCount {
        message: nasty.to_string(),
        ..issue(IssueCode::Formula, Some(nasty), 3, &[nasty, &long, "", "  two  blanks  "])
    });
    report.quality.insert(nasty.to_string(), counts(5, 4, 3, 2));
    report.mapping.push(column(
        nasty,
        &[nasty, &long],
        0.5,
        MappedBy::Content,
        &[(nasty, f64::NAN)],
        &[nasty, &long],
    ));
    // Numbers of a very large file.
    for count in [&mut report.rows, &mut report.created, &mut report.ignored] {
        *count += 123_000_000;
    }
    report.mapping.push(column("", &[], 0.0, MappedBy::Nothing, &[], &[]));
    report
}

/// Sixty columns, each with an issue.
pub(super) fn wide() -> ImportReport {
    let mut report = full();
    for i in 0..52 {
        let name = format!("custom.measurement_of_quarter_{i}");
        let examples = ["1*", "2**", "*"];
        report.mapping.push(column(
            &format!("Measurement of quarter {i}"),
            &[&name],
            0.8,
            MappedBy::Name,
            &[],
            &examples,
        ));
        report.issues.push(issue(IssueCode::NumberInvalid, Some(&name), 60 - i, &["n*ne", "t*o"]));
        report.quality.insert(name, counts(10 * i, 9 * i, i, 8 * i));
    }
    report
}

/// All rows good, nothing to say.
pub(super) fn clean() -> ImportReport {
    let mut report = ImportReport { issues: Vec::new(), mapping: Vec::new(), ..full() };
    (report.created, report.merged, report.skipped, report.rejected) = (10_000, 0, 0, 0);
    (report.rejects, report.ignored) = (None, 0);
    report.skipped_by.clear();
    for quality in report.quality.values_mut() {
        (quality.valid_before, quality.filled_after) = (quality.filled_before, quality.filled_before);
    }
    report
}

/// The usual import, only tried.
pub(super) fn dry_run() -> ImportReport {
    ImportReport { dry_run: true, operation_id: None, rejects: None, ..full() }
}

/// A file that was there before.
pub(super) fn repeated() -> ImportReport {
    ImportReport {
        operation_id: Some(18),
        kind: OperationKind::Import,
        file: full().file,
        rows: 10_000,
        skipped: 10_000,
        skipped_by: [("already_imported".to_string(), 10_000)].into(),
        ..empty()
    }
}

/// Every sample with its name.
pub(super) fn all() -> Vec<(&'static str, ImportReport)> {
    vec![
        ("full", full()),
        ("hostile", hostile()),
        ("wide", wide()),
        ("clean", clean()),
        ("dry_run", dry_run()),
        ("repeated", repeated()),
        ("empty", empty()),
    ]
}

fn issue(code: IssueCode, field: Option<&str>, count: u64, values: &[&str]) -> IssueCount {
    IssueCount {
        code,
        severity: code.severity(),
        field: field.map(str::to_string),
        message: code.message().to_string(),
        count,
        examples: values
            .iter()
            .enumerate()
            .map(|(i, value)| IssueExample { row: 14 + i as u64 * 731, value: Some(value.to_string()) })
            .collect(),
    }
}

fn column(
    name: &str,
    fields: &[&str],
    confidence: f64,
    by: MappedBy,
    alternatives: &[(&str, f64)],
    examples: &[&str],
) -> ColumnMapping {
    ColumnMapping {
        column: name.to_string(),
        fields: fields.iter().map(|f| f.to_string()).collect(),
        confidence,
        by,
        alternatives: alternatives
            .iter()
            .map(|(field, confidence)| Alternative { field: field.to_string(), confidence: *confidence })
            .collect(),
        examples: examples.iter().map(|e| e.to_string()).collect(),
    }
}

fn counts(filled_before: u64, valid_before: u64, normalised: u64, filled_after: u64) -> FieldQuality {
    FieldQuality { filled_before, valid_before, normalised, filled_after }
}

#[test]
fn samples_cover_every_severity() {
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        assert!(full().issues.iter().any(|issue| issue.severity == severity));
    }
}
