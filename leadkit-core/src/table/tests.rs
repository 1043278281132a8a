#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Tables written in many ways are read back exactly.

use super::*;
use crate::CancelToken;
use crate::model::issue::IssueCode;

/// A small seeded generator (xorshift64*), so that failures repeat.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

struct Read {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    lines: Vec<u64>,
    issues: Vec<(u64, IssueCode)>,
    ignored: Ignored,
    format: TableFormat,
}

fn read_with(bytes: impl Into<Vec<u8>>, options: &FormatOptions, batch: usize) -> Read {
    read_in_blocks(bytes.into(), options, batch, 64 << 10)
}

fn read_in_blocks(bytes: Vec<u8>, options: &FormatOptions, batch: usize, block: usize) -> Read {
    let input = Source::from(bytes).open(&CancelToken::default(), None).unwrap();
    let mut records = Records::open_in_blocks(&input, options, block).unwrap();
    let (mut rows, mut lines, mut issues) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(batch) = records.next_batch(batch).unwrap() {
        for row in batch.iter() {
            assert_eq!(row.iter().len(), row.len());
            rows.push(row.iter().map(str::to_string).collect());
            lines.push(row.line());
            issues.extend(row.raw_issues().iter().map(|code| (row.line(), code)));
        }
    }
    assert_eq!(records.bytes_read(), input.len);
    Read {
        header: records.header().to_vec(),
        rows,
        lines,
        issues,
        ignored: records.ignored(),
        format: records.format().clone(),
    }
}

fn read(bytes: impl Into<Vec<u8>>) -> Read {
    read_with(bytes, &FormatOptions::default(), 3)
}

#[test]
fn encodings() {
    let text = "name,city,email\nMüller,Köln,m@example.de\nGarçon,Besançon,g@example.fr\n";
    let utf16 = |big: bool, bom: bool| -> Vec<u8> {
        let units = bom.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    for (bytes, encoding, bom) in [
        (text.as_bytes().to_vec(), "UTF-8", false),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "UTF-8", true),
        (utf16(false, true), "UTF-16LE", true),
        (utf16(true, true), "UTF-16BE", true),
        (utf16(false, false), "UTF-16LE", false),
        (utf16(true, false), "UTF-16BE", false),
        (encoding_rs::WINDOWS_1252.encode(text).0.into_owned(), "windows-1252", false),
    ] {
        let found = read(bytes);
        assert_eq!((found.format.encoding.as_str(), found.format.bom), (encoding, bom));
        assert_eq!(found.header, ["name", "city", "email"], "{encoding} {bom}");
        assert_eq!(found.rows, [["Müller", "Köln", "m@example.de"], ["Garçon", "Besançon", "g@example.fr"]]);
        assert!(found.issues.is_empty());
    }
}

#[test]
fn letters_far_from_the_start_decide_the_encoding() {
    let mut bytes = b"name,city\n".to_vec();
    bytes.extend(b"Ada,London\n".repeat(100_000));
    bytes.extend(b"M\xfcller,K\xf6ln\n");
    let found = read_with(bytes, &FormatOptions::default(), 50_000);
    assert_eq!(found.format.encoding, "windows-1252");
    assert_eq!(found.rows[100_000], ["Müller", "Köln"]);
    assert_eq!(found.lines[100_000], 100_002);
}

#[test]
fn bad_bytes_are_noted_on_their_row() {
    let mut bytes = "name,city\nMüller,Köln\nJürgen,Düsseldorf\n".as_bytes().to_vec();
    bytes.extend(b"A\xff,B\n");
    let found = read(bytes);
    assert_eq!(found.rows[2], ["A\u{fffd}", "B"]);
    assert_eq!(found.issues, [(4, IssueCode::InvalidEncoding)]);
}

#[test]
fn line_numbers_count_every_line() {
    let found = read("# c\nname,note\n\n\"Ada\",\"one\r\ntwo\rthree\"\n,\n# x\nBob,z\r\n\r\nCy,w\rDee,v");
    assert_eq!(found.rows, [["Ada", "one\r\ntwo\rthree"], ["Bob", "z"], ["Cy", "w"], ["Dee", "v"]]);
    assert_eq!(found.lines, [4, 9, 11, 12]);
    assert_eq!(found.ignored, Ignored { blank: 3, comment: 2, preamble: 0 });
}

#[test]
fn sep_and_preamble() {
    let found = read("sep=;\r\nname;note\r\nAda;a,b\r\n");
    assert_eq!(
        (found.header, found.rows),
        (vec!["name".into(), "note".into()], vec![vec!["Ada".to_string(), "a,b".into()]])
    );
    assert_eq!(found.ignored.preamble, 1);
    let found = read("Export of 2026-01-01,,\n\nname,email,city\nAda,a@example.com,X\nBob,b@example.com,Y\n");
    assert_eq!(found.header, ["name", "email", "city"]);
    assert_eq!((found.rows.len(), found.ignored), (2, Ignored { blank: 0, comment: 0, preamble: 2 }));
    assert_eq!(found.lines, [4, 5]);
    let options = FormatOptions { preamble_rows: Some(3), ..Default::default() };
    let found = read_with("x\n\"y\nz\nname,city\nAda,London\n", &options, 9);
    assert_eq!((found.header[0].as_str(), found.rows.len(), found.ignored.preamble), ("name", 1, 3));
}

#[test]
fn headers() {
    let found = read("Ada,ada@example.com\nBob,bob@example.com\n");
    assert_eq!((found.header, found.rows.len()), (vec!["column_1".to_string(), "column_2".into()], 2));
    let found = read("email\na@example.com\n\nb@example.com");
    assert_eq!((found.header, found.rows.len(), found.ignored.blank), (vec!["email".to_string()], 2, 1));
    let found = read("name,email\n");
    assert_eq!((found.header.len(), found.rows.len()), (2, 0));
    let found = read("email,email,\na@example.com,b@example.com,x\n");
    assert_eq!(found.header, ["email", "email_2", "column_3"]);
    let options = FormatOptions { header: Some(true), ..Default::default() };
    assert_eq!(read_with("Ada,a@b.de\nBob,b@b.de\n", &options, 1).header, ["Ada", "a@b.de"]);
}

#[test]
fn an_unclosed_quote_costs_one_line() {
    // Nothing closes it.
    let found = read("name,city\nAda,London\nBob,\"Paris\nCy,Rome\nDee,Oslo\n");
    assert_eq!(found.rows, [["Ada", "London"], ["Bob", "\"Paris"], ["Cy", "Rome"], ["Dee", "Oslo"]]);
    assert_eq!((found.issues, found.lines), (vec![(3, IssueCode::UnclosedQuote)], vec![2, 3, 4, 5]));
    // Later quoted cells would close it in the wrong place.
    let found = read("name,city\nAda,\"London\nBob,\"Paris, F\"\n\"Cy\",Rome\n");
    assert_eq!(found.rows, [["Ada", "\"London"], ["Bob", "Paris, F"], ["Cy", "Rome"]]);
    assert_eq!(found.issues, [(2, IssueCode::UnclosedQuote)]);
    // It opens on a later line of its record, behind a cell that is in order.
    let found = read("name,note,city\nAda,\"one\ntwo\",\"London\nBob,x,Paris\n");
    assert_eq!(found.rows[0], ["Ada", "one\ntwo", "\"London"]);
    assert_eq!(found.rows[1], ["Bob", "x", "Paris"]);
    assert_eq!(found.lines, [2, 4]);
}

#[test]
fn an_unclosed_quote_in_a_large_file_is_bounded() {
    let mut text = "name,city\nAda,\"London\n".to_string();
    text.push_str(&"Bob,Paris is a town\n".repeat(300_000));
    text.push_str("Cy,\"Ro,me\"\n");
    let found = read_with(text, &FormatOptions::default(), 100_000);
    assert_eq!(found.rows.len(), 300_002);
    assert_eq!(found.issues, [(2, IssueCode::UnclosedQuote)]);
    assert_eq!(found.rows[300_001], ["Cy", "Ro,me"]);
    assert_eq!(found.lines[300_001], 300_003);
}

#[test]
fn a_record_of_ten_megabytes_is_cut_and_noted() {
    for open in ["", "\""] {
        let mut text = format!("name,note\nAda,{open}");
        text.push_str(&"ü".repeat(5 << 20));
        text.push_str("\nBob,x\n");
        let found = read(text);
        assert_eq!(found.issues, [(2, IssueCode::RecordTooLarge)]);
        assert!(found.rows[0][1].len() <= 1 << 20);
        assert_eq!((found.rows[1][0].as_str(), found.lines[1]), ("Bob", 3));
    }
    // All the lines of a large quoted cell come out: nothing is dropped unseen.
    let found = read_with(
        format!("name,note\n\"{}\",x\nBob,y\n", "line\n".repeat(400_000)),
        &FormatOptions::default(),
        1 << 20,
    );
    assert_eq!(found.issues[0], (2, IssueCode::UnclosedQuote));
    assert_eq!(found.rows.last().unwrap(), &["Bob", "y"]);
}

#[test]
fn broken_quotes_are_repaired() {
    let found = read(
        "name,note\n\"The \"Best\" Co\",1\n\"Bob\" Smith,2\n5\" pipe,3\n\"a\" , \"b, c\"\n\"x\",\"y\"\n",
    );
    assert_eq!(found.rows[0], ["The \"Best\" Co", "1"]);
    assert_eq!(found.rows[1], ["\"Bob\" Smith", "2"]);
    assert_eq!(found.rows[2], ["5\" pipe", "3"]);
    assert_eq!(found.rows[3], ["a", "b, c"]);
    assert!(found.issues.is_empty());
}

#[test]
fn ragged_rows_and_nuls() {
    let found = read("name,city,x\nAda\nBob,Par\0is,y,z,\n,,,,\n\u{1a}");
    assert_eq!(found.rows[0], ["Ada"]);
    assert_eq!(found.rows[1], ["Bob", "Paris", "y", "z", ""]);
    assert_eq!(found.issues, [(3, IssueCode::NulRemoved)]);
    assert_eq!(found.ignored.blank, 2);
}

#[test]
fn escapes() {
    let found = read("name,note\n\"say \\\"hi, you\\\" C:\\new\",2\n\"x\\\\\",3\n");
    assert_eq!(found.format.escape.as_deref(), Some("\\"));
    assert_eq!(found.rows, [["say \"hi, you\" C:\\new", "2"], ["x\\", "3"]]);
}

#[test]
fn a_file_that_changes_is_an_error() {
    use std::io::Write;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"name,city\nAda,London\n").unwrap();
    let input = Source::from(file.path()).open(&CancelToken::default(), None).unwrap();
    file.write_all(b"Bob,Paris\n").unwrap();
    let result =
        Records::open(&input, &FormatOptions::default()).and_then(|mut r| r.next_batch(9).map(|_| r));
    assert_eq!(result.unwrap_err().code(), "io");
}

#[test]
fn read_table_names_issues_by_line() {
    let mut table =
        read_table(b"name,city\nAda,\"London\nBob,Paris\n".to_vec(), &FormatOptions::default()).unwrap();
    assert_eq!(table.by_ref().count(), 2);
    assert_eq!(table.issues().len(), 1);
    assert_eq!((table.issues()[0].line, table.issues()[0].code), (2, IssueCode::UnclosedQuote));
}

/// What the `csv` crate reads, as the reference.
fn reference(text: &str, delimiter: u8, quote: u8, escape: Option<u8>) -> Vec<Vec<String>> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quote(quote)
        .escape(escape)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes())
        .records()
        .map(|record| record.unwrap().iter().map(str::to_string).collect())
        .collect()
}

/// Random tables in random dialects and encodings come back as they were, in every batch size, and
/// as the `csv` crate reads them.
#[test]
fn random_tables_come_back() {
    let mut random = Random::new(42);
    for round in 0..3000 {
        let delimiter = random.pick(b",;\t|");
        let quote = random.pick(b"\"\"'");
        let columns = 1 + random.below(6);
        let pieces = [
            "a", "Z", "7", " ", "ü", "€", "\"", "'", ",", ";", "|", "\t", "\n", "\r\n", "\\", "#", "@", "-",
            "\"\"",
        ];
        let mut rows: Vec<Vec<String>> = Vec::new();
        for _ in 0..1 + random.below(20) {
            let mut row: Vec<String> =
                (0..columns).map(|_| (0..random.below(8)).map(|_| random.pick(&pieces)).collect()).collect();
            // A blank record is none.
            row[0].insert(0, 'k');
            rows.push(row);
        }
        let end = random.pick(&["\n", "\r\n", "\r"]);
        let mut text = String::new();
        for row in &rows {
            for (index, cell) in row.iter().enumerate() {
                if index > 0 {
                    text.push(delimiter as char);
                }
                let quote = quote as char;
                let special = [quote, delimiter as char, '\n', '\r'];
                let blank_edge = cell.trim_start_matches([' ', '\t']).starts_with(quote);
                if cell.contains(special) || blank_edge || random.below(4) == 0 {
                    let doubled: String = [quote, quote].iter().collect();
                    text.push_str(&format!("{quote}{}{quote}", cell.replace(quote, &doubled)));
                } else {
                    text.push_str(cell);
                }
            }
            text.push_str(end);
        }
        if random.below(3) == 0 {
            text.truncate(text.len() - end.len());
        }
        assert_eq!(reference(&text, delimiter, quote, None), rows, "the reference itself, {text:?}");
        let (label, bytes) = match random.below(4) {
            0 => ("utf-8", text.clone().into_bytes()),
            1 => ("utf-16le", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            2 => ("utf-16be", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            _ => ("windows-1252", encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()),
        };
        let options = FormatOptions {
            encoding: Some(label.into()),
            delimiter: Some((delimiter as char).to_string()),
            quote: Some((quote as char).to_string()),
            escape: Some(String::new()),
            comment: Some(String::new()),
            header: Some(false),
            preamble_rows: Some(0),
        };
        let found = read_in_blocks(bytes, &options, 1 + random.below(5), 1 + random.below(40));
        assert_eq!(found.rows, rows, "round {round}: {text:?}");
        assert!(found.issues.is_empty());
        assert_eq!(found.ignored, Ignored::default());
    }
}

/// The same without a word about the dialect: realistic tables are recognised.
#[test]
fn realistic_tables_are_recognised() {
    let mut random = Random::new(3);
    let names = ["Ada Lovelace", "O'Neil", "Müller, Jürgen", "Łukasz", "Bob \"Bobby\" Smith", "Anne-Marie"];
    let notes = ["", "Call back, please; soon", "first line\nsecond line", "1.234,56", "5\" pipe", "a|b"];
    for round in 0..300 {
        let delimiter = random.pick(&[',', ';', '\t', '|']);
        let end = random.pick(&["\n", "\r\n", "\r"]);
        let mut rows = vec![["name", "email", "since", "note"].map(str::to_string)];
        for index in 0..3 + random.below(30) {
            rows.push([
                random.pick(&names).to_string(),
                format!("u{index}@example.com"),
                format!("2026-01-{:02}", 1 + index % 28),
                random.pick(&notes).to_string(),
            ]);
        }
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter as u8).from_writer(Vec::new());
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        // The terminators between records only; line breaks in cells are quoted and stay.
        let text = match end {
            "\n" => text,
            end => text.replace("\nsecond", "\u{1}second").replace('\n', end).replace('\u{1}', "\n"),
        };
        let found = read(text.clone());
        assert_eq!(found.format.delimiter, delimiter.to_string(), "round {round}: {text:?}");
        assert_eq!(found.header, rows[0]);
        assert_eq!(found.rows, rows[1..], "round {round}: {text:?}");
        assert!(found.format.confidence > 0.6, "{}", found.format.confidence);
    }
}

/// Files as they come: delimiter, header rows, preamble rows, columns.
#[test]
fn files_as_they_come() {
    let cases: &[(&str, &str, u64, u64, usize)] = &[
        ("Name;Straße;PLZ\nAda;Weg 1, 2. Stock;01234\nBob;Platz 2, EG;12345\n", ";", 1, 0, 3),
        ("\"Id\";\"Name\"\n\"1\";\"a,b\"\n\"2\";\"c,d,e\"\n", ";", 1, 0, 2),
        ("Ada,Lovelace,ada@example.com", ",", 0, 0, 3),
        ("Ada;ada@example.com;+49 30 123456", ";", 0, 0, 3),
        ("姓名,电子邮件\n王伟,wang@example.cn\n李娜,li@example.cn\n", ",", 1, 0, 2),
        ("Имя;Почта;Город\nИван;i@example.ru;Москва\n", ";", 1, 0, 3),
        ("First Name, Last Name, Notes\nAda, Lovelace, \"Hello, you\"\nBob, Smith, none\n", ",", 1, 0, 3),
        (
            "Report: leads, all of them\nMade by Ada\n\nid,name,email,city,zip\n1,A,a@b.de,X,1\n2,B,b@b.de,Y,2\n",
            ",",
            1,
            3,
            5,
        ),
        ("name\tnote\tcity\nAda\tsays \"hi\tX\nBob\t\"quoted\" word\tY\n", "\t", 1, 0, 3),
        ("a@example.com\nb@example.com\n", ",", 0, 0, 1),
        ("a@example.com,\nb@example.com,\n", ",", 0, 0, 2),
        ("name,email,phone,city,notes\n", ",", 1, 0, 5),
        ("name;2024;2025\nAda;1,5;2,5\nBob;3,5;4,5\n", ";", 1, 0, 3),
        ("id|name|tags\n1|Ada|a,b,c\n2|Bob|d,e,f\n", "|", 1, 0, 3),
        ("email\n\n\na@example.com\n", ",", 1, 0, 1),
        ("company\n\"Foo, Inc.\"\nBar Ltd\n\"Baz, LLC\"\n", ",", 1, 0, 1),
        ("company\nFoo, Inc.\nBar Ltd\nBaz, LLC\n", ";", 1, 0, 1),
        ("url,name\nhttps://a.example/x?y=1,Ada\nhttps://b.example/z?y=2,Bob\n", ",", 1, 0, 2),
        ("Name,Created\nAda,2026-01-01T10:00:00Z\nBob,2026-01-02T11:00:00Z\n", ",", 1, 0, 2),
        ("email;tags\na@b.de;x,y\nc@d.de;z,w\n", ";", 1, 0, 2),
        ("Vorname,Nachname,Betrag\nAda,L,\"1.234,56\"\nBob,S,\"2.345,67\"\n", ",", 1, 0, 3),
        ("name,note\n\"Ada\",\"a;b;c;d\ne;f;g;h\ni;j;k;l\"\n\"Bob\",\"a;b;c;d\"\n", ",", 1, 0, 2),
    ];
    for (text, delimiter, header, preamble, columns) in cases {
        let found = sniff(text.as_bytes().to_vec()).unwrap();
        assert_eq!(
            (found.delimiter.as_str(), found.header_rows, found.preamble_rows, found.columns.len()),
            (*delimiter, *header, *preamble, *columns),
            "{text:?}"
        );
    }
}

/// Arbitrary text loses no letter and reads the same however the source is cut into blocks.
#[test]
fn arbitrary_text_is_accounted_for() {
    let mut random = Random::new(11);
    let pieces = ["a", "b,c", "\"", "\"\"", ",", "\n", "\r\n", "\r", " ", "#", "'", ";", "ü", "\"x\"", "\\"];
    for _ in 0..5000 {
        let text: String = (0..random.below(40)).map(|_| random.pick(&pieces)).collect();
        let options = FormatOptions {
            header: Some(false),
            quote: Some("\"".into()),
            escape: Some(random.pick(&["", "\\"]).into()),
            ..Default::default()
        };
        let Ok(input) = Source::from(text.clone().into_bytes()).open(&CancelToken::default(), None) else {
            continue;
        };
        if Records::open(&input, &options).is_err() {
            continue;
        }
        let whole = read_with(text.clone(), &options, 2);
        let cut = read_in_blocks(text.clone().into_bytes(), &options, 3, 1 + random.below(7));
        assert_eq!(
            (&whole.rows, &whole.lines, &whole.issues),
            (&cut.rows, &cut.lines, &cut.issues),
            "{text:?}"
        );
        assert_eq!(whole.ignored, cut.ignored, "{text:?}");
        let letters = |text: &str| text.bytes().filter(|b| *b == b'a').count();
        if whole.ignored.comment == 0 {
            assert_eq!(
                whole.rows.iter().flatten().map(|cell| letters(cell)).sum::<usize>(),
                letters(&text),
                "{text:?}"
            );
        }
    }
}

/// Arbitrary bytes in any encoding never panic.
#[test]
fn arbitrary_bytes_never_panic() {
    let mut random = Random::new(5);
    let labels =
        [None, Some("utf-8"), Some("utf-16le"), Some("shift_jis"), Some("gb18030"), Some("iso-2022-jp")];
    for _ in 0..3000 {
        let bytes: Vec<u8> =
            (0..random.below(200))
                .map(|_| {
                    if random.below(3) == 0 {
                        random.below(256) as u8
                    } else {
                        random.pick(b"ab,\"\n;\t1@.\0")
                    }
                })
                .collect();
        let options =
            FormatOptions { encoding: random.pick(&labels).map(str::to_string), ..Default::default() };
        if let Ok(table) = read_table(bytes, &options) {
            for row in table {
                row.unwrap();
            }
        }
    }
}
