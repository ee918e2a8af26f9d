//! A program with one call, to see how large it becomes:
//! `cargo bloat --release --features size --example one_call --crates`.

use truenas_api::runtime::client::{Auth, Client};
use truenas_api::v25_10;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(address), Some(user), Some(key)) = (args.next(), args.next(), args.next()) else {
        return Err("usage: one_call wss://nas.example admin 1-key".into());
    };
    let login = Auth::api_key(user, key.parse()?);
    let nas = Client::<v25_10::Api>::builder(&address)
        .login(login)
        .connect()
        .await?;
    println!("{}", nas.system().version().await?);
    Ok(())
}
