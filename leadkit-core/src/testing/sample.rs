//! A messy file to try things with: what sales teams really hand over.

use crate::clock::Random;

/// People by country: calling habits, names, companies, places.
struct Land {
    country: &'static [&'static str],
    given: &'static [&'static str],
    family: &'static [&'static str],
    company: &'static [&'static str],
    place: &'static [(&'static str, &'static str)],
    street: &'static [&'static str],
    domain: &'static str,
    /// International prefix and national patterns; `#` is a digit.
    phone: (&'static str, &'static str, &'static [&'static str]),
}

const LANDS: [Land; 5] = [
    Land {
        country: &["Germany", "Deutschland", "DE", "GERMANY"],
        given: &["Jürgen", "Sabine", "Käthe", "Björn", "Ursula", "Lukas", "Anja"],
        family: &["Müller", "Schäfer", "Groß", "von der Heide", "Krüger", "Weiß"],
        company: &[
            "Nordlicht Logistik GmbH",
            "Bäckerei Sonne e.K.",
            "Alpenblick AG",
            "Werkhof GmbH & Co. KG",
        ],
        place: &[("Berlin", "10115"), ("München", "80331"), ("Dresden", "01067"), ("Köln", "50667")],
        street: &["Goethestraße 5", "Am Markt 12a", "Lindenweg 3"],
        domain: "de",
        phone: ("+49", "0", &["30 2309 ####", "89 4523 ####", "151 2345 ####"]),
    },
    Land {
        country: &["United States", "USA", "U.S.A.", "us"],
        given: &["Mary", "Robert", "Linda", "William", "Kimberly", "James"],
        family: &["O'Connor", "McDonald", "Smith", "Garcia", "Van Dyke", "Johnson"],
        company: &["Harbor Stoneworks, Inc.", "Blue Peak LLC", "Everfield Corp.", "The Maple Group"],
        place: &[("New York", "10001"), ("Boston", "02110"), ("Austin", "78701")],
        street: &["12 Oak Street", "321 N. Sunset Blvd, Suite 4", "7 Elm Ave"],
        domain: "com",
        phone: ("+1", "", &["212 736 ####", "415 362 ####", "617 482 ####"]),
    },
    Land {
        country: &["France", "FR", "FRANCE"],
        given: &["Françoise", "Jean-Luc", "Zoé", "Benoît", "Hélène", "Loïc"],
        family: &["Lefèvre", "D'Arcy", "Dubois", "Béranger", "Roux"],
        company: &["Lumière Traiteur SARL", "Atelier du Pont SAS", "Société Mercier S.A."],
        place: &[("Paris", "75002"), ("Lyon", "69001"), ("Bourg-en-Bresse", "01000")],
        street: &["12 rue de la République", "3 bis, avenue Victor Hugo"],
        domain: "fr",
        phone: ("+33", "0", &["1 42 68 ## ##", "6 12 34 ## ##"]),
    },
    Land {
        country: &["United Kingdom", "UK", "England"],
        given: &["Siobhán", "Alfie", "Grace", "Theo", "Florence"],
        family: &["O'Neill", "Davies", "Wright", "Fitzgerald"],
        company: &["Cobalt Bridge Ltd", "Riverside Foods PLC", "Hatch & Sons LLP"],
        place: &[("London", "SW1A 1AA"), ("Leeds", "LS1 4AP"), ("Edinburgh", "EH1 1YZ")],
        street: &["Flat 3, 18 Church Road", "9 King Street"],
        domain: "co.uk",
        phone: ("+44", "0", &["20 7946 ####", "161 496 0###", "7700 900 ###"]),
    },
    Land {
        country: &["Spain", "España", "ES"],
        given: &["Íñigo", "Begoña", "Lucía", "Ángel", "María José"],
        family: &["García Márquez", "Núñez", "Fernández", "Ibáñez"],
        company: &["Sol y Mar S.L.", "Construcciones Peña S.A."],
        place: &[("Madrid", "28013"), ("Sevilla", "41001")],
        street: &["Calle Mayor, 7", "Avda. de la Luz 12, 3º"],
        domain: "es",
        phone: ("+34", "", &["912 34 ## ##", "612 34 ## ##"]),
    },
];

/// A CSV of about `rows` leads as they come in real life: a title line above the header,
/// semicolons, Windows-1252, names and numbers of five countries in a dozen spellings, doubles,
/// blank lines, comments of sales people, and values that are simply wrong. The same seed gives
/// the same bytes.
///
/// ```
/// use leadkit_core::{ImportOptions, testing};
/// let db = leadkit_core::open(":memory:")?;
/// let report = db.import_leads(testing::messy_csv(200, 1), ImportOptions::default())?;
/// assert!(report.created > 100 && report.merged > 0 && report.rejected > 0);
/// assert_eq!(report.rows, report.created + report.updated + report.merged + report.skipped + report.rejected);
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn messy_csv(rows: u64, seed: u64) -> Vec<u8> {
    let mut dice = Dice(Random::fixed(seed));
    let mut text = String::from("Messe-Kontakte 2026 (Export)\r\n\r\n");
    text.push_str("Kunden-Nr;Vorname;Nachname;E-Mail;Telefon;Firma;Position;Straße;PLZ;Ort;Land;Status;Punkte;Angelegt am;Bemerkung\r\n");
    let mut earlier: Vec<Vec<String>> = Vec::new();
    for number in 1..=rows {
        let mut cells = match dice.one_in(12) && !earlier.is_empty() {
            true => dice.double(&earlier),
            false => dice.person(),
        };
        cells[0] = format!("K{:05}", number);
        if dice.one_in(15) {
            dice.spoil(&mut cells);
        }
        if earlier.len() < 500 {
            earlier.push(cells.clone());
        }
        let line: Vec<String> = cells.iter().map(|cell| quote(cell)).collect();
        text.push_str(&line.join(";"));
        text.push_str("\r\n");
        if dice.one_in(97) {
            text.push_str("\r\n");
        }
    }
    encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
}

fn quote(cell: &str) -> String {
    match cell.contains([';', '"', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_string(),
    }
}

struct Dice(Random);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        (self.0.next() % sides.max(1) as u64) as usize
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn person(&mut self) -> Vec<String> {
        let land = &LANDS[self.below(LANDS.len())];
        let (given, family, company) =
            (self.pick(land.given), self.pick(land.family), self.pick(land.company));
        let (city, code) = self.pick(land.place);
        let digits: String = (0..4).map(|_| char::from(b'0' + self.below(10) as u8)).collect();
        let plain = |text: &str| crate::text::fold(text).replace([' ', '\'', '-', '.', ',', '&'], "");
        let host = plain(company.split([' ', ',']).next().unwrap_or(company));
        let email = format!("{}.{}{digits}@{host}.{}", plain(given), plain(family), land.domain);
        let score = match self.below(3) {
            0 => format!("{},{}", self.below(100), self.below(10)),
            _ => self.below(100).to_string(),
        };
        let created = format!("{:02}.{:02}.202{}", 1 + self.below(28), 1 + self.below(12), 3 + self.below(3));
        vec![
            String::new(),
            given.to_string(),
            family.to_string(),
            email,
            self.phone(land),
            company.to_string(),
            self.pick(&["Geschäftsführer", "Einkauf", "CEO", "Head of Sales", "Office Manager", ""])
                .to_string(),
            self.pick(land.street).to_string(),
            code.to_string(),
            city.to_string(),
            self.pick(land.country).to_string(),
            self.pick(&["new", "New ", "contacted", "Qualified", "lost"]).to_string(),
            score,
            created,
            self.pick(&[
                "",
                "",
                "",
                "wants a demo; call after 3 pm",
                "\"very\" interested",
                "zurückrufen\nam Montag",
            ])
            .to_string(),
        ]
    }

    fn phone(&mut self, land: &Land) -> String {
        let (prefix, trunk, patterns) = land.phone;
        let pattern = self.pick(patterns);
        let number: String = pattern
            .chars()
            .map(|c| if c == '#' { char::from(b'0' + self.below(10) as u8) } else { c })
            .collect();
        let (area, rest) = number.split_once(' ').unwrap_or((&number, ""));
        match self.below(6) {
            0 => format!("{prefix} {number}"),
            1 => format!("{prefix}{}", number.replace(' ', "")),
            2 => format!("00{} {number}", &prefix[1..]),
            3 => format!("{trunk}{area}/{rest}"),
            4 => format!("({trunk}{area}) {}", rest.replace(' ', "-")),
            _ => format!("{trunk}{}", number.replace(' ', ".")),
        }
    }

    /// An earlier person, written down once more by somebody else.
    fn double(&mut self, earlier: &[Vec<String>]) -> Vec<String> {
        let mut cells = earlier[self.below(earlier.len())].clone();
        // What the first one did not know.
        cells[6] = self.pick(&["Geschäftsführer", "Einkauf", "CEO"]).to_string();
        match self.below(4) {
            0 => cells[3] = cells[3].to_uppercase(),
            1 => cells[1] = cells[1].chars().take(1).chain(['.']).collect(),
            2 => cells[5] = cells[5].to_uppercase(),
            _ => cells[4] = String::new(),
        }
        cells
    }

    fn spoil(&mut self, cells: &mut Vec<String>) {
        match self.below(10) {
            0 => cells[3] = cells[3].replace('@', " at "),
            1 => cells[3] = cells[3].replace('.', ","),
            2 => cells[4] = self.pick(&["n/a", "-", "call me", "12345"]).to_string(),
            3 => cells[1] = format!("  {} ", cells[1].to_uppercase()),
            4 => cells[13] = self.pick(&["30.02.2024", "yesterday", "2024-13-01"]).to_string(),
            5 => cells[12] = "hoch".to_string(),
            6 => cells[5] = format!("=HYPERLINK(\"http://example.com\",\"{}\")", cells[5]),
            7 => cells[10] = "Atlantis".to_string(),
            8 => cells.push("surplus".to_string()),
            _ => {
                for index in [3, 4] {
                    cells[index].clear();
                }
                cells[5].clear();
                cells[0].clear();
            }
        }
    }
}
