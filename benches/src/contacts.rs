//! Contacts of a year with many leads, the same for the same number.

use leadkit_core::clock::Random;
use leadkit_core::model::communication::Communication;
use serde_json::json;

/// The first instant, 2026-01-01T00:00:00Z, and how long the year is, in milliseconds.
const FROM: i64 = 1_767_225_600_000;
const YEAR: u64 = 365 * 24 * 3_600 * 1_000;
/// Words of the language that people here speak; the first are the most frequent.
const WORDS: u64 = 20_000;
/// Words of a contact.
const LEAST: u64 = 6;
const MOST: u64 = 30;

/// Makes contacts; see [`Contacts::next`].
pub struct Contacts {
    leads: u64,
    random: Random,
    like: Communication,
}

impl Contacts {
    /// Contacts with so many leads, their numbers from 1 on.
    pub fn new(leads: u64, seed: u64) -> Contacts {
        let like = json!({
            "id": 0, "lead": null, "channel": "sms", "direction": "outbound", "state": "delivered",
            "purpose": "marketing", "to": "", "sender": "+15005550006", "body": "", "template": null,
            "template_version": null, "campaign": null, "key": null, "actor": null, "reason": null,
            "created_at": "2026-01-01T00:00:00Z", "send_at": null, "expires_at": null, "due_at": null,
            "sent_at": null, "attempts": 1, "token": null, "provider_id": null, "status": "delivered",
            "refusal": null, "segments": 1, "billed_segments": 1, "price": null, "evidence": null,
        });
        let like = serde_json::from_value(like).unwrap_or_else(|error| panic!("{error}"));
        Contacts { leads, random: Random::fixed(seed), like }
    }

    fn below(&self, limit: u64) -> u64 {
        self.random.next() % limit
    }

    /// A word, frequent ones more often: about as Zipf says.
    fn word(&self) -> String {
        let share = self.below(1 << 20) as f64 / (1_u64 << 20) as f64;
        name((WORDS as f64).powf(share) as u64)
    }

    /// The next one: eight channels, two directions, twenty owners, ten templates, thirty campaigns, and an
    /// instant of the year.
    pub fn next(&self) -> Communication {
        const CHANNELS: [&str; 8] = ["sms", "sms", "sms", "sms", "voice", "email", "email", "note"];
        let channel = CHANNELS[self.below(8) as usize];
        let inbound = self.below(4) == 0;
        let lead = 1 + self.below(self.leads);
        let number = format!("+1212{:07}", lead % 10_000_000);
        let words: Vec<String> = (0..LEAST + self.below(MOST - LEAST)).map(|_| self.word()).collect();
        let at = leadkit_core::Timestamp(FROM + self.below(YEAR) as i64);
        let some = |name: &str, of: u64| Some(format!("{name}{:02}", self.below(of)));
        let sent = channel == "sms" || channel == "voice";
        Communication {
            lead: Some(lead as i64),
            channel: serde_json::from_value(json!(channel)).unwrap_or(self.like.channel),
            direction: serde_json::from_value(json!(if inbound { "inbound" } else { "outbound" }))
                .unwrap_or(self.like.direction),
            state: serde_json::from_value(json!(match (sent, inbound) {
                (true, true) => "received",
                (true, false) => "delivered",
                _ => "logged",
            }))
            .unwrap_or(self.like.state),
            to: number,
            body: words.join(" "),
            owner: some("rep", 20),
            template: some("template", 10).filter(|_| sent && !inbound),
            campaign: some("campaign", 30).filter(|_| sent && !inbound),
            provider_id: sent.then(|| format!("SM{:032x}", self.random.next())),
            price: sent.then(|| leadkit_core::model::money::Money { micros: 8_300, currency: "USD".into() }),
            at,
            created_at: at,
            sent_at: sent.then_some(at),
            ..self.like.clone()
        }
    }
}

/// The word of a rank: `ba`, `be`, … as long as it must be.
pub fn name(mut rank: u64) -> String {
    const FIRST: [&str; 16] =
        ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z"];
    const SECOND: [&str; 5] = ["a", "e", "i", "o", "u"];
    let mut word = String::new();
    loop {
        word.push_str(FIRST[(rank % 16) as usize]);
        word.push_str(SECOND[(rank / 16 % 5) as usize]);
        rank /= 80;
        if rank == 0 {
            return word;
        }
    }
}

/// Contacts that answer each other, for statistics: what goes out has a variant, may fail, and is answered by
/// about every third contact that comes in; everybody is in one of five countries.
pub struct Talks {
    contacts: Contacts,
    random: Random,
    made: i64,
    /// What went out lately and waits for an answer.
    asked: Vec<(i64, Communication)>,
}

impl Talks {
    /// Contacts with so many leads, their numbers from 1 on, as they are entered into an empty store.
    pub fn new(leads: u64, seed: u64) -> Talks {
        let random = Random::fixed(seed + 1);
        Talks { contacts: Contacts::new(leads, seed), random, made: 0, asked: Vec::new() }
    }

    fn below(&self, limit: u64) -> u64 {
        self.random.next() % limit
    }

    /// The next one.
    pub fn draw(&mut self) -> Communication {
        const PLACES: [(&str, &str); 5] = [
            ("US", "America/New_York"),
            ("US", "America/Chicago"),
            ("DE", "Europe/Berlin"),
            ("GB", "Europe/London"),
            ("IN", "Asia/Kolkata"),
        ];
        /// Contacts that wait for an answer.
        const WAITING: usize = 500;
        let mut contact = self.contacts.next();
        self.made += 1;
        let (country, time_zone) = PLACES[contact.lead.unwrap_or(0) as usize % PLACES.len()];
        contact.country = Some(country.into());
        contact.time_zone = Some(time_zone.into());
        let inbound = contact.direction == leadkit_core::model::transport::Direction::Inbound;
        if !inbound {
            contact.variant = Some(["A", "B"][self.below(2) as usize].into());
            let fate = self.below(100);
            if contact.state.as_str() == "delivered" && fate < 8 {
                contact.state = serde_json::from_value(json!(if fate < 5 { "failed" } else { "accepted" }))
                    .unwrap_or(contact.state);
            }
            if self.asked.len() < WAITING {
                self.asked.push((self.made, contact.clone()));
            }
        } else if !self.asked.is_empty() {
            let place = self.below(self.asked.len() as u64) as usize;
            let (id, asked) = self.asked.swap_remove(place);
            // Most within an hour, some after days.
            let after = 1_000 + self.below(1 << (12 + self.below(16))) as i64;
            contact.reply_to = Some(id);
            contact.reply_after = Some(after);
            contact.at = leadkit_core::Timestamp(asked.at.0 + after);
            (contact.created_at, contact.lead) = (contact.at, asked.lead);
            (contact.country, contact.time_zone) = (asked.country, asked.time_zone);
            if contact.channel.as_str() == "sms" && self.below(20) == 0 {
                contact.body = "STOP".into();
            }
        }
        contact
    }
}
