//! The thread on which the connections live.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::lost;
use crate::error::{Error, ErrorCode, Result};

/// A runtime on a thread of its own: what it drives goes on wherever calls come from, and nothing
/// of it runs on their threads, which may belong to another runtime.
pub(super) struct Driver {
    runtime: Handle,
    /// The thread ends when this, and that of the last connection, are dropped.
    alive: UnboundedSender<()>,
}

impl Driver {
    /// Starts the thread.
    pub(super) fn start() -> Result<Driver> {
        let failed = |error: std::io::Error| {
            Error::new(ErrorCode::Io, format!("the thread for the server's connections: {error}"))
        };
        let runtime = Builder::new_current_thread().enable_io().enable_time().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (alive, mut over) = unbounded_channel::<()>();
        std::thread::Builder::new()
            .name("leadkit-postgres".into())
            .spawn(move || runtime.block_on(over.recv()))
            .map_err(failed)?;
        Ok(Driver { runtime: handle, alive })
    }

    /// Makes a connection.
    pub(super) fn connect(&self, config: &Config, tls: MakeRustlsConnect, limit: Duration) -> Result<Client> {
        let (config, alive) = (config.clone(), self.alive.clone());
        let (answer, answered) = sync_channel(1);
        self.runtime.spawn(async move {
            let connecting = tokio::time::timeout(limit, config.connect(tls)).await;
            match connecting {
                Ok(Ok((client, connection))) => {
                    if answer.send(Ok(client)).is_ok() {
                        // Its errors are those of the calls that wait for answers.
                        let _ = connection.await;
                    }
                }
                Ok(Err(error)) => drop(answer.send(Err(super::error::of_connecting(&error)))),
                Err(_) => {
                    drop(answer.send(Err(super::error::unreachable("the server did not answer in time"))))
                }
            }
            drop(alive);
        });
        answered.recv().unwrap_or_else(|_| Err(lost()))
    }
}

/// Waits for an answer of the driver's thread. No runtime is needed, nor entered: the caller's
/// thread sleeps until it is woken.
pub(super) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Sleeper(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
