//! Which column is what: by the caller, by its name, by its values.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorCode, Result};
use crate::import::rejects::PREFIX;
use crate::model::history::ContactImportOptions;
use crate::model::report::{ColumnMapping, MappedBy};
use crate::normalize::{DateOrder, normalize_email, parse_instant, parse_phone};
use crate::table::Row;
use crate::text::{fold, mask};

macro_rules! targets {
    ($($name:ident, $word:literal, [$($synonym:literal),*];)*) => {
        /// What a cell of a contact is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Target { $($name,)* }

        impl Target {
            const ALL: &'static [Target] = &[$(Target::$name,)*];

            /// The name in mappings and issues.
            pub(super) fn name(self) -> &'static str {
                match self { $(Target::$name => $word,)* }
            }

            /// Names of columns in other systems' files, folded, words by single blanks.
            fn synonyms(self) -> &'static [&'static str] {
                match self { $(Target::$name => &[$($synonym),*],)* }
            }
        }
    };
}

targets! {
    Lead, "lead", ["lead id", "leadkit id"];
    ExternalId, "external_id", ["contact id", "customer id", "crm id", "kundennummer", "kundennr", "kunden id",
        "kontakt id", "lead external id", "id client", "id cliente", "record id"];
    LeadEmail, "lead_email", ["email", "e mail", "mail", "email address", "e mail adresse", "contact email",
        "kunden email", "adresse email", "correo", "correo electronico", "lead e mail"];
    LeadPhone, "lead_phone", ["phone", "phone number", "telephone", "telefon", "telefonnummer", "mobile", "mobil",
        "rufnummer", "handy", "contact phone", "numero de telephone", "telefono"];
    Channel, "channel", ["type", "activity type", "typ", "art", "kanal", "aktivitat", "kontaktart", "canal", "medium"];
    Label, "label", ["channel label", "bezeichnung"];
    Direction, "direction", ["richtung", "call direction", "sens", "direccion"];
    At, "at", ["date", "time", "timestamp", "datetime", "date time", "datum", "zeitpunkt", "zeit", "datum uhrzeit",
        "activity date", "call date", "sent at", "start", "start time", "beginn", "fecha", "date heure"];
    Subject, "subject", ["betreff", "title", "titel", "thema", "objet", "asunto"];
    Body, "body", ["text", "message", "nachricht", "notes", "note", "notiz", "notizen", "comment", "comments",
        "kommentar", "bemerkung", "description", "beschreibung", "content", "inhalt", "mensaje", "contenu"];
    Outcome, "outcome", ["result", "ergebnis", "disposition", "call outcome", "resultat", "resultado"];
    Seconds, "seconds", ["duration", "dauer", "duration seconds", "duration s", "dauer s", "dauer sekunden",
        "call duration", "gesprachsdauer", "duree", "duracion"];
    Minutes, "minutes", ["duration min", "duration minutes", "dauer min", "dauer minuten", "minuten"];
    Template, "template", ["vorlage", "modele", "plantilla"];
    Campaign, "campaign", ["kampagne", "campagne", "campana"];
    Variant, "variant", ["variante"];
    Owner, "owner", ["user", "agent", "assigned to", "bearbeiter", "mitarbeiter", "zustandig", "rep", "sales rep",
        "proprietaire", "propietario"];
    Thread, "thread", ["thread id", "conversation", "conversation id", "konversation"];
    Price, "price", ["cost", "kosten", "preis", "prix", "precio"];
    Currency, "currency", ["wahrung", "devise", "moneda"];
    Key, "key", ["activity id", "aktivitats id", "entry id", "call id", "message id", "unique id"];
    ProviderId, "provider_id", ["provider id", "sid", "message sid", "call sid"];
    To, "to", ["recipient", "an", "empfanger"];
    Sender, "sender", ["from", "von", "absender"];
}

impl Target {
    fn parse(name: &str) -> Result<Target> {
        Target::ALL.iter().copied().find(|target| target.name() == name).ok_or_else(|| {
            let all: Vec<&str> = Target::ALL.iter().map(|target| target.name()).collect();
            Error::new(ErrorCode::UnknownField, format!("a contact of a file has no field `{name}`"))
                .hint(format!("one of {}", all.join(", ")))
                .at_field(name)
        })
    }
}

/// Where the cells of a contact come from.
pub(super) struct Columns {
    places: BTreeMap<Target, usize>,
    constants: BTreeMap<Target, String>,
    /// Whether `03/04/2026` is the third of April.
    pub(super) order: DateOrder,
    pub(super) report: Vec<ColumnMapping>,
}

impl Columns {
    /// Maps the columns of a file.
    ///
    /// # Errors
    /// `unknown_column`, `unknown_field`, `invalid_argument` for two columns of one field, and
    /// `no_mappable_column` where nothing says whose contacts they are, of what kind, or when.
    pub(super) fn map(
        header: &[String],
        sample: &[Vec<&str>],
        options: &ContactImportOptions,
    ) -> Result<Columns> {
        let mut found: Vec<Option<(Target, MappedBy)>> = vec![None; header.len()];
        let mut given = vec![false; header.len()];
        let mut places = BTreeMap::new();
        for (column, target) in &options.mapping {
            let place = header.iter().position(|name| name == column).ok_or_else(|| {
                Error::new(ErrorCode::UnknownColumn, format!("the file has no column `{column}`"))
                    .hint(format!("it has {}", header.join(", ")))
                    .at_field("mapping")
            })?;
            given[place] = true;
            let Some(target) = target else { continue };
            let target = Target::parse(target)?;
            if places.insert(target, place).is_some() {
                let message = format!("two columns go to `{}`", target.name());
                return Err(Error::new(ErrorCode::InvalidArgument, message).at_field("mapping"));
            }
            found[place] = Some((target, MappedBy::Given));
        }
        let names: Vec<String> = header.iter().map(|name| words(name)).collect();
        let free = |place: usize| !given[place] && !header[place].starts_with(PREFIX);
        let own = |target: Target, name: &str| words(target.name()) == name;
        let known = |target: Target, name: &str| target.synonyms().contains(&name);
        for (by, is) in [(MappedBy::Name, &own as &dyn Fn(Target, &str) -> bool), (MappedBy::Synonym, &known)]
        {
            for (place, name) in names.iter().enumerate().filter(|(place, _)| free(*place)) {
                let meant = Target::ALL.iter().copied().find(|target| is(*target, name));
                if let Some(target) = meant.filter(|t| found[place].is_none() && !places.contains_key(t)) {
                    places.insert(target, place);
                    found[place] = Some((target, by));
                }
            }
        }
        for target in [Target::LeadEmail, Target::At, Target::LeadPhone, Target::Channel] {
            let fits = |place: &usize| {
                let mut values = sample
                    .iter()
                    .filter_map(|row| row.get(*place))
                    .filter(|v| !v.trim().is_empty())
                    .peekable();
                values.peek().is_some() && values.all(|value| looks_like(target, value, options))
            };
            let column =
                (0..header.len()).filter(|place| found[*place].is_none() && free(*place)).find(|p| fits(p));
            if let Some(place) = column.filter(|_| !places.contains_key(&target)) {
                places.insert(target, place);
                found[place] = Some((target, MappedBy::Content));
            }
        }
        let mut constants = BTreeMap::new();
        for (name, value) in &options.set {
            constants.insert(Target::parse(name)?, value.replace('\0', ""));
        }
        let said = |target: Target| places.contains_key(&target) || constants.contains_key(&target);
        let whose = [Target::Lead, Target::ExternalId, Target::LeadEmail, Target::LeadPhone];
        let missing = [
            (
                whose.into_iter().any(said),
                "whose contacts these are (lead, external_id, lead_email or lead_phone)",
            ),
            (said(Target::Channel), "of which channel they are (channel)"),
            (said(Target::At), "when they were (at)"),
        ];
        if let Some((_, what)) = missing.into_iter().find(|(there, _)| !there) {
            return Err(Error::new(ErrorCode::NoMappableColumn, format!("no column says {what}"))
                .hint("name the column in `mapping`, or give a constant in `set`")
                .at_field("mapping"));
        }
        let at = places.get(&Target::At);
        let dates = sample.iter().filter_map(|row| at.and_then(|at| row.get(*at)).copied());
        let order = crate::normalize::detect_order(dates).unwrap_or_default();
        let report = header
            .iter()
            .zip(&found)
            .enumerate()
            .map(|(place, (column, found))| ColumnMapping {
                column: column.clone(),
                fields: found.iter().map(|(target, _)| target.name().to_string()).collect(),
                confidence: found.map_or(0.0, |(_, by)| if by == MappedBy::Content { 0.8 } else { 1.0 }),
                by: found.map_or(MappedBy::Nothing, |(_, by)| by),
                alternatives: Vec::new(),
                examples: sample
                    .iter()
                    .filter_map(|row| row.get(place).filter(|v| !v.trim().is_empty()))
                    .take(3)
                    .map(|value| if options.show_values { value.to_string() } else { mask(value) })
                    .collect(),
            })
            .collect();
        Ok(Columns { places, constants, order, report })
    }

    /// A cell without blanks around it; none where it is empty.
    pub(super) fn get<'a>(&'a self, row: Row<'a>, target: Target) -> Option<&'a str> {
        let text = match self.constants.get(&target) {
            Some(text) => text.as_str(),
            // Our own files guard what a spreadsheet would run.
            None => crate::table::unguard(row.get(*self.places.get(&target)?)),
        };
        Some(text.trim()).filter(|text| !text.is_empty())
    }

    /// Column to field, for the log of operations.
    pub(super) fn logged(&self) -> BTreeMap<String, Option<String>> {
        self.report.iter().map(|column| (column.column.clone(), column.fields.first().cloned())).collect()
    }
}

/// `E-Mail_Adresse (Kunde)` is `e mail adresse kunde`.
fn words(name: &str) -> String {
    let folded = fold(name);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

fn looks_like(target: Target, value: &str, options: &ContactImportOptions) -> bool {
    match target {
        Target::LeadEmail => normalize_email(value).valid,
        Target::At => value.len() > 7 && parse_instant(value, DateOrder::DayFirst).is_ok(),
        Target::LeadPhone => {
            value.len() > 6 && parse_phone(value, options.default_country.as_deref()).possible
        }
        _ => super::row::channel(value).is_some(),
    }
}
