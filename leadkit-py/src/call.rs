//! Long calls: the core works on a thread of its own while the calling thread serves it.
//!
//! All Python code (callbacks, `read` of file objects, transports, signal handlers) runs on the calling thread;
//! the worker never needs the interpreter, so that it can never wait for it.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use leadkit_core::model::options::Progressing;
use leadkit_core::{CancelToken, Error, Progress, Result};
use pyo3::intern;
use pyo3::prelude::*;

use crate::error::{invalid, panic_text, raise};
use crate::ser::to_python;
use crate::source::FileObject;

/// How often signals and the caller's token are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// What the worker asks of the calling thread.
pub enum Request {
    /// Tell the callback.
    Progress(Progress),
    /// Read about so many bytes of the file object; the answer goes back by the sender.
    Read(usize, Sender<io::Result<Vec<u8>>>),
    /// Call the caller's object; what is raised here ends the call.
    Object(Job),
    /// The work is done.
    Done,
}

/// What is to be done with the caller's object.
pub type Job = Box<dyn FnOnce(&Bound<'_, PyAny>) -> Answered + Send>;

/// What came of it.
pub struct Answered {
    /// An exception that ends the call.
    pub raised: PyResult<()>,
    /// Gives the worker its answer.
    pub hand_over: Box<dyn FnOnce()>,
}

/// What a long call serves besides its work.
#[derive(Default)]
pub struct Call {
    progress: Option<Callback>,
    watch: Option<Watch>,
    file: Option<FileObject>,
    object: Option<Py<PyAny>>,
}

struct Callback {
    call: Py<PyAny>,
    /// The text bar of ours, which wants to be closed.
    bar: bool,
}

/// What cancels a call from outside.
enum Watch {
    Token(CancelToken),
    Event(Py<PyAny>),
}

/// What the core's options need of a call.
pub struct Links {
    pub progress: Option<Progressing>,
    pub cancel: CancelToken,
    pub requests: Sender<Request>,
}

impl Call {
    /// Reads the arguments `progress` and `cancel`.
    pub fn new(progress: Option<&Bound<'_, PyAny>>, cancel: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Call {
            progress: progress.map(callback).transpose()?.flatten(),
            watch: cancel.map(watch).transpose()?,
            ..Call::default()
        })
    }

    /// Calls an object when the worker asks.
    pub fn calling(mut self, object: Option<Py<PyAny>>) -> Self {
        self.object = object;
        self
    }

    /// Reads from a file object when the worker asks.
    pub fn reading(mut self, file: Option<FileObject>) -> Self {
        self.file = file;
        self
    }

    /// Does the work and serves it to its end.
    ///
    /// An exception in a callback, in `read` or from a signal handler cancels the work; once the
    /// work has ended it is raised as it is.
    pub fn run<T: Send + 'static>(
        self,
        py: Python<'_>,
        work: impl FnOnce(Links) -> Result<T> + Send + 'static,
    ) -> PyResult<T> {
        let cancel = CancelToken::default();
        let (sender, mut requests) = channel();
        let links = Links {
            progress: self.progress.as_ref().map(|_| {
                let sender = sender.clone();
                // The receiver is there until the work has ended.
                Progressing(Arc::new(move |progress: &Progress| {
                    drop(sender.send(Request::Progress(progress.clone())));
                }))
            }),
            cancel: cancel.clone(),
            requests: sender.clone(),
        };
        let mut served = Served { raised: None, looked: None, cancel: &cancel, call: &self };
        served.look(py);
        let worker = std::thread::Builder::new()
            .name("leadkit".to_string())
            .spawn(move || {
                let done = Done(sender);
                let result = work(links);
                drop(done);
                result
            })
            .map_err(|error| raise(py, &Error::internal(format!("no thread could be started: {error}"))))?;
        served.serve(py, &mut requests);
        // Nobody answers any more: a worker that still asks must not wait.
        drop(requests);
        let raised = served.raised.take();
        let result = py.detach(|| worker.join());
        self.close_bar(py);
        if let Some(error) = raised {
            return Err(error);
        }
        match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(raise(py, &error)),
            Err(panic) => Err(raise(py, &Error::internal(panic_text(&*panic)))),
        }
    }

    fn close_bar(&self, py: Python<'_>) {
        if let Some(Callback { call, bar: true }) = &self.progress
            && let Err(error) = call.call_method0(py, intern!(py, "close"))
        {
            error.write_unraisable(py, Some(call.bind(py)));
        }
    }
}

/// Says that the work has ended, by a panic too.
struct Done(Sender<Request>);

impl Drop for Done {
    fn drop(&mut self) {
        drop(self.0.send(Request::Done));
    }
}

struct Served<'a> {
    call: &'a Call,
    cancel: &'a CancelToken,
    /// The first exception; later ones follow from it.
    raised: Option<PyErr>,
    looked: Option<Instant>,
}

impl Served<'_> {
    fn serve(&mut self, py: Python<'_>, requests: &mut Receiver<Request>) {
        let mut waiting = VecDeque::new();
        loop {
            if waiting.is_empty() {
                let receiver = &mut *requests;
                match py.detach(move || receiver.recv_timeout(LOOK)) {
                    Ok(request) => waiting.push_back(request),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                waiting.extend(requests.try_iter());
            }
            match waiting.pop_front() {
                Some(Request::Progress(progress)) => {
                    // A slow callback hears the latest of a stage, not every one.
                    let newer = waiting.front().is_some_and(
                        |next| matches!(next, Request::Progress(next) if next.stage == progress.stage),
                    );
                    if !newer {
                        self.tell(py, &progress);
                    }
                }
                Some(Request::Read(size, answer)) => drop(answer.send(self.read(py, size))),
                Some(Request::Object(job)) => self.object(py, job),
                Some(Request::Done) => return,
                None => {}
            }
            if self.looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
                self.look(py);
            }
        }
    }

    /// Runs signal handlers, and asks the caller's token.
    fn look(&mut self, py: Python<'_>) {
        self.looked = Some(Instant::now());
        if let Err(error) = py.check_signals() {
            self.fail(error);
        }
        match &self.call.watch {
            Some(Watch::Token(token)) if token.is_cancelled() => self.cancel.cancel(),
            Some(Watch::Event(event)) if !self.cancel.is_cancelled() => {
                let set = event.call_method0(py, intern!(py, "is_set"));
                match set.and_then(|set| set.is_truthy(py)) {
                    Ok(true) => self.cancel.cancel(),
                    Ok(false) => {}
                    Err(error) => self.fail(error),
                }
            }
            _ => {}
        }
    }

    fn tell(&mut self, py: Python<'_>, progress: &Progress) {
        if let (Some(callback), None) = (&self.call.progress, &self.raised) {
            let told = to_python(py, progress).and_then(|progress| callback.call.call1(py, (progress,)));
            if let Err(error) = told {
                self.fail(error);
            }
        }
    }

    fn read(&mut self, py: Python<'_>, size: usize) -> io::Result<Vec<u8>> {
        let read = match (&self.call.file, &self.raised) {
            (Some(file), None) => file.read(py, size),
            _ => return Err(io::Error::other("cancelled")),
        };
        read.map_err(|error| {
            let text = error.to_string();
            self.fail(error);
            io::Error::other(text)
        })
    }

    /// Once something was raised the object is left alone: a job that is dropped says so to the worker.
    fn object(&mut self, py: Python<'_>, job: Job) {
        if let (Some(object), None) = (&self.call.object, &self.raised) {
            let answered = job(object.bind(py));
            if let Err(error) = answered.raised {
                self.fail(error);
            }
            // Whoever cancelled meanwhile is heard before the worker goes on.
            self.look(py);
            (answered.hand_over)();
        }
    }

    fn fail(&mut self, error: PyErr) {
        self.cancel.cancel();
        self.raised.get_or_insert(error);
    }
}

fn callback(progress: &Bound<'_, PyAny>) -> PyResult<Option<Callback>> {
    let py = progress.py();
    match progress.extract::<bool>() {
        Ok(false) => Ok(None),
        Ok(true) => {
            let bar = py.import(intern!(py, "leadkit._progress"))?.getattr(intern!(py, "Bar"))?.call0()?;
            Ok(Some(Callback { call: bar.unbind(), bar: true }))
        }
        Err(_) if progress.is_callable() => {
            Ok(Some(Callback { call: progress.clone().unbind(), bar: false }))
        }
        Err(_) => {
            let error =
                invalid("`progress` is True, or a function that takes a Progress").at_field("progress");
            Err(raise(py, &error))
        }
    }
}

fn watch(cancel: &Bound<'_, PyAny>) -> PyResult<Watch> {
    let py = cancel.py();
    if let Ok(token) = cancel.cast::<crate::token::CancelToken>() {
        return Ok(Watch::Token(token.get().0.clone()));
    }
    if cancel.hasattr(intern!(py, "is_set"))? {
        return Ok(Watch::Event(cancel.clone().unbind()));
    }
    let error = invalid("`cancel` is a CancelToken, or an event that has `is_set()`").at_field("cancel");
    Err(raise(py, &error))
}
