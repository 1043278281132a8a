//! Content that is no table of text, told by its first bytes, with what to do instead.

use crate::error::{Error, ErrorCode, Result};

/// Refuses content whose first bytes are those of another kind of file.
pub(super) fn check_bytes(head: &[u8], name: Option<&str>) -> Result<()> {
    let extension = name.and_then(|name| name.rsplit_once('.')).map(|(_, ext)| ext.to_ascii_lowercase());
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Err(match zip_kind(head, extension.as_deref()) {
            Zip::Workbook => workbook("an Excel workbook"),
            Zip::OpenDocument => workbook("an OpenDocument spreadsheet"),
            Zip::Other => refuse("a ZIP archive", "unpack it and give the file inside"),
        });
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Err(workbook("an old Excel workbook (.xls)"));
    }
    if head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff") {
        return Err(refuse("text in UTF-32", "save it as UTF-8"));
    }
    match MAGIC.iter().find(|(magic, ..)| head.starts_with(magic)) {
        Some((_, what, advice)) => Err(refuse(what, advice)),
        None if head.iter().take(4096).all(|b| *b == 0) => Err(refuse(
            "a file of zero bytes",
            "the copy or download that made it did not finish; fetch it again",
        )),
        None => Ok(()),
    }
}

/// Refuses text that is markup or JSON, and text full of control characters.
pub(super) fn check_text(text: &str) -> Result<()> {
    let start = text.trim_start();
    let lower: String = start.chars().take(64).collect::<String>().to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") || lower.starts_with("<head") {
        let advice = "it may be an error or login page saved in place of the export; download the file again";
        return Err(refuse("a web page (HTML)", advice));
    }
    if lower.starts_with("<table") {
        return Err(refuse("an HTML table", "open it in a spreadsheet and save it as CSV"));
    }
    if lower.starts_with("<?xml") {
        return Err(refuse(
            "XML",
            "export it as CSV; a spreadsheet saved as XML can be opened and saved as CSV",
        ));
    }
    if lower.starts_with("{\\rtf") {
        return Err(refuse("a rich text document (RTF)", "save it as plain text or CSV"));
    }
    if lower.starts_with("begin:vcard") {
        return Err(refuse("a vCard address book", "export the contacts as CSV"));
    }
    let mut signs = start.chars().filter(|c| !c.is_whitespace());
    let json = match (signs.next(), signs.next()) {
        (Some('{'), Some('"')) => start.contains("\":") || start.contains("\" :"),
        (Some('['), Some('{' | '[')) => true,
        _ => false,
    };
    if json {
        return Err(refuse("JSON", "export it as CSV"));
    }
    let (mut all, mut odd) = (0_u32, 0_u32);
    for c in text.chars().take(64 << 10) {
        all += 1;
        odd += u32::from(
            c == char::REPLACEMENT_CHARACTER || (c.is_control() && !"\t\n\r\u{b}\u{c}\u{1a}".contains(c)),
        );
    }
    // Random bytes hold one in nine or more; text that only lost some letters far fewer.
    match odd > 2 && odd * 16 > all {
        true => {
            Err(refuse("binary data, not text", "export the table as CSV in UTF-8, or name the encoding"))
        }
        false => Ok(()),
    }
}

const MAGIC: &[(&[u8], &str, &str)] = &[
    (b"%PDF-", "a PDF document", "export the table it was made from as CSV"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image", IMAGE),
    (b"\xff\xd8\xff", "a JPEG image", IMAGE),
    (b"GIF87a", "a GIF image", IMAGE),
    (b"GIF89a", "a GIF image", IMAGE),
    (b"\x1f\x8b", "compressed (gzip)", UNPACK),
    (b"BZh", "compressed (bzip2)", UNPACK),
    (b"\xfd7zXZ\0", "compressed (xz)", UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (b"SQLite format 3\0", "an SQLite database", "export the table from it as CSV"),
    (b"PAR1", "a Parquet file", "save it as CSV"),
    (b"ARROW1", "an Arrow file", "save it as CSV"),
    (b"Obj\x01", "an Avro file", "save it as CSV"),
    (b"\x7fELF", "a program", "give a table saved as CSV"),
    (b"MZ\x90\0", "a program", "give a table saved as CSV"),
    (b"bplist00", "a binary property list", "export the table as CSV"),
];
const IMAGE: &str = "give the table itself, saved as CSV";
const UNPACK: &str = "unpack it and give the file inside";

enum Zip {
    Workbook,
    OpenDocument,
    Other,
}

fn zip_kind(head: &[u8], extension: Option<&str>) -> Zip {
    let holds = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
    if matches!(extension, Some("xlsx" | "xlsm" | "xlsb")) || holds(b"xl/workbook") || holds(b"xl/worksheets")
    {
        Zip::Workbook
    } else if matches!(extension, Some("ods")) || holds(b"vnd.oasis.opendocument.spreadsheet") {
        Zip::OpenDocument
    } else {
        Zip::Other
    }
}

fn workbook(what: &str) -> Error {
    refuse(what, "save the sheet as CSV (UTF-8) and give that; reading workbooks comes later")
}

fn refuse(what: &str, advice: &str) -> Error {
    Error::new(ErrorCode::NotATable, format!("the content is {what}")).hint(advice)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn says_what_it_is() {
        let said = |head: &[u8], name: &str| check_bytes(head, Some(name)).unwrap_err().to_string();
        assert!(said(b"PK\x03\x04....[Content_Types].xml", "a.xlsx").contains("Excel workbook"));
        assert!(said(b"PK\x03\x04....xl/workbook.xml", "a.csv").contains("Excel workbook"));
        assert!(said(b"PK\x03\x04....leads.csv", "a.zip").contains("unpack"));
        assert!(said(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.csv").contains("old Excel"));
        for (magic, what, _) in MAGIC {
            assert!(said(magic, "leads.csv").contains(what));
        }
        assert!(check_bytes(b"PK,name\n1,Ada\n", None).is_ok());
    }

    #[test]
    fn text_that_is_no_table() {
        let said = |text: &str| check_text(text).unwrap_err().to_string();
        assert!(said("<!DOCTYPE html><html>").contains("web page"));
        assert!(said("\n<?xml version=\"1.0\"?>").contains("XML"));
        assert!(said("[\n  {\"email\": 1}]").contains("JSON"));
        assert!(said("{\"email\": \"a\"}\n{\"email\": \"b\"}").contains("JSON"));
        assert!(said("\u{1}\u{2}\u{3}abc\u{0}").contains("binary"));
        for good in [
            "{id},name\n",
            "[email],[name]\na,b\n",
            "<none>,a\n",
            "a,b\u{0}\nc,d and more\nlong enough text, ok\n",
        ] {
            assert!(check_text(good).is_ok(), "{good}");
        }
    }
}
