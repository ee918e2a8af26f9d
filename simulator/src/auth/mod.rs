//! Who may log in, with what, and who is logged in.

mod access;
mod accounts;
mod credentials;
mod otp;
mod rate_limit;
mod roles;
mod scram;
mod session;
mod tokens;

pub(crate) use access::{Access, access};
pub(crate) use accounts::{Account, Accounts, ApiKey, KeyCheck, PasswordCheck};
pub(crate) use credentials::{Credentials, letters, otp_secret};
pub(crate) use otp::OtpSecret;
pub(crate) use rate_limit::RateLimit;
pub(crate) use roles::is_role;
pub(crate) use scram::{ClientFirst, Exchange, ScramKeys};
pub(crate) use session::{Session, SessionKind};
pub(crate) use tokens::{Purpose, TokenRequest, Tokens};
