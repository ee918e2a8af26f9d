//! How a call fails, as the wire says it.

use serde_json::{Value, json};

/// The parameters are not valid, or what they name is not there.
pub const INVALID_PARAMS: i64 = -32602;
/// The call failed.
pub const CALL_ERROR: i64 = -32001;
/// There is no such method.
pub const METHOD_NOT_FOUND: i64 = -32601;

const ENOENT: i64 = 2;
const EINVAL: i64 = 22;
const EFBIG: i64 = 27;
const ENOMETHOD: i64 = 201;

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The code of JSON-RPC, or the server's own.
    pub code: i64,
    /// An errno of the system, or above 200 one of TrueNAS.
    pub errno: i64,
    /// Its name: `EINVAL`.
    pub errname: &'static str,
    /// What happened, in words.
    pub reason: String,
    /// The class of the exception in the server's trace.
    pub class: &'static str,
    /// For parameters that are not valid a list of
    /// `[attribute, message, errno]`, otherwise null.
    pub extra: Value,
}

/// What is wrong with one place in the parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The path from the parameter's name on: `data.schedule.hour`.
    pub attribute: String,
    /// What is wrong.
    pub message: String,
}

impl Failure {
    /// Parameters that are not valid.
    #[must_use]
    pub fn invalid(errors: &[Invalid]) -> Self {
        let reason = errors.iter().map(|error| {
            let Invalid { attribute, message } = error;
            format!("[EINVAL] {attribute}: {message}\n")
        });
        let extra = errors
            .iter()
            .map(|error| json!([error.attribute, error.message, EINVAL]));
        Self {
            code: INVALID_PARAMS,
            errno: EINVAL,
            errname: "EINVAL",
            reason: reason.collect(),
            class: "ValidationErrors",
            extra: extra.collect(),
        }
    }

    /// One attribute that is not valid.
    #[must_use]
    pub fn invalid_at(attribute: &str, message: impl Into<String>) -> Self {
        Self::invalid(&[Invalid {
            attribute: attribute.to_owned(),
            message: message.into(),
        }])
    }

    /// `get_instance`, and whatever else looks an entry up by its id, found
    /// none.
    #[must_use]
    pub fn instance_not_found(message: &str) -> Self {
        Self {
            code: INVALID_PARAMS,
            errno: EINVAL,
            errname: "EINVAL",
            reason: format!("[ENOENT] None: {message}"),
            class: "InstanceNotFound",
            extra: json!([[null, message, ENOENT]]),
        }
    }

    /// Something was to be there, as with the option `get`, and was not.
    #[must_use]
    pub fn match_not_found() -> Self {
        Self {
            code: CALL_ERROR,
            errno: EINVAL,
            errname: "EINVAL",
            reason: "MatchNotFound()".to_owned(),
            class: "MatchNotFound",
            extra: Value::Null,
        }
    }

    /// No version that is served has this method.
    #[must_use]
    pub fn no_such_method() -> Self {
        Self {
            code: METHOD_NOT_FOUND,
            errno: ENOMETHOD,
            errname: "ENOMETHOD",
            reason: "Method does not exist".to_owned(),
            class: "",
            extra: Value::Null,
        }
    }

    /// The system has this method, but not in the version that was dialled.
    #[must_use]
    pub fn newer_method(service: &str, method: &str) -> Self {
        Self {
            code: CALL_ERROR,
            errno: ENOMETHOD,
            errname: "ENOMETHOD",
            reason: format!("[ENOMETHOD] Method '{method}' not found in '{service}'"),
            class: "MethodNotFoundError",
            extra: Value::Null,
        }
    }

    /// The simulator keeps no more entries of this kind.
    #[must_use]
    pub fn full(service: &str, most: usize) -> Self {
        Self {
            code: CALL_ERROR,
            errno: EFBIG,
            errname: "EFBIG",
            reason: format!("[EFBIG] The simulator keeps at most {most} entries of {service}"),
            class: "CallError",
            extra: Value::Null,
        }
    }

    /// The call failed for a reason of its own.
    #[must_use]
    pub fn call(errno: i64, errname: &'static str, message: &str) -> Self {
        Self {
            code: CALL_ERROR,
            errno,
            errname,
            reason: format!("[{errname}] {message}"),
            class: "CallError",
            extra: Value::Null,
        }
    }

    /// Returns an exception without a message of the server's own.
    #[must_use]
    pub fn raised(class: &'static str, message: &str) -> Self {
        Self {
            code: CALL_ERROR,
            errno: EINVAL,
            errname: "EINVAL",
            reason: message.to_owned(),
            class,
            extra: Value::Null,
        }
    }

    /// The `error` of the reply.
    #[must_use]
    pub fn to_error(&self) -> Value {
        match self.code {
            METHOD_NOT_FOUND => json!({"code": self.code, "message": self.reason}),
            code => {
                let message = match code {
                    INVALID_PARAMS => "Invalid params",
                    _ => "Method call error",
                };
                json!({"code": code, "message": message, "data": self.to_data()})
            }
        }
    }

    /// The `data` of that `error`.
    #[must_use]
    pub fn to_data(&self) -> Value {
        let repr = format!("{}({:?})", self.class, self.reason);
        json!({
            "error": self.errno,
            "errname": self.errname,
            "reason": self.reason,
            "trace": {
                "class": self.class,
                "frames": [],
                "formatted": repr,
                "repr": repr,
            },
            "extra": self.extra,
        })
    }
}
