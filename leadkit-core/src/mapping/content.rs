//! What the values of a column look like: cheap shapes, counted over a sample.

use std::collections::HashSet;

use super::shapes::{
    BOOLEANS, COUNTRIES, SALUTATIONS, SOCIAL, STATUSES, has_legal_form, is_country_code, is_date, is_email,
    is_language, is_number, is_postal, is_url, is_zone, phone_shape,
};
use crate::model::field::{Field, FieldKind};
use crate::text::{fold_into, is_placeholder};

/// Cells that are looked at; more say nothing new.
const LOOKED_AT: usize = 500;

/// How many cells of a column have which shape.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    pub(super) rows: usize,
    pub(super) filled: usize,
    pub(super) distinct: usize,
    at_signs: usize,
    pub(super) email: usize,
    phone: usize,
    /// Phone numbers that no other number looks like: a plus, brackets, blanks.
    pub(super) formatted_phone: usize,
    pub(super) url: usize,
    social: usize,
    pub(super) country_name: usize,
    country_code: usize,
    pub(super) postal: usize,
    number: usize,
    digits: usize,
    pub(super) date: usize,
    boolean: usize,
    pub(super) salutation: usize,
    pub(super) status: usize,
    pub(super) company: usize,
    pub(super) several_words: usize,
    language: usize,
    zone: usize,
}

/// What the values say about a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fit {
    /// So many of them, 0 to 1, look like the field's.
    Supports(f64),
    /// They say nothing.
    Neutral,
    /// They are something else.
    Against,
}

impl Profile {
    /// Looks at the cells of one column.
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Profile {
        let mut profile = Profile::default();
        let mut seen = HashSet::new();
        let mut folded = String::new();
        for cell in cells.take(LOOKED_AT) {
            profile.rows += 1;
            let cell = cell.trim();
            if cell.is_empty() || is_placeholder(cell) {
                continue;
            }
            fold_into(cell, &mut folded);
            if seen.insert(folded.clone()) {
                profile.distinct += 1;
            }
            profile.add(cell, &folded);
        }
        profile
    }

    /// The share of the filled cells, 0 to 1.
    pub(super) fn share(&self, count: usize) -> f64 {
        if self.filled == 0 { 0.0 } else { count as f64 / self.filled as f64 }
    }

    /// Whether there are enough values to speak of none.
    pub(super) fn tells(&self) -> bool {
        self.filled >= 5
    }

    /// Whether the values are yes and no.
    pub(super) fn is_boolean(&self) -> bool {
        self.filled > 0 && self.share(self.boolean) >= 0.8
    }

    /// Whether the web addresses are people's pages at large sites.
    pub(super) fn is_social(&self) -> bool {
        self.share(self.social) >= 0.5
    }

    /// Whether the values could be codes of countries.
    pub(super) fn country_share(&self) -> f64 {
        self.share(self.country_name + self.country_code)
    }

    /// What the values say about a standard field.
    pub(super) fn fit(&self, field: Field) -> Fit {
        use Field as F;
        if self.filled == 0 {
            return Fit::Neutral;
        }
        let s = |count| self.share(count);
        match field {
            F::Email | F::Emails => self.judge(s(self.email), 0.3, self.at_signs > 0),
            F::Phone | F::Phones if s(self.date) >= 0.5 || s(self.email) >= 0.5 => Fit::Against,
            F::Phone | F::Phones => self.judge(s(self.phone), 0.3, self.phone > 0),
            F::Website if self.is_social() => Fit::Against,
            F::Website => self.judge(s(self.url), 0.3, self.url > 0),
            F::Country if s(self.digits) >= 0.5 || s(self.email) >= 0.3 || self.is_boolean() => Fit::Against,
            F::Country => self.judge(self.country_share(), 0.5, true),
            F::PostalCode if s(self.date) >= 0.5 => Fit::Against,
            F::PostalCode => self.judge(s(self.postal), 0.5, self.postal > 0),
            F::CreatedAt | F::UpdatedAt => {
                self.judge(s(self.date), 0.4, self.date > 0 || s(self.number) > 0.9)
            }
            F::Score => self.judge(s(self.number), 0.5, self.number > 0),
            F::ExternalId if s(self.email) >= 0.5 || self.is_boolean() => Fit::Against,
            F::ExternalId => self.unique(),
            F::Status if self.is_boolean() || self.is_odd_text() => Fit::Against,
            F::Status if self.filled >= 20 && s(self.distinct) > 0.6 => Fit::Against,
            F::Status => self.judge(s(self.status), 0.5, true),
            F::Salutation if self.distinct > 12 && s(self.salutation) < 0.1 => Fit::Against,
            F::Salutation => self.judge(s(self.salutation), 0.5, !self.is_odd_text() && s(self.digits) < 0.5),
            F::PhoneExtension => self.judge(s(self.number), 0.5, self.number > 0),
            F::TimeZone => self.judge(s(self.zone), 0.5, self.zone > 0),
            F::Language => self.judge(s(self.language), 0.5, self.language > 0),
            F::FirstName | F::MiddleName | F::LastName | F::FullName | F::City | F::JobTitle => {
                self.veto(self.is_odd_text() || s(self.digits) >= 0.5 || s(self.url) >= 0.6)
            }
            F::Company => {
                self.veto(self.is_odd_text() || s(self.number) >= 0.6 || s(self.formatted_phone) >= 0.6)
            }
            F::State => self.veto(self.is_odd_text() || s(self.status) >= 0.5 || s(self.url) >= 0.6),
            F::Source | F::Street => self.veto(self.is_odd_text()),
            F::Owner => self.veto(self.is_boolean() || s(self.date) >= 0.6),
            _ => Fit::Neutral,
        }
    }

    /// What the values say about a custom field.
    pub(super) fn fit_kind(&self, kind: FieldKind) -> Fit {
        if self.filled == 0 {
            return Fit::Neutral;
        }
        match kind {
            FieldKind::Number => self.judge(self.share(self.number), 0.5, self.number > 0),
            FieldKind::Boolean => self.judge(self.share(self.boolean), 0.5, self.boolean > 0),
            FieldKind::Date => self.judge(self.share(self.date), 0.5, self.date > 0),
            _ => Fit::Neutral,
        }
    }

    fn judge(&self, share: f64, enough: f64, some: bool) -> Fit {
        if share >= enough {
            Fit::Supports(share)
        } else if some {
            Fit::Neutral
        } else {
            Fit::Against
        }
    }

    fn veto(&self, veto: bool) -> Fit {
        if veto { Fit::Against } else { Fit::Neutral }
    }

    fn unique(&self) -> Fit {
        match self.share(self.distinct) {
            _ if !self.tells() => Fit::Neutral,
            share if share >= 0.9 => Fit::Supports(share / 2.0),
            _ => Fit::Against,
        }
    }

    /// Emails, dates or yes and no, where words are wanted.
    fn is_odd_text(&self) -> bool {
        self.share(self.email) >= 0.5 || self.share(self.date) >= 0.6 || self.is_boolean()
    }

    fn add(&mut self, cell: &str, folded: &str) {
        self.filled += 1;
        let date = is_date(folded);
        self.date += usize::from(date);
        self.at_signs += usize::from(cell.contains('@'));
        self.email += usize::from(folded.split([',', ';', ' ', '|']).any(is_email));
        self.url += usize::from(is_url(folded));
        self.social += usize::from(SOCIAL.iter().any(|site| folded.contains(site)));
        self.country_name += usize::from(COUNTRIES.binary_search(&folded).is_ok());
        self.country_code += usize::from(is_country_code(cell));
        self.boolean += usize::from(BOOLEANS.contains(&folded));
        self.salutation += usize::from(SALUTATIONS.contains(&folded.trim_end_matches('.')));
        self.status += usize::from(STATUSES.contains(&folded));
        self.company += usize::from(has_legal_form(folded));
        self.several_words += usize::from(folded.contains([' ', ',']));
        self.language += usize::from(is_language(folded));
        self.zone += usize::from(is_zone(cell));
        let number = is_number(folded);
        self.number += usize::from(number);
        self.digits += usize::from(folded.bytes().all(|b| b.is_ascii_digit()));
        if !date {
            let phone = phone_shape(folded);
            self.phone += usize::from(phone.is_some());
            self.formatted_phone += usize::from(phone == Some(true));
            self.postal += usize::from(is_postal(folded));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn profile(cells: &[&str]) -> Profile {
        Profile::of(cells.iter().copied())
    }

    #[test]
    fn shapes_are_told_apart() {
        let phones =
            profile(&["+49 30 1234567", "(312) 555-0199", "030/1234567", "5551234567", "555-0199 x12"]);
        assert_eq!((phones.phone, phones.formatted_phone, phones.date), (5, 4, 0));
        let dates = profile(&[
            "2024-03-01",
            "01.02.2023",
            "3/14/24",
            "Mar 4, 2024",
            "2024-03-01T10:00:00Z",
            "2024年3月1日",
        ]);
        assert_eq!((dates.date, dates.phone), (6, 0));
        let urls = profile(&["https://a.example", "www.b.example", "acme.co.uk/x"]);
        assert_eq!(urls.url, 3);
        assert_eq!(profile(&["a.b@c.de", "x@y.co; z@y.co", "Ada <ada@b.org>", "no"]).email, 3);
        assert_eq!(profile(&["10115", "SW1A 1AA", "12345-6789", "1010 AB"]).postal, 4);
        assert_eq!(profile(&["12345-6789"]).formatted_phone, 0);
        assert_eq!(profile(&["Acme Inc.", "Foo GmbH & Co. KG", "Bar S.A.", "Ada"]).company, 3);
        assert_eq!(profile(&["n/a", "-", "", "x"]).filled, 1);
    }

    #[test]
    fn values_support_or_contradict() {
        let mails = profile(&["a@b.co", "c@d.co"]);
        assert!(matches!(mails.fit(Field::Email), Fit::Supports(_)));
        assert_eq!(mails.fit(Field::Company), Fit::Against);
        assert_eq!(profile(&["yes", "no"]).fit(Field::Email), Fit::Against);
        assert_eq!(profile(&["1", "2", "3", "1", "1", "1"]).fit(Field::ExternalId), Fit::Against);
        assert_eq!(profile(&[]).fit(Field::Email), Fit::Neutral);
    }
}
