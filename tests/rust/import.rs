//! What imports make of rows: every row is accounted for, matched as promised, and handed back
//! where it cannot be taken.

use std::collections::BTreeMap;

use leadkit_core::model::field::{CustomField, FieldKind};
use leadkit_core::model::options::{
    ColumnRule, ColumnTarget, MatchKey, OnInvalid, Rejects, Split, Transform, Unmapped,
};
use leadkit_core::table::{FormatOptions, Source};
use leadkit_core::{Database, Filter, ImportOptions, ImportReport, Lead, OnMatch, open, testing};
use leadkit_tests::*;
use serde_json::{Value, json};

fn rows(text: &str) -> Vec<u8> {
    text.lines().map(|line| line.trim_start().to_string() + "\n").collect::<String>().into_bytes()
}

fn import(db: &Database, text: &str, options: ImportOptions) -> ImportReport {
    let report = db.import_leads(rows(text), options).unwrap();
    assert_adds_up(&report);
    report
}

fn imported(text: &str, options: ImportOptions) -> (Database, ImportReport) {
    let db = open(":memory:").unwrap();
    let report = import(&db, text, options);
    (db, report)
}

fn on_match(on_match: OnMatch) -> ImportOptions {
    ImportOptions { on_match, ..Default::default() }
}

const ALL_MODES: [OnMatch; 5] =
    [OnMatch::Merge, OnMatch::Update, OnMatch::Skip, OnMatch::Reject, OnMatch::Create];

/// A file as no sane program writes it, but still with a header that says what is what.
fn random_file(dice: &mut Dice) -> Vec<u8> {
    let delimiter = dice.pick(&[',', ';', '\t', '|']);
    let names = [
        "Email",
        "First name",
        "Last name",
        "Phone",
        "Company",
        "External id",
        "Country",
        "Tags",
        "Created at",
        "Shoe size",
    ];
    let mut columns: Vec<&str> = names.iter().copied().filter(|n| *n == "Email" || !dice.one_in(3)).collect();
    if dice.one_in(2) {
        columns.reverse();
    }
    let mut text = columns.join(&delimiter.to_string());
    text.push('\n');
    let rows = 1 + dice.below(120);
    for _ in 0..rows {
        if dice.one_in(20) {
            text.push_str(dice.pick(&["\n", "  \n", ",,,\n", ";;;\n"]));
        }
        let person = dice.below(25);
        let given = ["Ada", "Grace", "Bob", "Robert", "A.", ""];
        let mut cells: Vec<String> = columns
            .iter()
            .map(|column| match *column {
                "Email" => match dice.below(8) {
                    0 => String::new(),
                    1 => "not an address".into(),
                    2 => format!("info@firm{}.org", person % 4),
                    3 => format!("P{person}@LOVELACE.org; q{person}@lovelace.org"),
                    _ => format!("p{person}@lovelace.org"),
                },
                "First name" => dice.pick(&given).to_string(),
                "Last name" => dice.pick(&["Lovelace", "Hopper", "O'Neill", "=1+1", "", "名前"]).to_string(),
                "Phone" => dice
                    .pick(&[
                        "+49 30 901820",
                        "030/901820",
                        "12",
                        "n/a",
                        "+1 212 555 0100 ext 5",
                        "",
                        "4.93E+11",
                    ])
                    .to_string(),
                "Company" => {
                    dice.pick(&["Engine, \"Works\" Ltd", "-", "x\u{0}y", "", "Äther GmbH"]).to_string()
                }
                "External id" if dice.one_in(2) => format!("X{}", dice.below(30)),
                "Country" => dice.pick(&["DE", "Germany", "Atlantis", "", "us"]).to_string(),
                "Tags" => dice.pick(&["a, b", "vip", "", "a;A; c"]).to_string(),
                "Created at" => {
                    dice.pick(&["2024-02-30", "01.02.2024", "2024-03-01T10:00:00Z", "soon", ""]).to_string()
                }
                _ => dice.pick(&["44", "", "'=2"]).to_string(),
            })
            .collect();
        match dice.below(25) {
            0 => cells.push("surplus".into()),
            1 => cells.truncate(1),
            _ => {}
        }
        let cells: Vec<String> = cells
            .into_iter()
            .map(|cell| match cell.contains(['"', '\n', delimiter]) || dice.one_in(9) {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell,
            })
            .collect();
        text.push_str(&cells.join(&delimiter.to_string()));
        text.push_str(dice.pick(&["\n", "\r\n", "\n"]));
    }
    text.into_bytes()
}

#[test]
fn random_files_always_add_up() {
    use MatchKey::{Email, ExternalId, Phone};
    let keys: [&[MatchKey]; 8] = [
        &[],
        &[Email],
        &[ExternalId],
        &[Phone],
        &[ExternalId, Email],
        &[Email, ExternalId],
        &[ExternalId, Email, Phone],
        &[Phone, Email],
    ];
    let mut dice = Dice::new(99);
    let place = Place::new();
    let mut totals = [0; 7];
    for round in 0..100 {
        let db = open(":memory:").unwrap();
        // Some files meet leads that are there already.
        for _ in 0..dice.below(3) {
            let _ = db.import_leads(random_file(&mut dice), Default::default());
        }
        let before = db.leads().count(&Filter::default()).unwrap();
        let file = random_file(&mut dice);
        let rejects = place.path(&format!("rejects{round}.csv"));
        let options = ImportOptions {
            on_match: ALL_MODES[round % 5],
            match_on: dice.pick(&keys).to_vec(),
            default_country: Some("DE".into()),
            unmapped: dice.pick(&[Unmapped::Ignore, Unmapped::Custom]),
            rejects: Rejects::Path(rejects.clone()),
            threads: 1 + dice.below(4),
            ..Default::default()
        };
        let context = format!("round {round}: {options:?}\n{}", String::from_utf8_lossy(&file));
        let dry = match db.import_leads(file.clone(), ImportOptions { dry_run: true, ..options.clone() }) {
            Ok(dry) => dry,
            Err(error) => {
                assert!(
                    ["no_records", "no_mappable_column", "empty_source"].contains(&error.code()),
                    "{error} {context}"
                );
                continue;
            }
        };
        assert_eq!(db.leads().count(&Filter::default()).unwrap(), before, "{context}");
        let report = db.import_leads(file, options).unwrap();
        assert_adds_up(&report);
        assert_eq!(comparable(&dry), comparable(&report), "{context}");
        let after = db.leads().count(&Filter::default()).unwrap();
        assert_eq!(after, before + report.created, "{context}");
        let written = std::fs::read_to_string(&rejects).map_or(0, |text| parse_csv(&text).len() as u64 - 1);
        assert_eq!(written, report.rejected, "{context}");
        assert_eq!(report.rejects.is_some(), report.rejected > 0, "{context}");
        let errors = report.issues.iter().filter(|i| i.severity == leadkit_core::Severity::Error);
        assert!(errors.map(|i| i.count).sum::<u64>() >= report.rejected, "{context}");
        for (sum, count) in totals.iter_mut().zip(counts(&report)) {
            *sum += count;
        }
    }
    assert!(totals.iter().all(|count| *count > 20), "every outcome occurs: {totals:?}");
}

#[test]
fn modes_do_what_they_say() {
    let first = "External id,First name,Email,Company,Tags,Score\n1,Ada,ada@lovelace.org,,a,\n";
    let second = "External id,First name,Email,Company,Tags,Score\n1,Ada,ada@lovelace.org,Engine Works,b,7\n2,Bob,bob@lovelace.org,,,\n";
    for mode in ALL_MODES {
        let (db, _) = imported(first, Default::default());
        let report = import(&db, second, on_match(mode));
        let lead = db.leads().get(1).unwrap().unwrap();
        let expected = match mode {
            OnMatch::Merge => [2, 1, 0, 1, 0, 0, 0],
            OnMatch::Update => [2, 1, 1, 0, 0, 0, 0],
            OnMatch::Skip => [2, 1, 0, 0, 1, 0, 0],
            OnMatch::Reject => [2, 1, 0, 0, 0, 1, 0],
            OnMatch::Create => [2, 2, 0, 0, 0, 0, 0],
        };
        assert_eq!(counts(&report), expected, "{mode:?}");
        let tags: &[&str] = match mode {
            OnMatch::Merge => &["a", "b"],
            OnMatch::Update => &["b"],
            _ => &["a"],
        };
        assert_eq!(lead.tags, tags, "{mode:?}");
        assert_eq!(lead.company.is_some(), matches!(mode, OnMatch::Merge | OnMatch::Update), "{mode:?}");
    }
    // An empty cell never clears; what is there stays under merge and goes under update.
    let later = "Email,First name,Company\nada@lovelace.org,,Other Works\n";
    for (mode, company) in [(OnMatch::Merge, "Engine Works"), (OnMatch::Update, "Other Works")] {
        let (db, _) =
            imported("Email,First name,Company\nada@lovelace.org,Ada,Engine Works\n", Default::default());
        let report = import(&db, later, on_match(mode));
        let lead = db.leads().get(1).unwrap().unwrap();
        assert_eq!((lead.first_name.as_deref(), lead.company.as_deref()), (Some("Ada"), Some(company)));
        assert_eq!(issue(&report, "kept_existing"), u64::from(mode == OnMatch::Merge));
    }
}

#[test]
fn the_same_file_again() {
    // One row has no key at all: matching alone would double it.
    let text = "First name,Last name,Company,Email\nAda,Lovelace,Engine Works,\nBob,Hill,,bob@hill.org\n";
    let (db, first) = imported(text, Default::default());
    assert_eq!((first.created, first.rows), (2, 2));
    let again = import(&db, text, Default::default());
    assert_eq!(counts(&again), [2, 0, 0, 0, 2, 0, 0]);
    assert_eq!(again.skipped_by, BTreeMap::from([("already_imported".to_string(), 2)]));
    assert_ne!(again.operation_id, first.operation_id);
    // What does not change the leads does not make another import of it.
    let named =
        ImportOptions { name: Some("Fair".into()), threads: 1, show_values: true, ..Default::default() };
    assert_eq!(import(&db, text, named).skipped_by, again.skipped_by);
    let dry = import(&db, text, ImportOptions { dry_run: true, ..Default::default() });
    assert_eq!(counts(&dry), counts(&again), "a dry run foresees it");
    let asked = import(&db, text, ImportOptions { again: true, ..Default::default() });
    assert_eq!(counts(&asked), [2, 1, 0, 0, 1, 0, 0]);
    let other = import(&db, text, on_match(OnMatch::Update));
    assert_eq!(counts(&other), [2, 1, 0, 0, 1, 0, 0], "other options are another import");
    assert_eq!(db.leads().count(&Filter::default()).unwrap(), 4);
}

#[test]
fn rejected_rows_come_back_fixed() {
    let place = Place::new();
    let db = place.db();
    let header = "Email,First name,Phone,Formula,Company\n";
    let source = format!(
        "{header}ada@lovelace.org,Ada,+49 30 901820,=1+1,Engine\n\
         bob at hill.org,Bob,+49 30 901821,=cmd|' /C calc'!A0,\"Two\nlines\"\n\
         eve@hill.org,Eve,+49 30 901822,'=2,Engine,surplus,more\n\
         ,,,,\n\
         joe hill.org,Joe,'+49 30 901823,-5,007\n"
    );
    let path = place.file("leads.csv", source);
    let options = || ImportOptions { unmapped: Unmapped::Custom, ..Default::default() };
    let report = db.import_leads(&path, options()).unwrap();
    assert_adds_up(&report);
    assert_eq!(counts(&report), [4, 1, 0, 0, 0, 3, 1]);
    let rejects = report.rejects.unwrap();
    assert_eq!(rejects, place.path("leads.rejects.csv"));
    let bytes = std::fs::read(&rejects).unwrap();
    assert!(bytes.starts_with(b"\xef\xbb\xbf"), "old Excels need the mark");
    let text = String::from_utf8(bytes).unwrap();
    let table = parse_csv(&text);
    assert_eq!(table[0][..4], ["leadkit_row", "leadkit_field", "leadkit_reason", "Email"]);
    assert_eq!(table[1][..2], ["3", "email"]);
    assert!(table[1][2].contains("email_missing_at"), "{:?}", table[1]);
    assert_eq!(
        table[1][3..],
        ["bob at hill.org", "Bob", "'+49 30 901821", "'=cmd|' /C calc'!A0", "Two\nlines"]
    );
    assert_eq!(table[2][3..], ["eve@hill.org", "Eve", "'+49 30 901822", "'=2", "Engine", "surplus", "more"]);
    assert_eq!(table[3][3..], ["joe hill.org", "Joe", "'+49 30 901823", "'-5", "007"]);
    // Half fixed: the rest comes back once more, with fresh reasons.
    let fixed = text.replace("bob at hill", "bob@hill").replace("surplus,more", ",");
    let second = place.file("fixed.csv", fixed);
    let report = db.import_leads(&second, options()).unwrap();
    assert_eq!(counts(&report), [3, 2, 0, 0, 0, 1, 0], "{}", report.to_json());
    assert!(report.mapping.iter().filter(|c| c.column.starts_with("leadkit_")).all(|c| c.fields.is_empty()));
    let again = parse_csv(&std::fs::read_to_string(report.rejects.unwrap()).unwrap());
    assert_eq!(again.len(), 2);
    assert_eq!(again[0].iter().filter(|name| name.starts_with("leadkit_")).count(), 6);
    let third =
        std::fs::read_to_string(place.path("fixed.rejects.csv")).unwrap().replace("joe hill", "joe@hill");
    let report = db.import_leads(third.into_bytes(), options()).unwrap();
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 0, 0], "{}", report.to_json());
    let custom = |id: i64| db.leads().get(id).unwrap().unwrap().custom["formula"].clone();
    assert_eq!([1, 2, 3, 4].map(custom), ["=1+1", "=cmd|' /C calc'!A0", "=2", "-5"].map(Value::from));
    let phones: Vec<String> = leads(&db).into_iter().map(|l| l.phone.unwrap()).collect();
    assert_eq!(phones, ["+4930901820", "+4930901821", "+4930901822", "+4930901823"]);
    assert_eq!(db.fields().list().unwrap().len(), 1, "our own columns become no fields");
    assert_sound(db.path().unwrap());
}

#[test]
fn rejected_rows_of_a_file_without_header() {
    let place = Place::new();
    let db = place.db();
    let source = place
        .file("leads.csv", "ada@lovelace.org,Ada\nbob at hill.org,Bob\neve@hill.org,Eve\njoe@hill.org,Joe\n");
    let mapping = |a: &str, b: &str| {
        let target = |name: &str| ColumnTarget::Field(name.into());
        BTreeMap::from([(a.to_string(), target("email")), (b.to_string(), target("first_name"))])
    };
    let options = ImportOptions {
        format: FormatOptions { header: Some(false), ..Default::default() },
        mapping: mapping("column_1", "column_2"),
        ..Default::default()
    };
    let report = db.import_leads(&source, options).unwrap();
    assert_eq!(counts(&report), [4, 3, 0, 0, 0, 1, 0]);
    let text = std::fs::read_to_string(report.rejects.unwrap()).unwrap();
    let table = parse_csv(&text);
    assert_eq!(table[0], ["leadkit_row", "leadkit_field", "leadkit_reason", "column_1", "column_2"]);
    assert_eq!(table[1][0], "2");
    let fixed = place.file("fixed.csv", text.replace("bob at", "bob@").replace("@ hill", "@hill"));
    let options = ImportOptions { mapping: mapping("column_1", "column_2"), ..Default::default() };
    let report = db.import_leads(&fixed, options).unwrap();
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 0, 0], "{}", report.to_json());
    assert_eq!(db.leads().get(4).unwrap().unwrap().first_name.as_deref(), Some("Bob"));
}

#[test]
fn every_kind_of_source_gives_the_same() {
    let place = Place::new();
    let bytes = testing::messy_csv(700, 21);
    let path = place.file("leads.csv", &bytes);
    let sources: [Source; 4] = [
        path.into(),
        bytes.clone().into(),
        Source::reader(std::io::Cursor::new(bytes.clone()), Some("leads.csv".into())),
        // A stream that gives a few bytes at a time.
        Source::reader(Drops(bytes, 0), None),
    ];
    let mut seen = Vec::new();
    for (index, source) in sources.into_iter().enumerate() {
        let name = format!("{index}.db");
        let db = place.fixed_db(&name);
        let report =
            db.import_leads(source, ImportOptions { rejects: Rejects::Write(false), ..Default::default() });
        seen.push((comparable(&report.unwrap()), dump_leads(place.path(&name))));
    }
    assert!(seen[1..].iter().all(|other| *other == seen[0]));
}

struct Drops(Vec<u8>, usize);

impl std::io::Read for Drops {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(self.0.len() - self.1).min(1 + self.1 % 977);
        buffer[..count].copy_from_slice(&self.0[self.1..self.1 + count]);
        self.1 += count;
        Ok(count)
    }
}

#[test]
fn every_encoding_gives_the_same() {
    let text = "E-Mail,Vorname,Nachname,Firma,Straße\r\n\
                juergen@mueller.de,Jürgen,Müller,Bäckerei Sonne GmbH,Lindenweg 3\r\n\
                francoise@lefevre.fr,Françoise,Lefèvre,Lumière Traiteur SARL,12 rue de la République\r\n\
                begona@nunez.es,Begoña,Núñez,Construcciones Peña S.A.,\"Avda. de la Luz 12, 3º\"\r\n\
                paul@example-firm.com,Paul,O’Neill,Firma „Süd“,Straße 5\r\n";
    let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let with = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    let cp1252: Vec<u8> = text
        .chars()
        .map(|c| match c {
            '’' => 0x92,
            '„' => 0x84,
            '“' => 0x93,
            c => u8::try_from(u32::from(c)).unwrap(),
        })
        .collect();
    let files: [(&str, Vec<u8>); 7] = [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8", with(b"\xef\xbb\xbf", text.as_bytes().to_vec())),
        ("UTF-16LE", with(b"\xff\xfe", utf16(u16::to_le_bytes))),
        ("UTF-16BE", with(b"\xfe\xff", utf16(u16::to_be_bytes))),
        ("UTF-16LE", utf16(u16::to_le_bytes)),
        ("UTF-16BE", utf16(u16::to_be_bytes)),
        ("windows-1252", cp1252),
    ];
    let place = Place::new();
    let mut seen = Vec::new();
    for (index, (encoding, bytes)) in files.into_iter().enumerate() {
        let name = format!("{index}.db");
        let report = place.fixed_db(&name).import_leads(bytes, Default::default()).unwrap();
        assert_eq!(report.format.encoding, encoding, "file {index}");
        assert_eq!(report.format.bom, (1..4).contains(&index), "file {index}");
        assert_eq!(report.created, 4, "file {index}: {}", report.to_json());
        assert!(
            report.issues.iter().all(|i| i.severity < leadkit_core::Severity::Warning),
            "{}",
            report.to_json()
        );
        seen.push(dump_leads(place.path(&name)));
    }
    assert!(seen[0].contains("Jürgen") && seen[0].contains("Núñez"));
    assert!(seen.iter().all(|other| *other == seen[0]));
}

#[test]
fn dry_runs_write_nothing_and_foresee_everything() {
    let place = Place::new();
    let db = place.fixed_db("leads.db");
    db.import_leads(testing::messy_csv(300, 1), Default::default()).unwrap();
    db.close();
    let path = place.path("leads.db");
    let sound = std::fs::read(&path).unwrap();
    let names = place.names();
    for (seed, mode) in (2..).zip(ALL_MODES) {
        let file = testing::messy_csv(400, seed);
        let options = ImportOptions {
            match_on: vec![MatchKey::Email, MatchKey::Phone],
            default_country: Some("US".into()),
            unmapped: Unmapped::Custom,
            ..on_match(mode)
        };
        let db = place.fixed_db("leads.db");
        let dry = db.import_leads(file.clone(), ImportOptions { dry_run: true, ..options.clone() }).unwrap();
        let preview = db.preview_import(file.clone(), options.clone()).unwrap();
        db.close();
        assert!(std::fs::read(&path).unwrap() == sound, "{mode:?}: a dry run wrote");
        assert_eq!(place.names(), names);
        assert!(dry.dry_run && dry.operation_id.is_none() && dry.rejects.is_none());
        let copy = place.file("copy.db", &sound);
        let db = testing::open(copy.to_str().unwrap(), now(), 1).unwrap();
        let report =
            db.import_leads(file, ImportOptions { rejects: Rejects::Write(false), ..options }).unwrap();
        assert_eq!(comparable(&dry), comparable(&report), "{mode:?}");
        assert!(preview.complete);
        assert_eq!(counts(&preview.report), counts(&report), "{mode:?}");
        assert_eq!(preview.leads.len(), 10.min(report.created as usize));
        for lead in &preview.leads {
            let stored = db.leads().get(lead.id).unwrap().unwrap();
            if stored.rev == 2 && report.merged + report.updated == 0 {
                assert_eq!(values(&stored), values(lead));
            }
        }
        db.close();
        std::fs::remove_file(copy).unwrap();
    }
    let long =
        place.fixed_db("leads.db").preview_import(testing::messy_csv(1_500, 9), Default::default()).unwrap();
    assert!(!long.complete && long.report.rows == 1_000);
}

#[test]
fn constants_transforms_splits_and_joins() {
    let text = "Kontakt;Code;Tel 1;Tel 2;Note A;Note B;Mail\n\
                Lovelace, Ada;ab-12;030 901820;030 901821;first;second;ADA@LOVELACE.ORG\n\
                Hopper, Grace;cd-34;;030 901822;;only;grace@hopper.org\n";
    let field = |name: &str| ColumnTarget::Field(name.into());
    let rule = |name: &str| ColumnRule { field: Some(name.into()), ..Default::default() };
    let split = Split { by: ",".into(), into: vec!["last_name".into(), "first_name".into()] };
    let mapping = BTreeMap::from([
        ("Kontakt".to_string(), ColumnTarget::Rule(ColumnRule { split: Some(split), ..Default::default() })),
        (
            "Code".to_string(),
            ColumnTarget::Rule(ColumnRule { transforms: vec![Transform::Digits], ..rule("external_id") }),
        ),
        ("Tel 1".to_string(), field("phone")),
        ("Tel 2".to_string(), field("phones")),
        ("Note A".to_string(), ColumnTarget::Rule(ColumnRule { join: Some(" / ".into()), ..rule("notes") })),
        (
            "Note B".to_string(),
            ColumnTarget::Rule(ColumnRule { transforms: vec![Transform::Upper], ..rule("notes") }),
        ),
        (
            "Mail".to_string(),
            ColumnTarget::Rule(ColumnRule { transforms: vec![Transform::Lower], ..rule("email") }),
        ),
    ]);
    let set = BTreeMap::from([
        ("country".to_string(), json!("Germany")),
        ("status".to_string(), json!("contacted")),
        ("tags".to_string(), json!(["fair", "2026"])),
        ("score".to_string(), json!(4.5)),
    ]);
    let (db, report) = imported(text, ImportOptions { mapping, set, ..Default::default() });
    assert_eq!(report.created, 2, "{}", report.to_json());
    let [ada, grace] = <[Lead; 2]>::try_from(leads(&db)).unwrap();
    let texts = |l: &Lead| {
        [
            l.first_name.clone(),
            l.last_name.clone(),
            l.external_id.clone(),
            l.phone.clone(),
            l.notes.clone(),
            l.email.clone(),
        ]
        .map(Option::unwrap_or_default)
    };
    assert_eq!(texts(&ada), ["Ada", "Lovelace", "12", "+4930901820", "first / SECOND", "ada@lovelace.org"]);
    assert_eq!(ada.phones, ["+4930901821"]);
    // The only number there is becomes the first one.
    assert_eq!(texts(&grace), ["Grace", "Hopper", "34", "+4930901822", "ONLY", "grace@hopper.org"]);
    assert!(grace.phones.is_empty());
    for lead in [ada, grace] {
        assert_eq!((lead.country.as_deref(), lead.status.as_deref()), (Some("DE"), Some("contacted")));
        assert_eq!((lead.tags, lead.score), (vec!["fair".to_string(), "2026".into()], Some(4.5)));
    }
    // A constant wins over the file's own column.
    let set = BTreeMap::from([("status".to_string(), json!("lost"))]);
    let (db, _) = imported("Email,Status\na@lovelace.org,new\n", ImportOptions { set, ..Default::default() });
    assert_eq!(leads(&db)[0].status.as_deref(), Some("lost"));
    let none = BTreeMap::from([("Status".to_string(), ColumnTarget::Ignore(()))]);
    let (db, _) =
        imported("Email,Status\na@lovelace.org,new\n", ImportOptions { mapping: none, ..Default::default() });
    assert_eq!(leads(&db)[0].status, None);
}

#[test]
fn custom_fields_by_their_kinds() {
    let db = open(":memory:").unwrap();
    let fields = [
        CustomField::new("plan", FieldKind::Choice).choices(["Free", "Pro"]),
        CustomField::new("seats", FieldKind::Number),
        CustomField::new("trial", FieldKind::Boolean),
        CustomField::new("renewal", FieldKind::Date).label("Next renewal"),
        CustomField::new("remark", FieldKind::Text),
    ];
    for field in fields {
        db.fields().define(field).unwrap();
    }
    let text = "Email,Plan,Seats,Trial,Next renewal,Remark,Weird column!\n\
                a@lovelace.org,pro,\"1,250.5\",yes,31.12.2026,007,x\n\
                b@lovelace.org,gold,many,perhaps,31.02.2026,+5,y\n";
    let report = import(&db, text, ImportOptions { unmapped: Unmapped::Custom, ..Default::default() });
    assert_eq!(report.created, 2, "{}", report.to_json());
    let [a, b] = <[Lead; 2]>::try_from(leads(&db)).unwrap();
    assert_eq!(
        json!(a.custom),
        json!({"plan": "Pro", "seats": 1250.5, "trial": true, "renewal": "2026-12-31", "remark": "007", "weird_column": "x"})
    );
    assert_eq!(json!(b.custom), json!({"remark": "+5", "weird_column": "y"}));
    for code in ["choice_unknown", "number_invalid", "boolean_invalid", "date_invalid"] {
        assert_eq!(issue(&report, code), 1, "{code}");
    }
    assert_eq!(b.original["custom.plan"], "gold");
    let columns = db.fields().list().unwrap();
    assert_eq!((columns[5].key.as_str(), columns[5].label.as_str()), ("weird_column", "Weird column!"));
    // Rules of one import make them grave.
    let strict = ImportOptions {
        on_invalid: BTreeMap::from([("custom.seats".to_string(), OnInvalid::Reject)]),
        required: vec!["custom.plan".into()],
        ..Default::default()
    };
    let report = import(
        &db,
        "Email,Plan,Seats\nc@lovelace.org,Free,lots\nd@lovelace.org,,5\ne@lovelace.org,gold,5\nf@lovelace.org,free,5\n",
        strict,
    );
    assert_eq!((report.created, report.rejected), (1, 3), "{}", report.to_json());
}

#[test]
fn required_and_invalid() {
    let text = "Email,First name,Phone,Company\n\
                a@lovelace.org,Ada,+49 30 901820,X Works\n\
                b@lovelace.org,,+49 30 901821,X Works\n\
                c at lovelace.org,Cem,+49 30 901822,X Works\n\
                d@lovelace.org,Dan,12,X Works\n\
                ,,,X Works\n";
    let (_, report) = imported(text, Default::default());
    assert_eq!((report.created, report.rejected), (3, 2));
    assert_eq!((issue(&report, "missing_identity"), issue(&report, "email_missing_at")), (1, 1));
    let required =
        ImportOptions { required: vec!["first_name".into(), "phone".into()], ..Default::default() };
    let (_, report) = imported(text, required);
    assert_eq!((report.created, report.rejected), (1, 4), "{}", report.to_json());
    let lax = ImportOptions {
        on_invalid: BTreeMap::from([
            ("email".to_string(), OnInvalid::Drop),
            ("phone".to_string(), OnInvalid::Reject),
        ]),
        ..Default::default()
    };
    let (db, report) = imported(text, lax);
    assert_eq!((report.created, report.rejected), (3, 2), "{}", report.to_json());
    let cem = db.leads().first(&Filter::field("first_name").eq("cem"), Default::default()).unwrap().unwrap();
    assert_eq!((cem.email, cem.original["email"].as_str()), (None, "c at lovelace.org"));
    let reserved = "Email\nada@firm.test\n";
    assert_eq!(imported(reserved, Default::default()).1.rejected, 1);
    let allow = ImportOptions { allow_reserved_domains: true, ..Default::default() };
    assert_eq!(imported(reserved, allow).1.created, 1);
}

#[test]
fn who_is_whom() {
    // Rows, options, and the counts: rows, created, updated, merged, skipped, rejected, ignored.
    let by = |keys: &[MatchKey]| ImportOptions { match_on: keys.to_vec(), ..Default::default() };
    let name = "Email,First name,Last name,Phone,External id\n";
    use MatchKey::{Email, ExternalId, Phone};
    let cases: [(&str, &str, ImportOptions, [u64; 7]); 14] = [
        (
            "two people, one mailbox",
            "fam@hill.org,Ada,Hill,,\nfam@hill.org,Bob,Hill,,\n",
            by(&[Email]),
            [2, 2, 0, 0, 0, 0, 0],
        ),
        (
            "each of them again",
            "fam@hill.org,Ada,Hill,,\nfam@hill.org,Bob,Hill,,\nfam@hill.org,Bob,Hill,,\nfam@hill.org,Ada,Hill,,\n",
            by(&[Email]),
            [4, 2, 0, 0, 2, 0, 0],
        ),
        ("initial", "ada@hill.org,Ada,Hill,,\nada@hill.org,A.,Hill,,\n", by(&[Email]), [2, 1, 0, 0, 1, 0, 0]),
        (
            "nickname",
            "bob@hill.org,Robert,Hill,,\nbob@hill.org,Bob,Hill,,\n",
            by(&[Email]),
            [2, 1, 0, 0, 1, 0, 0],
        ),
        ("no name", "bob@hill.org,Robert,Hill,,\nBOB@hill.org,,,,\n", by(&[Email]), [2, 1, 0, 0, 1, 0, 0]),
        (
            "swapped names",
            "bob@hill.org,Robert,Quill,,\nbob@hill.org,Quill,Robert,,\n",
            by(&[Email]),
            [2, 1, 0, 0, 1, 0, 0],
        ),
        (
            "function's mailbox, other names",
            "info@hill.org,Ada,Hill,,\ninfo@hill.org,,,,X\n",
            by(&[Email]),
            [2, 2, 0, 0, 0, 0, 0],
        ),
        (
            "function's mailbox, same name",
            "info@hill.org,Ada,Hill,,\ninfo@hill.org,ada,HILL,,\n",
            by(&[Email]),
            [2, 1, 0, 0, 1, 0, 0],
        ),
        (
            "phone, other names",
            ",Ada,Hill,+49 30 901820,1\n,Bob,Hill,+49 30 901820,2\n",
            by(&[Phone]),
            [2, 2, 0, 0, 0, 0, 0],
        ),
        (
            "phone, no name",
            ",Ada,Hill,+49 30 901820,1\n,,,+49 30 901820,2\n",
            by(&[Phone]),
            [2, 2, 0, 0, 0, 0, 0],
        ),
        (
            "phone, same name",
            ",Ada,Hill,+49 30 901820,\nada@hill.org,ada,hill,030/901820,\n",
            by(&[Phone]),
            [2, 1, 0, 1, 0, 0, 0],
        ),
        (
            "phone is no key by default",
            ",Ada,Hill,+49 30 901820,\nada@hill.org,Ada,Hill,+49 30 901820,\n",
            by(&[ExternalId, Email]),
            [2, 2, 0, 0, 0, 0, 0],
        ),
        (
            "keys that disagree",
            "a@hill.org,Ada,Hill,,1\nb@hill.org,Bob,Hill,,2\nb@hill.org,Bob,Hill,,1\n",
            by(&[ExternalId, Email]),
            [3, 2, 0, 0, 0, 1, 0],
        ),
        (
            "the id decides over another's mailbox",
            "a@hill.org,Ada,Hill,,1\nb@hill.org,Bob,Hill,,2\nb@hill.org,Ada,Hill,,1\n",
            by(&[ExternalId, Email]),
            [3, 2, 0, 1, 0, 0, 0],
        ),
    ];
    for (what, text, options, expected) in cases {
        let options = ImportOptions { default_country: Some("DE".into()), ..options };
        let (_, report) = imported(&format!("{name}{text}"), options);
        assert_eq!(counts(&report), expected, "{what}: {}", report.to_json());
        assert_eq!(issue(&report, "match_conflict"), u64::from(what == "keys that disagree"), "{what}");
        assert_eq!(
            issue(&report, "shared_email") > 0,
            what == "two people, one mailbox" || what == "each of them again",
            "{what}"
        );
    }
}

#[test]
fn doubles_far_apart() {
    // Further apart than one transaction is long; each finds the first of its kind, whichever
    // address it comes by.
    testing::set_transaction_rows(20_000);
    let mut text = String::from("Email,Company,Notes\n");
    text.push_str("first@lovelace.org,,\n");
    for n in 0..24_500 {
        text.push_str(&format!("p{n}@lovelace.org,,\n"));
    }
    text.push_str("FIRST@lovelace.org,Engine Works,\np7@lovelace.org,,seen\nfirst@lovelace.org,Other,more\n");
    let place = Place::new();
    let db = place.db();
    let report = db.import_leads(text.into_bytes(), Default::default()).unwrap();
    assert_eq!(counts(&report), [24_504, 24_501, 0, 3, 0, 0, 0]);
    let first = db.leads().get(1).unwrap().unwrap();
    assert_eq!((first.company.as_deref(), first.notes.as_deref()), (Some("Engine Works"), Some("more")));
    let history = db.leads().history(1).unwrap();
    assert_eq!(history.len(), 2, "two transactions, two commits: {history:?}");
    assert_eq!(history[0].fields["company"].before, Value::Null);
    assert_eq!(history[0].fields["notes"].after, json!("more"));
    assert!(history[1].created);
    assert_sound(db.path().unwrap());
}

#[test]
fn before_images_are_kept() {
    let place = Place::new();
    let db = place.db();
    let first = import(
        &db,
        "Email,First name,Company,Score\nada@lovelace.org,Ada,Engine Works,1\n",
        Default::default(),
    );
    // Changed twice in one commit: one entry, from the state before to the state after.
    let second = import(
        &db,
        "Email,Company,Score\nada@lovelace.org,Middle Works,2\nada@lovelace.org,Last Works,3\n",
        on_match(OnMatch::Update),
    );
    assert_eq!(second.updated, 2);
    let mia = db.as_actor("mia", Some("phone call"));
    mia.leads().update(1, [("score", json!(null)), ("notes", json!("called"))]).unwrap();
    let history = db.leads().history(1).unwrap();
    assert_eq!(history.len(), 3);
    let change = |entry: usize, field: &str| {
        history[entry].fields.get(field).map(|c| (c.before.clone(), c.after.clone()))
    };
    assert_eq!(change(0, "score"), Some((json!(3.0), Value::Null)));
    assert_eq!(change(0, "notes"), Some((Value::Null, json!("called"))));
    assert_eq!(
        (history[0].actor.as_deref(), history[0].reason.as_deref()),
        (Some("mia"), Some("phone call"))
    );
    assert_eq!(change(1, "company"), Some((json!("Engine Works"), json!("Last Works"))));
    assert_eq!(change(1, "score"), Some((json!(1.0), json!(3.0))));
    assert_eq!(change(1, "email"), None);
    assert_eq!(Some(history[1].operation_id), second.operation_id);
    assert!(history[2].created && Some(history[2].operation_id) == first.operation_id);
    assert_eq!(change(2, "company"), Some((Value::Null, json!("Engine Works"))));
    assert_eq!(change(2, "score"), Some((Value::Null, json!(1.0))));
    assert_eq!(history[2].fields["first_name"].after, json!("Ada"));
    assert_sound(db.path().unwrap());
    // Created and filled up in one commit: born so.
    let report =
        import(&db, "Email,Company\nb@lovelace.org,\nb@lovelace.org,Late Works\n", Default::default());
    assert_eq!((report.created, report.merged), (1, 1));
    let history = db.leads().history(2).unwrap();
    assert_eq!((history.len(), &history[0].fields["company"].after), (1, &json!("Late Works")));
    assert_sound(db.path().unwrap());
}

#[test]
fn originals_are_kept() {
    let text = "Email,First name,Last name,Phone,Country,City,Website\n\
                ADA@Lovelace.ORG,ADA,lovelace,(030) 901820,Deutschland,Berlin,nonsense\n";
    let (db, report) = imported(text, Default::default());
    let lead = &leads(&db)[0];
    assert_eq!((lead.phone.as_deref(), lead.country.as_deref()), (Some("+4930901820"), Some("DE")));
    assert_eq!((lead.first_name.as_deref(), lead.website.as_deref()), (Some("Ada"), None));
    let original = json!(lead.original);
    assert_eq!(original["phone"], "(030) 901820");
    assert_eq!(original["country"], "Deutschland");
    assert_eq!(original["first_name"], "ADA");
    assert_eq!(original["website"], "nonsense");
    assert_eq!(original["email"], "ADA@Lovelace.ORG");
    assert_eq!(original.get("city"), None, "what was not changed is not kept twice");
    assert_eq!(issue(&report, "website_invalid"), 1);
    let masked = report.to_json();
    assert!(!masked.contains("901820") && !masked.to_lowercase().contains("lovelace.org"), "{masked}");
}
