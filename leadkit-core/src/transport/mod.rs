//! How messages and calls leave the house: one trait, and Twilio behind it.
//!
//! Hosts may bring a [`Transport`] of their own. What it answers is an [`Outcome`], never an error: the
//! outbox must know whether a request was taken, was not taken, or may have been.

pub mod codes;
mod host;
#[cfg(feature = "twilio")]
pub mod twilio;
pub mod twiml;

use crate::error::{Error, ErrorCode, Result};
use crate::model::report::Page;
use crate::model::transport::{
    CallRequest, Cancellation, Capabilities, MessageQuery, Outcome, ProviderCall, ProviderMessage,
    RefusalClass, SmsRequest,
};
pub use host::{HostFailure, HostMethod, HostObject, HostTransport};

/// Sends messages and starts calls.
///
/// All methods block. Sending has four outcomes and no error: whoever implements this must answer
/// [`Outcome::Unknown`] whenever the request may have reached the provider without a clear answer, and
/// must never send a request a second time by itself.
///
/// ```
/// use leadkit_core::Result;
/// use leadkit_core::model::report::Page;
/// use leadkit_core::model::transport::*;
/// use leadkit_core::transport::Transport;
///
/// /// Takes everything and sends nothing.
/// struct Paper;
///
/// impl Transport for Paper {
///     fn capabilities(&self) -> Capabilities {
///         Capabilities { provider: "paper".into(), sms: true, ..Capabilities::default() }
///     }
///     fn send_sms(&self, _: &SmsRequest) -> Outcome {
///         Outcome::Accepted(Accepted { sid: "P1".into(), status: "sent".into(), ..Accepted::default() })
///     }
/// }
///
/// let paper: &dyn Transport = &Paper;
/// assert_eq!(paper.send_sms(&SmsRequest::to("+15558675310")).sid(), Some("P1"));
/// assert!(matches!(paper.start_call(&CallRequest::to("+15558675310")), Outcome::Refused(_)));
/// assert_eq!(paper.fetch_message("P1").unwrap_err().code(), "unsupported");
/// ```
pub trait Transport: Send + Sync {
    /// What it can do, and for which account.
    fn capabilities(&self) -> Capabilities;

    /// Sends one message.
    fn send_sms(&self, request: &SmsRequest) -> Outcome;

    /// Sends several, and answers in their order. Better than one by one where the transport can do
    /// them at a time.
    fn send_many(&self, requests: &[SmsRequest]) -> Vec<Outcome> {
        requests.iter().map(|request| self.send_sms(request)).collect()
    }

    /// Starts a call.
    fn start_call(&self, _request: &CallRequest) -> Outcome {
        no_calls()
    }

    /// What the provider knows about a message.
    ///
    /// # Errors
    /// `not_found`, `unreachable` (try again later), `provider_refused`; `unsupported` unless the
    /// transport can do this.
    fn fetch_message(&self, _sid: &str) -> Result<ProviderMessage> {
        Err(unsupported("fetching messages"))
    }

    /// What the provider knows about a call.
    ///
    /// # Errors
    /// As [`Transport::fetch_message`].
    fn fetch_call(&self, _sid: &str) -> Result<ProviderCall> {
        Err(unsupported("fetching calls"))
    }

    /// A page of the messages that the provider has, newest first.
    ///
    /// # Errors
    /// As [`Transport::fetch_message`].
    fn list_messages(&self, _query: &MessageQuery) -> Result<Page<ProviderMessage>> {
        Err(unsupported("listing messages"))
    }

    /// Takes back a message or call by its id. One that went out or was answered before is too late.
    ///
    /// # Errors
    /// As [`Transport::fetch_message`].
    fn cancel(&self, _sid: &str) -> Result<Cancellation> {
        Err(unsupported("cancelling"))
    }

    /// Deletes what the provider keeps of a message or call, as when its person is erased. It must have
    /// ended.
    ///
    /// # Errors
    /// As [`Transport::fetch_message`].
    fn erase(&self, _sid: &str) -> Result<()> {
        Err(unsupported("deleting"))
    }
}

fn no_calls() -> Outcome {
    Outcome::Refused(RefusalClass::Unsupported.refusal(None, "this transport starts no calls"))
}

fn unsupported(what: &str) -> Error {
    Error::new(ErrorCode::Unsupported, format!("this transport has no way of {what}"))
        .hint("its `capabilities` say what it can do")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Can nothing but send.
    struct Mute;

    impl Transport for Mute {
        fn capabilities(&self) -> Capabilities {
            Capabilities::default()
        }

        fn send_sms(&self, request: &SmsRequest) -> Outcome {
            Outcome::Unknown { why: request.to.clone() }
        }
    }

    #[test]
    fn what_a_transport_does_not_have_is_unsupported() {
        let mute: Box<dyn Transport> = Box::new(Mute);
        let errors = [
            mute.fetch_message("SM1").unwrap_err(),
            mute.fetch_call("CA1").unwrap_err(),
            mute.list_messages(&MessageQuery::default()).unwrap_err(),
            mute.cancel("SM1").unwrap_err(),
        ];
        assert!(errors.iter().all(|error| error.code() == "unsupported"));
        let call = mute.start_call(&CallRequest::to("1"));
        assert!(matches!(call, Outcome::Refused(refusal) if refusal.class == RefusalClass::Unsupported));
    }

    #[test]
    fn several_are_sent_in_their_order() {
        let requests = ["1", "2", "3"].map(SmsRequest::to);
        let outcomes = Mute.send_many(&requests);
        let expected = requests.map(|request| Outcome::Unknown { why: request.to });
        assert_eq!(outcomes, expected);
    }
}
