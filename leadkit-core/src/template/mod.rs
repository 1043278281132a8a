//! Texts computed from a lead: `Dear {{ lead.first_name }}`.
//!
//! The language is Jinja's, by `minijinja`. A variable that is missing, null or blank has no value:
//! using it is an error unless the template gives a default (`{{ lead.city | default("your city") }}`),
//! so that nothing ever goes out with a hole in it. Values are data: what they hold is never rendered.
//!
//! [`sms_segments`] counts what a text costs as SMS.

mod grapheme;
mod gsm;
mod segments;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

use crate::error::{Error, ErrorCode, Result};
use crate::model::field::{Field, FieldName};
use crate::model::lead::Lead;

pub use segments::{NonGsm, Segments, SmsEncoding, sms_segments};

/// Steps that rendering may take: far above any honest template, far below what would be felt.
const FUEL: u64 = 100_000;
/// The longest template, in bytes.
const MAX_LENGTH: usize = 100_000;
const NAME: &str = "template";

/// A checked template; clones share it.
#[derive(Clone, Debug)]
pub struct Template {
    environment: Arc<Environment<'static>>,
    variables: BTreeSet<String>,
}

impl Template {
    /// Checks a template's text.
    ///
    /// # Errors
    /// `invalid_template` for its syntax, its length, and variables of a lead that no field is
    /// called by.
    ///
    /// ```
    /// use leadkit_core::model::lead::Lead;
    /// use leadkit_core::template::Template;
    /// let template = Template::new("Dear {{ lead.first_name }}")?;
    /// let ada = Lead { first_name: Some("Ada".into()), ..Lead::default() };
    /// assert_eq!(template.render(&ada)?, "Dear Ada");
    /// assert_eq!(template.render(&Lead::default()).unwrap_err().code(), "template_value_missing");
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn new(text: &str) -> Result<Template> {
        let template = Template::parse(text)?;
        template.check_names()?;
        Ok(template)
    }

    /// Checks the text of a message, which also sees `owner.name` and `vars.*`.
    ///
    /// # Errors
    /// As [`Template::new`]; and for any other variable.
    pub fn for_messages(text: &str) -> Result<Template> {
        let template = Template::new(text)?;
        let known =
            |name: &str| name.starts_with("lead.") || name.starts_with("vars.") || name == "owner.name";
        match template.variables.iter().find(|name| !known(name)) {
            Some(unknown) => Err(invalid(format!("nobody fills `{unknown}`"))
                .hint("a text sees lead.*, owner.name and what the caller gives as vars.*")),
            None => Ok(template),
        }
    }

    fn parse(text: &str) -> Result<Template> {
        if text.len() > MAX_LENGTH {
            return Err(invalid(format!("a template is at most {MAX_LENGTH} bytes long")));
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.add_template_owned(NAME, text.to_string()).map_err(|error| match error.line() {
            Some(line) => invalid(format!("line {line}: {}", describe(&error))),
            None => invalid(describe(&error)),
        })?;
        let variables = environment
            .get_template(NAME)
            .map_err(|error| invalid(describe(&error)))?
            .undeclared_variables(true)
            .into_iter()
            .collect();
        Ok(Template { environment: Arc::new(environment), variables })
    }

    /// The variables it uses, such as `lead.first_name`.
    pub fn variables(&self) -> &BTreeSet<String> {
        &self.variables
    }

    /// Renders it for a lead.
    ///
    /// # Errors
    /// `template_value_missing` for a variable without a value; `invalid_template` for whatever
    /// else goes wrong in it.
    pub fn render(&self, lead: &Lead) -> Result<String> {
        self.fill(minijinja::context! { lead => values(lead, &BTreeMap::new()) }, |name| {
            has_value(lead, name)
        })
    }

    /// Renders the text of a message.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render_in(&self, scope: &Scope<'_>) -> Result<String> {
        let context = minijinja::context! {
            lead => values(scope.lead, scope.defaults),
            owner => scope.owner(),
            vars => scope.vars(),
        };
        self.fill(context, |name| scope.has_value(name))
    }

    fn fill(&self, context: Value, has_value: impl Fn(&str) -> bool) -> Result<String> {
        let template = self.environment.get_template(NAME).map_err(|error| invalid(describe(&error)))?;
        template.render(context).map_err(|error| match error.kind() {
            ErrorKind::UndefinedError => {
                let missing = self.variables.iter().find(|name| !has_value(name));
                let missing = missing.map_or("a variable", String::as_str);
                Error::new(ErrorCode::TemplateValueMissing, format!("`{missing}` has no value"))
                    .hint("give it a default in the template, or leave such leads out by the filter")
            }
            ErrorKind::OutOfFuel => invalid("it takes too long"),
            _ => invalid(describe(&error)),
        })
    }

    fn check_names(&self) -> Result<()> {
        for name in &self.variables {
            let Some(field) = name.strip_prefix("lead.") else { continue };
            if field != "id" && field != "custom" && FieldName::parse(field).is_err() {
                let near = crate::text::nearest(field, Field::ALL.iter().map(|f| f.name()));
                let error = invalid(format!("a lead has no `{field}`"));
                return Err(match near {
                    Some(near) => error.hint(format!("did you mean `lead.{near}`?")),
                    None => error,
                });
            }
        }
        Ok(())
    }
}

/// What the text of a message sees.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The lead.
    pub lead: &'a Lead,
    /// What the caller gives.
    pub vars: &'a BTreeMap<String, serde_json::Value>,
    /// What stands for variables that hold nothing, by their whole name.
    pub defaults: &'a BTreeMap<String, String>,
}

impl Scope<'_> {
    fn owner(&self) -> Value {
        let name = self.lead.owner.as_deref().filter(|name| !name.trim().is_empty());
        let name = name.or_else(|| self.defaults.get("owner.name").map(String::as_str));
        Value::from_pairs(name.map(|name| ("name", Value::from(name))))
    }

    fn vars(&self) -> Value {
        let defaults = defaults(self.defaults, "vars.");
        let given = self.vars.iter().filter(|(_, value)| !value.is_null() && !is_blank(value));
        Value::from_pairs(
            defaults.chain(given.map(|(name, value)| (name.clone(), Value::from(Serde(value.clone()))))),
        )
    }

    fn has_value(&self, variable: &str) -> bool {
        let given = |name| self.vars.get(name).is_some_and(|value| !value.is_null() && !is_blank(value));
        self.defaults.contains_key(variable)
            || match variable.split_once('.') {
                Some(("vars", name)) => given(name),
                Some(("owner", _)) => self.lead.owner.as_deref().is_some_and(|name| !name.trim().is_empty()),
                _ => has_value(self.lead, variable),
            }
    }
}

/// The defaults of one kind of variables, without its name.
fn defaults<'a>(
    all: &'a BTreeMap<String, String>,
    kind: &'a str,
) -> impl Iterator<Item = (String, Value)> + 'a {
    all.iter().filter_map(move |(name, text)| {
        Some((name.strip_prefix(kind)?.to_string(), Value::from(text.as_str())))
    })
}

fn has_value(lead: &Lead, variable: &str) -> bool {
    match variable.strip_prefix("lead.") {
        Some("id") => true,
        Some(name) => FieldName::parse(name).is_ok_and(|field| !lead.is_empty(&field)),
        None => false,
    }
}

/// The lead as templates see it: fields that hold nothing are not there, or have their default.
fn values(lead: &Lead, given: &BTreeMap<String, String>) -> Value {
    let fields = Field::ALL.iter().map(|field| FieldName::Standard(*field));
    let fields = fields.filter(|field| !lead.is_empty(field) && !is_blank(&lead.value(field)));
    let custom = lead.custom.iter().filter(|(_, value)| !value.is_null() && !is_blank(value));
    let custom = Value::from_pairs(
        defaults(given, "lead.custom.")
            .chain(custom.map(|(key, value)| (key.clone(), Value::from(Serde(value.clone()))))),
    );
    let fields = fields.map(|field| (field.name().into_owned(), Value::from(Serde(lead.value(&field)))));
    // Behind the defaults: the later of two pairs stays.
    Value::from_pairs(
        defaults(given, "lead.")
            .chain(fields)
            .chain([("id".to_string(), Value::from(lead.id)), ("custom".to_string(), custom)]),
    )
}

fn is_blank(value: &serde_json::Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn describe(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_string)
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidTemplate, message).at_field("template")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ada() -> Lead {
        Lead {
            id: 7,
            first_name: Some("Ada".into()),
            notes: Some("{{ lead.email }}".into()),
            company: Some("  ".into()),
            custom: [("plan".to_string(), "pro".into())].into(),
            ..Lead::default()
        }
    }

    fn render(text: &str) -> Result<String> {
        Template::new(text)?.render(&ada())
    }

    #[test]
    fn values_are_filled_in_once() {
        assert_eq!(
            render("{{ lead.first_name }}/{{ lead.custom.plan }}/{{ lead.id }}").unwrap(),
            "Ada/pro/7"
        );
        assert_eq!(render("{{ lead.notes }}").unwrap(), "{{ lead.email }}");
        assert_eq!(render("{{ lead.city | default('here') }}").unwrap(), "here");
        assert_eq!(render("{{ lead.first_name | upper }}").unwrap(), "ADA");
    }

    #[test]
    fn nothing_and_blanks_are_missing() {
        for text in ["{{ lead.city }}", "{{ lead.company }}", "{{ lead.custom.size }}", "{{ owner }}"] {
            assert_eq!(render(text).unwrap_err().code(), "template_value_missing", "{text}");
        }
        let error = render("Hi {{ lead.city }}").unwrap_err();
        assert!(error.to_string().contains("lead.city"), "{error}");
    }

    #[test]
    fn wrong_templates_are_refused() {
        for text in [
            "{{ lead.first_name",
            "{% for %}",
            "{{ lead.frist_name }}",
            "{% for i in range(9999999) %}{% endfor %}x",
        ] {
            assert_eq!(render(text).unwrap_err().code(), "invalid_template", "{text}");
        }
        assert!(render("{{ lead.frist_name }}").unwrap_err().to_string().contains("lead.first_name"));
    }
}
