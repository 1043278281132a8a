//! A transport of the host's: an object whose methods the JS thread calls while a native call waits.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use leadkit_core::Result;
use leadkit_core::transport::{HostFailure, HostMethod, HostObject};
use napi::Status;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::{Answer, Event, Events, Reply, now};
use crate::case::camel;
use crate::de::read;
use crate::js::Js;
use crate::ser::to_js;

/// What became of a method that the JS thread was asked to call.
pub enum Told {
    /// What its promise was fulfilled with.
    Gave(Js),
    /// What it threw, or its promise was rejected with: a class, and the code of an error of ours.
    Threw(String, Option<String>),
}

/// Calls of methods that wait for an answer, by number. When the JS side is gone, none is waited for any
/// more and none is begun.
#[derive(Clone)]
pub struct Waiting(Arc<Mutex<Option<Numbered>>>);

#[derive(Default)]
struct Numbered {
    last: u32,
    by: HashMap<u32, Sender<Told>>,
}

impl Waiting {
    pub fn new() -> Waiting {
        Waiting(Arc::new(Mutex::new(Some(Numbered::default()))))
    }

    /// A number and where its answer comes; none when nobody answers any more.
    fn begin(&self) -> Option<(u32, Receiver<Told>)> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered = place.as_mut()?;
        let (give, take) = channel();
        numbered.last = numbered.last.wrapping_add(1);
        numbered.by.insert(numbered.last, give);
        Some((numbered.last, take))
    }

    /// Hands an answer to who waits for it.
    pub fn end(&self, number: u32, told: Told) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(give) = place.as_mut().and_then(|numbered| numbered.by.remove(&number)) {
            // A call that has ended hears no more.
            let _ = give.send(told);
        }
    }

    /// Whoever waits has waited in vain.
    pub fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// The worker's end of a host's object.
pub struct Remote {
    methods: Vec<HostMethod>,
    waiting: Waiting,
    events: Arc<Events>,
}

impl Remote {
    /// `methods` are the names of those that the object has.
    pub fn new(methods: Js, waiting: Waiting, events: &Arc<Events>) -> Result<Remote> {
        let names: Vec<String> = read(methods, "transport")?;
        let methods = HostMethod::ALL.iter().copied();
        let methods = methods.filter(|method| names.iter().any(|name| *name == camel(method.as_str())));
        Ok(Remote { methods: methods.collect(), waiting, events: events.clone() })
    }
}

impl HostObject for Remote {
    fn has(&self, method: HostMethod) -> bool {
        self.methods.contains(&method)
    }

    fn call<A, R>(&self, method: HostMethod, argument: Option<A>) -> Result<R, HostFailure>
    where
        A: Serialize + Send + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        let argument = argument.map(|argument| to_js(&argument)).transpose();
        let arguments = argument.map_err(|_| HostFailure::NotCalled)?.into_iter().collect();
        let (number, take) = self.waiting.begin().ok_or(HostFailure::NotCalled)?;
        let event = Event::Ask { number, method: camel(method.as_str()), arguments };
        if self.events.call(event, ThreadsafeFunctionCallMode::NonBlocking) != Status::Ok {
            return Err(HostFailure::NotCalled);
        }
        match take.recv() {
            Ok(Told::Gave(value)) => read(value, "transport").map_err(HostFailure::Unreadable),
            Ok(Told::Threw(class, code)) => Err(HostFailure::Raised { class, code }),
            Err(_) => Err(HostFailure::Lost),
        }
    }
}

/// The names of all methods that a transport may have.
#[napi]
pub fn transport_methods() -> Answer {
    now(|| {
        let names: Vec<_> = HostMethod::ALL.iter().map(|method| camel(method.as_str())).collect();
        Reply::data(&names)
    })
}
