//! The room of messages.

use super::page::Asked;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::communication::{
    Communication, CommunicationEvent, CommunicationListOptions, DispatchOptions, DispatchReport,
    ReconcileReport, SmsOptions,
};
use crate::model::report::Page;
use crate::model::transport::WebhookEvent;
use crate::outbox::{self, Received};
use crate::store::CommunicationQuery;
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
        outbox::queue_sms(self.session, lead, options)
    }

    /// Takes a message back that has not gone out.
    ///
    /// # Errors
    /// `not_found`; `conflict` for one that was handed over already.
    pub fn cancel(&self, id: i64) -> Result<Communication> {
        outbox::cancel(self.session, id)
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
        outbox::dispatch(self.session, transport, options)
    }

    /// Finds out what became of messages whose answer was lost, in the provider's list.
    ///
    /// # Errors
    /// `unsupported` for a transport that lists nothing; those of the store.
    pub fn reconcile(&self, transport: &dyn Transport) -> Result<ReconcileReport> {
        outbox::reconcile(self.session, transport)
    }

    /// Enters what the provider reports, once it is known to be the provider's. Told once more, it
    /// changes nothing; told in another order, the end is the same.
    ///
    /// # Errors
    /// Those of the store.
    pub fn receive_event(&self, event: &WebhookEvent, token: Option<&str>) -> Result<Received> {
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
