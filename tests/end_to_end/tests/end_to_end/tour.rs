//! What a program does in a day, in the types of each series, over each kind
//! of connection.

use truenas_api::runtime::client::{Auth, Client, Notice};

use crate::reach::{self, Way};

/// A client over this way. Over `ws` it logs in with a token that it got over
/// `wss`: neither a password nor a key goes over an unencrypted connection.
macro_rules! connect {
    ($version:ident, $simulator:expr, $way:expr) => {
        match $way {
            Way::Ws => {
                let safe: Client<truenas_api::$version::Api> = reach::client(&$simulator, Way::Wss)
                    .connect()
                    .await
                    .unwrap();
                let token = safe
                    .session()
                    .call_raw("auth.generate_token", vec![])
                    .await
                    .unwrap()
                    .read::<String>()
                    .unwrap();
                reach::client(&$simulator, Way::Ws)
                    .login(Auth::token(token))
                    .connect()
                    .await
                    .unwrap()
            }
            way => reach::client(&$simulator, way).connect().await.unwrap(),
        }
    };
}

macro_rules! tour {
    // With the key of events that holds the entry; 25.04 sends the id alone.
    ($version:ident $(, $fields:ident)?) => {
        mod $version {
            use super::*;
            use truenas_api::$version::{Api, cronjob::{CronjobCreate, CronjobUpdate}};

            async fn tour(way: Way) {
                let folder = tempfile::tempdir().unwrap();
                let simulator = reach::builder::<Api>()
                    .unix_socket(folder.path().join("middlewared.sock"))
                    .start()
                    .await
                    .unwrap();
                let nas: Client<Api> = connect!($version, simulator, way);
                let cronjobs = nas.cronjob();
                let mut events = cronjobs.query_events().await.unwrap();

                let created = cronjobs
                    .create(CronjobCreate::new("/bin/true", "root"))
                    .await
                    .unwrap();
                assert_eq!(created.command, "/bin/true");
                let update = CronjobUpdate {
                    description: Some("nightly".into()),
                    ..CronjobUpdate::default()
                };
                let updated = cronjobs.update(created.id, update).await.unwrap();
                assert_eq!(updated.id, created.id);
                assert_eq!(updated.description.as_deref(), Some("nightly"));
                let found = cronjobs.get_instance(created.id, None).await.unwrap();
                assert_eq!(found.description.as_deref(), Some("nightly"));
                let all = cronjobs.query().await.unwrap();
                assert!(all.iter().any(|cronjob| cronjob.id == created.id));
                assert_eq!(cronjobs.query().count().await.unwrap(), all.len() as u64);

                let job = cronjobs.run(created.id, None).await.unwrap();
                let mut progress = job.progress();
                let mut steps = 0;
                while progress.next().await.is_some() {
                    steps += 1;
                }
                assert!(steps > 0, "the last step at least");
                job.wait().await.unwrap();

                cronjobs.delete(created.id).await.unwrap();
                let error = cronjobs.get_instance(created.id, None).await.unwrap_err();
                assert!(error.is_not_found(), "{error}");

                assert!(matches!(
                    events.next().await,
                    Some(Ok(Notice::Added(added))) if added.id == created.id
                ));
                assert!(matches!(
                    events.next().await,
                    Some(Ok(Notice::Changed(changed))) if changed.id == created.id
                        $(&& changed.$fields.description.as_deref() == Some("nightly"))?
                ));
                assert!(matches!(
                    events.next().await,
                    Some(Ok(Notice::Removed(removed))) if removed.id == created.id
                ));
                drop(events);
                nas.session().close().await;
                simulator.shutdown().await.unwrap();
            }

            #[tokio::test]
            async fn over_wss() {
                tour(Way::Wss).await;
            }

            #[tokio::test]
            async fn over_ws() {
                tour(Way::Ws).await;
            }

            #[cfg(unix)]
            #[tokio::test]
            async fn over_the_unix_socket() {
                tour(Way::Unix).await;
            }
        }
    };
}

tour!(v25_04);
tour!(v25_10, fields);
tour!(v26_0, fields);
