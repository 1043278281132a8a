//! Which stored lead a row means.
//!
//! Keys are tried in the order of `match_on`. An external id matches by itself. An email matches
//! unless names, or names and phones, tell of another person on a shared mailbox. A function's mailbox matches only together with a name that is equal but for spelling,
//! a phone only with an equal one, since one phone in ten belongs to several people. Keys that lead
//! to different leads are a conflict.

use std::borrow::Cow;

use strsim::osa_distance;

use crate::error::Result;
use crate::model::lead::Lead;
use crate::model::options::MatchKey;
use crate::normalize::{
    GivenNames, compare_given, email_key, is_role_address, normalize_company, person_key,
};
use crate::store::{KeyKind, LeadKey};
use crate::text::fold;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// No lead.
    Nothing,
    /// No lead, but one whose email is the same and who is clearly another person.
    SharedEmail,
    /// This lead.
    Lead(Box<Lead>),
    /// Different leads, by different keys.
    Conflict,
}

/// Where leads are looked up; an import puts its own unwritten keys before the store's.
pub trait Candidates {
    /// Leads that have a key of this hash.
    ///
    /// # Errors
    /// Those of the store.
    fn by_key(&mut self, key: LeadKey, out: &mut Vec<i64>) -> Result<()>;

    /// A lead by id.
    ///
    /// # Errors
    /// Those of the store.
    fn lead(&mut self, id: i64) -> Result<Option<Lead>>;
}

/// Finds the lead that `row` means.
///
/// # Errors
/// Those of the store.
pub fn find(
    match_on: &[MatchKey],
    row: &Lead,
    keys: &[LeadKey],
    candidates: &mut impl Candidates,
) -> Result<Found> {
    let (mut found, mut shared) = (None::<Lead>, false);
    let mut ids = Vec::new();
    for by in match_on {
        let kind = kind(*by);
        ids.clear();
        for key in keys.iter().filter(|k| k.kind == kind) {
            candidates.by_key(*key, &mut ids)?;
        }
        if ids.is_empty() {
            continue;
        }
        ids.sort_unstable();
        ids.dedup();
        let mut best: Option<((Fit, usize), Lead)> = None;
        for &id in &ids {
            if found.as_ref().is_some_and(|lead| lead.id == id) {
                best = None;
                shared = false;
                break;
            }
            let Some(lead) = candidates.lead(id)? else { continue };
            match fit(*by, row, &lead) {
                Fit::No => {}
                Fit::Shared => shared = true,
                fit => {
                    // Of several on one mailbox, the one with the most in common.
                    let fit = (fit, if ids.len() > 1 { in_common(row, &lead) } else { 0 });
                    if best.as_ref().is_none_or(|(other, _)| fit > *other) {
                        best = Some((fit, lead));
                    }
                }
            }
        }
        match (best, &found) {
            (Some(_), Some(_)) => return Ok(Found::Conflict),
            (Some((_, lead)), None) => found = Some(lead),
            (None, _) => {}
        }
    }
    Ok(match found {
        Some(lead) => Found::Lead(Box::new(lead)),
        None if shared => Found::SharedEmail,
        None => Found::Nothing,
    })
}

/// The kind of key behind a `match_on` entry.
pub fn kind(by: MatchKey) -> KeyKind {
    match by {
        MatchKey::ExternalId => KeyKind::ExternalId,
        MatchKey::Email => KeyKind::Email,
        MatchKey::Phone => KeyKind::Phone,
    }
}

/// How well a lead fits a row that shares a key's hash with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Another value with the same hash, or too little in common.
    No,
    /// The same mailbox, clearly another person.
    Shared,
    /// The same, as far as names tell.
    Likely,
    /// The same, and the names agree.
    Sure,
}

fn fit(by: MatchKey, row: &Lead, lead: &Lead) -> Fit {
    match by {
        MatchKey::ExternalId => match (&row.external_id, &lead.external_id) {
            (Some(a), Some(b)) if fold(a) == fold(b) => Fit::Sure,
            _ => Fit::No,
        },
        MatchKey::Email => {
            let stored: Vec<String> = emails(lead).map(email_key).collect();
            let Some(address) = emails(row).find(|a| stored.contains(&email_key(a))) else { return Fit::No };
            match is_role_address(address) {
                true if same_name(row, lead) => Fit::Sure,
                true if near_name(row, lead) => Fit::Likely,
                true => Fit::No,
                false => by_person(row, lead),
            }
        }
        MatchKey::Phone => {
            let shared = phones(row).any(|a| phones(lead).any(|b| a == b));
            if shared && same_name(row, lead) { Fit::Sure } else { Fit::No }
        }
    }
}

fn by_person(row: &Lead, lead: &Lead) -> Fit {
    let names = given(row, lead).zip(given(lead, row));
    let names = names.map_or(GivenNames::Unknown, |(a, b)| compare_given(&a, &b));
    match names {
        GivenNames::Different if swapped(row, lead) && phones_agree(row, lead) != Some(false) => Fit::Likely,
        GivenNames::Different => Fit::Shared,
        _ if too_much_differs(names, row, lead) => Fit::Shared,
        GivenNames::Same => Fit::Sure,
        GivenNames::Compatible | GivenNames::Unknown => Fit::Likely,
    }
}

/// Whether two people share a mailbox though their given names do not tell.
///
/// Who marries keeps the phone, and who changes jobs keeps the name: who has neither the family name nor
/// the phone (nor, where a phone is missing, the company) is somebody else. So is who has only the phone,
/// in another role of the same company. And so is who lives at the same address, works elsewhere and has
/// no given name, or a similar one and another phone: Kathy and Kathleen may be mother and daughter.
fn too_much_differs(names: GivenNames, row: &Lead, lead: &Lead) -> bool {
    let another_name = || match phones_agree(row, lead) {
        _ if !families_differ(row, lead) => false,
        Some(false) => true,
        // A company's number is everybody's there.
        Some(true) => titles_differ(row, lead) && companies_agree(row, lead) != Some(false),
        None => companies_agree(row, lead) == Some(false),
    };
    let household = || {
        (names == GivenNames::Unknown || phones_agree(row, lead) == Some(false))
            && same_street(row, lead)
            && companies_agree(row, lead) == Some(false)
    };
    another_name() || names != GivenNames::Same && household()
}

/// How much two leads have in common beside an email and a name.
fn in_common(row: &Lead, lead: &Lead) -> usize {
    let facts = [
        phones_agree(row, lead) == Some(true),
        companies_agree(row, lead) == Some(true),
        same_street(row, lead),
    ];
    facts.into_iter().filter(|same| *same).count()
}

/// Whether any two of their phones are one number, or one and a slip of a finger; none where one has none.
fn phones_agree(row: &Lead, lead: &Lead) -> Option<bool> {
    let near = |a: &str| phones(lead).any(|b| a == b || osa_distance(a, b) == 1);
    (phones(row).next().is_some() && phones(lead).next().is_some()).then(|| phones(row).any(near))
}

fn families_differ(row: &Lead, lead: &Lead) -> bool {
    let both = row.last_name.as_deref().zip(lead.last_name.as_deref());
    both.is_some_and(|(a, b)| compare_given(a, b) == GivenNames::Different)
}

/// No word of one is a word of the other.
fn titles_differ(row: &Lead, lead: &Lead) -> bool {
    let both = row.job_title.as_deref().zip(lead.job_title.as_deref());
    both.is_some_and(|(a, b)| compare_given(a, b) == GivenNames::Different)
}

fn companies_agree(row: &Lead, lead: &Lead) -> Option<bool> {
    let key = |lead: &Lead| normalize_company(lead.company.as_deref()?, lead.country.as_deref()).key;
    let same = |(a, b): (String, String)| compare_given(&a, &b) != GivenNames::Different;
    key(row).zip(key(lead)).map(same)
}

fn same_street(row: &Lead, lead: &Lead) -> bool {
    row.street.as_deref().zip(lead.street.as_deref()).is_some_and(|(a, b)| fold(a) == fold(b))
}

/// The given name. Where a lead keeps its whole name in the family name's column (`Causey, Ernest`),
/// it is what that has more than the other's family name.
fn given<'l>(lead: &'l Lead, other: &Lead) -> Option<Cow<'l, str>> {
    if let Some(name) = &lead.first_name {
        return Some(Cow::Borrowed(name));
    }
    let (whole, family) = (fold(lead.last_name.as_deref()?), fold(other.last_name.as_deref()?));
    let mut words: Vec<&str> = words(&whole).collect();
    for part in self::words(&family) {
        let index = words.iter().position(|word| *word == part)?;
        words.remove(index);
    }
    (!words.is_empty()).then(|| Cow::Owned(words.join(" ")))
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split([' ', ',', ';']).filter(|word| !word.is_empty())
}

/// Given and family name in each other's columns.
fn swapped(row: &Lead, lead: &Lead) -> bool {
    agree(row.first_name.as_deref(), lead.last_name.as_deref())
        && agree(row.last_name.as_deref(), lead.first_name.as_deref())
}

/// Both names one person's, but for spelling, short forms and order.
fn near_name(row: &Lead, lead: &Lead) -> bool {
    // A given name taken out of a whole name tells that the family names are equal.
    let whole = row.first_name.is_none() || lead.first_name.is_none();
    let family = || whole || agree(row.last_name.as_deref(), lead.last_name.as_deref());
    agree(given(row, lead).as_deref(), given(lead, row).as_deref()) && family() || swapped(row, lead)
}

fn agree(a: Option<&str>, b: Option<&str>) -> bool {
    a.zip(b).is_some_and(|(a, b)| matches!(compare_given(a, b), GivenNames::Same | GivenNames::Compatible))
}

fn same_name(a: &Lead, b: &Lead) -> bool {
    let key =
        |l: &Lead| person_key(l.first_name.as_deref().unwrap_or(""), l.last_name.as_deref().unwrap_or(""));
    key(a).is_some_and(|key_a| Some(key_a) == key(b))
}

fn emails(lead: &Lead) -> impl Iterator<Item = &str> {
    lead.email.iter().chain(&lead.emails).map(String::as_str)
}

fn phones(lead: &Lead) -> impl Iterator<Item = &str> {
    lead.phone.iter().chain(&lead.phones).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(first: &str, last: &str, email: &str) -> Lead {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_string());
        Lead { first_name: text(first), last_name: text(last), email: text(email), ..Lead::default() }
    }

    fn by_email(a: (&str, &str), b: (&str, &str), email: &str) -> Fit {
        by_both(&lead(a.0, a.1, email), &lead(b.0, b.1, email))
    }

    fn by_both(a: &Lead, b: &Lead) -> Fit {
        let fit = fit(MatchKey::Email, a, b);
        assert_eq!(fit, super::fit(MatchKey::Email, b, a), "the order must not matter");
        fit
    }

    #[test]
    fn a_mailbox_of_a_function_needs_a_near_name() {
        let fit = |a, b| by_email(a, b, "info@leads.example");
        assert_eq!(fit(("Matthew", "Bowens"), ("Matthew", "Bowens")), Fit::Sure);
        assert_eq!(fit(("Matthew", "Bowens"), ("Matthew", "Bowrens")), Fit::Likely);
        assert_eq!(fit(("Bob", "McIntyre"), ("Robert", "Mcintyre")), Fit::Likely);
        assert_eq!(fit(("McIntyre", "Robert"), ("Robert", "Mcintyre")), Fit::Likely);
        assert_eq!(fit(("", "McIntyre, Robert"), ("Robert", "Mcintyre")), Fit::Likely);
        assert_eq!(fit(("Robert", "Mcintyre"), ("Robert", "Walker")), Fit::No);
        assert_eq!(fit(("Anna", "Mcintyre"), ("Robert", "Mcintyre")), Fit::No);
        assert_eq!(fit(("", "Mcintyre"), ("Robert", "Mcintyre")), Fit::No);
    }

    #[test]
    fn a_whole_name_in_one_column_still_tells_people_apart() {
        let fit = |a, b| by_email(a, b, "family.causey@leads.example");
        assert_eq!(fit(("", "Causey, Ernest"), ("Brittney", "Causey")), Fit::Shared);
        assert_eq!(fit(("", "Ernest Causey"), ("Brittney", "Causey")), Fit::Shared);
        assert_eq!(fit(("", "Causey, Ernest"), ("Ernest", "Causey")), Fit::Sure);
        assert_eq!(fit(("", "Causey"), ("Ernest", "Causey")), Fit::Likely);
        assert_eq!(fit(("", "Causey, Ernest"), ("", "Causey, Ernest")), Fit::Likely);
    }

    #[test]
    fn another_family_name_and_another_phone_are_another_person() {
        let mary = |last: &str, phone: &str| Lead {
            phone: (!phone.is_empty()).then(|| phone.into()),
            ..lead("Mary", last, "mary.1967@leads.example")
        };
        let jones = mary("Jones", "+12127365000");
        assert_eq!(by_both(&jones, &mary("Massie", "+13125599005")), Fit::Shared);
        // One who married, one who mistyped a number, one who wrote none, one who changed jobs.
        assert_eq!(by_both(&jones, &mary("Massie", "+12127365000")), Fit::Sure);
        assert_eq!(by_both(&jones, &mary("Massie", "+12127356000")), Fit::Sure);
        assert_eq!(by_both(&jones, &mary("Massie", "+1212736500")), Fit::Sure);
        assert_eq!(by_both(&jones, &mary("Massie", "")), Fit::Sure);
        assert_eq!(by_both(&jones, &mary("Jones-Massie", "+13125599005")), Fit::Sure);
        assert_eq!(by_both(&jones, &mary("Jnoes", "+13125599005")), Fit::Sure);
    }

    #[test]
    fn colleagues_share_a_number() {
        let at = |last: &str, title: &str, company: &str| Lead {
            phone: Some("+12127365000".into()),
            job_title: Some(title.into()),
            company: Some(company.into()),
            ..lead("David", last, "davidh@jones.example")
        };
        let harris = at("Harris", "Analyst", "Jones Energy");
        assert_eq!(by_both(&harris, &at("Hoffer", "Head of Sales", "Jones Energy Inc.")), Fit::Shared);
        assert_eq!(by_both(&harris, &at("Hoffer", "Senior Analyst", "Jones Energy Inc.")), Fit::Sure);
        assert_eq!(by_both(&harris, &at("Hoffer", "Head of Sales", "Globex")), Fit::Sure);
    }

    #[test]
    fn who_has_no_name_and_another_company_at_one_address_is_another_person() {
        let at = |first: &str, phone: &str, company: &str, street: &str| Lead {
            phone: Some(phone.into()),
            company: Some(company.into()),
            street: Some(street.into()),
            ..lead(first, "Watson", "family.watson@leads.example")
        };
        let william = at("William", "+12127365000", "Acme Inc", "1 Elm St");
        let somebody = |company, street| by_both(&william, &at("", "+12127365000", company, street));
        assert_eq!(somebody("Globex Corp.", "1 ELM ST"), Fit::Shared);
        assert_eq!(somebody("Acme Corporation", "1 Elm St"), Fit::Likely);
        assert_eq!(somebody("Globex Corp.", "9 Oak Ave"), Fit::Likely);
        let will = |phone| by_both(&william, &at("Will", phone, "Globex Corp.", "1 Elm St"));
        assert_eq!(will("+13125599005"), Fit::Shared);
        assert_eq!(will("+12127365000"), Fit::Likely);
    }
}
