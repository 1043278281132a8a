//! One row of a file as a contact, or the reasons why it is none.

use jiff::Timestamp as Instant;
use jiff::tz::TimeZone;

use super::columns::{Columns, Target};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::history::{ContactChannel, ContactImportOptions, LogOptions};
use crate::model::issue::{Issue, IssueCode, Severity};
use crate::model::lead::Lead;
use crate::model::money::Money;
use crate::model::transport::Direction;
use crate::normalize::{
    DateOrder, DecimalMark, normalize_country, normalize_email, normalize_time_zone, parse_date,
    parse_instant, parse_number, parse_phone,
};
use crate::table::Row;
use crate::text::fold;

/// A row that was read: whose contact it is by its own word, and what it was.
pub(super) struct Read {
    /// The id of a lead, where the row gives one.
    pub(super) lead: Option<i64>,
    /// External id, email and phone, as leads have them.
    pub(super) whose: Lead,
    pub(super) channel: ContactChannel,
    pub(super) contact: LogOptions,
}

/// How rows are read.
pub(super) struct Reading {
    pub(super) columns: Columns,
    country: Option<String>,
    zone: TimeZone,
}

impl Reading {
    /// # Errors
    /// `invalid_argument` for a country and a zone that are none.
    pub(super) fn new(columns: Columns, options: &ContactImportOptions) -> Result<Reading> {
        let wrong = |field: &str, message: &str, text: &str| {
            Error::new(ErrorCode::InvalidArgument, message.to_string()).at_field(field).with_value(text)
        };
        let country = options.default_country.as_deref().map(|text| {
            let country = normalize_country(text).map(str::to_string);
            country.ok_or_else(|| wrong("default_country", "default_country is no country of ISO 3166", text))
        });
        let zone = options.time_zone.as_deref().map(|text| {
            let zone = normalize_time_zone(text).and_then(|name| TimeZone::get(&name).ok());
            zone.ok_or_else(|| {
                wrong("time_zone", "time_zone is no IANA time zone such as Europe/Berlin", text)
            })
        });
        Ok(Reading {
            columns,
            country: country.transpose()?,
            zone: zone.transpose()?.unwrap_or(TimeZone::UTC),
        })
    }

    /// Reads a row; what stops it is among the issues as an error.
    pub(super) fn read(&self, row: Row<'_>, issues: &mut Vec<Issue>) -> Option<Read> {
        issues.extend(row.raw_issues().iter().map(|code| Issue::new(code).field("row")));
        if row.raw_issues().is_bad() {
            return None;
        }
        let get = |target: Target| self.columns.get(row, target);
        let text = |target: Target| get(target).map(str::to_string);
        let mut whose = Lead { external_id: text(Target::ExternalId), ..Lead::default() };
        let mut error = |code: IssueCode, target: Target, value: &str| {
            issues.push(Issue::new(code).severity(Severity::Error).field(target.name()).value(value));
        };
        let mut lead = None;
        if let Some(id) = get(Target::Lead) {
            match id.parse() {
                Ok(id) => lead = Some(id),
                Err(_) => error(IssueCode::NumberInvalid, Target::Lead, id),
            }
        }
        if let Some(email) = get(Target::LeadEmail) {
            let read = normalize_email(email);
            match read.address {
                Some(address) => whose.email = Some(address),
                None => error(reason(&read.issues, IssueCode::EmailMissingAt), Target::LeadEmail, email),
            }
        }
        if let Some(phone) = get(Target::LeadPhone) {
            let read = parse_phone(phone, self.country.as_deref());
            match read.e164.filter(|_| read.possible) {
                Some(number) => whose.phone = Some(number),
                None => error(reason(&read.issues, IssueCode::PhoneNotANumber), Target::LeadPhone, phone),
            }
        }
        let mut contact = LogOptions {
            label: text(Target::Label),
            subject: text(Target::Subject),
            body: text(Target::Body).unwrap_or_default(),
            to: text(Target::To),
            sender: text(Target::Sender),
            outcome: text(Target::Outcome),
            template: text(Target::Template),
            campaign: text(Target::Campaign),
            variant: text(Target::Variant),
            owner: text(Target::Owner),
            thread: text(Target::Thread),
            provider_id: text(Target::ProviderId),
            key: text(Target::Key),
            ..LogOptions::default()
        };
        match get(Target::At) {
            None => error(IssueCode::RequiredMissing, Target::At, ""),
            Some(at) => match self.instant(at) {
                Some(at) => contact.at = Some(at),
                None => error(IssueCode::DateInvalid, Target::At, at),
            },
        }
        if let Some(word) = get(Target::Direction) {
            match direction(word) {
                Some(direction) => contact.direction = Some(direction),
                None => error(IssueCode::ChoiceUnknown, Target::Direction, word),
            }
        }
        for (target, unit) in [(Target::Seconds, 1.0), (Target::Minutes, 60.0)] {
            if let Some(length) = get(target) {
                match seconds(length, unit) {
                    Some(seconds) => contact.seconds = Some(seconds),
                    None => error(IssueCode::NumberInvalid, target, length),
                }
            }
        }
        if let Some(price) = get(Target::Price) {
            match money(price, get(Target::Currency)) {
                Some(money) => contact.price = Some(money),
                None => error(IssueCode::NumberInvalid, Target::Price, price),
            }
        }
        let channel = match get(Target::Channel) {
            None => {
                error(IssueCode::RequiredMissing, Target::Channel, "");
                None
            }
            Some(word) => Some(channel(word).unwrap_or_else(|| {
                contact.label.get_or_insert_with(|| word.to_string());
                let issue = Issue::new(IssueCode::ChoiceUnknown).severity(Severity::Warning);
                let message = "is no channel of leadkit; entered as `custom` with this word as its label";
                issues.push(issue.field(Target::Channel.name()).value(word).message(message));
                ContactChannel::Custom
            })),
        };
        if issues.iter().any(|issue| issue.severity == Severity::Error) {
            return None;
        }
        let channel = channel?;
        if let Err(wrong) = crate::history::log::check(channel, &contact) {
            let code = match wrong.field() {
                Some("at") => IssueCode::DateInvalid,
                Some("body") if !contact.body.is_empty() => IssueCode::TooLong,
                _ => IssueCode::RequiredMissing,
            };
            let field = wrong.field().unwrap_or("row").to_string();
            issues.push(
                Issue::new(code).severity(Severity::Error).field(field).message(wrong.message().to_string()),
            );
            return None;
        }
        Some(Read { lead, whose, channel, contact })
    }

    fn instant(&self, text: &str) -> Option<Timestamp> {
        let read = parse_instant(text, self.columns.order).ok()?;
        if !is_local(text, self.columns.order) {
            return Some(read);
        }
        let civil = TimeZone::UTC.to_datetime(Instant::from_millisecond(read.0).ok()?);
        // An hour that clocks skip or repeat is read as most calendars do.
        Some(Timestamp(self.zone.to_ambiguous_timestamp(civil).compatible().ok()?.as_millisecond()))
    }
}

/// Why an address is none.
fn reason(issues: &[Issue], otherwise: IssueCode) -> IssueCode {
    issues.first().map_or(otherwise, |issue| issue.code)
}

/// Whether a time says no zone: it could be given one. Counted milliseconds are of no zone.
fn is_local(text: &str, order: DateOrder) -> bool {
    if parse_instant(&format!("{text}Z"), order).is_ok() {
        return true;
    }
    let counted = text.len() >= 10 && text.bytes().all(|b| b.is_ascii_digit());
    let serial = text.split_once('.').is_some_and(|(day, _)| day.len() == 5);
    let day =
        !text.contains(':') && text.as_bytes().get(8) != Some(&b'T') && parse_date(text, order).is_some();
    serial || day && !counted
}

/// The channel that a word of a file means, in the languages in which mappings are known.
pub(super) fn channel(word: &str) -> Option<ContactChannel> {
    Some(match fold(word).as_str() {
        "sms" | "text" | "text message" | "textnachricht" | "kurznachricht" => ContactChannel::Sms,
        "voice" | "call" | "phone" | "phone call" | "telephone" | "anruf" | "telefonat" | "telefon"
        | "appel" | "llamada" | "cold call" => ContactChannel::Voice,
        "email" | "e-mail" | "mail" | "courriel" | "correo" => ContactChannel::Email,
        "meeting" | "appointment" | "visit" | "termin" | "treffen" | "besuch" | "reunion" => {
            ContactChannel::Meeting
        }
        "note" | "notes" | "notiz" | "nota" => ContactChannel::Note,
        "task" | "todo" | "to-do" | "aufgabe" | "tache" | "tarea" => ContactChannel::Task,
        "chat" => ContactChannel::Chat,
        "custom" => ContactChannel::Custom,
        _ => return None,
    })
}

fn direction(word: &str) -> Option<Direction> {
    Some(match fold(word).as_str() {
        "inbound" | "in" | "incoming" | "received" | "eingehend" | "eingang" | "empfangen" | "ein"
        | "entrant" | "entrante" => Direction::Inbound,
        "outbound" | "out" | "outgoing" | "sent" | "ausgehend" | "ausgang" | "gesendet" | "aus"
        | "sortant" | "saliente" => Direction::Outbound,
        _ => return None,
    })
}

/// `240`, `4:00`, `0:04:00`.
fn seconds(text: &str, unit: f64) -> Option<u32> {
    let total = match text.contains(':') {
        true => text.split(':').try_fold(0.0, |sum: f64, part| {
            let part: u32 = part.trim().parse().ok()?;
            Some(sum * 60.0 + f64::from(part))
        })?,
        false => {
            let mark = if text.contains(',') { DecimalMark::Comma } else { DecimalMark::Point };
            parse_number(text, mark)? * unit
        }
    };
    (0.0..=f64::from(u32::MAX)).contains(&total).then_some(total.round() as u32)
}

/// `0.0083 USD`, `0,05` with a column for the currency.
fn money(text: &str, currency: Option<&str>) -> Option<Money> {
    let (amount, own) = match text.split_once(char::is_whitespace) {
        Some((amount, currency)) => (amount, Some(currency.trim())),
        None => (text, None),
    };
    Money::parse(&amount.replace(',', "."), &own.or(currency)?.to_ascii_uppercase()).ok()
}
