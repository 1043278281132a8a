//! A database that sends, and a Twilio of its own, over HTTP, by the same clock.

use leadkit_core::model::communication::{CommunicationState, DispatchOptions, DispatchReport, SmsOptions};
use leadkit_core::model::consent::{Channel, ConsentKind, ConsentOptions};
use leadkit_core::model::money::Money;
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::testing::{FakeOptions, FakeTwilio};
use leadkit_core::{Database, Timestamp, Twilio, testing};

use crate::home::{Home, with_keys};
use crate::now;

/// A number whose people are in New York.
pub const ADA: &str = "+12127365000";
/// Another.
pub const BOB: &str = "+12127365001";
/// Where the host is reached.
pub const HOOK: &str = "https://crm.example/hook?tenant=a";

/// A database on a Monday morning of New York, and a Twilio by the same clock.
pub struct Desk {
    /// It sends, and has its public URL.
    pub db: Database,
    /// Twilio, as far as tests need it.
    pub fake: FakeTwilio,
    /// The way there.
    pub twilio: Twilio,
    home: Option<Home>,
}

impl Desk {
    /// One at some home; in memory without.
    pub fn at(home: Option<Home>) -> Desk {
        let db = match &home {
            Some(home) => home.db(1),
            None => testing::open_with("memory:", with_keys(), now(), 1).unwrap(),
        };
        Desk::of(db, home)
    }

    /// One with a database that somebody opened there.
    pub fn of(db: Database, home: Option<Home>) -> Desk {
        let monday: Timestamp = "2026-03-02T15:00:00Z".parse().unwrap();
        testing::advance(&db, (monday.0 - testing::now(&db).0) as f64 / 1_000.0);
        let fake = FakeTwilio::start_with(FakeOptions::default(), testing::clock(&db)).unwrap();
        let twilio = fake.twilio().unwrap();
        let desk = Desk { db, fake, twilio, home };
        desk.set(SettingsChange {
            sending: Some(true),
            public_url: Some(HOOK.into()),
            ..SettingsChange::default()
        });
        desk
    }

    /// Where the database is; none in memory.
    pub fn home(&self) -> Option<&Home> {
        self.home.as_ref()
    }

    /// Turns switches.
    pub fn set(&self, change: SettingsChange) {
        self.db.settings().set(&change).unwrap();
    }

    /// A lead who agreed to text messages.
    pub fn lead(&self, email: &str, phone: &str) -> i64 {
        let lead = self.db.leads().add([("email", email), ("phone", phone), ("owner", "mia")]).unwrap().id;
        self.grant(lead, Channel::Sms);
        lead
    }

    /// Lets a lead agree.
    pub fn grant(&self, lead: i64, channel: Channel) {
        let options = ConsentOptions {
            lead: Some(lead),
            channel: Some(channel),
            wording: Some("Yes".into()),
            ..ConsentOptions::default()
        };
        self.db.consent().record(ConsentKind::Grant, "web form", options).unwrap();
    }

    /// Hands over what is due.
    pub fn dispatch(&self) -> DispatchReport {
        self.db.comms().dispatch(&self.twilio, &DispatchOptions::default()).unwrap()
    }

    /// Lets time pass and hands in whatever Twilio reports meanwhile.
    pub fn pass(&self, seconds: f64) {
        testing::advance(&self.db, seconds);
        for request in self.fake.callbacks() {
            self.db.comms().receive(&self.twilio, &request).unwrap();
        }
    }

    /// Where a message stands, and why.
    pub fn state(&self, id: i64) -> (CommunicationState, Option<String>) {
        let message = self.db.comms().get(id).unwrap();
        (message.state, message.refusal.map(|refusal| refusal.code))
    }
}

/// On all three stores.
pub fn everywhere(work: impl Fn(&Desk)) {
    for home in [None, Some(Home::file()), Some(Home::tenant())] {
        work(&Desk::at(home));
    }
}

/// A text as it is.
pub fn text(body: &str) -> SmsOptions {
    SmsOptions { body: Some(body.into()), ..SmsOptions::default() }
}

/// An amount of dollars.
pub fn usd(amount: &str) -> Money {
    Money::parse(amount, "USD").unwrap()
}
