//! Where the table begins, whether its first row names the columns, and those names.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::text::{clean, fold};

use super::dialect::{SampleRow, modal_length};
use super::score::Look;

/// Words that name columns of leads, folded, in the languages most files come in: enough to tell a
/// header from a record. What a column means is decided elsewhere, by larger lists.
const WORDS: &[&str] = &[
    // English
    "id no nr key name names first last middle given family full surname forename email emails e mail \
     mails phone phones telephone tel mobile cell fax number company organization organisation \
     account employer business title job position role website web url site domain street address \
     line city town state province region county zip postal post postcode code country source status \
     stage owner rep score rating tags tag labels notes note comment comments description date \
     created updated modified at on time zone timezone language locale industry sector salutation \
     prefix suffix contact customer lead user external type category amount value price currency \
     birthday gender age campaign channel linkedin work home of extension ext revenue employees \
     consent opt in",
    // German
    "vorname nachname familienname firma unternehmen telefon telefonnummer handy mobil mobiltelefon \
     strasse hausnummer adresse anschrift plz postleitzahl ort stadt bundesland land anrede titel \
     webseite internet quelle bemerkung bemerkungen notiz notizen datum erstellt geandert am sprache \
     branche kunde kundennummer kontakt ansprechpartner beruf funktion betrag preis rufnummer nummer \
     geburtstag",
    // French
    "nom prenom societe entreprise courriel ville pays rue cp portable fonction poste civilite statut \
     langue secteur remarques de cree le",
    // Spanish
    "nombre apellido apellidos empresa correo electronico telefono movil direccion calle ciudad \
     provincia pais codigo cargo puesto estado fuente fecha idioma sitio notas comentarios",
    // Portuguese
    "nome sobrenome apelido telefone celular telemovel endereco morada rua cidade cep origem data \
     observacoes",
    // Italian
    "cognome azienda societa cellulare indirizzo via citta paese nazione cap ruolo stato fonte lingua \
     settore",
    // Dutch
    "naam voornaam achternaam bedrijf bedrijfsnaam telefoon telefoonnummer straat plaats woonplaats \
     functie bron taal opmerkingen",
    // Polish
    "imie nazwisko ulica miasto kraj kod pocztowy komorkowy stanowisko uwagi adres zrodlo jezyk",
    // Swedish, Danish, Norwegian, Finnish, Czech, Turkish
    "namn fornamn efternamn foretag gatuadress postnummer stad navn fornavn etternavn efternavn \
     virksomhed nimi etunimi sukunimi yritys puhelin jmeno prijmeni spolecnost mesto ulice ad soyad \
     soyadi adi sirket sehir ulke",
];

/// Index of the row where the table begins; rows above it are titles. Nothing is taken for a title
/// unless a header follows (or the caller says that there is one), so that no record is lost.
pub(super) fn table_start(rows: &[SampleRow], header: Option<bool>) -> usize {
    let width = modal_length(rows.iter());
    if header == Some(false) || width < 2 {
        return 0;
    }
    let enough = width.div_ceil(2).max(2);
    let found = rows.iter().take(20).position(|row| row.filled() >= enough);
    match found {
        Some(start)
            if start > 0 && (header == Some(true) || is_header(&rows[start].cells, &rows[start + 1..])) =>
        {
            start
        }
        _ => 0,
    }
}

/// Whether a row names the columns of the rows below it.
pub(super) fn is_header(row: &[Cow<str>], below: &[SampleRow]) -> bool {
    let named = row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let known = row.iter().filter(|cell| is_known(cell)).count();
    let year = |cell: &str| matches!(cell.trim().parse::<u16>(), Ok(1900..=2100));
    let data = row.iter().filter(|cell| Look::of(cell).is_data() && !(known > 0 && year(cell))).count();
    if named == 0 {
        return false;
    }
    if data > 0 {
        // Numbers may name columns, but only in the company of words that do; years like `2025`
        // need but one such word.
        return known > data && 2 * known >= named;
    }
    let years = row.iter().filter(|cell| year(cell)).count();
    if known > 0 && 4 * known >= named - years {
        return true;
    }
    // No known word: the columns below must be of another kind than their names.
    let columns = row.len();
    let typed = (0..columns).any(|column| {
        let cells =
            below.iter().filter_map(|row| row.cells.get(column)).filter(|cell| !cell.trim().is_empty());
        let (count, data) = cells
            .fold((0, 0), |(count, data), cell| (count + 1, data + usize::from(Look::of(cell).is_data())));
        count > 0 && 10 * data >= 7 * count && !row[column].trim().is_empty()
    });
    let unique: HashSet<_> = row.iter().map(|cell| cell.trim()).collect();
    let distinct = unique.len() == row.len();
    distinct && !below.is_empty() && (typed || has_the_case_of_names(row, below))
}

/// `first_name`, `firstName` or `NAME` over rows that are written otherwise.
fn has_the_case_of_names(row: &[Cow<str>], below: &[SampleRow]) -> bool {
    let coded = |cell: &str| {
        let cell = cell.trim();
        !cell.is_empty()
            && !cell.contains(' ')
            && cell.chars().any(char::is_alphabetic)
            && (cell.chars().all(|c| !c.is_uppercase())
                || cell.chars().all(|c| !c.is_lowercase())
                || cell.contains('_'))
    };
    let all = |cells: &[Cow<str>]| cells.iter().all(|cell| coded(cell));
    all(row) && !below.iter().any(|row| all(&row.cells))
}

/// Whether all words of a cell are among [`WORDS`].
pub(super) fn is_known(cell: &str) -> bool {
    if cell.len() > 60 {
        return false;
    }
    let mut count = 0;
    let spaced = split_camel(cell);
    let folded = fold(&spaced);
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !WORDS.iter().any(|words| words.split(' ').any(|known| known == word))
            && !word.bytes().all(|b| b.is_ascii_digit())
        {
            return false;
        }
        count += usize::from(!word.bytes().all(|b| b.is_ascii_digit()));
    }
    count > 0
}

/// `firstName` as `first Name`.
fn split_camel(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len() + 4);
    let mut lower = false;
    for c in cell.chars() {
        if lower && c.is_uppercase() {
            out.push(' ');
        }
        lower = c.is_lowercase();
        out.push(c);
    }
    out
}

/// The columns' names, cleaned and each once: a repeated one gets a number, an empty one its place.
pub(super) fn unique_names<'a>(cells: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let cleaned: Vec<Cow<str>> = cells.into_iter().map(|cell| clean(cell, false)).collect();
    let mut taken: HashSet<String> = cleaned.iter().map(|name| name.to_string()).collect();
    let mut seen = HashSet::new();
    let mut names = Vec::with_capacity(cleaned.len());
    for (index, name) in cleaned.iter().enumerate() {
        let base = match name.is_empty() {
            true => format!("column_{}", index + 1),
            false => name.to_string(),
        };
        let free = if name.is_empty() { taken.insert(base.clone()) } else { seen.insert(name.clone()) };
        if free {
            names.push(base);
            continue;
        }
        let mut number = 2_u64;
        while !taken.insert(format!("{base}_{number}")) {
            number += 1;
        }
        names.push(format!("{base}_{number}"));
    }
    names
}

/// Names for the columns of a table without a header.
pub(super) fn numbered_names(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("column_{number}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::super::dialect::{detect, sample};
    use super::super::format::GivenSyntax;
    use super::super::parse::Tail;
    use super::*;

    fn header_of(text: &str) -> (usize, bool) {
        let dialect = detect(text, 1, Tail::End, &GivenSyntax::default());
        let sample = sample(text, 1, Tail::End, &dialect.syntax);
        let start = table_start(&sample.rows, None);
        (start, is_header(&sample.rows[start].cells, &sample.rows[start + 1..]))
    }

    #[test]
    fn headers_are_told_from_records() {
        for text in [
            "name,email\nAda,ada@example.com\n",
            "Vorname;Nachname;Straße\nAda;Lovelace;Weg 1\n",
            "Ügyfél,Kapcsolat\nAda,ada@example.com\n",
            "firstName,lastName\nAda,Lovelace\n",
            "email\na@example.com\n",
            "E-Mail Adresse\na@example.com\n",
            "foo_id,bar_text\nAda,Lovelace\n",
            "name,email",
            "lead_id,first_name,last_name,email,phone,company,title,industry\nL1,Ada,X,a@b.de,1,A,B,C\n",
        ] {
            assert!(header_of(text).1, "{text}");
        }
        for text in [
            "Ada,ada@example.com\nBob,bob@example.com\n",
            "a@example.com\nb@example.com\n",
            "John,Smith\nJane,Doe\n",
            "Ada,+49 30 1234567\nBob,+49 30 7654321\n",
            "a@example.com",
        ] {
            assert!(!header_of(text).1, "{text}");
        }
    }

    #[test]
    fn titles_stand_above_the_table() {
        assert_eq!(
            header_of("Export of 2026-01-01\n\nname,email,city\nAda,a@b.de,X\nBob,b@b.de,Y\n"),
            (1, true)
        );
        assert_eq!(header_of("Export,,,\nby me,,,\nname,email,city,x\nAda,a@b.de,X,1\n"), (2, true));
        assert_eq!(header_of("a@b.de,,,\nb@b.de,Ada,x,1\nc@b.de,Bob,y,2\n").0, 0);
    }

    #[test]
    fn names_are_unique() {
        assert_eq!(unique_names(["email", " email ", "", "x"]), ["email", "email_2", "column_3", "x"]);
        assert_eq!(unique_names(["email", "email", "email_2"]), ["email", "email_3", "email_2"]);
        assert_eq!(unique_names(["", "column_1"]), ["column_1_2", "column_1"]);
        assert_eq!(unique_names(["", "", "column_2"]), ["column_1", "column_2_2", "column_2"]);
        assert_eq!(numbered_names(2), ["column_1", "column_2"]);
    }
}
