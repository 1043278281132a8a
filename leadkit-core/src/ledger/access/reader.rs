//! A read transaction as a view sees it: each answer masked, each question by what is not shown refused.
//!
//! Every method is written out: a new one of the traits does not compile before somebody decided what a
//! view gets of it.

use serde_json::Value;

use super::{Access, Shown};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::access::ContactPart;
use crate::model::automation::{
    AutomationRun, AutomationState, AutomationVersion, HostEvent, NamedSchedule, Signal,
};
use crate::model::communication::{Communication, CommunicationEvent, CommunicationState};
use crate::model::consent::ConsentEntry;
use crate::model::field::{CustomField, Field, FieldName};
use crate::model::filter::Expr;
use crate::model::history::Facet;
use crate::model::lead::Lead;
use crate::model::message_template::MessageTemplate;
use crate::model::operation::{Conflict, Operation};
use crate::model::privacy::{ErasureCertificate, Hold};
use crate::model::settings::Settings;
use crate::model::stats::Part;
use crate::model::status::Status;
use crate::store::{
    AuditQuery, AuditRecord, Change, Commit, CommunicationKey, CommunicationQuery, ConsentQuery, EachReject,
    FacetCounts, Fact, FactQuery, HistoryQuery, KeyKind, LeadKey, OperationKey, OperationQuery, Position,
    Query, ReadAll, ReadAudit, ReadAutomations, ReadComms, ReadJournal, ReadLeads, ReadPrivacy, ReadStats,
    Reader, Record, RunQuery, SetValue, Span, StoredOperation,
};

/// A reader that shows what a view sees.
pub(super) struct ProfiledReader<'a> {
    pub(super) reader: &'a dyn Reader,
    pub(super) access: Access,
}

impl ProfiledReader<'_> {
    fn check(&self, query: &Query) -> Result<()> {
        self.access.check_expr(&query.filter)?;
        query.order.iter().try_for_each(|key| self.access.check_order(&key.target))
    }

    fn check_address(&self, address: bool) -> Result<()> {
        match address {
            true => self.access.check_part(ContactPart::Address, "nothing is found by it"),
            false => Ok(()),
        }
    }

    fn check_history(&self, query: &HistoryQuery) -> Result<()> {
        query.filter.iter().try_for_each(|filter| self.access.check_expr(filter))?;
        if query.text.is_some() {
            // Words are looked for in all of these.
            for part in [ContactPart::Body, ContactPart::Subject, ContactPart::Address] {
                self.access.check_part(part, "no words are looked for in it")?;
            }
        }
        if query.owner.is_some() {
            self.access.check(Field::Owner.name(), "nothing is found by it")?;
        }
        if query.min_cost.is_some() || query.max_cost.is_some() {
            self.access.check_part(ContactPart::Price, "nothing is found by it")?;
        }
        Ok(())
    }

    fn refused<T>(&self) -> Result<T> {
        Err(Error::new(ErrorCode::AccessDenied, "a view with an access profile does not read this")
            .hint("do it as somebody without a profile"))
    }
}

impl ReadLeads for ProfiledReader<'_> {
    fn leads(&self, ids: &[i64]) -> Result<Vec<Lead>> {
        Ok(self.reader.leads(ids)?.shown(&self.access))
    }

    fn leads_by_keys(&self, _: &[LeadKey]) -> Result<Vec<(LeadKey, i64)>> {
        self.refused()
    }

    fn each_key(&self, _: &[KeyKind], _: &mut dyn FnMut(LeadKey)) -> Result<()> {
        self.refused()
    }

    fn next_lead(&self) -> Result<i64> {
        self.reader.next_lead()
    }

    fn count(&self, query: &Query) -> Result<u64> {
        self.check(query)?;
        self.reader.count(query)
    }

    fn count_differing(&self, filter: &Expr, values: &[SetValue]) -> Result<(u64, u64)> {
        self.access.check_expr(filter)?;
        values.iter().try_for_each(|v| self.access.check(v.field.name(), "nothing is counted by it"))?;
        self.reader.count_differing(filter, values)
    }

    fn page(&self, query: &Query, after: Option<&Position>, limit: u64) -> Result<Vec<Lead>> {
        self.check(query)?;
        Ok(self.reader.page(query, after, limit)?.shown(&self.access))
    }

    fn each_lead(&self, query: &Query, each: &mut dyn FnMut(Lead) -> Result<bool>) -> Result<()> {
        self.check(query)?;
        self.reader.each_lead(query, &mut |lead| each(lead.shown(&self.access)))
    }

    fn filled_fields(&self, query: &Query, candidates: &[FieldName]) -> Result<Vec<FieldName>> {
        self.check(query)?;
        let seen: Vec<FieldName> =
            candidates.iter().filter(|field| self.access.shows_some(&field.name())).cloned().collect();
        self.reader.filled_fields(query, &seen)
    }

    fn custom_fields(&self) -> Result<Vec<CustomField>> {
        self.reader.custom_fields()
    }

    fn statuses(&self) -> Result<Vec<Status>> {
        self.reader.statuses()
    }
}

impl ReadJournal for ProfiledReader<'_> {
    fn head(&self) -> Result<i64> {
        self.reader.head()
    }

    fn operation(&self, id: i64) -> Result<Option<StoredOperation>> {
        Ok(self.reader.operation(id)?.shown(&self.access))
    }

    fn operation_by(&self, key: &OperationKey<'_>) -> Result<Option<StoredOperation>> {
        Ok(self.reader.operation_by(key)?.shown(&self.access))
    }

    fn operations(&self, query: &OperationQuery) -> Result<Vec<Operation>> {
        Ok(self.reader.operations(query)?.shown(&self.access))
    }

    fn each_reject(&self, _: i64, _: &mut dyn FnMut(Vec<String>) -> Result<()>) -> Result<()> {
        self.refused()
    }

    fn conflicts(&self, operation: i64, skip: u64, limit: u64) -> Result<Vec<Conflict>> {
        Ok(self.reader.conflicts(operation, skip, limit)?.shown(&self.access))
    }

    fn commit(&self, rev: i64) -> Result<Option<Commit>> {
        self.reader.commit(rev)
    }

    fn commits_of(&self, operation: i64) -> Result<Vec<Commit>> {
        self.reader.commits_of(operation)
    }

    fn change(&self, rev: i64, lead: i64) -> Result<Option<Change>> {
        Ok(self.reader.change(rev, lead)?.shown(&self.access))
    }

    fn changes(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<Change>> {
        Ok(self.reader.changes(rev, after, limit)?.shown(&self.access))
    }

    fn overtaken(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<i64>> {
        self.reader.overtaken(rev, after, limit)
    }

    fn commits_after(&self, rev: i64, limit: u64) -> Result<Vec<Commit>> {
        self.reader.commits_after(rev, limit)
    }
}

impl ReadComms for ProfiledReader<'_> {
    fn consent(&self, addresses: &[&str]) -> Result<Vec<ConsentEntry>> {
        self.check_address(true)?;
        Ok(self.reader.consent(addresses)?.shown(&self.access))
    }

    fn consent_entries(&self, query: &ConsentQuery) -> Result<Vec<ConsentEntry>> {
        self.check_address(query.address.is_some())?;
        Ok(self.reader.consent_entries(query)?.shown(&self.access))
    }

    fn settings(&self) -> Result<Option<Settings>> {
        self.reader.settings()
    }

    fn templates(&self, name: Option<&str>) -> Result<Vec<MessageTemplate>> {
        self.reader.templates(name)
    }

    fn communication(&self, id: i64) -> Result<Option<Communication>> {
        Ok(self.reader.communication(id)?.shown(&self.access))
    }

    fn communications_by(&self, key: &CommunicationKey<'_>) -> Result<Vec<Communication>> {
        // Keys are what hosts make them of.
        self.check_address(true)?;
        Ok(self.reader.communications_by(key)?.shown(&self.access))
    }

    fn communications(&self, query: &CommunicationQuery) -> Result<Vec<Communication>> {
        self.check_address(query.address.is_some())?;
        Ok(self.reader.communications(query)?.shown(&self.access))
    }

    fn due(&self, state: CommunicationState, until: Timestamp, limit: u64) -> Result<Vec<Communication>> {
        Ok(self.reader.due(state, until, limit)?.shown(&self.access))
    }

    fn next_due(&self, state: CommunicationState) -> Result<Option<Timestamp>> {
        self.reader.next_due(state)
    }

    fn communication_events(&self, id: i64) -> Result<Vec<CommunicationEvent>> {
        self.reader.communication_events(id)
    }

    fn history(&self, query: &HistoryQuery) -> Result<Vec<(i64, Communication)>> {
        self.check_history(query)?;
        let found = self.reader.history(query)?;
        Ok(found.into_iter().map(|(place, contact)| (place, contact.shown(&self.access))).collect())
    }

    fn history_counts(&self, query: &HistoryQuery, facets: &[Facet]) -> Result<(u64, Vec<FacetCounts>)> {
        self.check_history(query)?;
        if facets.contains(&Facet::Owner) {
            self.access.check(Field::Owner.name(), "nothing is counted by it")?;
        }
        self.reader.history_counts(query, facets)
    }

    fn merged_into(&self, lead: i64) -> Result<Vec<i64>> {
        self.reader.merged_into(lead)
    }

    fn meter(&self, name: &str) -> Result<i64> {
        self.reader.meter(name)
    }
}

impl ReadAudit for ProfiledReader<'_> {
    fn audit(&self, _: &AuditQuery) -> Result<Vec<AuditRecord>> {
        self.refused()
    }

    fn audit_after(&self, _: i64, _: u64) -> Result<Vec<AuditRecord>> {
        self.refused()
    }
}

/// Automations are the whole database's: no view looks at them.
impl ReadAutomations for ProfiledReader<'_> {
    fn automations(&self, _: Option<&str>) -> Result<Vec<AutomationVersion>> {
        self.refused()
    }

    fn automation_states(&self) -> Result<Vec<AutomationState>> {
        self.refused()
    }

    fn schedules(&self) -> Result<Vec<NamedSchedule>> {
        self.refused()
    }

    fn runs(&self, _: &RunQuery) -> Result<Vec<AutomationRun>> {
        self.refused()
    }

    fn count_runs(&self, _: &RunQuery) -> Result<u64> {
        self.refused()
    }

    fn due_runs(&self, _: Timestamp, _: u64) -> Result<Vec<AutomationRun>> {
        self.refused()
    }

    fn next_run(&self) -> Result<Option<Timestamp>> {
        self.refused()
    }

    fn has_run(&self, _: &str, _: &str) -> Result<bool> {
        self.refused()
    }

    fn signals(&self, _: u64) -> Result<Vec<Signal>> {
        self.refused()
    }

    fn host_events(&self, _: i64, _: u64) -> Result<Vec<HostEvent>> {
        self.refused()
    }

    fn count_host_events(&self) -> Result<u64> {
        self.refused()
    }
}

impl ReadStats for ProfiledReader<'_> {
    fn changed_hours(&self, limit: u64) -> Result<Vec<i64>> {
        self.reader.changed_hours(limit)
    }

    fn each_count(
        &self,
        span: Span,
        part: Part,
        from: i64,
        until: i64,
        each: &mut dyn FnMut(i64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.access.check_counted()?;
        self.reader.each_count(span, part, from, until, each)
    }

    fn each_fact(&self, query: &FactQuery, each: &mut dyn FnMut(&Fact<'_>) -> Result<()>) -> Result<()> {
        self.access.check_counted()?;
        query.filter.iter().try_for_each(|filter| self.access.check_expr(filter))?;
        self.reader.each_fact(query, each)
    }

    fn first_and_last_place(&self) -> Result<Option<(i64, i64)>> {
        self.reader.first_and_last_place()
    }

    fn each_merged(&self, each: &mut dyn FnMut(i64, i64) -> Result<()>) -> Result<()> {
        self.reader.each_merged(each)
    }

    fn each_former(
        &self,
        field: &str,
        each: &mut dyn FnMut(i64, Timestamp, &Value) -> Result<()>,
    ) -> Result<()> {
        self.access.check(field, "nothing is counted by it")?;
        self.reader.each_former(field, each)
    }
}

impl ReadPrivacy for ProfiledReader<'_> {
    fn each_operation(&self, _: &mut dyn FnMut(StoredOperation) -> Result<()>) -> Result<()> {
        self.refused()
    }

    fn each_waiting_reject(&self, _: &mut EachReject<'_>) -> Result<()> {
        self.refused()
    }

    fn erasures(&self, _: Option<i64>, _: u64) -> Result<Vec<ErasureCertificate>> {
        self.refused()
    }

    fn erased(&self, leads: &[i64]) -> Result<Vec<i64>> {
        self.reader.erased(leads)
    }

    fn erasure_keys(&self) -> Result<Vec<String>> {
        self.reader.erasure_keys()
    }

    fn holds(&self) -> Result<Vec<Hold>> {
        self.refused()
    }
}

impl ReadAll for ProfiledReader<'_> {
    fn each_record(&self, _: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        self.access.check_whole("copies nothing")
    }
}
