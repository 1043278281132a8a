//! How a call crosses: work runs on threads of ours, answers come back to the JS thread as events.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use leadkit_core::model::options::Progressing;
use leadkit_core::table::Source;
use leadkit_core::{CancelToken, Error, ErrorCode, Result};
use napi::Status;
use napi::bindgen_prelude::{Function, ToNapiValue, Uint8Array};
use napi::sys;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue};
use napi_derive::napi;
use serde::Serialize;

use crate::compliance::Hours;
use crate::database::{Cursor, Db, Report, Rows};
use crate::document::Document;
use crate::fake_twilio::Fake;
use crate::js::Js;
use crate::ser::{error_to_js, to_js};
use crate::transport::{Told, Waiting};
use crate::twilio::TwilioHandle;

/// What a call gives back: data, or something of ours that lives on.
pub enum Reply {
    Data(Js),
    Db(Db),
    Report(Js, Report),
    Document(Js, Document),
    Documents(Js, Vec<Document>),
    Cursor(Cursor),
    Rows(Js, Rows),
    Twilio(TwilioHandle),
    Fake(Fake),
    Hours(Hours),
}

impl Reply {
    pub fn data(value: &(impl Serialize + ?Sized)) -> Result<Reply> {
        to_js(value).map(Reply::Data)
    }
}

impl ToNapiValue for Reply {
    unsafe fn to_napi_value(env: sys::napi_env, reply: Reply) -> napi::Result<sys::napi_value> {
        unsafe {
            match reply {
                Reply::Data(value) => Js::to_napi_value(env, value),
                Reply::Db(db) => Db::to_napi_value(env, db),
                Reply::Report(data, report) => {
                    let pair = vec![Js::to_napi_value(env, data)?, Report::to_napi_value(env, report)?];
                    Vec::<Raw>::to_napi_value(env, pair.into_iter().map(Raw).collect())
                }
                Reply::Document(data, document) => {
                    let pair = vec![Js::to_napi_value(env, data)?, Document::to_napi_value(env, document)?];
                    Vec::<Raw>::to_napi_value(env, pair.into_iter().map(Raw).collect())
                }
                Reply::Documents(data, documents) => {
                    let documents = Vec::<Document>::to_napi_value(env, documents)?;
                    let pair = vec![Js::to_napi_value(env, data)?, documents];
                    Vec::<Raw>::to_napi_value(env, pair.into_iter().map(Raw).collect())
                }
                Reply::Cursor(cursor) => Cursor::to_napi_value(env, cursor),
                Reply::Twilio(twilio) => TwilioHandle::to_napi_value(env, twilio),
                Reply::Fake(fake) => Fake::to_napi_value(env, fake),
                Reply::Hours(hours) => Hours::to_napi_value(env, hours),
                Reply::Rows(data, rows) => {
                    let pair = vec![Js::to_napi_value(env, data)?, Rows::to_napi_value(env, rows)?];
                    Vec::<Raw>::to_napi_value(env, pair.into_iter().map(Raw).collect())
                }
            }
        }
    }
}

/// A value that is made already.
struct Raw(sys::napi_value);

impl ToNapiValue for Raw {
    unsafe fn to_napi_value(_: sys::napi_env, raw: Raw) -> napi::Result<sys::napi_value> {
        Ok(raw.0)
    }
}

/// `[error, value]`: errors cross as data, so that the glue throws a class of JavaScript's own.
pub struct Answer(pub Result<Reply>);

impl ToNapiValue for Answer {
    unsafe fn to_napi_value(env: sys::napi_env, answer: Answer) -> napi::Result<sys::napi_value> {
        let (error, value) = unsafe {
            match answer.0 {
                Ok(reply) => (Js::to_napi_value(env, Js::Null)?, Reply::to_napi_value(env, reply)?),
                Err(error) => {
                    (Js::to_napi_value(env, error_to_js(&error))?, Js::to_napi_value(env, Js::Null)?)
                }
            }
        };
        unsafe { Vec::<Raw>::to_napi_value(env, vec![Raw(error), Raw(value)]) }
    }
}

/// What the JS thread hears of a call.
pub enum Event {
    /// `["done", [error, value]]`, the last one.
    Done(Answer),
    /// `["progress", p]`.
    Progress(Js),
    /// `["pull", null]`: one more chunk of the stream, please.
    Pull,
    /// `["ask", [number, method, arguments]]`: call this method of the caller's object, please.
    Ask { number: u32, method: Cow<'static, str>, arguments: Vec<Js> },
}

impl ToNapiValue for Event {
    unsafe fn to_napi_value(env: sys::napi_env, event: Event) -> napi::Result<sys::napi_value> {
        let (name, value) = unsafe {
            match event {
                Event::Done(answer) => ("done", Answer::to_napi_value(env, answer)?),
                Event::Progress(progress) => ("progress", Js::to_napi_value(env, progress)?),
                Event::Pull => ("pull", Js::to_napi_value(env, Js::Null)?),
                Event::Ask { number, method, arguments } => {
                    let parts = vec![Js::Int(number.into()), Js::Text(method), Js::List(arguments)];
                    ("ask", Js::to_napi_value(env, Js::List(parts))?)
                }
            }
        };
        unsafe {
            let name = Js::to_napi_value(env, Js::Text(name.into()))?;
            Vec::<Raw>::to_napi_value(env, vec![Raw(name), Raw(value)])
        }
    }
}

/// The JS function that hears.
pub type Listener<'env> = Function<'env, Event, UnknownReturnValue>;

pub type Events = ThreadsafeFunction<Event, UnknownReturnValue, Event, Status, false>;

/// Runs what cannot wait, on the JS thread.
pub fn now(work: impl FnOnce() -> Result<Reply>) -> Answer {
    Answer(guard(work))
}

/// Reads the arguments on the JS thread, then works on the pool. Calls that wait for the disk or
/// for a lock keep clear of libuv's four threads, which the host's own files need.
pub fn short<W>(listener: Listener<'_>, prepare: impl FnOnce() -> Result<W>) -> Answer
where
    W: FnOnce() -> Result<Reply> + Send + 'static,
{
    start(listener, |_| prepare(), pool)
}

/// The same on a thread of its own: it may take hours, and wait for a stream.
pub fn long<W>(listener: Listener<'_>, prepare: impl FnOnce(&Arc<Events>) -> Result<W>) -> Answer
where
    W: FnOnce() -> Result<Reply> + Send + 'static,
{
    start(listener, prepare, |job| {
        let made = thread::Builder::new().name("leadkit-call".into()).spawn(job);
        made.map(drop).map_err(|error| Error::new(ErrorCode::Io, error.to_string()))
    })
}

type Job = Box<dyn FnOnce() + Send>;

fn start<W>(
    listener: Listener<'_>,
    prepare: impl FnOnce(&Arc<Events>) -> Result<W>,
    place: impl FnOnce(Job) -> Result<()>,
) -> Answer
where
    W: FnOnce() -> Result<Reply> + Send + 'static,
{
    Answer(guard(|| {
        let events = listener
            .build_threadsafe_function::<Event>()
            .callee_handled::<false>()
            .build_callback(|event| Ok(event.value))
            .map_err(|error| Error::internal(error.reason.to_string()))?;
        let events = Arc::new(events);
        let work = prepare(&events)?;
        place(Box::new(move || {
            let answer = Answer(guard(work));
            events.call(Event::Done(answer), ThreadsafeFunctionCallMode::NonBlocking);
        }))?;
        Ok(Reply::Data(Js::Undefined))
    }))
}

/// No panic crosses the border.
fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied().map(str::to_string);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Error::internal(text.unwrap_or_else(|| "a panic without words".into())))
    })
}

const THREADS: usize = 4;

/// A few threads that live as long as the process, begun when they are first needed.
pub fn pool(job: Job) -> Result<()> {
    static QUEUE: OnceLock<Option<Sender<Job>>> = OnceLock::new();
    let queue = QUEUE.get_or_init(|| {
        let (sender, receiver) = channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..THREADS {
            let receiver = receiver.clone();
            let body = move || {
                loop {
                    let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = job else { return };
                    job();
                }
            };
            thread::Builder::new().name("leadkit-pool".into()).spawn(body).ok()?;
        }
        Some(sender)
    });
    let sent = queue.as_ref().is_some_and(|queue| queue.send(job).is_ok());
    if sent { Ok(()) } else { Err(Error::new(ErrorCode::Io, "no thread could be started")) }
}

/// One running call, held by the glue: cancels it, feeds it with the chunks of a stream, and tells it what
/// the methods of an object gave.
///
/// When it is collected, or its environment ends, the call is cancelled: no import goes on that
/// nobody waits for.
#[napi]
pub struct Call {
    cancel: CancelToken,
    chunks: Mutex<Option<Sender<Chunk>>>,
    stream: Mutex<Option<Receiver<Chunk>>>,
    waiting: Waiting,
}

enum Chunk {
    Bytes(Vec<u8>),
    End,
    /// The stream failed; its error stays with the glue, which rejects with it.
    Fail,
}

#[napi]
impl Call {
    #[napi(constructor)]
    #[allow(clippy::new_without_default, reason = "it is JavaScript's constructor")]
    pub fn new() -> Call {
        let (sender, receiver) = channel();
        Call {
            cancel: CancelToken::default(),
            chunks: Mutex::new(Some(sender)),
            stream: Mutex::new(Some(receiver)),
            waiting: Waiting::new(),
        }
    }

    #[napi]
    pub fn cancel(&self) {
        self.cancel.cancel();
        self.send(Chunk::Fail);
    }

    #[napi]
    pub fn push(&self, bytes: Uint8Array) {
        self.send(Chunk::Bytes(bytes.to_vec()));
    }

    #[napi]
    pub fn end(&self) {
        self.send(Chunk::End);
    }

    #[napi]
    pub fn fail(&self) {
        self.send(Chunk::Fail);
    }

    #[napi]
    pub fn gave(&self, number: u32, value: Js) {
        self.waiting.end(number, Told::Gave(value));
    }

    #[napi]
    pub fn threw(&self, number: u32, class: String, code: Option<String>) {
        self.waiting.end(number, Told::Threw(class, code));
    }

    fn send(&self, chunk: Chunk) {
        if let Some(sender) = &*self.chunks.lock().unwrap_or_else(PoisonError::into_inner) {
            // A call that has ended hears no more.
            let _ = sender.send(chunk);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.waiting.close();
    }
}

impl Call {
    pub fn token(&self) -> CancelToken {
        self.cancel.clone()
    }

    pub fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }

    /// A path, bytes, or else the stream that the glue feeds.
    pub fn source(&self, source: Js, name: Option<String>, events: &Arc<Events>) -> Result<Source> {
        match source {
            Js::Bytes(bytes) => Ok(Source::bytes(bytes, name)),
            Js::Null => {
                let receiver = self.stream.lock().unwrap_or_else(PoisonError::into_inner).take();
                let receiver = receiver.ok_or_else(|| Error::internal("a stream is read once"))?;
                let (events, ready) = (events.clone(), VecDeque::new());
                Ok(Source::reader(Stream { receiver, events, ready, asked: false, ended: false }, name))
            }
            path => crate::de::read::<std::path::PathBuf>(path, "source").map(Source::Path),
        }
    }

    /// The callback for progress, where somebody listens.
    pub fn progress(&self, wanted: bool, events: &Arc<Events>) -> Option<Progressing> {
        let events = events.clone();
        wanted.then(|| {
            Progressing(Arc::new(move |progress| {
                if let Ok(progress) = to_js(progress) {
                    events.call(Event::Progress(progress), ThreadsafeFunctionCallMode::NonBlocking);
                }
            }))
        })
    }
}

/// Cancelling ends a stream in the midst; then the call was cancelled and nothing else is wrong.
pub fn cancelled<T>(cancel: &CancelToken, work: impl FnOnce() -> Result<T>) -> Result<T> {
    cancel.check()?;
    work().or_else(|error| {
        if error.error_code() == ErrorCode::Io {
            cancel.check()?;
        }
        Err(error)
    })
}

/// Reads on a worker thread what the JS thread pushes. It asks for a chunk at a time, one ahead, so
/// that memory stays flat however fast the stream is.
struct Stream {
    receiver: Receiver<Chunk>,
    events: Arc<Events>,
    ready: VecDeque<u8>,
    asked: bool,
    ended: bool,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() && !self.ended {
            if !self.asked {
                self.ask()?;
            }
            match self.receiver.recv() {
                Ok(Chunk::Bytes(bytes)) => {
                    self.ready = bytes.into();
                    self.ask()?;
                }
                Ok(Chunk::End) => self.ended = true,
                Ok(Chunk::Fail) | Err(_) => return Err(io::Error::other("the stream failed")),
            }
        }
        self.ready.read(buffer)
    }
}

impl Stream {
    fn ask(&mut self) -> io::Result<()> {
        self.asked = true;
        match self.events.call(Event::Pull, ThreadsafeFunctionCallMode::NonBlocking) {
            Status::Ok => Ok(()),
            _ => Err(io::Error::other("the stream's environment has ended")),
        }
    }
}
