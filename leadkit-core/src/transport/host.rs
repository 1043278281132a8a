//! A transport that a host brings as an object of its own language.
//!
//! A binding says which methods the object has and how one is called; what an exception, a missing
//! method or an answer that makes no sense means is decided here, once for all languages.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Transport, no_calls, unsupported};
use crate::error::{Error, ErrorCode, Result};
use crate::model::report::Page;
use crate::model::transport::{
    CallRequest, Cancellation, Capabilities, MessageQuery, Outcome, ProviderCall, ProviderMessage,
    RetryLater, SmsRequest,
};
use crate::progress::CancelToken;

macro_rules! methods {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        /// The methods of a host's object, those of [`Transport`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum HostMethod {
            $($(#[doc = $doc])* $name,)*
        }

        impl HostMethod {
            /// Every one there is.
            pub const ALL: &'static [HostMethod] = &[$(HostMethod::$name,)*];

            /// Its name, in snake_case.
            pub fn as_str(self) -> &'static str {
                match self { $(HostMethod::$name => $word,)* }
            }
        }
    };
}

methods! {
    /// [`Transport::capabilities`]; must be there.
    Capabilities = "capabilities",
    /// [`Transport::send_sms`]; must be there.
    SendSms = "send_sms",
    /// [`Transport::send_many`]
    SendMany = "send_many",
    /// [`Transport::start_call`]
    StartCall = "start_call",
    /// [`Transport::fetch_message`]
    FetchMessage = "fetch_message",
    /// [`Transport::fetch_call`]
    FetchCall = "fetch_call",
    /// [`Transport::list_messages`]
    ListMessages = "list_messages",
    /// [`Transport::cancel`]
    Cancel = "cancel",
    /// `erase(sid)`
    Erase = "erase",
}

/// Why a call of a host's method gave no answer.
#[derive(Clone, Debug)]
pub enum HostFailure {
    /// It was not called: whoever waited for it was stopped before.
    NotCalled,
    /// It raised an exception.
    Raised {
        /// The exception's class. Its text stays where it is: it may hold a secret or somebody's number.
        class: String,
        /// The exception's code, where it is one of leadkit's own errors.
        code: Option<String>,
    },
    /// It gave something that is no answer.
    Unreadable(Error),
    /// It was called, and its answer can never come any more.
    Lost,
}

/// An object of a host's language, whose methods are called by name.
///
/// What a method takes and gives crosses in the serde form of its type. The calls come from any thread,
/// one after the other.
pub trait HostObject: Send + Sync {
    /// Whether the object has this method.
    fn has(&self, method: HostMethod) -> bool;

    /// Calls a method and waits for what it gives.
    ///
    /// # Errors
    /// [`HostFailure`], which [`HostTransport`] makes sense of.
    fn call<A, R>(&self, method: HostMethod, argument: Option<A>) -> Result<R, HostFailure>
    where
        A: Serialize + Send + 'static,
        R: DeserializeOwned + Send + 'static;
}

/// A host's object as a [`Transport`].
///
/// An exception while sending, and an answer that cannot be read, are [`Outcome::Unknown`]: the provider
/// may have taken the message. Methods that the object does not have do what [`Transport`] says of them.
///
/// ```
/// use leadkit_core::error::Result;
/// use leadkit_core::model::read::from_json;
/// use leadkit_core::model::transport::{Outcome, SmsRequest};
/// use leadkit_core::transport::{HostFailure, HostMethod, HostObject, HostTransport, Transport};
/// use serde_json::json;
///
/// /// Answers in JSON, and knows no answer for text messages.
/// struct Scripted;
///
/// impl HostObject for Scripted {
///     fn has(&self, method: HostMethod) -> bool {
///         matches!(method, HostMethod::Capabilities | HostMethod::SendSms)
///     }
///
///     fn call<A, R>(&self, method: HostMethod, _: Option<A>) -> Result<R, HostFailure>
///     where
///         A: serde::Serialize + Send + 'static,
///         R: serde::de::DeserializeOwned + Send + 'static,
///     {
///         match method {
///             HostMethod::Capabilities => from_json(json!({"provider": "paper"})),
///             _ => from_json(json!({"outcome": "maybe"})),
///         }
///         .map_err(HostFailure::Unreadable)
///     }
/// }
///
/// let transport = HostTransport::new(Scripted, Default::default())?;
/// let outcome = transport.send_sms(&SmsRequest::to("+15558675310"));
/// assert!(matches!(outcome, Outcome::Unknown { .. }));
/// assert_eq!(transport.fetch_message("SM1").unwrap_err().code(), "unsupported");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub struct HostTransport<O> {
    object: O,
    capabilities: Capabilities,
    cancel: CancelToken,
}

impl<O> fmt::Debug for HostTransport<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostTransport").field("capabilities", &self.capabilities).finish_non_exhaustive()
    }
}

impl<O: HostObject> HostTransport<O> {
    /// Looks the object over, and asks it what it can do. Once `cancel` was asked to stop, nothing more is
    /// given to it to be sent.
    ///
    /// # Errors
    /// `invalid_argument` for an object that sends nothing or does not say what it can do; what
    /// `capabilities` raises.
    pub fn new(object: O, cancel: CancelToken) -> Result<HostTransport<O>> {
        for method in [HostMethod::Capabilities, HostMethod::SendSms] {
            if !object.has(method) {
                let message = format!("a transport has a method `{}`", method.as_str());
                return Err(Error::new(ErrorCode::InvalidArgument, message).at_field("transport"));
            }
        }
        let capabilities = ask(&object, HostMethod::Capabilities, None::<()>)?;
        Ok(HostTransport { object, capabilities, cancel })
    }

    fn sent<A, R>(&self, method: HostMethod, request: A) -> Result<R, Outcome>
    where
        A: Serialize + Send + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        match self.cancel.is_cancelled() {
            true => Err(outcome(HostFailure::NotCalled)),
            false => self.object.call(method, Some(request)).map_err(outcome),
        }
    }

    fn asked<A, R>(&self, method: HostMethod, argument: A, what: &str) -> Result<R>
    where
        A: Serialize + Send + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        match self.object.has(method) {
            true => ask(&self.object, method, Some(argument)),
            false => Err(unsupported(what)),
        }
    }
}

impl<O: HostObject> Transport for HostTransport<O> {
    fn capabilities(&self) -> Capabilities {
        self.capabilities.clone()
    }

    fn send_sms(&self, request: &SmsRequest) -> Outcome {
        self.sent(HostMethod::SendSms, request.clone()).map_or_else(|outcome| outcome, clear)
    }

    fn send_many(&self, requests: &[SmsRequest]) -> Vec<Outcome> {
        match self.object.has(HostMethod::SendMany) {
            true => self
                .sent(HostMethod::SendMany, requests.to_vec())
                .map(|outcomes: Vec<Outcome>| outcomes.into_iter().map(clear).collect())
                .unwrap_or_else(|outcome| vec![outcome; requests.len()]),
            false => requests.iter().map(|request| self.send_sms(request)).collect(),
        }
    }

    fn start_call(&self, request: &CallRequest) -> Outcome {
        match self.object.has(HostMethod::StartCall) {
            true => self.sent(HostMethod::StartCall, request.clone()).map_or_else(|outcome| outcome, clear),
            false => no_calls(),
        }
    }

    fn fetch_message(&self, sid: &str) -> Result<ProviderMessage> {
        self.asked(HostMethod::FetchMessage, sid.to_string(), "fetching messages")
    }

    fn fetch_call(&self, sid: &str) -> Result<ProviderCall> {
        self.asked(HostMethod::FetchCall, sid.to_string(), "fetching calls")
    }

    fn list_messages(&self, query: &MessageQuery) -> Result<Page<ProviderMessage>> {
        self.asked(HostMethod::ListMessages, query.clone(), "listing messages")
    }

    fn cancel(&self, sid: &str) -> Result<Cancellation> {
        self.asked(HostMethod::Cancel, sid.to_string(), "cancelling")
    }

    fn erase(&self, sid: &str) -> Result<()> {
        self.asked(HostMethod::Erase, sid.to_string(), "deleting")
    }
}

/// What was accepted without an id can never be told from others again.
fn clear(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Accepted(accepted) if accepted.sid.is_empty() => {
            Outcome::Unknown { why: "the transport's answer has no `sid`".into() }
        }
        outcome => outcome,
    }
}

/// Whatever happened once the method was called, the provider may have the message.
fn outcome(failure: HostFailure) -> Outcome {
    let why = match failure {
        HostFailure::NotCalled => {
            let why = "the call was stopped before the transport was asked".into();
            return Outcome::Retry(RetryLater { why, ..RetryLater::default() });
        }
        HostFailure::Raised { class, .. } => format!("the transport raised {class}"),
        HostFailure::Unreadable(error) => format!("the transport's answer cannot be read: {error}"),
        HostFailure::Lost => "the transport's answer was lost".into(),
    };
    tracing::warn!(why, "nobody knows whether a message was taken");
    Outcome::Unknown { why }
}

fn ask<A, R>(object: &impl HostObject, method: HostMethod, argument: Option<A>) -> Result<R>
where
    A: Serialize + Send + 'static,
    R: DeserializeOwned + Send + 'static,
{
    object.call(method, argument).map_err(|failure| {
        let name = method.as_str();
        match failure {
            HostFailure::NotCalled | HostFailure::Lost => {
                Error::new(ErrorCode::Cancelled, format!("stopped before the transport's `{name}` answered"))
            }
            HostFailure::Raised { class, code } => {
                let code = code.and_then(|code| ErrorCode::ALL.iter().find(|known| known.as_str() == code));
                let code = code.copied().unwrap_or(ErrorCode::ProviderRefused);
                Error::new(code, format!("the transport's `{name}` raised {class}"))
            }
            HostFailure::Unreadable(error) => {
                let message = format!("the transport's `{name}` gave what cannot be read: {error}");
                Error::new(ErrorCode::InvalidArgument, message).at_field(error.field().unwrap_or("transport"))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::model::read::from_json;
    use serde_json::{Value, json};

    /// Has some methods; each gives a value or fails.
    struct Scripted(Vec<(HostMethod, Result<Value, HostFailure>)>);

    impl HostObject for Scripted {
        fn has(&self, method: HostMethod) -> bool {
            self.0.iter().any(|(name, _)| *name == method)
        }

        fn call<A, R>(&self, method: HostMethod, _: Option<A>) -> Result<R, HostFailure>
        where
            A: Serialize + Send + 'static,
            R: DeserializeOwned + Send + 'static,
        {
            let (_, answer) = self.0.iter().find(|(name, _)| *name == method).unwrap();
            from_json(answer.clone()?).map_err(HostFailure::Unreadable)
        }
    }

    fn raised(code: Option<&str>) -> Result<Value, HostFailure> {
        Err(HostFailure::Raised { class: "ConnectionError".into(), code: code.map(str::to_string) })
    }

    fn with(more: Vec<(HostMethod, Result<Value, HostFailure>)>) -> HostTransport<Scripted> {
        let mut all = vec![(HostMethod::Capabilities, Ok(json!({"provider": "paper", "sms": true})))];
        all.extend(more);
        HostTransport::new(Scripted(all), CancelToken::default()).unwrap()
    }

    #[test]
    fn an_object_that_cannot_send_is_no_transport() {
        let error = HostTransport::new(Scripted(Vec::new()), CancelToken::default()).unwrap_err();
        assert_eq!((error.code(), error.field()), ("invalid_argument", Some("transport")));
        let fails = vec![(HostMethod::Capabilities, raised(None)), (HostMethod::SendSms, Ok(Value::Null))];
        let error = HostTransport::new(Scripted(fails), CancelToken::default()).unwrap_err();
        assert_eq!(error.code(), "provider_refused");
        assert!(error.to_string().contains("ConnectionError"));
    }

    #[test]
    fn what_has_no_clear_answer_is_unknown() {
        let request = SmsRequest::to("+15558675310");
        for answer in [
            raised(None),
            raised(Some("unreachable")),
            Err(HostFailure::Lost),
            Ok(json!({"outcome": "acepted"})),
            Ok(json!({"sid": "SM1"})),
            Ok(json!({"outcome": "accepted"})),
            Ok(Value::Null),
        ] {
            let transport = with(vec![(HostMethod::SendSms, answer)]);
            assert!(matches!(transport.send_sms(&request), Outcome::Unknown { .. }));
        }
        let transport = with(vec![(HostMethod::SendSms, Err(HostFailure::NotCalled))]);
        assert!(transport.send_sms(&request).may_send_again(), "nobody was asked");
        let taken = json!({"outcome": "accepted", "sid": "SM1", "status": "queued"});
        let transport = with(vec![(HostMethod::SendSms, Ok(taken))]);
        assert_eq!(transport.send_sms(&request).sid(), Some("SM1"));
        let call = transport.start_call(&CallRequest::to("1"));
        assert!(matches!(call, Outcome::Refused(refusal) if refusal.class.as_str() == "unsupported"));
    }

    #[test]
    fn once_stopped_nothing_more_is_sent() {
        let capabilities = (HostMethod::Capabilities, Ok(json!({"provider": "paper"})));
        let sends = (HostMethod::SendSms, Ok(json!({"outcome": "accepted", "sid": "SM1"})));
        let lists = (HostMethod::ListMessages, Ok(json!({"items": [], "next_cursor": null})));
        let cancel = CancelToken::default();
        cancel.cancel();
        let transport = HostTransport::new(Scripted(vec![capabilities, sends, lists]), cancel).unwrap();
        assert!(transport.send_sms(&SmsRequest::to("1")).may_send_again());
        assert!(transport.list_messages(&MessageQuery::default()).is_ok());
    }

    #[test]
    fn many_go_at_once_where_the_object_can_do_that() {
        let one = json!({"outcome": "unknown", "why": "one by one"});
        let requests = ["1", "2"].map(SmsRequest::to);
        let single = with(vec![(HostMethod::SendSms, Ok(one.clone()))]);
        assert_eq!(single.send_many(&requests).len(), 2);
        let many =
            |answer| with(vec![(HostMethod::SendSms, Ok(one.clone())), (HostMethod::SendMany, answer)]);
        let retry = json!([{"outcome": "retry", "why": "later"}, {"outcome": "retry"}]);
        assert!(many(Ok(retry)).send_many(&requests).iter().all(Outcome::may_send_again));
        let lost = many(raised(None)).send_many(&requests);
        assert!(lost.len() == 2 && lost.iter().all(|outcome| matches!(outcome, Outcome::Unknown { .. })));
    }

    #[test]
    fn questions_that_fail_are_errors() {
        let ask = |answer| {
            let send = (HostMethod::SendSms, Ok(Value::Null));
            with(vec![send, (HostMethod::ListMessages, answer)]).list_messages(&MessageQuery::default())
        };
        assert_eq!(ask(raised(None)).unwrap_err().code(), "provider_refused");
        assert_eq!(ask(raised(Some("unreachable"))).unwrap_err().code(), "unreachable");
        assert_eq!(ask(Err(HostFailure::Lost)).unwrap_err().code(), "cancelled");
        let error = ask(Ok(json!({"items": [{"sid": "SM1"}], "next_cursor": null}))).unwrap_err();
        assert_eq!(error.code(), "invalid_argument");
        assert!(ask(Ok(json!({"items": [], "next_cursor": null}))).unwrap().items.is_empty());
        let mute = with(vec![(HostMethod::SendSms, Ok(Value::Null))]);
        assert_eq!(mute.cancel("SM1").unwrap_err().code(), "unsupported");
        assert_eq!(mute.fetch_call("CA1").unwrap_err().code(), "unsupported");
    }
}
