//! A Twilio of one's own: an HTTP server on this machine that takes messages and calls as Twilio does,
//! reports what becomes of them, and fails as asked.

mod account;
mod call;
mod callback;
mod dial;
mod fault;
mod json;
mod message;
mod server;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::{Clock, Random, Timestamp};
use crate::database::Database;
use crate::error::{Error, ErrorCode, Result};
use crate::model::transport::{MessageStatus, WebhookRequest};
use crate::secret::Secret;
use crate::transport::twilio::{Twilio, TwilioConfig};
use account::Account;
pub use fault::{Fate, Fault};
pub use message::FakeMessage;
pub use server::FakeRequest;

/// Which account the fake is, and how fast things happen there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FakeOptions {
    /// The account.
    pub account_sid: String,
    /// Its token: signs in, and signs webhooks.
    pub auth_token: Secret,
    /// A key that signs in too.
    pub api_key: Option<String>,
    /// The key's secret.
    pub api_secret: Option<Secret>,
    /// Decides ids, and the chance of faults and of the order of callbacks.
    pub seed: u64,
    /// Seconds of the clock from one status to the next.
    pub pace: f64,
    /// Seconds from a message's last status to its price.
    pub price_after: f64,
    /// Where its own clock stands; without one it goes by the database it is started for, or by the machine.
    pub now: Option<Timestamp>,
}

impl Default for FakeOptions {
    fn default() -> FakeOptions {
        FakeOptions {
            account_sid: format!("AC{}", "f".repeat(32)),
            auth_token: "the fake's auth token".into(),
            api_key: None,
            api_secret: None,
            seed: 1,
            pace: 1.0,
            price_after: 5.0,
            now: None,
        }
    }
}

/// Twilio, as far as tests need it. Clones are the same server; it ends with the last one.
///
/// Everything happens by its clock: with a fixed one nothing becomes of a message until the clock is
/// advanced. Callbacks are handed out by [`FakeTwilio::callbacks`], posted by
/// [`FakeTwilio::deliver`], or posted as they fall due after [`FakeTwilio::deliver_by_itself`].
///
/// ```
/// use leadkit_core::model::transport::{MessageStatus, SmsRequest};
/// use leadkit_core::testing::FakeTwilio;
/// use leadkit_core::transport::Transport;
/// use leadkit_core::{Clock, verify_twilio_request};
///
/// let clock = Clock::fixed("2026-03-02T15:00:00Z".parse()?);
/// let fake = FakeTwilio::start_with(Default::default(), clock.clone())?;
/// let twilio = fake.twilio()?;
/// let request = SmsRequest {
///     body: Some("Hello".into()),
///     status_callback: Some("https://leads.example/status".into()),
///     ..SmsRequest::to("+15558675310")
/// };
/// let outcome = twilio.send_sms(&request);
/// assert_eq!(fake.accepted("+15558675310", "Hello"), 1);
///
/// clock.advance(60.0);
/// let reports = fake.callbacks();
/// assert_eq!(reports.len(), 2, "sent and delivered");
/// assert!(reports.iter().all(|report| verify_twilio_request(fake.auth_token(), report)));
/// let message = twilio.fetch_message(outcome.sid().unwrap())?;
/// assert_eq!(message.status, MessageStatus::Delivered);
/// assert_eq!(message.price.unwrap().to_string(), "0.0079 USD");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone)]
pub struct FakeTwilio(Arc<Fake>);

struct Fake {
    address: String,
    state: Arc<Mutex<Account>>,
    server: server::Server,
    /// The server's thread ends when this is dropped.
    _alive: UnboundedSender<()>,
}

impl FakeTwilio {
    /// Starts one with the machine's clock.
    ///
    /// # Errors
    /// `io` when this machine gives no port or thread.
    pub fn start() -> Result<FakeTwilio> {
        FakeTwilio::start_with(FakeOptions::default(), Clock::system())
    }

    /// [`FakeTwilio::start`] with options and a clock.
    ///
    /// # Errors
    /// As [`FakeTwilio::start`]; `invalid_argument` for a key without its secret.
    pub fn start_with(options: FakeOptions, clock: Clock) -> Result<FakeTwilio> {
        if options.api_key.is_some() != options.api_secret.is_some() {
            return Err(Error::new(ErrorCode::InvalidArgument, "a key and its secret belong together")
                .at_field(if options.api_key.is_some() { "api_secret" } else { "api_key" }));
        }
        let random = Random::fixed(options.seed);
        let state = Arc::new(Mutex::new(Account::new(options, clock, random)));
        let (server, address, alive) = server::Server::start(state.clone())?;
        Ok(FakeTwilio(Arc::new(Fake { address, state, server, _alive: alive })))
    }

    /// [`FakeTwilio::start`] with options, by the clock of a database, so that both are advanced
    /// together; without one by a clock that stands at `now`, or else the machine's.
    ///
    /// # Errors
    /// As [`FakeTwilio::start_with`]; `invalid_argument` for a database and a `now` at once.
    ///
    /// ```
    /// use leadkit_core::testing::{self, FakeTwilio};
    /// let db = testing::open(":memory:", "2026-03-02T15:00:00Z".parse()?, 1)?;
    /// let fake = FakeTwilio::start_for(Some(&db), Default::default())?;
    /// fake.advance(60.0);
    /// assert_eq!(testing::now(&db), fake.now());
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn start_for(database: Option<&Database>, options: FakeOptions) -> Result<FakeTwilio> {
        let clock = match (database, options.now) {
            (Some(_), Some(_)) => {
                return Err(Error::new(ErrorCode::InvalidArgument, "the database's clock is taken")
                    .hint("give either a database or `now`")
                    .at_field("now"));
            }
            (Some(database), None) => database.0.clock.clone(),
            (None, Some(now)) => Clock::fixed(now),
            (None, None) => Clock::system(),
        };
        FakeTwilio::start_with(options, clock)
    }

    /// Moves its clock, and with it the database's whose clock it is; the machine's is left alone.
    pub fn advance(&self, seconds: f64) {
        self.account().clock.advance(seconds);
    }

    /// The instant at which its clock stands.
    pub fn now(&self) -> Timestamp {
        self.account().clock.now()
    }

    /// Its address, as a `base_url`.
    pub fn url(&self) -> &str {
        &self.0.address
    }

    /// Its account.
    pub fn account_sid(&self) -> String {
        self.account().options.account_sid.clone()
    }

    /// Its account's token.
    pub fn auth_token(&self) -> &Secret {
        &self.0.server.auth_token
    }

    /// A config that leads here, sending from [`FakeTwilio::NUMBER`].
    pub fn config(&self) -> TwilioConfig {
        TwilioConfig {
            account_sid: self.account_sid(),
            auth_token: Some(self.auth_token().clone()),
            sender: Some(Self::NUMBER.into()),
            base_url: Some(self.url().into()),
            ..TwilioConfig::default()
        }
    }

    /// A transport that leads here, with the same clock.
    ///
    /// # Errors
    /// As [`Twilio::new`].
    pub fn twilio(&self) -> Result<Twilio> {
        Twilio::with_clock(self.config(), self.account().clock.clone())
    }

    /// The number that sends, alone and for the messaging service.
    pub const NUMBER: &'static str = "+15005550006";

    /// A messaging service that has [`FakeTwilio::NUMBER`].
    pub const SERVICE: &'static str = "MGffffffffffffffffffffffffffffffff";

    /// What goes wrong with the next request that creates a message or call; several queue up.
    pub fn fault(&self, fault: Fault) {
        self.account().faults.push_back(fault);
    }

    /// What goes wrong once in so many of those requests, by the seed; 0 ends it.
    pub fn fault_once_in(&self, requests: u32, fault: Fault) {
        self.account().chance = (requests > 0).then_some((requests, fault));
    }

    /// What becomes of messages and calls to a number from now on; otherwise they are delivered, or
    /// answered and hung up after 12 seconds.
    pub fn fate(&self, to: &str, fate: Fate) {
        self.account().fates.insert(to.to_string(), fate);
    }

    /// Hands callbacks out in random order, by the seed.
    pub fn shuffle_callbacks(&self, on: bool) {
        self.account().shuffled = on;
    }

    /// Hands each callback out so many times; once otherwise.
    pub fn repeat_callbacks(&self, times: u32) {
        self.account().repeated = times.max(1);
    }

    /// A message from outside, as the request that Twilio makes to a URL of ours. STOP and its like block
    /// what is sent to `from` from then on (21610), START lifts that.
    ///
    /// # Errors
    /// `invalid_argument` when the URL cannot be signed.
    pub fn inbound(&self, from: &str, to: &str, body: &str, url: &str) -> Result<WebhookRequest> {
        self.account().inbound(from, to, body, url)
    }

    /// A call from outside, as the request that Twilio makes to a URL of ours.
    ///
    /// # Errors
    /// As [`FakeTwilio::inbound`].
    pub fn inbound_call(&self, from: &str, to: &str, url: &str) -> Result<WebhookRequest> {
        self.account().inbound_call(from, to, url)
    }

    /// The callbacks that have fallen due and were not handed out yet, signed.
    pub fn callbacks(&self) -> Vec<WebhookRequest> {
        self.account().take_due()
    }

    /// When the next callback falls due.
    pub fn next_callback(&self) -> Option<Timestamp> {
        self.account().next_due()
    }

    /// Posts the callbacks that have fallen due, one after the other; the statuses that the host
    /// answered, 0 where it did not.
    pub fn deliver(&self) -> Vec<u16> {
        let due = self.callbacks();
        self.0.server.post(due)
    }

    /// Posts callbacks as they fall due, until the fake ends.
    pub fn deliver_by_itself(&self) {
        self.0.server.post_by_itself(Duration::from_millis(5));
    }

    /// How often a text to an address was accepted: more than once is what must never happen.
    pub fn accepted(&self, to: &str, body: &str) -> u64 {
        self.account().accepted.get(&(to.to_string(), body.to_string())).copied().unwrap_or(0)
    }

    /// All that was accepted: recipient, text, how often.
    pub fn accepted_all(&self) -> Vec<(String, String, u64)> {
        let account = self.account();
        account.accepted.iter().map(|((to, body), count)| (to.clone(), body.clone(), *count)).collect()
    }

    /// The messages it has, oldest first, as they stand now.
    pub fn messages(&self) -> Vec<FakeMessage> {
        self.account().messages.clone()
    }

    /// Where a message stands by now.
    pub fn status(&self, sid: &str) -> Option<MessageStatus> {
        let account = self.account();
        let now = account.clock.now();
        account.messages.iter().find(|message| message.sid == sid).map(|message| message.status(now))
    }

    /// The requests it received, oldest first, without their credentials.
    pub fn requests(&self) -> Vec<FakeRequest> {
        self.account().requests.clone()
    }

    /// Forgets the requests it received.
    pub fn forget_requests(&self) {
        self.account().requests.clear();
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for FakeTwilio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FakeTwilio").field("url", &self.0.address).finish_non_exhaustive()
    }
}
