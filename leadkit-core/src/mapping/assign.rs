//! One field for each column and one column for each field: the surest pairs first.

use super::MIN_CONFIDENCE;
use super::candidates::{Candidate, Goal};
use super::consent::Found;
use super::given::{Given, kind_of};
use super::plan::{PlannedColumn, Targets};
use crate::model::field::{CustomField, FieldName};
use crate::model::report::{Alternative, MappedBy};

/// Alternatives below this say nothing.
const WORTH_SAYING: f64 = 0.2;
/// Alternatives of a column at most.
const ALTERNATIVES: usize = 4;

/// Gives each column its field; ties go to the earlier column, then to the earlier field.
pub(super) fn assign(
    header: &[String],
    candidates: Vec<Vec<Candidate>>,
    consent: Vec<Option<Found>>,
    given: Vec<Option<Given>>,
    custom: &[CustomField],
) -> Vec<PlannedColumn> {
    let said: Vec<FieldName> = given
        .iter()
        .flatten()
        .filter_map(|g| g.targets.as_ref())
        .flat_map(|targets| targets.fields().iter().cloned())
        .collect();
    let mut pairs: Vec<(usize, &Candidate)> = Vec::new();
    for (column, list) in candidates.iter().enumerate() {
        pairs.extend(list.iter().filter(|c| rounded(c.confidence) >= MIN_CONFIDENCE).map(|c| (column, c)));
    }
    pairs.sort_by(|(a_column, a), (b_column, b)| {
        b.confidence.total_cmp(&a.confidence).then(a_column.cmp(b_column)).then(a.goal.cmp(&b.goal))
    });
    let mut chosen: Vec<Option<&Candidate>> = vec![None; header.len()];
    let mut taken: Vec<&Goal> = Vec::new();
    for (column, candidate) in pairs {
        let list = kind_of(&candidate.goal.field, custom).is_list();
        let free = list || !taken.contains(&&candidate.goal) && !said.contains(&candidate.goal.field);
        let Some(slot) = chosen.get_mut(column) else { continue };
        if free && slot.is_none() {
            *slot = Some(candidate);
            taken.push(&candidate.goal);
        }
    }
    let columns = header.iter().zip(&candidates).zip(consent).zip(given).zip(chosen);
    columns
        .map(|((((name, list), consent), given), chosen)| planned(name, list, consent, given, chosen))
        .collect()
}

fn planned(
    name: &str,
    candidates: &[Candidate],
    consent: Option<Found>,
    given: Option<Given>,
    chosen: Option<&Candidate>,
) -> PlannedColumn {
    let given = given.unwrap_or_default();
    let mut column = PlannedColumn {
        column: name.to_string(),
        targets: Targets::Ignore,
        consent: given.consent,
        transforms: given.transforms,
        join: given.join,
        confidence: 0.0,
        by: MappedBy::Nothing,
        alternatives: alternatives(candidates, chosen),
    };
    if let Some(targets) = given.targets {
        column.targets = targets;
        column.confidence = 1.0;
        column.by = MappedBy::Given;
    } else if let Some(candidate) = chosen {
        column.targets = Targets::Field(candidate.goal.field.clone());
        column.confidence = rounded(candidate.confidence);
        column.by = candidate.by;
    }
    match consent {
        Some(found) if found.is_sure() => {
            column.consent = Some(found.target);
            if column.targets == Targets::Ignore {
                column.confidence = rounded(found.confidence);
                column.by = found.by;
            }
        }
        Some(found) if found.confidence >= WORTH_SAYING => {
            let (field, confidence) = (found.target.name().to_string(), rounded(found.confidence));
            column.alternatives.insert(0, Alternative { field, confidence });
            column.alternatives.truncate(ALTERNATIVES);
        }
        _ => {}
    }
    column
}

fn alternatives(candidates: &[Candidate], chosen: Option<&Candidate>) -> Vec<Alternative> {
    let mut others: Vec<&Candidate> = candidates
        .iter()
        .filter(|c| {
            c.confidence >= WORTH_SAYING && chosen.is_none_or(|chosen| chosen.goal.field != c.goal.field)
        })
        .collect();
    others.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.goal.cmp(&b.goal)));
    let mut said: Vec<Alternative> = Vec::new();
    for other in others {
        let field = other.goal.field.to_string();
        if said.len() < ALTERNATIVES && !said.iter().any(|a| a.field == field) {
            said.push(Alternative { field, confidence: rounded(other.confidence) });
        }
    }
    said
}

/// Two digits: more would be pretended, and reports stay equal.
fn rounded(confidence: f64) -> f64 {
    (confidence * 100.0).round() / 100.0
}
