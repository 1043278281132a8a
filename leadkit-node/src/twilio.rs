//! Twilio, and the checking of its requests.

use leadkit_core::model::transport::{CallRequest, MessageQuery, SmsRequest, WebhookRequest};
use leadkit_core::transport::Transport;
use leadkit_core::{Result, Secret, Twilio, TwilioConfig};
use napi_derive::napi;
use serde::Serialize;

use crate::call::{Answer, Listener, Reply, long, now};
use crate::de::{read, read_options};
use crate::js::Js;

/// A `leadkit_core::Twilio`.
#[napi]
pub struct TwilioHandle(pub(crate) Twilio);

#[napi]
pub fn twilio(options: Js) -> Answer {
    now(|| {
        let config: TwilioConfig = read_options(options, &[])?;
        Ok(Reply::Twilio(TwilioHandle(Twilio::new(config)?)))
    })
}

impl TwilioHandle {
    /// Requests wait for the network: on a thread of their own.
    fn about<T: Serialize + 'static>(
        &self,
        sid: Js,
        listener: Listener<'_>,
        ask: fn(&Twilio, &str) -> Result<T>,
    ) -> Answer {
        let twilio = self.0.clone();
        long(listener, |_| {
            let sid: String = read(sid, "sid")?;
            Ok(move || Reply::data(&ask(&twilio, &sid)?))
        })
    }
}

#[napi]
impl TwilioHandle {
    #[napi]
    pub fn account_sid(&self) -> String {
        self.0.account_sid().to_string()
    }

    #[napi]
    pub fn public_url(&self) -> Option<String> {
        self.0.public_url().map(str::to_string)
    }

    #[napi]
    pub fn capabilities(&self) -> Answer {
        now(|| Reply::data(&self.0.capabilities()))
    }

    #[napi]
    pub fn send_sms(&self, request: Js, listener: Listener<'_>) -> Answer {
        let twilio = self.0.clone();
        long(listener, |_| {
            let request: SmsRequest = read(request, "request")?;
            Ok(move || Reply::data(&twilio.send_sms(&request)))
        })
    }

    #[napi]
    pub fn send_many(&self, requests: Js, listener: Listener<'_>) -> Answer {
        let twilio = self.0.clone();
        long(listener, |_| {
            let requests: Vec<SmsRequest> = read(requests, "requests")?;
            Ok(move || Reply::data(&twilio.send_many(&requests)))
        })
    }

    #[napi]
    pub fn start_call(&self, request: Js, listener: Listener<'_>) -> Answer {
        let twilio = self.0.clone();
        long(listener, |_| {
            let request: CallRequest = read(request, "request")?;
            Ok(move || Reply::data(&twilio.start_call(&request)))
        })
    }

    #[napi]
    pub fn fetch_message(&self, sid: Js, listener: Listener<'_>) -> Answer {
        self.about(sid, listener, Twilio::fetch_message)
    }

    #[napi]
    pub fn fetch_call(&self, sid: Js, listener: Listener<'_>) -> Answer {
        self.about(sid, listener, Twilio::fetch_call)
    }

    #[napi]
    pub fn list_messages(&self, query: Js, listener: Listener<'_>) -> Answer {
        let twilio = self.0.clone();
        long(listener, |_| {
            let query: MessageQuery = read(query, "query")?;
            Ok(move || Reply::data(&twilio.list_messages(&query)?))
        })
    }

    #[napi]
    pub fn cancel(&self, sid: Js, listener: Listener<'_>) -> Answer {
        self.about(sid, listener, Twilio::cancel)
    }

    #[napi]
    pub fn hang_up(&self, sid: Js, listener: Listener<'_>) -> Answer {
        self.about(sid, listener, Twilio::hang_up)
    }

    #[napi]
    pub fn redact_message(&self, sid: Js, listener: Listener<'_>) -> Answer {
        self.about(sid, listener, Twilio::redact_message)
    }

    #[napi]
    pub fn delete_message(&self, sid: Js, listener: Listener<'_>) -> Answer {
        self.about(sid, listener, Twilio::delete_message)
    }

    #[napi]
    pub fn delete_call(&self, sid: Js, listener: Listener<'_>) -> Answer {
        self.about(sid, listener, Twilio::delete_call)
    }

    #[napi]
    pub fn erase(&self, sid: Js, listener: Listener<'_>) -> Answer {
        self.about(sid, listener, Twilio::erase)
    }
}

#[napi]
pub fn verify_twilio_request(secret: Js, request: Js) -> Answer {
    now(|| {
        let secret: Secret = read(secret, "secret")?;
        let request: WebhookRequest = read(request, "request")?;
        Reply::data(&leadkit_core::verify_twilio_request(&secret, &request))
    })
}
