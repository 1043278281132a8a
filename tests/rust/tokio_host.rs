//! The core inside an async host: on either of tokio's runtimes, called directly or where blocking
//! work belongs, it works and leaves the runtime alone.

use leadkit_core::model::transport::SmsRequest;
use leadkit_core::testing::FakeTwilio;
use leadkit_core::transport::Transport;
use leadkit_core::{Filter, FindOptions, ImportOptions, Twilio};
use leadkit_tests::Place;
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

/// Opens, imports and reads; two threads of our own run beside those of the runtime.
fn work() {
    let place = Place::new();
    let db = place.db();
    let rows: String = (0..2_000).map(|n| format!("ada{n}@lovelace.org,Ada {n}\n")).collect();
    let options = ImportOptions { threads: 2, ..Default::default() };
    let report = db.import_leads(format!("email,name\n{rows}").into_bytes(), options).unwrap();
    assert_eq!((report.rows, report.created), (2_000, 2_000));
    let ada = Filter::field("email").eq("ada1999@lovelace.org");
    assert_eq!(db.leads().first(&ada, FindOptions::default()).unwrap().unwrap().id, 2_000);
    assert_eq!(db.leads().iterate(&Filter::all(), FindOptions::default()).unwrap().count(), 2_000);
    db.close();
}

fn runtimes() -> [Runtime; 2] {
    let threads = Builder::new_multi_thread().worker_threads(2).build();
    [Builder::new_current_thread().build().unwrap(), threads.unwrap()]
}

#[test]
fn called_directly() {
    for runtime in runtimes() {
        runtime.block_on(async {
            work();
            // On a worker thread of the runtime, where there is one.
            tokio::spawn(async { work() }).await.unwrap();
        });
    }
}

#[test]
fn called_where_blocking_work_belongs() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let (first, second) = (spawn_blocking(work), spawn_blocking(work));
            // Meanwhile, the runtime goes on.
            tokio::spawn(async { tokio::task::yield_now().await }).await.unwrap();
            first.await.unwrap();
            second.await.unwrap();
        });
    }
}

/// A database opened by one task and read by others, as a server has it.
#[test]
fn one_database_for_many_tasks() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let db = leadkit_core::open(":memory:").unwrap();
            db.import_leads(b"email\nada@lovelace.org\n".to_vec(), ImportOptions::default()).unwrap();
            let tasks: Vec<_> = (0..8)
                .map(|_| {
                    let db = db.clone();
                    spawn_blocking(move || db.leads().count(&Filter::all()).unwrap())
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap(), 1);
            }
        });
    }
}

/// Twilio's client, built, used and dropped in a runtime, and so is the fake that answers it.
fn send() {
    let fake = FakeTwilio::start().unwrap();
    let twilio = Twilio::new(fake.config()).unwrap();
    let request = SmsRequest { body: Some("Hello".into()), ..SmsRequest::to("+15558675310") };
    let outcome = twilio.send_sms(&request);
    assert!(twilio.fetch_message(outcome.sid().unwrap()).is_ok());
    let outcomes = twilio.send_many(&vec![request; 20]);
    assert!(outcomes.iter().all(|outcome| outcome.sid().is_some()));
    let other = twilio.clone();
    drop(twilio);
    assert!(
        other
            .send_sms(&SmsRequest { body: Some("Bye".into()), ..SmsRequest::to("+15558675311") })
            .sid()
            .is_some()
    );
    drop((other, fake));
    // Never used: there is no thread to end.
    drop(Twilio::new(FakeTwilio::start().unwrap().config()).unwrap());
}

#[test]
fn twilio_in_a_runtime() {
    for runtime in runtimes() {
        runtime.block_on(async {
            send();
            tokio::spawn(async { send() }).await.unwrap();
            spawn_blocking(send).await.unwrap();
        });
    }
    // And where the last handle goes with the runtime.
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let fake = FakeTwilio::start().unwrap();
    let twilio = Twilio::new(fake.config()).unwrap();
    runtime.spawn(async move {
        let body = Some("Hello".to_string());
        twilio.send_sms(&SmsRequest { body, ..SmsRequest::to("+15558675310") });
        std::future::pending::<()>().await;
    });
    while fake.accepted("+15558675310", "Hello") == 0 {
        std::thread::yield_now();
    }
    drop(runtime);
}
