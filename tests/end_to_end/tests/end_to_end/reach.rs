//! Every way to a simulator.

use truenas_api::runtime::Api;
use truenas_api::runtime::client::{ApiKey, Auth, Builder, Client, Fingerprint, Trust};
use truenas_simulator::Simulator;

/// How a client gets there.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    Wss,
    Ws,
    Unix,
}

/// A simulator of the version, on all of the ways.
pub async fn simulator<A: Api>() -> Simulator {
    builder::<A>().start().await.unwrap()
}

pub fn builder<A: Api>() -> truenas_simulator::Builder {
    Simulator::builder().api(A::VERSION).seed(7)
}

/// A client that logs in by what the way allows, without naming the server's secrets.
pub fn client<A: Api>(simulator: &Simulator, way: Way) -> Builder<A> {
    let password = Auth::password(simulator.user(), simulator.password());
    match way {
        Way::Wss => secure(simulator).login(password),
        // Nothing but a login that sends no secret is tried here: a token is
        // what is left where there is no SCRAM.
        Way::Ws => Client::builder(&simulator.ws_url()),
        Way::Unix => {
            let path = simulator.unix_path().expect("a unix socket");
            Client::builder(&format!("unix:{}", path.display()))
        }
    }
}

/// Over TLS, trusting the simulator's certificate by its fingerprint.
pub fn secure<A: Api>(simulator: &Simulator) -> Builder<A> {
    let pin: Fingerprint = simulator.fingerprint().parse().unwrap();
    Client::builder(&simulator.wss_url()).trust(Trust::fingerprint(pin))
}

pub fn key(simulator: &Simulator) -> ApiKey {
    simulator.api_key().parse().unwrap()
}
