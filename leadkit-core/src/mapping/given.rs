//! What the caller said about columns, checked against the file and the fields.

use super::header::key;
use super::plan::Targets;
use crate::error::{Error, ErrorCode, Result};
use crate::model::consent::ConsentTarget;
use crate::model::field::{CustomField, FieldKind, FieldName, unknown_field};
use crate::model::options::{ColumnRule, ColumnTarget, Mapping, Transform};
use crate::text::nearest;

/// What was said about one column of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// None when only transforms were given: the field is leadkit's to find.
    pub(super) targets: Option<Targets>,
    /// What it says about consent, in place of a field.
    pub(super) consent: Option<ConsentTarget>,
    pub(super) transforms: Vec<Transform>,
    pub(super) join: Option<String>,
}

impl Given {
    /// Whether the caller said where the column goes.
    pub(super) fn is_target(&self) -> bool {
        self.targets.is_some()
    }
}

/// One entry for each column of the file, none where nothing was said.
pub(super) fn resolve(
    header: &[String],
    mapping: &Mapping,
    custom: &[CustomField],
) -> Result<Vec<Option<Given>>> {
    let mut given: Vec<Option<Given>> = vec![None; header.len()];
    for (name, target) in mapping {
        let column = find_column(header, name)?;
        let Some(slot) = given.get_mut(column) else { continue };
        if slot.is_some() {
            return Err(invalid("the mapping names this column twice", name));
        }
        *slot = Some(read(name, target, custom)?);
    }
    refuse_double_targets(&given, header, custom)?;
    Ok(given)
}

/// The kind of a field's values; text when it is a custom field that is not defined.
pub(super) fn kind_of(field: &FieldName, custom: &[CustomField]) -> FieldKind {
    match field {
        FieldName::Standard(field) => field.kind(),
        FieldName::Custom(key) => custom.iter().find(|c| c.key == *key).map_or(FieldKind::Text, |c| c.kind),
    }
}

fn find_column(header: &[String], name: &str) -> Result<usize> {
    if let Some(exact) = header.iter().position(|column| column == name) {
        return Ok(exact);
    }
    let wanted = key(name);
    let mut folded =
        header.iter().enumerate().filter(|(_, column)| !wanted.is_empty() && key(column) == wanted);
    match (folded.next(), folded.next()) {
        (Some((column, _)), None) => return Ok(column),
        (Some((_, a)), Some((_, b))) => {
            return Err(Error::new(
                ErrorCode::UnknownColumn,
                format!("`{name}` may be the column `{a}` or `{b}`"),
            )
            .at_field(name)
            .hint("write the name exactly as in the file"));
        }
        _ => {}
    }
    let error =
        Error::new(ErrorCode::UnknownColumn, format!("the file has no column `{name}`")).at_field(name);
    Err(match nearest(name, header.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => {
            let names: Vec<&str> = header.iter().take(20).map(String::as_str).collect();
            error.hint(format!("columns are {}", names.join(", ")))
        }
    })
}

fn read(column: &str, target: &ColumnTarget, custom: &[CustomField]) -> Result<Given> {
    let rule = match target {
        ColumnTarget::Ignore(()) => {
            return Ok(Given { targets: Some(Targets::Ignore), ..Given::default() });
        }
        ColumnTarget::Field(name) => match consent_target(name)? {
            None => {
                let targets = Some(Targets::Field(parse(name, custom)?));
                return Ok(Given { targets, ..Given::default() });
            }
            consent => return Ok(Given { targets: Some(Targets::Ignore), consent, ..Given::default() }),
        },
        ColumnTarget::Rule(rule) => rule,
    };
    if let Some(consent) = rule.field.as_deref().map(consent_target).transpose()?.flatten() {
        if rule.join.is_some() || rule.split.is_some() {
            return Err(invalid("a column about consent is read as a whole: no `join`, no `split`", column));
        }
        let (targets, transforms) = (Some(Targets::Ignore), rule.transforms.clone());
        return Ok(Given { targets, consent: Some(consent), transforms, join: None });
    }
    Ok(Given {
        consent: None,
        targets: rule_targets(column, rule, custom)?,
        transforms: rule.transforms.clone(),
        join: rule.join.clone(),
    })
}

fn rule_targets(column: &str, rule: &ColumnRule, custom: &[CustomField]) -> Result<Option<Targets>> {
    match (&rule.field, &rule.split) {
        (Some(_), Some(_)) => Err(invalid("a column takes either `field` or `split`, not both", column)),
        (Some(field), None) => Ok(Some(Targets::Field(parse(field, custom)?))),
        (None, Some(split)) if split.by.is_empty() => Err(invalid("`split.by` is empty", column)),
        (None, Some(split)) if split.into.is_empty() => Err(invalid("`split.into` names no field", column)),
        (None, Some(split)) => {
            let into = split.into.iter().map(|field| parse(field, custom)).collect::<Result<_>>()?;
            Ok(Some(Targets::Split { by: split.by.clone(), into }))
        }
        (None, None) => Ok(None),
    }
}

/// The target of a name that begins as theirs do; none for any other name.
fn consent_target(name: &str) -> Result<Option<ConsentTarget>> {
    match name.starts_with(ConsentTarget::PREFIX) {
        true => ConsentTarget::parse(name).map(Some),
        false => Ok(None),
    }
}

fn parse(name: &str, custom: &[CustomField]) -> Result<FieldName> {
    if let Ok(Some(_)) = consent_target(name) {
        return Err(Error::new(ErrorCode::InvalidArgument, "parts of a split go to fields, not to consent")
            .at_field(name));
    }
    let alive = |key: &str| custom.iter().any(|c| c.key == key && !c.archived);
    let usable: Vec<CustomField> = custom.iter().filter(|c| !c.archived).cloned().collect();
    let field = match FieldName::parse(name) {
        Ok(field) => field,
        Err(error) if ConsentTarget::parse(&format!("{}{name}", ConsentTarget::PREFIX)).is_ok() => {
            return Err(error.hint(format!("did you mean `{}{name}`?", ConsentTarget::PREFIX)));
        }
        Err(error) if alive(name) => return Err(error.hint(format!("did you mean `custom.{name}`?"))),
        Err(_) => return Err(unknown_field(name, &usable)),
    };
    match &field {
        FieldName::Custom(key) if !alive(key) => Err(unknown_field(name, &usable)),
        _ => Ok(field),
    }
}

/// Texts are joined and lists collect; of anything else there is one value.
fn refuse_double_targets(given: &[Option<Given>], header: &[String], custom: &[CustomField]) -> Result<()> {
    let mut seen: Vec<&FieldName> = Vec::new();
    for (given, column) in given.iter().zip(header) {
        let Some(targets) = given.as_ref().and_then(|g| g.targets.as_ref()) else { continue };
        for field in targets.fields() {
            let kind = kind_of(field, custom);
            let joins = kind.is_list() || matches!(kind, FieldKind::Text | FieldKind::LongText);
            if !joins && seen.contains(&field) {
                let error =
                    invalid(&format!("two columns are mapped to `{field}`, which holds one value"), column);
                return Err(match kind {
                    FieldKind::Email => error.hint("further addresses go to `emails`"),
                    FieldKind::Phone => error.hint("further numbers go to `phones`"),
                    _ => error.hint("map one of them to null"),
                });
            }
            seen.push(field);
        }
    }
    Ok(())
}

fn invalid(message: &str, column: &str) -> Error {
    Error::new(ErrorCode::InvalidArgument, format!("mapping of `{column}`: {message}")).at_field(column)
}
