//! What goes out comes back: files hold every value as it is, appear whole, and harm nobody who
//! opens them.

use std::path::Path;
use std::sync::Arc;

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use leadkit_core::model::field::{CustomField, FieldKind};
use leadkit_core::model::options::{ExportFormat, Progressing, Unmapped};
use leadkit_core::{
    CancelToken, Database, ExportOptions, Filter, ImportOptions, OperationKind, Progress, Values, open,
    testing,
};
use leadkit_tests::*;
use serde_json::{Value, json};

fn define(db: &Database) {
    for field in [
        CustomField::new("plan", FieldKind::Choice).choices(["free", "pro"]),
        CustomField::new("seats", FieldKind::Number),
        CustomField::new("trial", FieldKind::Boolean),
        CustomField::new("renewal", FieldKind::Date),
        CustomField::new("remark", FieldKind::Text),
    ] {
        db.fields().define(field).unwrap();
    }
}

fn add(db: &Database, values: Value) -> i64 {
    let Value::Object(map) = values else { panic!("an object") };
    db.leads().add(Values(map.into_iter().collect())).unwrap().id
}

/// Leads whose values are hard on files and spreadsheets.
fn hard_leads(db: &Database) {
    define(db);
    add(
        db,
        json!({
            "external_id": "007", "first_name": "Ada", "last_name": "=1+1", "email": "ada@lovelace.org",
            "emails": ["a2@lovelace.org", "a3@lovelace.org"], "phone": "+49 30 901820", "phones": ["+49 30 901821", "+1 212 736 5000"],
            "phone_extension": "012", "company": "=cmd|' /C calc'!A0", "notes": "say \"hi\",\nthen\n\n-stop-; go", "tags": ["vip", "Fair 2026"],
            "postal_code": "01067", "score": 0.1, "country": "DE", "custom.plan": "pro", "custom.seats": 12, "custom.trial": true,
            "custom.renewal": "2026-12-31", "custom.remark": "@SUM(A1)", "created_at": "2020-02-29T23:59:59.999Z"
        }),
    );
    add(
        db,
        json!({
            "external_id": "'=quoted", "company": "\"Quotes\" & Söhne; GmbH, Ltd", "last_name": "O'Neill", "city": "'s-Hertogenbosch",
            "notes": "=2+3\n+4", "custom.remark": "''+x", "custom.trial": false, "custom.seats": -1.5, "score": 1234.5
        }),
    );
    add(
        db,
        json!({
            "external_id": "1E5", "email": "łódź.名前@example-firm.com", "first_name": "名前", "custom.remark": "TRUE",
            "notes": "2026-01-02", "postal_code": "1-2", "score": 100000000000000000000f64, "custom.seats": 0.30000000000000004,
            "tags": ["=1", "+2"]
        }),
    );
    add(
        db,
        json!({"external_id": "00012345678901234567890", "job_title": "-", "source": "\u{ff1d}full width", "owner": "a\\b|c\td"}),
    );
    add(
        db,
        json!({"external_id": "_x0041_", "company": "a_x000D_b <&> ]]>", "notes": "😀 👩‍👩‍👧", "street": "#N/A 5"}),
    );
}

/// Cells as [`Lead::cell`](leadkit_core::Lead::cell) tells them, in the order of the report.
fn cells(db: &Database, fields: &[String]) -> Vec<Vec<String>> {
    let name = |f: &String| leadkit_core::FieldName::parse(f).unwrap();
    let row = |lead: leadkit_core::Lead| fields.iter().map(|f| lead.cell(&name(f)).into_owned()).collect();
    leads(db).into_iter().map(row).collect()
}

fn workbook(path: &Path) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    assert_eq!(book.sheet_names().len(), 1);
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let cell = |data: &Data| match data {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    };
    range.rows().map(|row| row.iter().map(cell).collect()).collect()
}

#[test]
fn everything_by_default() {
    let place = Place::new();
    let db = place.db();
    hard_leads(&db);
    let report = db
        .export_leads(place.path("out.csv"), ExportOptions { name: Some("all".into()), ..Default::default() })
        .unwrap();
    assert_eq!(report.rows, 5);
    let fields: Vec<&str> = report.fields.iter().map(String::as_str).collect();
    for field in [
        "emails",
        "phones",
        "tags",
        "notes",
        "score",
        "custom.plan",
        "custom.trial",
        "custom.renewal",
        "created_at",
    ] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
    assert!(!fields.contains(&"salutation"), "what nobody fills is no column: {fields:?}");
    let bytes = std::fs::read(place.path("out.csv")).unwrap();
    assert_eq!((report.bytes, &report.path), (bytes.len() as u64, &place.path("out.csv")));
    let table = parse_csv(&String::from_utf8(bytes).unwrap());
    assert_eq!(table[0], report.fields);
    let plain: Vec<Vec<String>> = table[1..]
        .iter()
        .map(|row| row.iter().map(|c| leadkit_core::table::unguard(c).to_string()).collect())
        .collect();
    assert_eq!(plain, cells(&db, &report.fields));
    let operation = db.operations().get(report.operation_id).unwrap();
    assert_eq!(
        (operation.kind, operation.name.as_deref(), operation.counts["rows"]),
        (OperationKind::Export, Some("all"), 5)
    );
    assert_eq!(operation.file_hash, Some(report.file_hash));
    #[cfg(unix)]
    for name in ["out.csv", "out.xlsx"] {
        use std::os::unix::fs::PermissionsExt;
        db.export_leads(place.path(name), Default::default()).unwrap();
        assert_eq!(
            std::fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777,
            0o600,
            "{name}"
        );
    }
    assert_sound(db.path().unwrap());
}

#[test]
fn chosen_fields_rows_and_order() {
    let place = Place::new();
    let db = open(":memory:").unwrap();
    for (n, city) in ["Ulm", "Köln", "", "Aalen", "köln"].into_iter().enumerate() {
        add(&db, json!({"external_id": format!("X{n}"), "city": city, "score": n}));
    }
    let options = |filter, order: &[&str]| ExportOptions {
        fields: Some(["city", "id", "external_id"].map(String::from).to_vec()),
        filter,
        order_by: order.iter().map(|o| o.to_string()).collect(),
        ..Default::default()
    };
    let filter = Filter::field("score").gte(1);
    for name in ["out.csv", "out.xlsx"] {
        let path = place.path(name);
        let report = db.export_leads(&path, options(filter.clone(), &["-city", "-score"])).unwrap();
        let table = match name {
            "out.csv" => parse_csv(&std::fs::read_to_string(&path).unwrap()),
            _ => workbook(&path),
        };
        assert_eq!(
            table,
            [
                ["city", "id", "external_id"],
                ["köln", "5", "X4"],
                ["Köln", "2", "X1"],
                ["Aalen", "4", "X3"],
                ["", "3", "X2"]
            ]
        );
        assert_eq!((report.rows, report.fields.len()), (4, 3));
        // Nothing found is a header alone.
        let none = Filter::field("city").eq("Nowhere");
        let report = db.export_leads(&path, options(none, &[])).unwrap();
        assert_eq!(report.rows, 0);
        let table = match name {
            "out.csv" => parse_csv(&std::fs::read_to_string(&path).unwrap()),
            _ => workbook(&path),
        };
        assert_eq!(table, [["city", "id", "external_id"]]);
    }
    let said = ExportOptions {
        format: Some(ExportFormat::Csv),
        delimiter: ';',
        bom: true,
        ..options(Filter::default(), &[])
    };
    db.export_leads(place.path("out.dat"), said).unwrap();
    let text = std::fs::read_to_string(place.path("out.dat")).unwrap();
    assert!(text.starts_with("\u{feff}city;id;external_id\nUlm;1;X0\n"), "{text}");
}

#[test]
fn formulas_are_guarded_and_can_be_left() {
    let place = Place::new();
    let db = open(":memory:").unwrap();
    hard_leads(&db);
    let fields = Some(["company", "phone", "custom.remark", "notes", "score"].map(String::from).to_vec());
    db.export_leads(place.path("out.csv"), ExportOptions { fields: fields.clone(), ..Default::default() })
        .unwrap();
    let table = parse_csv(&std::fs::read_to_string(place.path("out.csv")).unwrap());
    assert_eq!(table[1][..3], ["'=cmd|' /C calc'!A0", "'+4930901820", "'@SUM(A1)"]);
    assert_eq!((table[2][2].as_str(), table[2][3].as_str()), ("'''+x", "'=2+3\n+4"));
    assert!(table.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '@', '-'])), "{table:?}");
    let plain = ExportOptions { fields, guard_formulas: false, ..Default::default() };
    db.export_leads(place.path("plain.csv"), plain).unwrap();
    let table = parse_csv(&std::fs::read_to_string(place.path("plain.csv")).unwrap());
    assert_eq!(table[1][..3], ["=cmd|' /C calc'!A0", "+4930901820", "@SUM(A1)"]);
}

#[test]
fn whole_or_not_at_all() {
    let place = Place::new();
    let db = place.db();
    db.import_leads(testing::messy_csv(2_000, 4), Default::default()).unwrap();
    for name in ["out.csv", "out.xlsx"] {
        let path = place.file(name, "old");
        let names = place.names();
        let cancel = CancelToken::default();
        let token = cancel.clone();
        let progress = Progressing(Arc::new(move |event: &Progress| {
            assert_eq!((event.stage.as_str(), event.unit.as_str()), ("export", "rows"));
            token.cancel();
        }));
        let options = ExportOptions { cancel, progress: Some(progress), ..Default::default() };
        assert_eq!(db.export_leads(&path, options).unwrap_err().code(), "cancelled");
        let early = ExportOptions::default();
        early.cancel.cancel();
        assert_eq!(db.export_leads(&path, early).unwrap_err().code(), "cancelled");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(place.names(), names, "no half file stays");
        let report = db.export_leads(&path, Default::default()).unwrap();
        assert!(report.rows > 1_000);
        assert_eq!(place.names(), names);
        assert_eq!(std::fs::metadata(&path).unwrap().len(), report.bytes);
    }
    #[cfg(unix)]
    {
        // A link stays a link; the file behind it is replaced.
        std::os::unix::fs::symlink(place.path("out.csv"), place.path("link.csv")).unwrap();
        let report = db
            .export_leads(place.path("link.csv"), ExportOptions { bom: true, ..Default::default() })
            .unwrap();
        assert!(std::fs::symlink_metadata(place.path("link.csv")).unwrap().is_symlink());
        assert_eq!(std::fs::metadata(place.path("out.csv")).unwrap().len(), report.bytes);
    }
}

fn round_trip(db: &Database, fresh: &Database, options: ExportOptions) {
    let place = Place::new();
    let report = db.export_leads(place.path("out.csv"), options).unwrap();
    let back = ImportOptions { match_on: Vec::new(), unmapped: Unmapped::Custom, ..Default::default() };
    let imported = fresh.import_leads(place.path("out.csv"), back).unwrap();
    assert_eq!((imported.created, imported.rejected), (report.rows, 0), "{}", imported.to_json());
    for column in &imported.mapping {
        assert_eq!(column.fields.join(","), column.column, "each column finds its field again");
    }
    let (before, after) = (leads(db), leads(fresh));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(values(before), values(after));
    }
    assert_eq!(before.len(), after.len());
}

#[test]
fn out_and_in_again() {
    let db = open(":memory:").unwrap();
    hard_leads(&db);
    for options in [
        ExportOptions::default(),
        ExportOptions { delimiter: ';', bom: true, ..Default::default() },
        ExportOptions { delimiter: '\t', ..Default::default() },
        ExportOptions { delimiter: '|', ..Default::default() },
    ] {
        let fresh = open(":memory:").unwrap();
        define(&fresh);
        round_trip(&db, &fresh, options);
    }
}

#[test]
fn out_and_into_a_database_without_the_fields() {
    let db = open(":memory:").unwrap();
    db.fields().define(CustomField::new("shoe_size", FieldKind::Text)).unwrap();
    add(&db, json!({"email": "ada@lovelace.org", "custom.shoe_size": "44"}));
    let fresh = open(":memory:").unwrap();
    let place = Place::new();
    db.export_leads(place.path("out.csv"), Default::default()).unwrap();
    let options = ImportOptions { unmapped: Unmapped::Custom, ..Default::default() };
    fresh.import_leads(place.path("out.csv"), options).unwrap();
    assert_eq!(fresh.fields().list().unwrap()[0].key, "shoe_size");
    assert_eq!(values(&leads(&fresh)[0]), values(&leads(&db)[0]));
}

#[test]
fn messy_leads_out_and_in_again() {
    for seed in 1..4 {
        let db = testing::open(":memory:", now(), 1).unwrap();
        let options = ImportOptions {
            unmapped: Unmapped::Custom,
            default_country: Some("DE".into()),
            ..Default::default()
        };
        db.import_leads(testing::messy_csv(800, seed), options).unwrap();
        let fresh = testing::open(":memory:", now(), 1).unwrap();
        for field in db.fields().list().unwrap() {
            fresh.fields().define(field).unwrap();
        }
        round_trip(&db, &fresh, ExportOptions::default());
    }
}

#[test]
fn workbooks_as_another_program_reads_them() {
    let place = Place::new();
    let db = open(":memory:").unwrap();
    hard_leads(&db);
    let path = place.path("out.xlsx");
    let report = db.export_leads(&path, Default::default()).unwrap();
    let table = workbook(&path);
    assert_eq!(table[0], report.fields);
    // A spreadsheet's cell of text takes formulas and numbers as they are: no guard is needed.
    let expected = cells(&db, &report.fields);
    for (row, expected) in table[1..].iter().zip(&expected) {
        for ((found, expected), field) in row.iter().zip(expected).zip(&report.fields) {
            assert_eq!(found, expected, "{field}");
        }
    }
    assert_eq!(table.len(), 6);
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let formulas = book.worksheet_formula("Sheet1").unwrap();
    assert_eq!(formulas.used_cells().count(), 0, "no cell is a formula");
}

#[test]
fn equal_leads_give_equal_bytes() {
    let mut seen: Vec<[Vec<u8>; 2]> = Vec::new();
    for _ in 0..2 {
        let place = Place::new();
        let db = place.fixed_db("leads.db");
        hard_leads(&db);
        db.import_leads(testing::messy_csv(300, 6), Default::default()).unwrap();
        let files = ["out.csv", "out.xlsx"].map(|name| {
            let first = db.export_leads(place.path(name), Default::default()).unwrap();
            let bytes = std::fs::read(place.path(name)).unwrap();
            let second = db.export_leads(place.path(name), Default::default()).unwrap();
            assert_eq!(first.file_hash, second.file_hash, "{name}");
            bytes
        });
        seen.push(files);
    }
    assert!(seen[0] == seen[1]);
}

#[test]
fn a_text_too_long_for_excel_is_an_error_and_the_old_file_stays() {
    let place = Place::new();
    let db = place.db();
    let target = place.file("leads.xlsx", "old");
    let fits = "n".repeat(32_767);
    db.leads().add([("email", "a@leads.example"), ("notes", fits.as_str())]).unwrap();
    db.export_leads(place.path("fits.xlsx"), ExportOptions::default()).unwrap();
    // One character more, in one that takes two UTF-16 units.
    let long = "n".repeat(32_766) + "😀";
    db.leads().add([("email", "b@leads.example"), ("notes", long.as_str())]).unwrap();
    let error = db.export_leads(&target, ExportOptions::default()).unwrap_err();
    assert_eq!((error.code(), error.row()), ("invalid_argument", Some(3)));
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
    db.export_leads(place.path("all.csv"), ExportOptions::default()).unwrap();
}
