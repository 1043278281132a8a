//! Whose contacts those of a batch are: the store is asked once a batch, not once a row.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::row::Read;
use crate::error::Result;
use crate::model::issue::{Issue, IssueCode};
use crate::model::lead::Lead;
use crate::normalize::email_key;
use crate::store::{KeyKind, LeadKey, Reader, keys_of};
use crate::text::fold;

/// Leads that a batch may mean.
pub(super) struct Known {
    by_key: HashMap<LeadKey, Vec<i64>>,
    leads: BTreeMap<i64, Lead>,
}

impl Known {
    pub(super) fn of<'a>(reader: &dyn Reader, rows: impl Iterator<Item = &'a Read>) -> Result<Known> {
        let (mut keys, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for row in rows {
            keys.extend(keys_of(&row.whose));
            ids.extend(row.lead);
        }
        let mut by_key: HashMap<LeadKey, Vec<i64>> = HashMap::new();
        for (key, id) in reader.leads_by_keys(&keys.into_iter().collect::<Vec<_>>())? {
            by_key.entry(key).or_default().push(id);
            ids.insert(id);
        }
        let mut leads = BTreeMap::new();
        // What was merged leads on to what it was merged into.
        while !ids.is_empty() {
            let asked: Vec<i64> = std::mem::take(&mut ids).into_iter().collect();
            for lead in reader.leads(&asked)? {
                ids.extend(
                    lead.merged_into.filter(|winner| !leads.contains_key(winner) && *winner != lead.id),
                );
                leads.insert(lead.id, lead);
            }
            ids.retain(|id| !leads.contains_key(id));
        }
        Ok(Known { by_key, leads })
    }

    /// The one lead that a row means; else the reason why there is none. What the row says by several
    /// columns must be true of one lead; a column that nobody has leaves it to the others.
    pub(super) fn lead_of(&self, row: &Read) -> std::result::Result<&Lead, Issue> {
        let not_found = |field: &'static str, value: String| {
            Err(Issue::new(IssueCode::LeadNotFound).field(field).value(value))
        };
        let mut meant: Option<BTreeSet<i64>> = None;
        if let Some(id) = row.lead {
            match self.survivor(id) {
                Some(lead) => meant = Some(BTreeSet::from([lead.id])),
                None => return not_found("lead", id.to_string()),
            }
        }
        let whose = &row.whose;
        for key in keys_of(whose) {
            let ids = self.by_key.get(&key).into_iter().flatten();
            // Hashes find candidates; values decide.
            let has = |lead: &&Lead| match key.kind {
                KeyKind::ExternalId => {
                    lead.external_id.as_deref().map(fold) == whose.external_id.as_deref().map(fold)
                }
                KeyKind::Email => {
                    let wanted = whose.email.as_deref().map(email_key);
                    lead.email.iter().chain(&lead.emails).any(|email| Some(email_key(email)) == wanted)
                }
                KeyKind::Phone => {
                    lead.phone.iter().chain(&lead.phones).any(|n| Some(n) == whose.phone.as_ref())
                }
            };
            let found: BTreeSet<i64> =
                ids.filter_map(|id| self.leads.get(id)).filter(has).map(|lead| lead.id).collect();
            if found.is_empty() {
                continue;
            }
            let both: BTreeSet<i64> = match &meant {
                None => found,
                Some(meant) => meant.intersection(&found).copied().collect(),
            };
            if both.is_empty() {
                return Err(Issue::new(IssueCode::MatchConflict).field("row"));
            }
            meant = Some(both);
        }
        let meant: Vec<i64> = meant.into_iter().flatten().collect();
        match meant.as_slice() {
            [id] => match self.leads.get(id) {
                Some(lead) => Ok(lead),
                None => not_found("lead", id.to_string()),
            },
            [] => match (&whose.external_id, &whose.email, &whose.phone) {
                (Some(id), _, _) => not_found("external_id", id.clone()),
                (_, Some(email), _) => not_found("lead_email", email.clone()),
                (_, _, Some(phone)) => not_found("lead_phone", phone.clone()),
                _ => Err(Issue::new(IssueCode::RequiredMissing).field("row").message(
                    "says not whose contact it is; fill in lead, external_id, lead_email or lead_phone",
                )),
            },
            several => Err(Issue::new(IssueCode::MatchConflict).field("row").message(format!(
                "may be a contact of {} leads, {} and {} among them; add the lead's id or external id",
                several.len(),
                several[0],
                several[1]
            ))),
        }
    }

    /// The lead that stands for one now; none where it is not there, or deleted.
    fn survivor(&self, id: i64) -> Option<&Lead> {
        let mut lead = self.leads.get(&id)?;
        while let Some(winner) = lead.merged_into {
            lead = self.leads.get(&winner)?;
        }
        Some(lead).filter(|lead| lead.deleted_at.is_none())
    }
}
