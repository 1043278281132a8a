//! A Twilio of one's own, for tests of hosts.

use leadkit_core::testing::{FakeOptions, FakeTwilio, Fate, Fault};
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;

use crate::call::{Answer, Listener, Reply, long, now};
use crate::database::Db;
use crate::de::{read, read_options, read_tagged};
use crate::js::Js;
use crate::ser::to_js;
use crate::twilio::TwilioHandle;

/// A `leadkit_core::testing::FakeTwilio`.
#[napi]
pub struct Fake(FakeTwilio);

#[napi]
pub fn fake_twilio(db: Option<ClassInstance<'_, Db>>, options: Js) -> Answer {
    now(|| {
        let options: FakeOptions = read_options(options, &[])?;
        let db = db.map(|db| db.0.clone());
        Ok(Reply::Fake(Fake(FakeTwilio::start_for(db.as_ref(), options)?)))
    })
}

/// What gives nothing back.
fn done() -> leadkit_core::Result<Reply> {
    Ok(Reply::Data(Js::Undefined))
}

#[napi]
impl Fake {
    #[napi]
    pub fn url(&self) -> String {
        self.0.url().to_string()
    }

    #[napi]
    pub fn account_sid(&self) -> String {
        self.0.account_sid()
    }

    #[napi]
    pub fn auth_token(&self) -> String {
        self.0.auth_token().expose().to_string()
    }

    #[napi]
    pub fn number(&self) -> String {
        FakeTwilio::NUMBER.to_string()
    }

    #[napi]
    pub fn service(&self) -> String {
        FakeTwilio::SERVICE.to_string()
    }

    #[napi]
    pub fn now(&self) -> Answer {
        now(|| Reply::data(&self.0.now()))
    }

    #[napi]
    pub fn advance(&self, seconds: Js) -> Answer {
        now(|| {
            self.0.advance(read(seconds, "seconds")?);
            done()
        })
    }

    #[napi]
    pub fn config(&self) -> Answer {
        now(|| {
            let mut config = to_js(&self.0.config())?;
            if let Js::Map(entries) = &mut config {
                // In the clear: it is the fake's own, and what makes a Twilio wants it.
                let token = entries.iter_mut().find(|(name, _)| name == "authToken");
                token.into_iter().for_each(|(_, value)| *value = Js::from(self.auth_token()));
            }
            Ok(Reply::Data(config))
        })
    }

    #[napi]
    pub fn twilio(&self) -> Answer {
        now(|| Ok(Reply::Twilio(TwilioHandle(self.0.twilio()?))))
    }

    #[napi]
    pub fn fault(&self, fault: Js) -> Answer {
        now(|| {
            self.0.fault(read_tagged::<Fault>(fault, "fault")?);
            done()
        })
    }

    #[napi]
    pub fn fault_once_in(&self, requests: Js, fault: Js) -> Answer {
        now(|| {
            self.0.fault_once_in(read(requests, "requests")?, read_tagged::<Fault>(fault, "fault")?);
            done()
        })
    }

    #[napi]
    pub fn fate(&self, to: Js, fate: Js) -> Answer {
        now(|| {
            let to: String = read(to, "to")?;
            self.0.fate(&to, read_tagged::<Fate>(fate, "fate")?);
            done()
        })
    }

    #[napi]
    pub fn shuffle_callbacks(&self, on: Js) -> Answer {
        now(|| {
            self.0.shuffle_callbacks(read(on, "on")?);
            done()
        })
    }

    #[napi]
    pub fn repeat_callbacks(&self, times: Js) -> Answer {
        now(|| {
            self.0.repeat_callbacks(read(times, "times")?);
            done()
        })
    }

    #[napi]
    pub fn inbound(&self, sender: Js, to: Js, body: Js, url: Js) -> Answer {
        now(|| {
            let (sender, to): (String, String) = (read(sender, "sender")?, read(to, "to")?);
            let (body, url): (String, String) = (read(body, "body")?, read(url, "url")?);
            Reply::data(&self.0.inbound(&sender, &to, &body, &url)?)
        })
    }

    #[napi]
    pub fn inbound_call(&self, sender: Js, to: Js, url: Js) -> Answer {
        now(|| {
            let (sender, to): (String, String) = (read(sender, "sender")?, read(to, "to")?);
            let url: String = read(url, "url")?;
            Reply::data(&self.0.inbound_call(&sender, &to, &url)?)
        })
    }

    #[napi]
    pub fn callbacks(&self) -> Answer {
        now(|| Reply::data(&self.0.callbacks()))
    }

    #[napi]
    pub fn next_callback(&self) -> Answer {
        now(|| Reply::data(&self.0.next_callback()))
    }

    #[napi]
    pub fn deliver(&self, listener: Listener<'_>) -> Answer {
        let fake = self.0.clone();
        long(listener, |_| Ok(move || Reply::data(&fake.deliver())))
    }

    #[napi]
    pub fn deliver_by_itself(&self) {
        self.0.deliver_by_itself();
    }

    #[napi]
    pub fn accepted(&self, to: Js, body: Js) -> Answer {
        now(|| {
            let (to, body): (String, String) = (read(to, "to")?, read(body, "body")?);
            Reply::data(&self.0.accepted(&to, &body))
        })
    }

    #[napi]
    pub fn accepted_all(&self) -> Answer {
        now(|| Reply::data(&self.0.accepted_all()))
    }

    #[napi]
    pub fn messages(&self) -> Answer {
        now(|| Reply::data(&self.0.messages()))
    }

    #[napi]
    pub fn status(&self, sid: Js) -> Answer {
        now(|| {
            let sid: String = read(sid, "sid")?;
            Reply::data(&self.0.status(&sid))
        })
    }

    #[napi]
    pub fn requests(&self) -> Answer {
        now(|| Reply::data(&self.0.requests()))
    }

    #[napi]
    pub fn forget_requests(&self) {
        self.0.forget_requests();
    }
}
