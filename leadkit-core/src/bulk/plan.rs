//! Plans: what an operation would do, stored, so that preview and run may be two requests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::action::{Action, Chunk, Cursor, Preview, Selection};
use super::merge::MergeAction;
use super::sms::{self, SmsAction, UnqueueAction};
use super::undo::UndoAction;
use super::{assign, remove, status, update};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::permission::Terms;
use crate::ledger::{Session, audit};
use crate::model::bulk::{
    BulkSpec, OnConflict, Plan, PlanOptions, PlanWarning, PlannedChange, UndoOptions, WarningCode,
};
use crate::model::field::{CustomField, Field, FieldName};
use crate::model::filter::{Expr, Filter, Target, Test};
use crate::model::lead::{Lead, ValueChange};
use crate::model::operation::{ConflictCode, OperationKind, OperationState};
use crate::store::{
    NewOperation, OperationKey, OperationUpdate, Reader, SetValue, StoredOperation, before_image, image,
};
use crate::text::fold;
use crate::validate::Rules;

/// The tag that keeps bulk operations away.
const PROTECTED: &str = "protected";
/// Steps of a trial undo.
const TRIAL: u64 = 5_000;
/// No operation has this id.
const TRIED: i64 = 0;

/// Plans that nobody ran are kept so many milliseconds behind their end: what they say of leads is
/// of no more use then. So many go with each new plan.
const LONG_AGO: i64 = 30 * 86_400_000;
const SWEPT: u64 = 100;

/// What the log keeps of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Request {
    #[serde(flatten)]
    pub(super) spec: BulkSpec,
    #[serde(default)]
    pub(super) include_protected: bool,
    /// There was no protected lead among them when it was planned. Whatever was protected since was
    /// changed since, and is left alone for that.
    #[serde(default)]
    pub(super) none_protected: bool,
    /// Fields that the store sets, or restores, by its own means.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) set_fields: Vec<String>,
    /// Automations may be set off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) automations: bool,
}

impl Request {
    /// What the caller asked for; the rest is what the plan found.
    pub(super) fn asks(&self) -> (&BulkSpec, bool, bool) {
        (&self.spec, self.include_protected, self.automations)
    }
}

/// Makes a plan and stores it.
///
/// An undo is known in all its conflicts only by doing it: `look` does it and gives it up again;
/// without, its plan names just the leads that the operation touched.
pub(super) fn plan(session: &Session, spec: BulkSpec, options: &PlanOptions, look: bool) -> Result<Plan> {
    let (sample, life) = check(options)?;
    session.store.check_writable()?;
    let now = session.clock.now();
    let expires_at = Timestamp(now.0 + (life * 1000.0) as i64);
    let token = token(session, &spec, now);
    let mut request = Request {
        spec,
        include_protected: options.include_protected,
        none_protected: false,
        set_fields: Vec::new(),
        automations: options.automations,
    };

    let (rev, preview, protected) = session.whole.reading(|reader| {
        let rev = reader.head()?;
        let protected = protected(reader, &request, now)?;
        request.none_protected = protected.0 == 0 && request.spec.kind() != OperationKind::Purge;
        let action = action(session, reader, &mut request, rev)?;
        let preview = match &request.spec {
            BulkSpec::Undo { .. } if look => None,
            BulkSpec::Undo { of, options } => Some(touched(reader, *of, options)?),
            _ => Some(action.preview(reader, now, sample)?),
        };
        Ok((rev, preview, protected))
    })?;
    let mut preview = match preview {
        Some(preview) => preview,
        None => trial(session, &mut request, sample)?,
    };
    preview.left(WarningCode::Left(ConflictCode::Protected), protected.0, protected.1);

    let kind = request.spec.kind();
    let purge = kind == OperationKind::Purge;
    let mut plan = Plan {
        token: token.clone(),
        operation_id: 0,
        kind,
        count: preview.count,
        changes: preview.changes,
        sample: preview.sample.iter().map(|(before, after)| planned_change(before, after)).collect(),
        warnings: preview.left.iter().map(|(code, (count, leads))| warning(*code, *count, leads)).collect(),
        needs_confirmation: purge || preview.count > session.limits.confirm_above,
        irreversible: match kind {
            OperationKind::Purge => vec![PURGE.to_string()],
            OperationKind::QueueSms => vec![SENT.to_string()],
            _ => Vec::new(),
        },
        planned_at: now,
        expires_at,
        messages: preview.messages.take(),
        automations: options.automations.then_some(preview.changes),
    };
    let name = options.name.clone();
    let options = serde_json::to_value(&request).map_err(|e| Error::internal(e.to_string()))?;
    session.store.writing(|writer| {
        let undo_of = match &request.spec {
            BulkSpec::Undo { of, .. } => Some(*of),
            _ => None,
        };
        plan.operation_id = audit::operation(
            session,
            writer,
            &NewOperation {
                state: OperationState::Planned,
                name: name.clone(),
                at: now,
                options: options.clone(),
                token: Some(token.clone()),
                plan_rev: Some(rev),
                expires_at: Some(expires_at),
                undo_of,
                counts: BTreeMap::from([("planned".to_string(), plan.count)]),
                ..session.new_operation(kind)
            },
        )?;
        // Behind the new one, whose id is then above all that were ever given.
        writer.drop_plans(Timestamp(now.0 - LONG_AGO), SWEPT)?;
        let stored = writer.operation(plan.operation_id)?.ok_or_else(super::run::lost)?;
        let text = serde_json::to_string(&plan).map_err(|e| Error::internal(e.to_string()))?;
        let update = OperationUpdate { progress: Some(text), ..OperationUpdate::of(&stored) };
        writer.update_operation(plan.operation_id, &update)
    })?;
    tracing::info!(
        operation = plan.operation_id,
        kind = kind.as_str(),
        count = plan.count,
        "operation planned"
    );
    Ok(plan)
}

const SENT: &str = "what has gone out stays sent; an undo takes back what still waits";
const PURGE: &str = "purged leads, their history and their keys are gone for good; no undo brings them back";

/// A plan that was made before and not run yet.
pub(super) fn stored(session: &Session, token: &str) -> Result<Plan> {
    let stored = session.whole.reading(|r| r.operation_by(&OperationKey::Token(token)))?;
    let stored = stored.ok_or_else(super::run::no_plan)?;
    match (stored.operation.state, &stored.progress) {
        (OperationState::Planned, Some(text)) => serde_json::from_str(text)
            .map_err(|e| Error::new(ErrorCode::Corrupt, format!("a stored plan cannot be read: {e}"))),
        _ => Err(Error::new(ErrorCode::NotFound, "this plan was run already")
            .hint(format!("see operations.get({})", stored.operation.id))),
    }
}

/// Compiles a request for a revision.
pub(super) fn action(
    session: &Session,
    reader: &dyn Reader,
    request: &mut Request,
    rev: i64,
) -> Result<Box<dyn Action>> {
    let custom = reader.custom_fields()?;
    let now = session.clock.now();
    let mut pinned = None;
    let rules = Rules::with_statuses(custom.clone(), reader.statuses()?);
    let select = |filter: &Filter| -> Result<Selection> {
        let filter = filter.resolve(&custom, now)?;
        let filter = match request.include_protected || request.none_protected {
            true => filter,
            false => Expr::And(vec![filter, Expr::Not(Box::new(has_protected()))]),
        };
        Ok(Selection { filter, rev, include_deleted: false })
    };
    let action: Box<dyn Action> = match &request.spec {
        BulkSpec::Update { filter, update } => {
            let selection = select(filter)?;
            let (action, fields) = update::action(rules, update, selection)?;
            request.set_fields = fields;
            action
        }
        BulkSpec::Assign { filter, to } => {
            let selection = select(filter)?;
            let (action, fields) =
                assign::action(&rules, to, selection, |filter| filter.resolve(&custom, now))?;
            request.set_fields = fields;
            action
        }
        BulkSpec::Status { filter, status } => {
            let selection = select(filter)?;
            request.set_fields = vec!["status".to_string()];
            status::action(&rules, status, selection)?
        }
        BulkSpec::Delete { filter } => {
            remove::check_all(filter, &filter.resolve(&custom, now)?)?;
            remove::delete(select(filter)?)
        }
        BulkSpec::Purge { filter } => {
            remove::check_all(filter, &filter.resolve(&custom, now)?)?;
            let selection = Selection { include_deleted: true, ..select(filter)? };
            Box::new(remove::Purge { selection })
        }
        BulkSpec::Merge { groups } => {
            Box::new(MergeAction::new(groups.clone(), rev, !request.include_protected)?)
        }
        BulkSpec::Sms { filter, message, template_version } => {
            sms::check(message)?;
            let (name, body) = (message.template.as_deref(), message.body.as_deref());
            let template = crate::ledger::message::template(reader, name, body, *template_version)?;
            let (selection, options) = (select(filter)?, message.clone());
            pinned = template.as_ref().map(|compiled| compiled.template.version);
            Box::new(SmsAction {
                selection,
                options,
                template,
                terms: Terms::of(reader, &session.keys)?,
                actor: session.actor.clone(),
                reason: session.reason.clone(),
            })
        }
        BulkSpec::Undo { of, options } if queued_messages(reader, *of)? => {
            let since = check_unqueue(session, reader, *of, options)?;
            Box::new(UnqueueAction { of: *of, since, on_conflict: options.on_conflict })
        }
        BulkSpec::Undo { of, options } => {
            let (action, fields) = undo(session, reader, *of, options, &custom)?;
            request.set_fields = fields;
            Box::new(action)
        }
    };
    if let BulkSpec::Sms { template_version, .. } = &mut request.spec {
        *template_version = pinned;
    }
    Ok(action)
}

fn undo(
    session: &Session,
    reader: &dyn Reader,
    of: i64,
    options: &UndoOptions,
    custom: &[CustomField],
) -> Result<(UndoAction, Vec<String>)> {
    for name in options.fields.iter().flatten() {
        let field = FieldName::parse(name).map_err(|_| crate::model::field::unknown_field(name, custom))?;
        if let FieldName::Custom(key) = &field
            && !custom.iter().any(|c| c.key == *key)
        {
            return Err(crate::model::field::unknown_field(name, custom));
        }
    }
    let stored = reader
        .operation(of)?
        .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no operation {of}")))?;
    let commits = reader.commits_of(of)?;
    undoable(session, reader, &stored, &commits)?;
    let names = serde_json::from_value::<Request>(stored.operation.options.clone())
        .map(|request| request.set_fields)
        .unwrap_or_default();
    let fields: Vec<Field> = names.iter().filter_map(|name| Field::parse(name).ok()).collect();
    let fields = if fields.iter().all(|f| SetValue::takes(*f)) { fields } else { Vec::new() };
    let names = fields.iter().map(|f| f.name().to_string()).collect();
    Ok((UndoAction::new(of, commits, fields, options), names))
}

/// The leads that an undo is about, counted once for each commit that touched them.
fn touched(reader: &dyn Reader, of: i64, options: &UndoOptions) -> Result<Preview> {
    let commits = reader.commits_of(of)?;
    let created = |c: &crate::store::Commit| c.created.map_or(0, |(from, to)| (to - from + 1).unsigned_abs());
    let all: u64 = commits.iter().map(|commit| commit.changed + created(commit)).sum();
    let count = options.leads.as_ref().map_or(all, |leads| all.min(leads.len() as u64));
    Ok(Preview { count, changes: count, ..Preview::default() })
}

/// Whether an operation queued messages.
fn queued_messages(reader: &dyn Reader, of: i64) -> Result<bool> {
    Ok(reader.operation(of)?.is_some_and(|stored| stored.operation.kind == OperationKind::QueueSms))
}

/// Messages are taken back as a whole: there are no fields, and no earlier values. Gives the instant
/// before which none was queued; clocks of other machines may be a day behind.
fn check_unqueue(
    session: &Session,
    reader: &dyn Reader,
    of: i64,
    options: &UndoOptions,
) -> Result<Timestamp> {
    for (field, given) in [("leads", options.leads.is_some()), ("fields", options.fields.is_some())] {
        if given {
            let message = "messages are taken back all together";
            return Err(Error::new(ErrorCode::InvalidArgument, message)
                .hint("take single ones back by comms.cancel")
                .at_field(field));
        }
    }
    let stored = reader.operation(of)?.ok_or_else(super::run::lost)?;
    undoable(session, reader, &stored, &reader.commits_of(of)?)?;
    Ok(Timestamp(stored.operation.started_at.0 - 86_400_000))
}

/// Refuses what cannot be taken back.
fn undoable(
    session: &Session,
    reader: &dyn Reader,
    stored: &StoredOperation,
    commits: &[crate::store::Commit],
) -> Result<()> {
    let operation = &stored.operation;
    if matches!(operation.kind, OperationKind::Purge | OperationKind::Erase) {
        return Err(Error::new(ErrorCode::NotUndoable, "what was removed for good stays away"));
    }
    if let Some(of) = operation.undo_of
        && queued_messages(reader, of)?
    {
        return Err(Error::new(
            ErrorCode::NotUndoable,
            "messages that were taken back are queued by a new plan",
        )
        .hint("plan them again by comms.plan_sms, or queue single ones anew by comms.requeue"));
    }
    let Some(last) = commits.last() else {
        return Err(Error::new(ErrorCode::NotUndoable, "this operation changed no leads"));
    };
    if crate::ledger::lease::is_held(stored) {
        return Err(Error::new(ErrorCode::OperationRunning, "this operation is at work right now")
            .hint("cancel it, or wait for its end"));
    }
    let earlier = reader.operation_by(&OperationKey::UndoOf(operation.id))?;
    if let Some(earlier) = earlier.filter(|undo| undo.operation.state == OperationState::Finished)
        && is_whole(&earlier)
        && reader.operation_by(&OperationKey::UndoOf(earlier.operation.id))?.is_none()
    {
        return Err(Error::new(
            ErrorCode::AlreadyUndone,
            format!("operation {} took it back already", earlier.operation.id),
        )
        .hint("to do it again, undo that one"));
    }
    let days = (session.clock.now().0 - last.at.0) as f64 / 86_400_000.0;
    let expired = |why: String| Err(Error::new(ErrorCode::UndoExpired, why));
    if days > session.limits.undo_days {
        return expired(format!("it was done more than {} days ago", session.limits.undo_days));
    }
    let (mut rev, mut changed) = (last.rev, 0);
    loop {
        let later = reader.commits_after(rev, 1_000)?;
        changed += later.iter().map(|commit| commit.changed).sum::<u64>();
        if changed > session.limits.undo_changes {
            return expired(format!("more than {} leads were changed since", session.limits.undo_changes));
        }
        match later.last() {
            Some(commit) if later.len() == 1_000 => rev = commit.rev,
            _ => return Ok(()),
        }
    }
}

fn is_whole(undo: &StoredOperation) -> bool {
    let request: Option<Request> = serde_json::from_value(undo.operation.options.clone()).ok();
    request.is_some_and(|request| match request.spec {
        BulkSpec::Undo { options, .. } => options.leads.is_none() && options.fields.is_none(),
        _ => false,
    })
}

/// Does an undo in a transaction that is given up at its end.
fn trial(session: &Session, request: &mut Request, sample: usize) -> Result<Preview> {
    let mut preview = None;
    let given_up = || Error::new(ErrorCode::Cancelled, "a trial ends here");
    let result = session.store.writing(|writer| {
        let mut lenient = request.clone();
        if let BulkSpec::Undo { options, .. } = &mut lenient.spec
            && options.on_conflict == OnConflict::Abort
        {
            options.on_conflict = OnConflict::Skip;
        }
        let action = action(session, writer, &mut lenient, writer.head()?)?;
        request.set_fields = lenient.set_fields;
        let mut seen = Preview::default();
        let mut cursor = Cursor::default();
        loop {
            let rev = writer.next_rev()?;
            let chunk = Chunk { writer, rev, at: session.clock.now(), limit: TRIAL, operation: TRIED };
            let done = action.chunk(&chunk, &mut cursor)?;
            seen.count += done.changed + done.unchanged + done.skipped;
            seen.changes += done.changed;
            for conflict in &done.conflicts {
                seen.left(WarningCode::Left(conflict.code), 1, [conflict.lead]);
            }
            let free = sample.saturating_sub(seen.sample.len()) as u64;
            for change in writer.changes(rev, 0, free)? {
                let Some(after) = writer.lead(change.lead)? else { continue };
                let mut before = after.clone();
                for (name, value) in &change.before {
                    image::put(&mut before, name, value)?;
                }
                seen.sample.push((before, after));
            }
            if !done.more {
                break;
            }
        }
        preview = Some(seen);
        Err::<(), Error>(given_up())
    });
    match (preview, result) {
        (Some(preview), _) => Ok(preview),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Err(Error::internal("a trial kept what it did")),
    }
}

fn has_protected() -> Expr {
    Expr::Test(Target::Standard(Field::Tags), Test::Has(fold(PROTECTED)))
}

/// Whether a lead carries the tag `protected`.
pub(super) fn is_protected(lead: &Lead) -> bool {
    lead.tags.iter().any(|tag| fold(tag) == PROTECTED)
}

/// How many leads a filter finds that are left out for their tag, and some of them.
fn protected(reader: &dyn Reader, request: &Request, now: Timestamp) -> Result<(u64, Vec<i64>)> {
    let filter = match &request.spec {
        BulkSpec::Update { filter, .. }
        | BulkSpec::Delete { filter }
        | BulkSpec::Assign { filter, .. }
        | BulkSpec::Status { filter, .. }
        | BulkSpec::Sms { filter, .. }
        | BulkSpec::Purge { filter }
            if !request.include_protected =>
        {
            filter
        }
        _ => return Ok((0, Vec::new())),
    };
    let filter = filter.resolve(&reader.custom_fields()?, now)?;
    let query = crate::store::Query::of(Expr::And(vec![has_protected(), filter]));
    let count = reader.count(&query)?;
    if count == 0 {
        return Ok((0, Vec::new()));
    }
    let some = reader.page(&query, None, super::action::EXAMPLES as u64)?;
    Ok((count, some.into_iter().map(|lead| lead.id).collect()))
}

fn check(options: &PlanOptions) -> Result<(usize, f64)> {
    const MONTH: f64 = 30.0 * 86_400.0;
    let wrong = |field: &str, message: &str| {
        Err(Error::new(ErrorCode::InvalidArgument, message.to_string()).at_field(field))
    };
    let life = if options.expires_in == 0.0 { 3_600.0 } else { options.expires_in };
    if !(life > 0.0 && life <= MONTH) {
        return wrong("expires_in", "a plan lives for some seconds, 30 days at most");
    }
    if options.sample > 100 {
        return wrong("sample", "a plan shows 100 leads at most");
    }
    Ok((if options.sample == 0 { 10 } else { options.sample as usize }, life))
}

fn token(session: &Session, spec: &BulkSpec, now: Timestamp) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(serde_json::to_string(spec).unwrap_or_default().as_bytes());
    for number in [session.random.next(), session.random.next(), now.0.cast_unsigned()] {
        hasher.update(&number.to_le_bytes());
    }
    hasher.finalize().to_hex()[..32].to_string()
}

fn planned_change(before: &Lead, after: &Lead) -> PlannedChange {
    let fields = before_image(before, after);
    let fields = fields.into_iter().filter(|(name, _)| name != "original");
    let fields = fields.map(|(name, before)| {
        let after = image::value(after, &name);
        (name, ValueChange { before, after })
    });
    PlannedChange { lead: before.id, name: before.display_name(), fields: fields.collect() }
}

fn warning(code: WarningCode, count: u64, leads: &[i64]) -> PlanWarning {
    use ConflictCode as C;
    let message = match code {
        WarningCode::Unchanged => "are as wanted already",
        WarningCode::Left(C::Protected) => "carry the tag `protected` and are left out",
        WarningCode::Left(C::ForbiddenTransition) => "may not go to this status from theirs",
        WarningCode::Left(C::InvalidValue) => "would get a value that is not valid for the field",
        WarningCode::Left(C::TemplateValueMissing) => "have no value for a variable of the template",
        WarningCode::Left(C::NoOwner) => "fit no rule",
        WarningCode::Left(C::KeyTaken) => "would get an external id or email that another lead has",
        WarningCode::Left(C::Changed) => "were changed by others since",
        WarningCode::Left(C::Deleted) => "are deleted",
        WarningCode::Left(C::Purged) => "were purged",
        WarningCode::Left(C::Erased) => "are of a person who was erased",
        WarningCode::Left(C::NotContacted) => "get no message",
        WarningCode::Left(C::Sent) => "had their message already",
    };
    let (message, examples) = (format!("{count} {message}"), leads.to_vec());
    PlanWarning { code, message, count, examples }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn requests_are_kept_as_they_were() {
        let spec = BulkSpec::Undo { of: 3, options: UndoOptions::default() };
        let request = Request {
            spec,
            include_protected: false,
            none_protected: false,
            set_fields: vec!["status".into()],
            automations: false,
        };
        let value = serde_json::to_value(&request).unwrap();
        assert_eq!(value["operation"], json!("undo"));
        let back: Request = serde_json::from_value(value).unwrap();
        assert_eq!((back.spec, back.set_fields), (request.spec, request.set_fields));
    }
}
