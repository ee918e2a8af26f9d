//! The numbers that a failed call carries.

use std::fmt;

macro_rules! errnos {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $name:literal,)*) => {
        /// Why a call failed, as a number: those of Linux, and above 200 those
        /// that TrueNAS adds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Errno {
            $($(#[$doc])* $variant,)*
            /// Any other number.
            Other(i64),
        }

        impl Errno {
            /// The number on the wire.
            #[must_use]
            pub const fn number(self) -> i64 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::Other(number) => number,
                }
            }

            /// The usual name, such as `ENOENT`; none for a number not known here.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($name),)*
                    Self::Other(_) => None,
                }
            }
        }

        impl From<i64> for Errno {
            fn from(number: i64) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    other => Self::Other(other),
                }
            }
        }
    };
}

errnos! {
    /// Not permitted.
    NotPermitted = 1 "EPERM",
    /// There is no such thing.
    NotFound = 2 "ENOENT",
    /// Interrupted by a signal.
    Interrupted = 4 "EINTR",
    /// Input or output failed.
    Io = 5 "EIO",
    /// Try again.
    Again = 11 "EAGAIN",
    /// Out of memory.
    NoMemory = 12 "ENOMEM",
    /// Permission denied.
    AccessDenied = 13 "EACCES",
    /// In use; also the answer of the limit on logins.
    Busy = 16 "EBUSY",
    /// It exists already.
    Exists = 17 "EEXIST",
    /// Not a directory.
    NotADirectory = 20 "ENOTDIR",
    /// A directory.
    IsADirectory = 21 "EISDIR",
    /// An invalid argument.
    Invalid = 22 "EINVAL",
    /// Too large.
    TooLarge = 27 "EFBIG",
    /// No space left.
    NoSpace = 28 "ENOSPC",
    /// Read-only.
    ReadOnly = 30 "EROFS",
    /// The name is too long.
    NameTooLong = 36 "ENAMETOOLONG",
    /// Not empty.
    NotEmpty = 39 "ENOTEMPTY",
    /// A broken protocol.
    Protocol = 71 "EPROTO",
    /// Not supported.
    NotSupported = 95 "EOPNOTSUPP",
    /// The connection was reset.
    ConnectionReset = 104 "ECONNRESET",
    /// It took too long.
    TimedOut = 110 "ETIMEDOUT",
    /// The connection was refused.
    ConnectionRefused = 111 "ECONNREFUSED",
    /// The host cannot be reached.
    HostUnreachable = 113 "EHOSTUNREACH",
    /// A quota is used up.
    QuotaExceeded = 122 "EDQUOT",
    /// The server has no such method, or not in this version.
    NoSuchMethod = 201 "ENOMETHOD",
    /// A service did not start.
    ServiceStartFailure = 202 "ESERVICESTARTFAILURE",
    /// An alert could not be checked.
    AlertCheckerUnavailable = 203 "EALERTCHECKERUNAVAILABLE",
    /// Another node answered with an error.
    RemoteNode = 204 "EREMOTENODEERROR",
    /// The dataset is locked.
    DatasetLocked = 205 "EDATASETISLOCKED",
    /// No such time in the collected figures.
    InvalidTimestamp = 206 "EINVALIDRRDTIMESTAMP",
    /// Not logged in, or no longer.
    NotAuthenticated = 207 "ENOTAUTHENTICATED",
    /// A certificate or host key could not be verified.
    CertificateVerification = 208 "ESSLCERTVERIFICATIONERROR",
    /// The system has to be restarted first.
    RebootRequired = 209 "EREBOOTREQUIRED",
    /// High availability is not available.
    HaUnavailable = 210 "EHAUNAVAILABLE",
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "errno {}", self.number()),
        }
    }
}
