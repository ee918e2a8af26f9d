//! What an account with fewer rights sees in the types of each series: its
//! secrets are redacted, and everything else decodes.

use truenas_api::runtime::client::{Auth, Client, Errno};

use crate::reach;

macro_rules! rights {
    ($version:ident, $key:ident) => {
        mod $version {
            use super::*;
            use truenas_api::$version::Api;

            #[tokio::test]
            async fn a_reader_gets_every_entry_without_its_secrets() {
                let builder = reach::builder::<Api>().account("reader", ["READONLY_ADMIN"]);
                let simulator = builder.start().await.unwrap();
                let password = simulator.login("reader").unwrap().password();
                let reader: Client<Api> = reach::secure(&simulator)
                    .login(Auth::password("reader", password))
                    .connect()
                    .await
                    .unwrap();

                let users = reader.user().query().await.unwrap();
                assert!(users.iter().any(|user| user.username == "reader"));
                for user in users {
                    assert!(user.unixhash.unwrap().is_redacted());
                    assert!(user.password_history.unwrap().is_redacted());
                }

                let general = reader.system().general().config().await.unwrap();
                assert!(general.ui_certificate.unwrap().is_redacted());

                let certificates = reader.certificate().query().await.unwrap();
                let serials = certificates
                    .iter()
                    .filter_map(|entry| entry.serial.as_ref());
                assert!(serials.into_iter().any(|serial| serial.as_i64().is_none()));
                for certificate in certificates {
                    assert!(certificate.privatekey.unwrap().is_redacted());
                }

                let credentials = reader.keychaincredential().query().await.unwrap();
                assert!(!credentials.is_empty());
                for credential in credentials {
                    assert!(credential.attributes.is_redacted());
                }

                let mail = reader.mail().config().await.unwrap();
                // The server hides null as well.
                assert!(mail.pass.unwrap().is_redacted());
                assert!(mail.oauth.unwrap().is_redacted());

                let keys = reader.api_key().query().await.unwrap();
                assert!(keys.iter().any(|key| key.name.as_deref() == Some("reader")));
                for key in keys {
                    assert!(key.$key.is_redacted());
                }

                let error = reader.cronjob().delete(1).await.unwrap_err();
                assert_eq!(error.errno(), Some(Errno::AccessDenied), "{error}");
                reader.session().close().await;
            }

            #[tokio::test]
            async fn an_administrator_gets_them_in_clear() {
                let simulator = reach::simulator::<Api>().await;
                let nas: Client<Api> = reach::secure(&simulator)
                    .login(Auth::password(simulator.user(), simulator.password()))
                    .connect()
                    .await
                    .unwrap();
                let users = nas.user().query().await.unwrap();
                assert!(!users[0].unixhash.as_ref().unwrap().is_redacted());
                let general = nas.system().general().config().await.unwrap();
                assert!(general.ui_certificate.unwrap().expose().is_some());
                let credentials = nas.keychaincredential().query().await.unwrap();
                assert!(credentials[0].attributes.expose().is_some());
                assert!(nas.mail().config().await.unwrap().pass.is_none());
                nas.session().close().await;
            }
        }
    };
}

rights!(v25_04, keyhash);
rights!(v25_10, keyhash);
rights!(v26_0, stored_key);
