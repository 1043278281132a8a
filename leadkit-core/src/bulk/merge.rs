//! Leads that are one: the first stays and takes what the others have beyond it.

use std::collections::BTreeSet;

use serde_json::json;

use super::action::{Action, Chunk, Cursor, Done, Preview, Selection, update};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::edit::change_leads;
use crate::ledger::merge::merge;
use crate::model::bulk::{MergeGroup, WarningCode};
use crate::model::lead::Lead;
use crate::model::operation::{Conflict, ConflictCode};
use crate::model::options::OnMatch;
use crate::store::Reader;

/// Merges groups, each as a whole or not at all.
pub(super) struct MergeAction {
    pub(super) groups: Vec<MergeGroup>,
    /// The revision of the plan.
    pub(super) rev: i64,
    /// Leads that must not be merged.
    pub(super) spare_protected: bool,
}

/// What becomes of a group.
enum Merged {
    /// Each lead before and after.
    Leads(Vec<(Lead, Lead)>),
    Left(Vec<Conflict>),
}

impl MergeAction {
    /// Checks the groups.
    ///
    /// # Errors
    /// `invalid_argument` for empty groups and for a lead that is in two places.
    pub(super) fn new(groups: Vec<MergeGroup>, rev: i64, spare_protected: bool) -> Result<Self> {
        let mut seen = BTreeSet::new();
        let wrong = |message: String| Err(Error::new(ErrorCode::InvalidArgument, message).at_field("groups"));
        if groups.is_empty() {
            return wrong("there is no group to merge".into());
        }
        for group in &groups {
            if group.merge.is_empty() {
                return wrong(format!("the group of lead {} names no lead to merge into it", group.keep));
            }
            for id in [group.keep].iter().chain(&group.merge) {
                if !seen.insert(*id) {
                    return wrong(format!("lead {id} is named twice"));
                }
            }
        }
        Ok(MergeAction { groups, rev, spare_protected })
    }

    fn group(&self, reader: &dyn Reader, group: &MergeGroup, at: Timestamp) -> Result<Merged> {
        let ids: Vec<i64> = [group.keep].iter().chain(&group.merge).copied().collect();
        let leads = reader.leads(&ids)?;
        let mut left = Vec::new();
        for id in &ids {
            let lead = leads.iter().find(|lead| lead.id == *id);
            let code = match lead {
                None => Some(ConflictCode::Purged),
                Some(lead) if lead.deleted_at.is_some() => Some(ConflictCode::Deleted),
                Some(lead) if lead.rev > self.rev => Some(ConflictCode::Changed),
                Some(lead) if self.spare_protected && super::plan::is_protected(lead) => {
                    Some(ConflictCode::Protected)
                }
                Some(_) => None,
            };
            if let Some(code) = code {
                left.push(Conflict { lead: *id, code, field: None, wanted: json!(null), found: json!(null) });
            }
        }
        if !left.is_empty() {
            return Ok(Merged::Left(left));
        }
        let find = |id: &i64| leads.iter().find(|lead| lead.id == *id).cloned().unwrap_or_default();
        let before = find(&group.keep);
        let mut keep = before.clone();
        let mut pairs = Vec::with_capacity(ids.len());
        for loser in group.merge.iter().map(find) {
            keep = merge(&keep, &loser, OnMatch::Merge).0;
            let after = Lead { deleted_at: Some(at), merged_into: Some(group.keep), ..loser.clone() };
            pairs.push((loser, after));
        }
        pairs.push((before, keep));
        Ok(Merged::Leads(pairs))
    }
}

impl Action for MergeAction {
    fn chunk(&self, chunk: &Chunk<'_>, cursor: &mut Cursor) -> Result<Done> {
        let mut done = Done::default();
        let mut pairs = Vec::new();
        while let Some(group) = self.groups.get(cursor.stage as usize) {
            if (pairs.len() + done.conflicts.len()) as u64 >= chunk.limit {
                done.more = true;
                break;
            }
            cursor.stage += 1;
            match self.group(chunk.writer, group, chunk.at)? {
                Merged::Leads(leads) => pairs.extend(leads),
                Merged::Left(conflicts) => {
                    done.skipped += 1 + group.merge.len() as u64;
                    done.conflicts.extend(conflicts);
                }
            }
        }
        pairs.sort_unstable_by_key(|(before, _)| before.id);
        done.changed = pairs.len() as u64;
        let updates = pairs.into_iter().map(|(before, after)| update(before, after, chunk)).collect();
        change_leads(chunk.writer, updates)?;
        Ok(done)
    }

    fn selection(&self) -> Option<&Selection> {
        None
    }

    fn preview(&self, reader: &dyn Reader, at: Timestamp, sample: usize) -> Result<Preview> {
        let mut preview = Preview::default();
        for group in &self.groups {
            let size = 1 + group.merge.len() as u64;
            preview.count += size;
            match self.group(reader, group, at)? {
                Merged::Leads(leads) => {
                    preview.changes += size;
                    let free = sample.saturating_sub(preview.sample.len());
                    preview.sample.extend(leads.into_iter().take(free));
                }
                Merged::Left(conflicts) => {
                    for conflict in conflicts {
                        preview.left(WarningCode::Left(conflict.code), 1, [conflict.lead]);
                    }
                }
            }
        }
        Ok(preview)
    }
}
