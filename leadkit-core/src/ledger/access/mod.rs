//! Who sees what: views of a database that show only what their profiles do.
//!
//! A view reads through [`ProfiledStore`], which masks whatever leaves a read transaction, so that a new way to
//! read is masked without anybody's thinking of it. What decides rather than shows (plans, consent,
//! imports) reads `Session::whole`, and its results pass [`Session::shown`]. Both look the profiles up
//! each time: a profile that was tightened holds from the next call on.

mod contacts;
mod reader;
mod shown;
mod store;
mod words;

use std::sync::Arc;

pub use shown::Shown;
pub use store::ProfiledStore;

use super::Session;
use crate::error::{Error, ErrorCode, Result};
use crate::model::access::{AccessProfile, ContactPart, FieldAccess};
use crate::model::bulk::{Assignment, BulkSpec};
use crate::model::cost::{CostBy, CostOptions};
use crate::model::field::{Field, FieldName};
use crate::model::filter::{Expr, Filter, Target};
use crate::model::lead::Values;
use crate::store::Reader;
use crate::template::Template;
use crate::text::nearest;

/// What a view sees, by its profiles as they stand now.
#[derive(Clone, Debug, Default)]
pub struct Access {
    profiles: Vec<AccessProfile>,
}

impl Access {
    /// What views of some profiles see.
    ///
    /// # Errors
    /// `not_found` for a profile that is not there, with the nearest name; those of the store.
    pub fn of(reader: &dyn Reader, names: &[String]) -> Result<Access> {
        if names.is_empty() {
            return Ok(Access::default());
        }
        let known = reader.settings()?.unwrap_or_default().profiles;
        let profile = |name: &String| {
            known.get(name).cloned().ok_or_else(|| {
                let message = format!("there is no access profile `{name}`");
                let error = Error::new(ErrorCode::NotFound, message).at_field("profile");
                match nearest(name, known.keys().map(String::as_str)) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("profiles are set by settings.set(profiles=...)"),
                }
            })
        };
        Ok(Access { profiles: names.iter().map(profile).collect::<Result<_>>()? })
    }

    /// Whether everything is seen, since there is no profile.
    pub fn is_whole(&self) -> bool {
        self.profiles.is_empty()
    }

    /// The strictest rule of the profiles for a field or a part of contacts.
    pub fn rule(&self, name: &str) -> FieldAccess {
        self.profiles.iter().map(|profile| profile.of(name)).fold(FieldAccess::Show, FieldAccess::max)
    }

    /// Whether all of a field is seen.
    pub fn shows(&self, name: &str) -> bool {
        self.rule(name) == FieldAccess::Show
    }

    /// Refuses what only those may do who see everything.
    ///
    /// # Errors
    /// `access_denied`.
    pub fn check_whole(&self, what: &str) -> Result<()> {
        if self.is_whole() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::AccessDenied, format!("a view with an access profile {what}"))
            .hint("do it as somebody without a profile"))
    }

    /// Refuses the use of a field that is not seen; `how` says what was to be done by it.
    ///
    /// # Errors
    /// `access_denied`, with the field.
    pub fn check(&self, name: &str, how: &str) -> Result<()> {
        if self.shows(name) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::AccessDenied, format!("the access profile does not show `{name}`: {how}"))
            .hint("leave the field out, or ask somebody whose profile shows it")
            .at_field(name))
    }

    pub(crate) fn check_part(&self, part: ContactPart, how: &str) -> Result<()> {
        self.check(part.name(), how)
    }

    /// Refuses tests of fields that are not seen, however deep they stand: what is found would tell them.
    ///
    /// # Errors
    /// `access_denied`, with the field.
    pub fn check_expr(&self, expr: &Expr) -> Result<()> {
        match expr {
            Expr::And(all) | Expr::Or(all) => all.iter().try_for_each(|one| self.check_expr(one)),
            Expr::Not(inner) => self.check_expr(inner),
            Expr::Test(target, _) => self.check_target(target, "nothing is found or counted by it"),
        }
    }

    /// As [`Access::check_expr`], of an order.
    ///
    /// # Errors
    /// `access_denied`, with the field.
    pub fn check_order(&self, target: &Target) -> Result<()> {
        self.check_target(target, "nothing is sorted by it")
    }

    fn check_target(&self, target: &Target, how: &str) -> Result<()> {
        match target {
            Target::Id | Target::Rev => Ok(()),
            Target::Standard(field) => self.check(field.name(), how),
            Target::Custom(key, _) => self.check(&format!("custom.{key}"), how),
        }
    }

    /// Refuses to write fields that are not seen. Nobody could know what is overwritten, and by the refusal
    /// of a value that another lead has, or by a count of matches, values could be guessed.
    ///
    /// # Errors
    /// `access_denied`, with the field.
    pub fn check_written<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<()> {
        // Names that no field has are told to be that, further on.
        let fields = names.into_iter().filter_map(|name| FieldName::parse(name).ok());
        fields.into_iter().try_for_each(|field| self.check(&field.name(), "it is not written either"))
    }

    /// Refuses sums that would tell what is not seen.
    ///
    /// # Errors
    /// `access_denied`, with the field.
    pub(crate) fn check_costs(&self, options: &CostOptions) -> Result<()> {
        let how = "nothing is summed up by it";
        self.check_part(ContactPart::Price, how)?;
        match options.by {
            CostBy::Owner => self.check(Field::Owner.name(), how),
            CostBy::Country => self.check_part(ContactPart::Address, how),
            CostBy::Month | CostBy::Lead | CostBy::Template | CostBy::Campaign | CostBy::Channel => Ok(()),
        }
    }

    /// Refuses counts of contacts, which are made of all of these at once.
    pub(crate) fn check_counted(&self) -> Result<()> {
        let how = "contacts are counted by it, too";
        self.check(Field::Owner.name(), how)?;
        self.check_part(ContactPart::Address, how)?;
        self.check_part(ContactPart::Price, how)
    }

    /// Refuses a text that would tell what is not seen.
    pub(crate) fn check_variables<'a>(&self, variables: impl IntoIterator<Item = &'a String>) -> Result<()> {
        let how = "a text that is shown is not made of it";
        variables.into_iter().try_for_each(|name| match name.strip_prefix("lead.") {
            Some("id") => Ok(()),
            Some(field) if field != "custom" => self.check(field, how),
            None if name == "owner.name" => self.check(Field::Owner.name(), how),
            None if name.starts_with("vars.") => Ok(()),
            // All of a lead at once, or functions that show all there is.
            _ => self.check_whole("makes texts of single fields only"),
        })
    }
}

/// The fields that a lead's name may be made of, where it is shown.
pub(crate) const NAMED: [Field; 7] = [
    Field::FullName,
    Field::FirstName,
    Field::MiddleName,
    Field::LastName,
    Field::Company,
    Field::Email,
    Field::Phone,
];

impl Session {
    /// The same session as a profile sees it. It keeps the profiles that it has: a view is only ever
    /// narrowed. Whether the profile is there is found out when the view is used.
    #[must_use]
    pub fn view(&self, profile: &str) -> Session {
        let mut profiles = self.profiles.clone();
        if !profiles.iter().any(|known| known == profile) {
            profiles.push(profile.to_string());
        }
        let store = Arc::new(ProfiledStore::new(self, profiles.clone()));
        Session { store, profiles, ..self.clone() }
    }

    /// What this session sees now.
    ///
    /// # Errors
    /// `not_found` for a profile that is gone; those of the store.
    pub fn access(&self) -> Result<Access> {
        if self.profiles.is_empty() {
            return Ok(Access::default());
        }
        self.whole.reading(|reader| Access::of(reader, &self.profiles))
    }

    /// A result as this session sees it.
    ///
    /// # Errors
    /// As [`Session::access`].
    pub fn shown<T: Shown>(&self, value: T) -> Result<T> {
        if self.profiles.is_empty() {
            return Ok(value);
        }
        Ok(value.shown(&self.access()?))
    }

    /// Refuses what only those may do who see everything.
    ///
    /// # Errors
    /// `access_denied`; as [`Session::access`].
    pub fn check_whole(&self, what: &str) -> Result<()> {
        self.access()?.check_whole(what)
    }

    /// Refuses values for fields that this session does not see.
    ///
    /// # Errors
    /// `access_denied`; as [`Session::access`].
    pub(crate) fn check_values(&self, values: &Values) -> Result<()> {
        self.access()?.check_written(values.0.keys().map(String::as_str))
    }

    /// Refuses a request about many leads that finds them by what this session does not see, writes it, or
    /// shows it by a text.
    ///
    /// # Errors
    /// `access_denied`; `unknown_field`, `invalid_filter`, `invalid_template`.
    pub(crate) fn check_request(&self, spec: &BulkSpec) -> Result<()> {
        let access = self.access()?;
        if access.is_whole() {
            return Ok(());
        }
        let custom = self.whole.reading(|reader| reader.custom_fields())?;
        let find = |filter: &Filter| access.check_expr(&filter.resolve(&custom, self.clock.now())?);
        match spec {
            BulkSpec::Update { filter, update } => {
                find(filter)?;
                access.check_written(update.set.keys().map(String::as_str))?;
                for text in update.set.values().filter_map(|value| value["template"].as_str()) {
                    access.check_variables(Template::new(text)?.variables())?;
                }
                match update.add_tags.is_empty() && update.remove_tags.is_empty() {
                    true => Ok(()),
                    false => access.check_written([Field::Tags.name()]),
                }
            }
            BulkSpec::Assign { filter, to } => {
                find(filter)?;
                if let Assignment::Territory(territory) = to {
                    territory.rules.iter().try_for_each(|rule| find(&rule.filter))?;
                }
                access.check_written([Field::Owner.name()])
            }
            BulkSpec::Status { filter, .. } => {
                find(filter)?;
                access.check_written([Field::Status.name()])
            }
            BulkSpec::Sms { filter, message, .. } => {
                find(filter)?;
                self.check_template(message.template.as_deref(), None)
            }
            BulkSpec::Delete { filter } => find(filter),
            BulkSpec::Purge { .. } => access.check_whole("removes nothing for good"),
            BulkSpec::Merge { .. } | BulkSpec::Undo { .. } => Ok(()),
        }
    }

    /// Refuses a template whose text would show what this session does not see; where texts are not shown,
    /// any will do.
    pub(crate) fn check_template(&self, name: Option<&str>, version: Option<u32>) -> Result<()> {
        let access = self.access()?;
        let Some(name) = name.filter(|_| access.shows(ContactPart::Body.name())) else { return Ok(()) };
        if access.is_whole() {
            return Ok(());
        }
        let find = |reader: &dyn Reader| super::templates::find(reader, name, version);
        access.check_variables(&self.whole.reading(find)?.variables)
    }
}

#[cfg(test)]
mod tests;
