//! The same without async.

use truenas_api::v25_10::cronjob::{CronjobCreate, field};
use truenas_api::v25_10::{Api, cronjob::CronjobUpdate};
use truenas_api::{Auth, Fingerprint, Notice, Trust, blocking};
use truenas_simulator::Simulator;

#[test]
fn a_script() {
    // The simulator is async; the script is not.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let simulator = runtime
        .block_on(Simulator::builder().api("v25.10.5").seed(7).start())
        .unwrap();
    let pin: Fingerprint = simulator.fingerprint().parse().unwrap();
    let nas = blocking::Client::<Api>::builder(&simulator.wss_url())
        .trust(Trust::fingerprint(pin))
        .login(Auth::password(simulator.user(), simulator.password()))
        .connect()
        .unwrap();
    let cronjobs = nas.cronjob();
    let mut events = cronjobs.query_events().send().unwrap();
    for n in 0..5 {
        let create = CronjobCreate::new(&format!("/bin/echo {n}"), "root");
        cronjobs.create(create).send().unwrap();
    }
    let echoes = || {
        cronjobs
            .query()
            .filter(field::COMMAND.starts_with("/bin/echo"))
            .order_by(field::ID)
    };
    let found = echoes().send().unwrap();
    assert_eq!(found.len(), 5);
    assert_eq!(echoes().count().unwrap(), 5);
    let paged: Vec<i64> = echoes().iter().map(|cronjob| cronjob.unwrap().id).collect();
    assert!(paged.iter().eq(found.iter().map(|cronjob| &cronjob.id)));

    let first = found.first().unwrap();
    let got = echoes().filter(field::ID.eq(first.id)).get().unwrap();
    assert_eq!(got.command, "/bin/echo 0");
    let nothing = echoes().filter(field::ID.eq(-1)).first().unwrap();
    assert!(nothing.is_none());
    #[derive(serde::Deserialize)]
    struct Named {
        id: i64,
        command: String,
    }
    let columns: Vec<Named> = echoes().select((field::ID, field::COMMAND)).unwrap();
    assert_eq!(columns.len(), 5);
    assert_eq!(
        (columns[0].id, &columns[0].command[..]),
        (first.id, "/bin/echo 0")
    );
    let update = CronjobUpdate {
        enabled: Some(false),
        ..CronjobUpdate::default()
    };
    cronjobs.update(first.id, update).send().unwrap();
    let job = cronjobs.run(first.id, None).send().unwrap();
    assert!(job.progress().count() > 0);
    job.wait().unwrap();
    let mut log = Vec::new();
    job.logs().unwrap().write_to(&mut log).unwrap();
    assert!(!log.is_empty());
    for _ in 0..5 {
        assert!(matches!(events.next(), Some(Ok(Notice::Added(_)))));
    }
    assert!(matches!(events.next(), Some(Ok(Notice::Changed(changed))) if changed.id == first.id));

    let put = nas.filesystem().put("/mnt/tank/note", None);
    put.upload(blocking::Source::bytes(b"remember".to_vec()))
        .send()
        .unwrap()
        .wait()
        .unwrap();
    let mut text = String::new();
    let mut download = nas
        .filesystem()
        .get("/mnt/tank/note")
        .download()
        .send()
        .unwrap();
    std::io::Read::read_to_string(&mut download, &mut text).unwrap();
    assert_eq!(text, "remember");
    nas.session().close().unwrap();
}
