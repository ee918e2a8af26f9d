//! What ties a login to one TLS connection.

/// Channel binding of type `tls-server-end-point` (RFC 5929): a hash of the
/// server's certificate. A login that carries it works on a connection to the
/// owner of that certificate only, and not through somebody in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelBinding(pub(super) Vec<u8>);

impl ChannelBinding {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
