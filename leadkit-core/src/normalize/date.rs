//! Dates and instants in the forms in which files hold them.
//!
//! ISO 8601 and RFC 3339; day, month and year with `.`, `/`, `-` or blanks in any usual order;
//! month names in English, German, French, Spanish, Italian and Portuguese; spreadsheet serials
//! (days since 1899-12-30). What does not exist (2023-02-30) is refused, never moved.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::model::issue::IssueCode;
use crate::text::fold;

/// Whether `03/04/2026` is the third of April or March the fourth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 31/12/2026, as in most of the world.
    #[default]
    DayFirst,
    /// 12/31/2026, as in the United States.
    MonthFirst,
}

/// Reads a calendar date; a time after it is allowed and left out.
///
/// `order` decides only where both readings exist; `31/12` and `12/31` are clear. Two-digit years
/// are 1969 to 2068. None for what is no date.
///
/// ```
/// use leadkit_core::normalize::{DateOrder, parse_date};
/// let read = |text| parse_date(text, DateOrder::DayFirst).map(|d| d.to_string());
/// assert_eq!(read("31.03.2026").as_deref(), Some("2026-03-31"));
/// assert_eq!(read("March 31st, 2026").as_deref(), Some("2026-03-31"));
/// assert_eq!(read("3. März 26").as_deref(), Some("2026-03-03"));
/// assert_eq!(read("45291").as_deref(), Some("2023-12-31"));
/// assert_eq!(read("2023-02-30"), None);
/// ```
pub fn parse_date(text: &str, order: DateOrder) -> Option<Date> {
    let (day, _) = split_time(text.trim())?;
    read_date(day, order)
}

/// Reads an instant; a local time without an offset counts as UTC, a date alone as its midnight.
///
/// Milliseconds or seconds since 1970, as some systems export them, are taken when they lie
/// between 2000 and 2100.
///
/// # Errors
/// `date_invalid` for what is no instant.
///
/// ```
/// use leadkit_core::normalize::{DateOrder, parse_instant};
/// let read = |text| parse_instant(text, DateOrder::MonthFirst).map(|t| t.to_string());
/// assert_eq!(read("3/31/2026 9:30 PM").as_deref(), Ok("2026-03-31T21:30:00.000Z"));
/// assert_eq!(read("2026-03-31T09:30:00+02:00").as_deref(), Ok("2026-03-31T07:30:00.000Z"));
/// assert!(read("soon").is_err());
/// ```
pub fn parse_instant(text: &str, order: DateOrder) -> Result<Timestamp, IssueCode> {
    instant(text.trim(), order).map(Timestamp).ok_or(IssueCode::DateInvalid)
}

/// The instant of `2026-03-31T09:30:00Z`, as programs write it, without the search for what else it
/// may be; none for any other text. [`parse_instant`] gives the same.
pub(crate) fn parse_utc(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let number = |from: usize, to: usize| {
        bytes[from..to]
            .iter()
            .try_fold(0i64, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
    };
    if (bytes[4], bytes[7], bytes[10], bytes[13], bytes[16], bytes[19])
        != (b'-', b'-', b'T', b':', b':', b'Z')
    {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    // Other years are for the full reader to judge.
    if !(1970..2100).contains(&year) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let day = Date::new(year as i16, month as i8, day as i8).ok()?;
    Some(Timestamp(days(day) * DAY_MILLIS + (hour * 3600 + minute * 60 + second) * 1000))
}

/// Whether a date can be read with day or month first, with different results.
///
/// ```
/// use leadkit_core::normalize::is_ambiguous_date;
/// assert!(is_ambiguous_date("03/04/2026"));
/// assert!(!is_ambiguous_date("03/03/2026") && !is_ambiguous_date("31/03/2026"));
/// ```
pub fn is_ambiguous_date(text: &str) -> bool {
    let read = |order| parse_date(text, order);
    read(DateOrder::DayFirst) != read(DateOrder::MonthFirst)
}

/// The order that a column's clear values show; none when nothing is clear, or as much for one as
/// for the other.
///
/// ```
/// use leadkit_core::normalize::{DateOrder, detect_order};
/// assert_eq!(detect_order(["03/04/2026", "12/31/2026"]), Some(DateOrder::MonthFirst));
/// assert_eq!(detect_order(["03/04/2026"]), None);
/// ```
pub fn detect_order<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<DateOrder> {
    let (mut day_first, mut month_first) = (0u32, 0u32);
    for text in values {
        let Some((day, _)) = split_time(text.trim()) else { continue };
        let Some(parts) = Parts::of(day) else { continue };
        if let ([a, b, _], 3, None) = (parts.numbers, parts.count, parts.month)
            && a.digits <= 2
        {
            match (a.value > 12, b.value > 12) {
                (true, false) if a.value <= 31 => day_first += 1,
                (false, true) if b.value <= 31 => month_first += 1,
                _ => {}
            }
        }
    }
    match day_first.cmp(&month_first) {
        std::cmp::Ordering::Greater => Some(DateOrder::DayFirst),
        std::cmp::Ordering::Less => Some(DateOrder::MonthFirst),
        std::cmp::Ordering::Equal => None,
    }
}

const DAY_MILLIS: i64 = 86_400_000;

fn instant(text: &str, order: DateOrder) -> Option<i64> {
    if let Some(millis) = epoch(text) {
        return Some(millis);
    }
    if let Some((whole, fraction)) = text.split_once('.')
        && whole.len() == 5
        && fraction.bytes().all(|b| b.is_ascii_digit())
        && let Some(day) = serial(whole)
    {
        // A spreadsheet's date and time: the fraction is the part of the day.
        let part: f64 = format!("0.{fraction}").parse().ok()?;
        return Some(days(day) * DAY_MILLIS + ((part * 86_400.0).round() as i64) * 1000);
    }
    let (day, time) = split_time(text)?;
    let day = read_date(day, order)?;
    let millis = match time {
        Some(time) => read_time(time)?,
        None => 0,
    };
    Some(days(day) * DAY_MILLIS + millis)
}

/// Days since 1970-01-01 (Howard Hinnant's days_from_civil).
fn days(day: Date) -> i64 {
    let (year, month) = (i64::from(day.year()), i64::from(day.month()));
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(day.day()) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn epoch(text: &str) -> Option<i64> {
    if !matches!(text.len(), 10 | 13) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: i64 = text.parse().ok()?;
    let millis = if text.len() == 10 { value * 1000 } else { value };
    (946_684_800_000..4_102_444_800_000).contains(&millis).then_some(millis)
}

/// The day a spreadsheet means by a number of five digits.
fn serial(text: &str) -> Option<Date> {
    let number: i64 = text.parse().ok()?;
    if text.len() != 5 || !(10_000..=73_050).contains(&number) {
        return None;
    }
    date(1899, 12, 30).checked_add(jiff::Span::new().try_days(number).ok()?).ok()
}

/// Parts a text into date and time; none when a `:` has no hour before it.
fn split_time(text: &str) -> Option<(&str, Option<&str>)> {
    let Some(colon) = text.find(':') else {
        // 20260331T093000Z
        return Some(match text.as_bytes().get(8) {
            Some(b'T' | b't') if text.len() > 9 && text.bytes().take(8).all(|b| b.is_ascii_digit()) => {
                (&text[..8], Some(&text[9..]))
            }
            _ => (text, None),
        });
    };
    let hour = text[..colon].bytes().rev().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&hour) {
        return None;
    }
    let day = text[..colon - hour].trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    let day =
        ["T", "t", " at", " um", " à", " a las"].iter().find_map(|w| day.strip_suffix(w)).unwrap_or(day);
    Some((day.trim_end_matches([' ', ',']), Some(&text[colon - hour..])))
}

/// Milliseconds since midnight, minus the offset.
fn read_time(text: &str) -> Option<i64> {
    let mut rest = text;
    let number = |rest: &mut &str, most: usize| -> Option<i64> {
        let len = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let value = rest.get(..len)?.parse().ok()?;
        *rest = rest.get(len..)?;
        Some(value)
    };
    let mut hour = number(&mut rest, 2)?;
    rest = rest.strip_prefix(':').unwrap_or(rest);
    let minute = number(&mut rest, 2)?;
    let (mut second, mut millis) = (0, 0);
    let colon = rest.strip_prefix(':');
    if colon.is_some() || rest.starts_with(|c: char| c.is_ascii_digit()) {
        rest = colon.unwrap_or(rest);
        second = number(&mut rest, 2)?;
        if let Some(fraction) = rest.strip_prefix(['.', ',']) {
            let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let first: String = fraction.get(..len.min(3))?.to_string();
            millis = format!("{first:0<3}").parse().ok()?;
            rest = fraction.get(len..)?;
        }
    }
    rest = rest.trim_start();
    let lower: String = rest.chars().take(4).filter(|c| *c != '.').map(|c| c.to_ascii_lowercase()).collect();
    let pm = lower.starts_with("pm");
    if pm || lower.starts_with("am") {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if pm { 12 } else { 0 };
        rest = rest[2..].trim_start_matches(['.', 'm', 'M']).trim_start();
    } else if let Some(after) = rest.strip_prefix("Uhr").or_else(|| rest.strip_prefix("uhr")) {
        rest = after;
    }
    let offset = read_offset(rest)?;
    // A leap second counts as the one before it.
    let second = if second == 60 { 59 } else { second };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(((hour * 60 + minute - offset) * 60 + second) * 1000 + millis)
}

/// Minutes east of UTC.
fn read_offset(text: &str) -> Option<i64> {
    let text = text.trim();
    let text =
        ["UTC", "GMT", "utc", "gmt", "Z", "z"].iter().find_map(|z| text.strip_prefix(z)).unwrap_or(text);
    if text.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match text.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, text.strip_prefix(['-', '\u{2212}'])?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(pair) => pair,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.len() <= 2);
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

#[derive(Clone, Copy, Default)]
struct Number {
    value: i16,
    digits: u8,
}

/// The numbers of a date, and its month where it has a name.
#[derive(Default)]
struct Parts {
    numbers: [Number; 3],
    count: usize,
    month: Option<i8>,
}

impl Parts {
    fn of(text: &str) -> Option<Parts> {
        let mut parts = Parts::default();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let digit = c.is_ascii_digit();
            let sign = matches!(c, '年' | '月' | '日');
            let len = match c {
                _ if sign => c.len_utf8(),
                _ if digit => rest.bytes().take_while(u8::is_ascii_digit).count(),
                c if c.is_alphabetic() => rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len()),
                ' ' | '.' | '-' | '/' | ',' | '\u{a0}' | '\u{ba}' | '\u{b0}' | '\'' | '\u{2013}' => {
                    c.len_utf8()
                }
                _ => return None,
            };
            let (word, after) = rest.split_at(len);
            rest = after;
            if digit {
                let slot = parts.numbers.get_mut(parts.count)?;
                *slot = Number { value: word.parse().ok()?, digits: len as u8 };
                parts.count += 1;
            } else if c.is_alphabetic() && !sign && !is_filler(word) {
                let month = month_of(word)?;
                if parts.month.replace(month).is_some() {
                    return None;
                }
            }
        }
        Some(parts)
    }
}

fn read_date(text: &str, order: DateOrder) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.iter().all(u8::is_ascii_digit) {
        return match bytes.len() {
            5 => serial(text),
            8 => {
                let (year, rest) = text.split_at_checked(4)?;
                let (month, day) = rest.split_at_checked(2)?;
                build(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
            }
            _ => None,
        };
    }
    let parts = Parts::of(text)?;
    let [a, b, c] = parts.numbers;
    match (parts.month, parts.count) {
        (Some(month), 2) => {
            // 31 March 2026, March 31 2026, 2026 March 31.
            let (day, year) = if a.digits > 2 { (b, a) } else { (a, b) };
            build(year_of(year)?, i16::from(month), day.value)
        }
        (None, 3) if a.digits == 4 => build(a.value, b.value, c.value),
        (None, 3) if a.digits <= 2 && b.digits <= 2 => {
            let day_first = match (a.value > 12, b.value > 12) {
                (true, false) => true,
                (false, true) => false,
                _ => order == DateOrder::DayFirst,
            };
            let (day, month) = if day_first { (a, b) } else { (b, a) };
            build(year_of(c)?, month.value, day.value)
        }
        _ => None,
    }
}

fn year_of(number: Number) -> Option<i16> {
    match number.digits {
        4 => Some(number.value),
        2 => Some(number.value + if number.value < 69 { 2000 } else { 1900 }),
        _ => None,
    }
}

fn build(year: i16, month: i16, day: i16) -> Option<Date> {
    if !(1000..=9999).contains(&year) {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Words in dates that say nothing more: weekdays, `of`, `de`, the `st` of `1st`.
fn is_filler(word: &str) -> bool {
    const FILLERS: [&str; 19] = [
        "st", "nd", "rd", "th", "er", "of", "de", "del", "do", "le", "el", "il", "the", "den", "der", "am",
        "o", "a", "year",
    ];
    const DAYS: [&str; 36] = [
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "lunes",
        "martes",
        "miercoles",
        "jueves",
        "viernes",
        "sabado",
        "domingo",
        "lunedi",
        "martedi",
        "mercoledi",
        "giovedi",
        "venerdi",
        "sabato",
        "domenica",
        "segunda",
    ];
    const SHORT: [&str; 8] = ["mo", "di", "mi", "do", "fr", "sa", "so", "feira"];
    if FILLERS.iter().any(|f| f.eq_ignore_ascii_case(word)) {
        return true;
    }
    let folded = fold(word);
    DAYS.contains(&folded.as_str())
        || SHORT.contains(&folded.as_str())
        || (folded.ends_with("day") && DAYS.iter().take(7).any(|d| folded.starts_with(d)))
}

/// The month of a name or a usual short form.
fn month_of(word: &str) -> Option<i8> {
    const NAMES: [&[&str]; 12] = [
        &[
            "january", "januar", "janner", "jan", "janvier", "janv", "enero", "ene", "gennaio", "gen",
            "janeiro",
        ],
        &["february", "februar", "feb", "fevrier", "fevr", "fev", "febrero", "febbraio", "fevereiro"],
        &["march", "marz", "maerz", "mar", "mrz", "mars", "marzo", "marco"],
        &["april", "apr", "avril", "avr", "abril", "abr", "aprile"],
        &["may", "mai", "mayo", "maggio", "mag", "maio"],
        &["june", "juni", "jun", "juin", "junio", "giugno", "giu", "junho"],
        &["july", "juli", "jul", "juillet", "juil", "julio", "luglio", "lug", "julho"],
        &["august", "aug", "aout", "agosto", "ago"],
        &["september", "sept", "sep", "septembre", "septiembre", "settembre", "set", "setembro"],
        &["october", "oktober", "oct", "okt", "octobre", "octubre", "ottobre", "ott", "outubro", "out"],
        &["november", "nov", "novembre", "noviembre", "novembro"],
        &["december", "dezember", "dec", "dez", "decembre", "diciembre", "dic", "dicembre", "dezembro"],
    ];
    let folded = fold(word);
    (1..).zip(NAMES).find(|(_, names)| names.contains(&folded.as_str())).map(|(month, _)| month)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also where the day does not exist, or the text is nearly of the form.
    #[test]
    fn the_short_way_to_an_instant_gives_the_same() {
        let mut seen = [0; 2];
        for n in 0..60_000u32 {
            let random = n.wrapping_mul(2_654_435_761);
            let part = |shift: u32, below: u32| (random >> shift) % below;
            let mut text = format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                1960 + part(0, 160),
                part(3, 14),
                part(5, 33),
                part(8, 25),
                part(11, 61),
                part(13, 61)
            );
            if n % 8 == 0 {
                let at = part(16, 20) as usize;
                text.replace_range(at..=at, ["z", " ", "0", ":", "+"][part(9, 5) as usize]);
            }
            let short = parse_utc(&text);
            seen[usize::from(short.is_some())] += 1;
            if let Some(instant) = short {
                assert_eq!(parse_instant(&text, DateOrder::DayFirst), Ok(instant), "{text}");
                assert_eq!(text.parse::<Timestamp>().ok(), Some(instant), "{text}");
            }
        }
        assert!(seen[0] > 10_000 && seen[1] > 10_000, "{seen:?}");
    }

    #[test]
    fn reads_dates() {
        for (text, expect) in [
            ("2026-03-31", "2026-03-31"),
            ("2026/3/31", "2026-03-31"),
            ("20260331", "2026-03-31"),
            ("31.3.2026", "2026-03-31"),
            ("31-03-26", "2026-03-31"),
            ("3/31/2026", "2026-03-31"),
            ("03/04/2026", "2026-04-03"),
            ("31 March 2026", "2026-03-31"),
            ("31-Mar-26", "2026-03-31"),
            ("Tuesday, March 31, 2026", "2026-03-31"),
            ("31. März 2026", "2026-03-31"),
            ("31 mars 2026", "2026-03-31"),
            ("1er août 2026", "2026-08-01"),
            ("31 de marzo de 2026", "2026-03-31"),
            ("31 marzo 2026", "2026-03-31"),
            ("31 de março de 2026", "2026-03-31"),
            ("2026年3月31日", "2026-03-31"),
            ("31/12/99", "1999-12-31"),
            ("45291", "2023-12-31"),
            ("2026-03-31T09:30:00Z", "2026-03-31"),
            ("31.03.2026 09:30", "2026-03-31"),
        ] {
            let read = parse_date(text, DateOrder::DayFirst).map(|d| d.to_string());
            assert_eq!(read.as_deref(), Some(expect), "{text}");
        }
        for text in [
            "",
            "2023-02-30",
            "31/31/2026",
            "March 2026",
            "soon",
            "12345678901",
            "2026-03",
            "99999",
            "1/2",
            "a:b",
        ] {
            assert_eq!(parse_date(text, DateOrder::DayFirst), None, "{text}");
        }
        let us = parse_date("03/04/2026", DateOrder::MonthFirst).map(|d| d.to_string());
        assert_eq!(us.as_deref(), Some("2026-03-04"));
    }

    #[test]
    fn reads_instants() {
        for (text, expect) in [
            ("2026-03-31", "2026-03-31T00:00:00.000Z"),
            ("2026-03-31 09:30", "2026-03-31T09:30:00.000Z"),
            ("2026-03-31T09:30:15.25Z", "2026-03-31T09:30:15.250Z"),
            ("2026-03-31T09:30:15-0500", "2026-03-31T14:30:15.000Z"),
            ("2026-03-31 00:30 +02:00", "2026-03-30T22:30:00.000Z"),
            ("31/03/2026, 12:05 am", "2026-03-31T00:05:00.000Z"),
            ("31/03/2026 12:05 p.m.", "2026-03-31T12:05:00.000Z"),
            ("31.03.2026 um 09:30 Uhr", "2026-03-31T09:30:00.000Z"),
            ("20260331T093000Z", "2026-03-31T09:30:00.000Z"),
            ("45291.5", "2023-12-31T12:00:00.000Z"),
            ("1774949400000", "2026-03-31T09:30:00.000Z"),
            ("1774949400", "2026-03-31T09:30:00.000Z"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000Z"),
        ] {
            let read = parse_instant(text, DateOrder::DayFirst).map(|t| t.to_string());
            assert_eq!(read.as_deref(), Ok(expect), "{text}");
        }
        for text in [
            "",
            "25:00",
            "2026-03-31 25:00",
            "2026-03-31 13:00 pm",
            "2026-03-31 09:30 CEST+",
            "2026-03-31 :30",
        ] {
            assert_eq!(parse_instant(text, DateOrder::DayFirst), Err(IssueCode::DateInvalid), "{text}");
        }
    }

    #[test]
    fn finds_a_columns_order() {
        assert_eq!(detect_order(["31/01/2026 10:00", "01/02/2026"]), Some(DateOrder::DayFirst));
        assert_eq!(detect_order(["2026-01-31", "x", ""]), None);
        assert_eq!(detect_order(["13/01/26", "01/13/26"]), None);
    }
}
