//! The room of messages.

use std::path::Path;

use super::page::Asked;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::history;
use crate::ledger::Session;
use crate::model::bulk::{BulkSpec, Plan, PlanOptions};
use crate::model::calls::CallOptions;
use crate::model::communication::{
    Communication, CommunicationEvent, CommunicationListOptions, DispatchOptions, DispatchReport,
    ReconcileReport, SmsOptions, SmsPlanOptions,
};
use crate::model::cost::{CostOptions, CostReport};
use crate::model::filter::Filter;
use crate::model::history::{
    ContactChannel, ContactExportOptions, ContactImportOptions, LogOptions, SearchOptions, SearchPage,
    TimelineOptions,
};
use crate::model::read::without_nuls;
use crate::model::report::{ExportReport, ImportReport, Page};
use crate::model::settings::Settings;
use crate::model::transport::WebhookEvent;
use crate::outbox::{self, Received};
use crate::store::CommunicationQuery;
use crate::table::Source;
use crate::transport::Transport;

/// Messages to leads and from them.
///
/// A message is queued first; [`Comms::dispatch`] hands over what is due, after a last look at the
/// switches, at consent and at the hour where the person is. It is handed over once: when the answer is
/// lost, [`Comms::reconcile`] finds out what became of it.
#[derive(Clone, Copy)]
pub struct Comms<'a> {
    pub(super) session: &'a Session,
}

impl Comms<'_> {
    /// Puts a message for a lead into the outbox; nothing is sent yet. A repeated call with the same
    /// `key` gives the first one's message.
    ///
    /// # Errors
    /// `not_found` for the lead and the template; `invalid_argument` for a lead without a number, for a
    /// text and a template at once, for a text that is empty or longer than 1,600 characters;
    /// `invalid_value` for a number that is none; `template_value_missing`.
    ///
    /// ```
    /// use leadkit_core::model::communication::SmsOptions;
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org"), ("phone", "+49 30 23125014")])?;
    /// let text = SmsOptions { body: Some("See you at ten".into()), ..Default::default() };
    /// let message = db.comms().queue_sms(ada.id, &text)?;
    /// assert_eq!((message.state.as_str(), message.segments), ("queued", 1));
    /// assert_eq!(db.comms().cancel(message.id)?.state.as_str(), "cancelled");
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn queue_sms(&self, lead: i64, options: &SmsOptions) -> Result<Communication> {
        self.session.check_template(options.template.as_deref(), None)?;
        self.session.shown(outbox::queue_sms(self.session, lead, options)?)
    }

    /// Plans to put a text message for each lead that a filter finds into the outbox: how many, who gets
    /// none and why, what it costs, when the first and the last may go out, and some of the texts as they
    /// would be. Nothing is queued yet; `bulk.run` does that with the plan's token, a lead's message once,
    /// and `operations.undo` takes back what has not gone out.
    ///
    /// # Errors
    /// `not_found` for the template; `unknown_field`, `invalid_filter`, `invalid_argument`.
    ///
    /// ```
    /// use leadkit_core::Filter;
    /// use leadkit_core::model::communication::SmsPlanOptions;
    /// let db = leadkit_core::open(":memory:")?;
    /// db.leads().add([("email", "ada@lovelace.org"), ("phone", "+1 212 736 5000"), ("country", "US")])?;
    /// db.leads().add([("email", "bob@lovelace.org")])?;
    /// let options = SmsPlanOptions {
    ///     body: Some("We moved. Reply STOP to opt out".into()),
    ///     purpose: Some(leadkit_core::model::consent::Purpose::Informational),
    ///     ..Default::default()
    /// };
    /// let plan = db.comms().plan_sms(&Filter::default(), &options)?;
    /// let messages = plan.messages.unwrap();
    /// assert_eq!((messages.messages, messages.refusals["no_number"]), (1, 1));
    /// assert_eq!((messages.segments, messages.cost["USD"].as_str()), (1, "0.0083"));
    ///
    /// let done = db.bulk().run(&plan.token, Default::default())?;
    /// assert_eq!((done.changed, done.skipped), (1, 1));
    /// let undone = db.operations().undo(done.id, Default::default(), Default::default())?;
    /// assert_eq!(undone.changed, 1);
    /// assert_eq!(db.comms().list(Default::default())?.items[0].state.as_str(), "cancelled");
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn plan_sms(&self, filter: &Filter, options: &SmsPlanOptions) -> Result<Plan> {
        let message = SmsOptions {
            template: options.template.clone(),
            body: options.body.clone(),
            vars: options.vars.clone(),
            locale: options.locale.clone(),
            purpose: options.purpose,
            sender: options.sender.clone(),
            send_at: options.send_at,
            expires_at: options.expires_at,
            campaign: options.campaign.clone(),
            variant: options.variant.clone(),
            ..SmsOptions::default()
        };
        let message = without_nuls(&message)?;
        let plan = PlanOptions {
            name: options.name.clone(),
            include_protected: options.include_protected,
            sample: options.sample,
            expires_in: options.expires_in,
            automations: false,
        };
        let spec = BulkSpec::Sms { filter: filter.clone(), message, template_version: None };
        self.session.shown(crate::bulk::plan(self.session, spec, &plan)?)
    }

    /// Queues a message for a lead and hands over just this one, if it may go out now. Otherwise it waits
    /// in the outbox like any other; its `state` and `refusal` say so.
    ///
    /// # Errors
    /// As [`Comms::queue_sms`] and [`Comms::dispatch`].
    pub fn send_sms(
        &self,
        lead: i64,
        options: &SmsOptions,
        transport: &dyn Transport,
    ) -> Result<Communication> {
        self.session.check_whole("hands nothing to a provider")?;
        outbox::send_sms(self.session, lead, options, transport)
    }

    /// Puts a call to a lead into the outbox. With an `agent` it rings there first, and the lead is
    /// dialled when the agent answers; without, an announcement is read out or played, which needs
    /// consent to calls (`channel: "voice"`) for any purpose. What came of it stands in `call`: outcome,
    /// seconds, who answered, the recording.
    ///
    /// # Errors
    /// As [`Comms::queue_sms`]; `invalid_argument` for a call without an agent and an announcement, and
    /// for a recording without the lead's consent or an announcement of it.
    ///
    /// ```
    /// use leadkit_core::model::calls::CallOptions;
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org"), ("phone", "+49 30 23125014")])?;
    /// let call = CallOptions { agent: Some("+493023125010".into()), ..Default::default() };
    /// let queued = db.comms().queue_call(ada.id, &call)?;
    /// assert_eq!((queued.state.as_str(), queued.channel.as_str()), ("queued", "voice"));
    ///
    /// let silent = db.comms().queue_call(ada.id, &CallOptions { record: true, ..call }).unwrap_err();
    /// assert_eq!((silent.code(), silent.field()), ("invalid_argument", Some("record")));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn queue_call(&self, lead: i64, options: &CallOptions) -> Result<Communication> {
        self.session.check_template(options.template.as_deref(), None)?;
        self.session.shown(outbox::queue_call(self.session, lead, options)?)
    }

    /// Queues a message or call once more, as a new one, that failed, was refused or taken back.
    /// Asked for twice, it is the same new one.
    ///
    /// # Errors
    /// `not_found`; `conflict` for one that waits, went out, or may have.
    ///
    /// ```
    /// use leadkit_core::model::communication::SmsOptions;
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org"), ("phone", "+49 30 23125014")])?;
    /// let text = SmsOptions { body: Some("See you at ten".into()), ..Default::default() };
    /// let message = db.comms().queue_sms(ada.id, &text)?;
    /// assert_eq!(db.comms().requeue(message.id).unwrap_err().code(), "conflict", "it waits");
    /// db.comms().cancel(message.id)?;
    /// let again = db.comms().requeue(message.id)?;
    /// assert_eq!((again.state.as_str(), again.body.as_str()), ("queued", "See you at ten"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn requeue(&self, id: i64) -> Result<Communication> {
        self.session.shown(outbox::requeue(self.session, id)?)
    }

    /// Gives a message or call that waits another time.
    ///
    /// # Errors
    /// `not_found`; `conflict` for one that was handed over already.
    ///
    /// ```
    /// use leadkit_core::model::communication::SmsOptions;
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org"), ("phone", "+49 30 23125014")])?;
    /// let text = SmsOptions { body: Some("See you at ten".into()), ..Default::default() };
    /// let message = db.comms().queue_sms(ada.id, &text)?;
    /// let later = "2040-03-02T09:00:00Z".parse()?;
    /// assert_eq!(db.comms().reschedule(message.id, later)?.due_at, Some(later));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn reschedule(&self, id: i64, send_at: Timestamp) -> Result<Communication> {
        self.session.shown(outbox::reschedule(self.session, id, send_at)?)
    }

    /// Lets what a campaign has in the outbox wait.
    ///
    /// # Errors
    /// `invalid_argument` for an empty name.
    ///
    /// ```
    /// let db = leadkit_core::open(":memory:")?;
    /// assert!(db.comms().pause("spring")?.paused.contains("spring"));
    /// assert!(db.comms().resume("spring")?.paused.is_empty());
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn pause(&self, campaign: &str) -> Result<Settings> {
        self.session.check_whole("turns no switches")?;
        outbox::pause(self.session, campaign)
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// As [`Comms::pause`].
    pub fn resume(&self, campaign: &str) -> Result<Settings> {
        self.session.check_whole("turns no switches")?;
        outbox::resume(self.session, campaign)
    }

    /// Switches sending off and waits until nothing is being handed over any more, for so many seconds
    /// at most: before a machine is stopped. Gives the number of messages of which the answer is still
    /// missing then; [`Comms::reconcile`] finds out about them.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// ```
    /// let db = leadkit_core::open(":memory:")?;
    /// assert_eq!(db.comms().drain(5.0)?, 0);
    /// assert!(!db.settings().get()?.sending);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn drain(&self, seconds: f64) -> Result<u64> {
        self.session.check_whole("turns no switches")?;
        outbox::drain(self.session, seconds)
    }

    /// What messages and calls cost: what was expected, what the provider billed so far, and by how much
    /// the two differ.
    ///
    /// # Errors
    /// Those of the store.
    ///
    /// ```
    /// use leadkit_core::model::cost::{CostBy, CostOptions};
    /// let db = leadkit_core::open(":memory:")?;
    /// let by_campaign = CostOptions { by: CostBy::Campaign, ..CostOptions::default() };
    /// for row in db.comms().costs(&by_campaign)?.total {
    ///     println!("{} messages, {} billed", row.messages, row.cost);
    /// }
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn costs(&self, options: &CostOptions) -> Result<CostReport> {
        self.session.access()?.check_costs(options)?;
        outbox::costs(self.session, options)
    }

    /// Enters a contact with a lead that leadkit did not send: a call that somebody made, an email, a
    /// meeting, a note, something to do, a message of a chat, or anything else with a `label`. It belongs
    /// to the lead's owner of that moment unless said otherwise. A repeated call with the same `key` gives
    /// the first one's entry; an entry is never changed, another one puts it right (`corrects`).
    ///
    /// # Errors
    /// `not_found` for the lead, the contact that it answers, and the entry that it puts right;
    /// `invalid_argument` for a custom channel without a label and a label of any other, for a time
    /// outside of the years 1900 to 2200, and for an entry that says nothing; `conflict` for putting right
    /// what was not entered, or was put right already.
    ///
    /// ```
    /// use leadkit_core::model::history::{ContactChannel, LogOptions};
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org")])?;
    /// let call = LogOptions {
    ///     body: "Wants the price list by Friday".into(),
    ///     outcome: Some("interested".into()),
    ///     seconds: Some(240),
    ///     ..Default::default()
    /// };
    /// let entry = db.comms().log(ada.id, ContactChannel::Voice, &call)?;
    /// assert_eq!((entry.state.as_str(), entry.seconds), ("logged", Some(240)));
    ///
    /// let right = LogOptions { body: "By Thursday".into(), corrects: Some(entry.id), ..call };
    /// let right = db.comms().log(ada.id, ContactChannel::Voice, &right)?;
    /// let seen = db.comms().timeline(ada.id, &Default::default())?.items;
    /// assert_eq!(seen.iter().map(|entry| entry.id).collect::<Vec<_>>(), [right.id]);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn log(&self, lead: i64, channel: ContactChannel, options: &LogOptions) -> Result<Communication> {
        self.session.shown(history::log(self.session, lead, channel, options)?)
    }

    /// Enters a history of contacts from a CSV file, as another system exported it: `log`, for each row.
    /// Encoding, delimiter and columns are found as in an import of leads; a row is about the stored lead
    /// that its columns name, by id, external id, email or phone. Rows that lead to none, or to several, and
    /// rows that cannot be read are handed back in a file of rejects, with the reasons. A row with a `key`
    /// that is known is skipped. In the report `created` counts the entries.
    ///
    /// What was committed when it was interrupted stays; the same call goes on from there, and once it is
    /// done, it enters nothing twice (`already_imported`). Consent is not touched, nothing is taken for an
    /// answer or an opt-out.
    ///
    /// # Errors
    /// `access_denied` for a view with an access profile; of the source, as
    /// [`Database::import_leads`](super::Database::import_leads); `no_mappable_column` where nothing says whose contacts these are, of
    /// which channel, or when; `unknown_column`, `unknown_field`, `invalid_argument`, `file_exists`;
    /// `cancelled`, `busy`, `operation_running`, `disk_full`, `io`.
    ///
    /// ```
    /// use leadkit_core::model::history::ContactImportOptions;
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org")])?;
    /// let file = "E-Mail;Art;Datum;Notiz\nada@lovelace.org;Anruf;02.03.2026 10:00;Preisliste\n\
    ///             eve@lovelace.org;Anruf;02.03.2026;Wer?\n";
    /// let zone = ContactImportOptions { time_zone: Some("Europe/Berlin".into()), ..Default::default() };
    /// let report = db.comms().import_log(file.as_bytes().to_vec(), zone)?;
    /// assert_eq!((report.rows, report.created, report.rejected), (2, 1, 1));
    /// assert_eq!(report.issues[0].code.as_str(), "lead_not_found");
    /// let call = &db.comms().timeline(ada.id, &Default::default())?.items[0];
    /// assert_eq!((call.channel.as_str(), call.at.to_string().as_str()), ("voice", "2026-03-02T09:00:00.000Z"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn import_log(
        &self,
        source: impl Into<Source>,
        options: ContactImportOptions,
    ) -> Result<ImportReport> {
        history::import(self.session, source.into(), options)
    }

    /// All contacts with a lead, the newest first: what was sent and came in, and what was entered. A lead
    /// that others were merged into has theirs too, and one that was merged has those of what it was
    /// merged into. Entries that were put right are left out unless asked for.
    ///
    /// # Errors
    /// `not_found`; `invalid_argument` for a cursor that no page gave.
    ///
    /// ```
    /// use leadkit_core::model::history::{ContactChannel, LogOptions, TimelineOptions};
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org")])?;
    /// for (at, text) in [("2026-03-02T09:00:00Z", "first"), ("2026-03-01T09:00:00Z", "before it")] {
    ///     let note = LogOptions { body: text.into(), at: Some(at.parse()?), ..Default::default() };
    ///     db.comms().log(ada.id, ContactChannel::Note, &note)?;
    /// }
    /// let one = TimelineOptions { limit: 1, ..Default::default() };
    /// let page = db.comms().timeline(ada.id, &one)?;
    /// assert_eq!(page.items[0].body, "first");
    /// let next = db.comms().timeline(ada.id, &TimelineOptions { cursor: page.next_cursor, ..one })?;
    /// assert_eq!((next.items[0].body.as_str(), next.next_cursor), ("before it", None));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn timeline(&self, lead: i64, options: &TimelineOptions) -> Result<Page<Communication>> {
        history::timeline(self.session, lead, options)
    }

    /// Finds contacts by their words (subject, body, outcome, label, participants, names of files) and by
    /// what is said of them, the newest first or, among the newest 1,000 that have the words, the most
    /// relevant. The words are leadkit's own, so that the same ones find the same contacts on every store.
    ///
    /// # Errors
    /// `invalid_argument` for a text without a word that is to be there, for an order by relevance without
    /// a text, and for a cursor that no page gave; `not_found` for the lead; `unknown_field` and
    /// `invalid_filter` for `leads`.
    ///
    /// ```
    /// use leadkit_core::model::history::{ContactChannel, Facet, LogOptions, SearchOptions};
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org")])?;
    /// for text in ["Sent the price list", "Crème brûlée for lunch", "Price talks: none"] {
    ///     let note = LogOptions { body: text.into(), ..Default::default() };
    ///     db.comms().log(ada.id, ContactChannel::Note, &note)?;
    /// }
    /// let find = |text: &str| {
    ///     let asked = SearchOptions { text: Some(text.into()), facets: vec![Facet::Channel], ..Default::default() };
    ///     db.comms().search(&asked)
    /// };
    /// assert_eq!(find("price")?.total, Some(2));
    /// assert_eq!(find("\"price list\" OR creme")?.facets["channel"]["note"], 2);
    /// let found = find("pri* -talks")?.items;
    /// let marked: Vec<&str> = found[0].highlights.iter().filter(|p| p.found).map(|p| p.text.as_str()).collect();
    /// assert_eq!((found.len(), marked), (1, vec!["price"]));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn search(&self, options: &SearchOptions) -> Result<SearchPage> {
        history::search(self.session, options)
    }

    /// Writes what a search finds to a CSV or Excel file, the newest first, and enters that as an operation.
    /// The file appears as a whole or stays as it was.
    ///
    /// # Errors
    /// As [`Comms::search`]; `unknown_field`; `invalid_argument` for an order, a cursor or facets, and for
    /// a target whose ending names no format; `permission_denied`, `disk_full`, `cancelled`, `io`.
    ///
    /// ```
    /// use leadkit_core::model::history::{ContactChannel, ContactExportOptions, LogOptions};
    /// # let folder = tempfile::tempdir()?;
    /// # let target = folder.path().join("contacts.csv");
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org")])?;
    /// let note = LogOptions { body: "Sent the price list".into(), ..Default::default() };
    /// db.comms().log(ada.id, ContactChannel::Note, &note)?;
    ///
    /// let fields = ["lead.email", "channel", "body"].map(String::from).to_vec();
    /// let options = ContactExportOptions { fields: Some(fields), ..Default::default() };
    /// assert_eq!(db.comms().export(&target, options)?.rows, 1);
    /// let text = std::fs::read_to_string(&target)?;
    /// assert_eq!(text, "lead.email,channel,body\nada@lovelace.org,note,Sent the price list\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn export(&self, target: impl AsRef<Path>, options: ContactExportOptions) -> Result<ExportReport> {
        history::export(self.session, target.as_ref(), options)
    }

    /// Takes a message back that has not gone out.
    ///
    /// # Errors
    /// `not_found`; `conflict` for one that was handed over already.
    pub fn cancel(&self, id: i64) -> Result<Communication> {
        self.session.shown(outbox::cancel(self.session, id)?)
    }

    /// One message.
    ///
    /// # Errors
    /// `not_found`.
    pub fn get(&self, id: i64) -> Result<Communication> {
        let found = self.session.store.reading(|reader| reader.communication(id))?;
        found.ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no message {id}")))
    }

    /// Messages, the newest first.
    ///
    /// # Errors
    /// `invalid_argument` for a cursor that no page gave.
    pub fn list(&self, options: CommunicationListOptions) -> Result<Page<Communication>> {
        let asked = Asked::new(options.cursor.as_deref(), options.limit, "messages")?;
        let query = CommunicationQuery {
            lead: options.lead,
            address: None,
            state: options.state,
            campaign: options.campaign,
            before: asked.cursor,
            limit: asked.read(),
        };
        let items = self.session.store.reading(|reader| reader.communications(&query))?;
        Ok(asked.page(items, |message| message.id.to_string()))
    }

    /// What happened to a message, in order.
    ///
    /// # Errors
    /// Those of the store.
    pub fn events(&self, id: i64) -> Result<Vec<CommunicationEvent>> {
        self.session.store.reading(|reader| reader.communication_events(id))
    }

    /// Hands over what is due. Each message is decided on in the transaction that marks it, just before
    /// it goes: sending must be switched on, consent given, the hour legal where the person may be. What
    /// must wait is looked at again at its hour; what is forbidden is `refused`, with the reason.
    ///
    /// Several processes may do this at once. The first dispatch binds the database to the transport's
    /// account.
    ///
    /// # Errors
    /// `conflict` for a transport of another account; those of the store.
    ///
    /// ```
    /// use leadkit_core::model::communication::SmsOptions;
    /// use leadkit_core::model::transport::*;
    /// use leadkit_core::transport::Transport;
    ///
    /// struct Paper;
    /// impl Transport for Paper {
    ///     fn capabilities(&self) -> Capabilities {
    ///         Capabilities { provider: "paper".into(), sms: true, ..Capabilities::default() }
    ///     }
    ///     fn send_sms(&self, _: &SmsRequest) -> Outcome {
    ///         Outcome::Accepted(Accepted { sid: "P1".into(), status: "sent".into(), ..Accepted::default() })
    ///     }
    /// }
    ///
    /// let db = leadkit_core::open(":memory:")?;
    /// let ada = db.leads().add([("email", "ada@lovelace.org"), ("phone", "+49 30 23125014")])?;
    /// let text = SmsOptions { body: Some("Offers!".into()), ..Default::default() };
    /// let message = db.comms().queue_sms(ada.id, &text)?;
    /// assert!(!db.comms().dispatch(&Paper, &Default::default())?.sending, "it is switched off");
    ///
    /// let on = leadkit_core::model::settings::SettingsChange { sending: Some(true), ..Default::default() };
    /// db.settings().set(&on)?;
    /// let report = db.comms().dispatch(&Paper, &Default::default())?;
    /// assert_eq!(report.refusals["no_consent"], 1);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn dispatch(&self, transport: &dyn Transport, options: &DispatchOptions) -> Result<DispatchReport> {
        self.session.check_whole("hands nothing to a provider")?;
        outbox::dispatch(self.session, transport, options)
    }

    /// Finds out what became of messages whose answer was lost, in the provider's list; asks about those
    /// that it took, where no report came of their end or price; and takes back what it still holds for
    /// people who want no more. Call it every minute or so, or when its `next_at` says.
    ///
    /// # Errors
    /// `conflict` for a transport of another account; `unsupported` for one that lists nothing; those of
    /// the store.
    pub fn reconcile(&self, transport: &dyn Transport) -> Result<ReconcileReport> {
        self.session.check_whole("asks no provider")?;
        outbox::reconcile(self.session, transport)
    }

    /// Enters what the provider reports, once it is known to be the provider's. Told once more, it
    /// changes nothing; told in another order, the end is the same.
    ///
    /// # Errors
    /// Those of the store.
    pub fn receive_event(&self, event: &WebhookEvent, token: Option<&str>) -> Result<Received> {
        self.session.check_whole("enters no reports of providers")?;
        outbox::receive(self.session, event, token)
    }

    /// Checks that a request is Twilio's and of the account that sends, and enters what it reports.
    ///
    /// # Errors
    /// `permission_denied` for a wrong signature and another account; `invalid_argument` for what is no
    /// webhook about messages; those of the store.
    #[cfg(feature = "twilio")]
    pub fn receive(
        &self,
        twilio: &crate::transport::twilio::Twilio,
        request: &crate::model::transport::WebhookRequest,
    ) -> Result<Received> {
        use crate::transport::twilio::{parse_twilio_webhook, verify_twilio_request};
        self.session.check_whole("enters no reports of providers")?;
        let genuine = twilio.auth_token().is_some_and(|secret| verify_twilio_request(secret, request));
        if !genuine {
            return Err(Error::new(
                ErrorCode::PermissionDenied,
                "this request is not signed by the account's token",
            )
            .hint("build its URL from your own configuration, not from forwarded headers"));
        }
        let event = parse_twilio_webhook(request)?;
        if event.account_sid() != twilio.account_sid() {
            return Err(Error::new(ErrorCode::PermissionDenied, "this request is about another account"));
        }
        outbox::receive(self.session, &event, outbox::token_of(request))
    }
}
