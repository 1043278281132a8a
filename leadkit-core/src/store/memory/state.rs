//! All that the store holds: one map for each kind of record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::model::automation::{
    AutomationRun, AutomationState, AutomationVersion, HostEvent, NamedSchedule, Signal,
};
use crate::model::communication::{Communication, CommunicationEvent};
use crate::model::consent::ConsentEntry;
use crate::model::field::CustomField;
use crate::model::lead::Lead;
use crate::model::message_template::MessageTemplate;
use crate::model::operation::Conflict;
use crate::model::privacy::{ErasureCertificate, Hold};
use crate::model::settings::Settings;
use crate::model::stats::Part;
use crate::model::status::Status;
use crate::store::image::Image;
use crate::store::{
    AuditRecord, Change, Commit, LeadKey, Query, Span, StoredOperation, is_place_of, place_of,
};

/// A map that copies of the state share until one of them writes to it.
pub(super) type Table<K, V> = Arc<BTreeMap<K, V>>;

#[derive(Clone)]
pub(super) struct State {
    pub rev: i64,
    pub next_lead: i64,
    pub fields: Arc<Vec<CustomField>>,
    pub statuses: Arc<Vec<Status>>,
    pub leads: Table<i64, Arc<Lead>>,
    pub keys: Arc<BTreeSet<(LeadKey, i64)>>,
    pub operations: Table<i64, Arc<StoredOperation>>,
    pub commits: Table<i64, Arc<Commit>>,
    /// By revision and lead.
    pub changes: Table<(i64, i64), Arc<Change>>,
    pub conflicts: Table<i64, Arc<Vec<Conflict>>>,
    /// By operation and place.
    pub rejects: Table<(i64, u64), Arc<Vec<String>>>,
    pub consent: Table<i64, Arc<ConsentEntry>>,
    /// Entries of the consent ledger by address.
    pub consent_addresses: Arc<BTreeSet<(String, i64)>>,
    pub settings: Option<Arc<Settings>>,
    /// By name and version.
    pub templates: Table<(String, u32), Arc<MessageTemplate>>,
    pub communications: Table<i64, Arc<Communication>>,
    /// Messages by their place in the history, and the places by message.
    pub places: Table<i64, i64>,
    pub place_of: Table<i64, i64>,
    /// By message, in order.
    pub communication_events: Table<i64, Arc<Vec<CommunicationEvent>>>,
    pub meters: Table<String, i64>,
    pub audit: Table<i64, Arc<AuditRecord>>,
    pub changed_hours: Arc<BTreeSet<i64>>,
    pub counts: Table<(Span, Part, i64), Arc<Vec<u8>>>,
    pub erasures: Table<i64, Arc<ErasureCertificate>>,
    /// By lead.
    pub holds: Table<i64, Arc<Hold>>,
    /// By name and version.
    pub automations: Table<(String, u32), Arc<AutomationVersion>>,
    pub automation_states: Table<String, Arc<AutomationState>>,
    pub schedules: Table<String, Arc<NamedSchedule>>,
    pub runs: Table<i64, Arc<AutomationRun>>,
    /// By automation and key.
    pub run_keys: Arc<BTreeSet<(String, String)>>,
    pub runs_due: Arc<BTreeSet<(Timestamp, i64)>>,
    pub signals: Table<i64, Signal>,
    pub host_events: Table<i64, Arc<HostEvent>>,
}

impl Default for State {
    fn default() -> Self {
        State {
            rev: 0,
            next_lead: 1,
            fields: Arc::default(),
            statuses: Arc::default(),
            leads: Arc::default(),
            keys: Arc::default(),
            operations: Arc::default(),
            commits: Arc::default(),
            changes: Arc::default(),
            conflicts: Arc::default(),
            rejects: Arc::default(),
            consent: Arc::default(),
            consent_addresses: Arc::default(),
            settings: None,
            templates: Arc::default(),
            communications: Arc::default(),
            places: Arc::default(),
            place_of: Arc::default(),
            communication_events: Arc::default(),
            meters: Arc::default(),
            audit: Arc::default(),
            changed_hours: Arc::default(),
            counts: Arc::default(),
            erasures: Arc::default(),
            holds: Arc::default(),
            automations: Arc::default(),
            automation_states: Arc::default(),
            schedules: Arc::default(),
            runs: Arc::default(),
            run_keys: Arc::default(),
            runs_due: Arc::default(),
            signals: Arc::default(),
            host_events: Arc::default(),
        }
    }
}

impl State {
    /// What a query finds, by id.
    pub fn found<'a>(&'a self, query: &'a Query) -> impl Iterator<Item = &'a Arc<Lead>> {
        self.leads.values().filter(|lead| query.finds(lead))
    }

    /// Adds an entry to the consent ledger, whose id must not be there yet.
    pub fn enter_consent(&mut self, entry: ConsentEntry) -> Result<()> {
        Arc::make_mut(&mut self.consent_addresses).insert((entry.address.clone(), entry.id));
        enter(&mut self.consent, entry.id, Arc::new(entry))
    }

    /// Stores a message, gives it its place in the history, and marks the hours that it changes.
    pub fn keep_communication(&mut self, message: Communication) -> Result<()> {
        let (id, old) = (message.id, self.place_of.get(&message.id).copied());
        if let Some(stored) = self.communications.get(&id).cloned() {
            self.mark_changed(&stored);
        }
        if old.is_none_or(|place| !is_place_of(place, message.at)) {
            let places = Arc::make_mut(&mut self.places);
            old.map(|place| places.remove(&place));
            let last = |from, to| Ok(places.range(from..to).next_back().map(|(place, _)| *place));
            let place = place_of(message.at, last)?;
            places.insert(place, id);
            Arc::make_mut(&mut self.place_of).insert(id, place);
        }
        self.mark_changed(&message);
        Arc::make_mut(&mut self.communications).insert(id, Arc::new(message));
        Ok(())
    }

    /// Keeps the before-image of a change. A lead that this very commit created needs none, and one
    /// that it changed before keeps the older values.
    pub fn keep_image(&mut self, rev: i64, lead: i64, mut prev_rev: i64, mut before: Image) {
        if prev_rev == rev {
            let Some(older) = self.changes.get(&(rev, lead)) else { return };
            prev_rev = older.prev_rev;
            before.extend(older.before.clone());
        }
        Arc::make_mut(&mut self.changes)
            .insert((rev, lead), Arc::new(Change { rev, lead, prev_rev, before }));
    }

    /// Puts a lead in the place of the one of its id, where there is one.
    pub fn replace_lead(&mut self, lead: Lead) {
        if let Some(stored) = Arc::make_mut(&mut self.leads).get_mut(&lead.id) {
            *stored = Arc::new(lead);
        }
    }

    /// Refuses what belongs to an operation that is not there.
    pub fn check_operation(&self, id: i64) -> Result<()> {
        match self.operations.contains_key(&id) {
            true => Ok(()),
            false => Err(Error::internal(format!("there is no operation {id} to write for"))),
        }
    }
}

/// Enters what must not be there yet.
pub(super) fn enter<K: Ord + Clone, V: Clone>(table: &mut Table<K, V>, key: K, value: V) -> Result<()> {
    match Arc::make_mut(table).insert(key, value) {
        None => Ok(()),
        Some(_) => Err(Error::internal("a record of this key is there already")),
    }
}
