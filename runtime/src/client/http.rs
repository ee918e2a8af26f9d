//! What is asked over plain HTTP before anything else.

use std::io;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;

use super::error::ConnectError;
use super::stream::Route;

/// A list of versions has some hundred bytes.
const MAX_BODY: usize = 1 << 20;

/// Returns the versions that the server serves, its own last; `None` if it does
/// not list them.
pub(crate) async fn versions(route: &Route) -> Result<Option<Vec<String>>, ConnectError> {
    let fail = |reason: String| ConnectError::Protocol {
        endpoint: route.endpoint.to_string(),
        reason,
    };
    let (status, location, body) = get(route, "/api/versions").await?;
    if let Some(location) = location.filter(|_| status.is_redirection()) {
        return Err(ConnectError::of_redirect(
            &route.endpoint,
            status,
            &location,
        ));
    }
    match status {
        StatusCode::OK => serde_json::from_slice(&body)
            .map(Some)
            .map_err(|error| fail(format!("/api/versions is not a list of versions: {error}"))),
        StatusCode::NOT_FOUND => Ok(None),
        status => Err(ConnectError::of_status(
            &route.endpoint,
            "/api/versions",
            status,
        )),
    }
}

/// The status, the target of a redirect, and the body.
type Response = (StatusCode, Option<String>, Bytes);

async fn get(route: &Route, path: &str) -> Result<Response, ConnectError> {
    let fail = |reason: String| ConnectError::Protocol {
        endpoint: route.endpoint.to_string(),
        reason,
    };
    // What is no HTTP is somebody else's; what ends too early is the network's.
    let broken = |error: hyper::Error| match error.is_parse() {
        true => fail(format!("{path}: {error}")),
        false => ConnectError::Network {
            endpoint: route.endpoint.to_string(),
            source: io::Error::other(format!("{path}: {error}")),
        },
    };
    let stream = TokioIo::new(route.open().await?.stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream)
        .await
        .map_err(broken)?;
    let request = Request::get(path)
        .header(header::HOST, route.endpoint.authority())
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| fail(error.to_string()))?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status();
        let location = response.headers().get(header::LOCATION);
        let location = location.and_then(|location| location.to_str().ok().map(str::to_owned));
        let body = Limited::new(response.into_body(), MAX_BODY).collect().await;
        let body = body.map_err(|error| match error.downcast() {
            Ok(error) => broken(*error),
            Err(error) => fail(format!("{path}: {error}")),
        })?;
        Ok((status, location, body.to_bytes()))
    };
    // The connection has to be driven while the exchange waits for it.
    let mut connection = std::pin::pin!(connection);
    let mut exchange = std::pin::pin!(exchange);
    tokio::select! {
        biased;
        result = &mut exchange => result,
        result = &mut connection => {
            result.map_err(broken)?;
            exchange.await
        }
    }
}
