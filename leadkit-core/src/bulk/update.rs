//! Fields of many leads: set, cleared, computed; tags added and removed.

use serde_json::Value;

use super::action::{Action, Applied, RowAction, Selection, SetAction};
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::edit::complete;
use crate::ledger::merge::same_values;
use crate::ledger::values;
use crate::model::bulk::BulkUpdate;
use crate::model::field::{Field, FieldName};
use crate::model::lead::{Lead, Values};
use crate::model::operation::{Conflict, ConflictCode};
use crate::store::SetValue;
use crate::template::Template;
use crate::text::fold;
use crate::validate::{Draft, Rules};

/// Fields that stand by themselves: setting one touches no key, no name and no list.
const ALONE: [Field; 12] = [
    Field::JobTitle,
    Field::Website,
    Field::Street,
    Field::City,
    Field::State,
    Field::PostalCode,
    Field::TimeZone,
    Field::Language,
    Field::Source,
    Field::Status,
    Field::Owner,
    Field::Notes,
];

/// Makes ready, and refuses what can be known to be wrong for all leads; gives the fields that the
/// store sets by its own means.
pub(super) fn action(
    rules: Rules,
    update: &BulkUpdate,
    selection: Selection,
) -> Result<(Box<dyn Action>, Vec<String>)> {
    let compiled = Compiled::new(rules, update)?;
    if let Some(values) = compiled.alone() {
        let fields = values.iter().map(|value| value.field.name().to_string()).collect();
        return Ok((Box::new(SetAction { selection, values }), fields));
    }
    let checks_keys = compiled.sets(Field::ExternalId) || compiled.sets(Field::Email);
    let apply = Box::new(move |lead: &Lead, _, _| compiled.apply(lead));
    Ok((Box::new(RowAction { selection, checks_keys, apply }), Vec::new()))
}

struct Compiled {
    rules: Rules,
    constants: Values,
    templates: Vec<(FieldName, Template)>,
    add_tags: Vec<String>,
    remove_tags: Vec<String>,
}

impl Compiled {
    fn new(rules: Rules, update: &BulkUpdate) -> Result<Compiled> {
        if update.set.is_empty() && update.add_tags.is_empty() && update.remove_tags.is_empty() {
            return Err(Error::new(ErrorCode::InvalidArgument, "the update changes nothing")
                .hint("name fields in `set`, or tags in `add_tags` and `remove_tags`"));
        }
        let (mut constants, mut templates) = (Values::default(), Vec::new());
        for (name, value) in &update.set {
            let field = rules.field(name)?;
            match value {
                Value::Object(object) => match (object.get("template"), object.len()) {
                    (Some(Value::String(text)), 1) => {
                        templates.push((field, Template::new(text).map_err(|e| e.at_field(name))?));
                    }
                    _ => {
                        return Err(Error::new(ErrorCode::InvalidValue, format!("`{name}` takes a value"))
                            .hint("to compute it, write {\"template\": \"...\"}")
                            .at_field(name));
                    }
                },
                value => drop(constants.0.insert(name.clone(), value.clone())),
            }
        }
        let mut draft = Draft::default();
        values::apply(&rules, &constants, &mut draft)?;
        let add_tags = tags(&rules, &update.add_tags)?;
        let remove_tags = tags(&rules, &update.remove_tags)?;
        Ok(Compiled { rules, constants, templates, add_tags, remove_tags })
    }

    fn sets(&self, field: Field) -> bool {
        self.constants.0.contains_key(field.name())
            || self.templates.iter().any(|(name, _)| *name == FieldName::Standard(field))
    }

    /// The values, where every lead gets the same and nothing else changes with them.
    fn alone(&self) -> Option<Vec<SetValue>> {
        if !self.templates.is_empty() || !self.add_tags.is_empty() || !self.remove_tags.is_empty() {
            return None;
        }
        let fields: Vec<Field> =
            self.constants.0.keys().map(|name| Field::parse(name).ok()).collect::<Option<_>>()?;
        if !fields.iter().all(|field| ALONE.contains(field)) {
            return None;
        }
        let mut draft = Draft::default();
        values::apply(&self.rules, &self.constants, &mut draft).ok()?;
        let value = |field: Field| SetValue { field, text: draft.lead.text(field).map(str::to_string) };
        Some(fields.into_iter().map(value).collect())
    }

    fn apply(&self, before: &Lead) -> Result<Applied> {
        let mut draft = Draft::of(before.clone());
        let mut left = Vec::new();
        if let Err(error) = values::apply(&self.rules, &self.constants, &mut draft) {
            left.push(refused(before, error)?);
        }
        for (field, template) in &self.templates {
            // From the lead as it was: the order of fields must not matter.
            let text = match template.render(before) {
                Ok(text) => text,
                Err(error) => {
                    left.push(refused(before, error.at_field(field.name()))?);
                    continue;
                }
            };
            let value = Values([(field.name().into_owned(), Value::from(text))].into());
            if let Err(error) = values::apply(&self.rules, &value, &mut draft) {
                left.push(refused(before, error)?);
            }
        }
        let lead = &mut draft.lead;
        let removed: Vec<String> = self.remove_tags.iter().map(|tag| fold(tag)).collect();
        lead.tags.retain(|tag| !removed.contains(&fold(tag)));
        for tag in &self.add_tags {
            if !lead.tags.iter().any(|t| fold(t) == fold(tag)) {
                lead.tags.push(tag.clone());
            }
        }
        if left.is_empty()
            && let Err(error) = complete(lead)
        {
            left.push(refused(before, error)?);
        }
        Ok(match left.is_empty() {
            false => Applied::Left(left),
            true if same_values(before, lead) && before.created_at == lead.created_at => Applied::Unchanged,
            true => Applied::Changed(draft.lead),
        })
    }
}

/// A value's refusal as a conflict; other errors end the run.
fn refused(lead: &Lead, error: Error) -> Result<Conflict> {
    let code = match error.error_code() {
        ErrorCode::InvalidValue => ConflictCode::InvalidValue,
        ErrorCode::TemplateValueMissing => ConflictCode::TemplateValueMissing,
        _ => return Err(error),
    };
    let field = error.field().map(str::to_string);
    let found = field.as_deref().map_or(Value::Null, |name| crate::store::image::value(lead, name));
    Ok(Conflict { lead: lead.id, code, field, wanted: error.value().map_or(Value::Null, Value::from), found })
}

fn tags(rules: &Rules, tags: &[String]) -> Result<Vec<String>> {
    let mut draft = Draft::default();
    let values = Values([("tags".to_string(), Value::from(tags.to_vec()))].into());
    values::apply(rules, &values, &mut draft)?;
    Ok(draft.lead.tags)
}
