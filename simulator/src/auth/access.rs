//! What a method asks of its caller.

use truenas_codegen::model::{Method, split};

use super::Account;
use super::roles::includes;
use crate::engine::Catalog;

/// Methods that anybody may call; no schema says so, `core.get_methods` of
/// real systems does (`no_auth_required`).
const NO_LOGIN: [&str; 12] = [
    "auth.login",
    "auth.login_ex",
    "auth.login_ex_continue",
    "auth.login_with_api_key",
    "auth.login_with_token",
    "auth.mechanism_choices",
    "core.set_options",
    "system.advanced.login_banner",
    "system.boot_id",
    "truenas.managed_by_truecommand",
    "user.has_local_administrator_set_up",
    "user.setup_local_administrator",
];

/// Methods without roles that whoever is logged in may call, as
/// `core.get_methods` of 26.0 says (`no_authz_required`). Any other method
/// without roles is for full administrators alone.
const ANY_LOGIN: [&str; 25] = [
    "auth.generate_token",
    "auth.logout",
    "auth.me",
    "auth.set_attribute",
    "core.bulk",
    "core.download",
    "core.get_jobs",
    "core.get_methods",
    "core.get_services",
    "core.job_abort",
    "core.job_download_logs",
    "core.job_wait",
    "core.resize_shell",
    "core.subscribe",
    "core.unsubscribe",
    "directoryservices.status",
    "failover.licensed",
    "interface.lacpdu_rate_choices",
    "interface.xmit_hash_policy_choices",
    "privilege.roles",
    "system.version",
    "system.version_short",
    "tunable.tunable_type_choices",
    "user.renew_2fa_secret",
    "user.set_password",
];

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody.
    NoLogin,
    /// Whoever is logged in.
    AnyLogin,
    /// Who has one of the method's roles, or is a full administrator.
    Roles,
}

/// Who may call the method. `ping` needs no login from 25.10 on.
pub(crate) fn access(name: &str, ping_is_free: bool) -> Access {
    if NO_LOGIN.contains(&name) || name == "core.ping" && ping_is_free {
        Access::NoLogin
    } else if ANY_LOGIN.contains(&name) || name == "core.ping" {
        Access::AnyLogin
    } else {
        Access::Roles
    }
}

impl Account {
    /// Whether the account may do all.
    pub(crate) fn is_full_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "FULL_ADMIN")
    }

    /// Whether it has one of the roles, or one that includes it.
    pub(crate) fn has_one_of(&self, roles: &[String]) -> bool {
        self.is_full_admin() || roles.iter().any(|role| self.has(role))
    }

    fn has(&self, asked: &str) -> bool {
        self.roles.iter().any(|held| includes(held, asked))
    }

    /// Whether it may call the method.
    pub(crate) fn may_call(&self, name: &str, method: &Method) -> bool {
        access(name, true) != Access::Roles || self.has_one_of(&method.roles)
    }

    /// Whether it sees the secrets of the method's service: only those who may
    /// change them do.
    pub(crate) fn sees_secrets(&self, catalog: &Catalog, name: &str) -> bool {
        self.has_one_of(&catalog.writers(split(name).0))
    }
}
