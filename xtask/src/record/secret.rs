//! How keys and texts show that they hold a secret.

/// What hashes of passwords contain, wherever they are in a text.
const HASHES: [&str; 12] = [
    "$1$", "$5$", "$6$", "$7$", "$y$", "$gy$", "$2a$", "$2b$", "$2y$", "$pbkdf2", "$argon2",
    "$scrypt",
];
/// What separates the name of a setting from its value.
const ASSIGNMENTS: [char; 2] = ['=', ':'];
const QUOTES: [char; 2] = ['"', '\''];

/// Whether a key looks like that of a secret.
pub(super) fn names_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    let inside = ["passw", "passphrase", "secret", "token"];
    let behind = ["key", "keys", "hash", "salt", "pass", "pwd", "bindpw"];
    inside.iter().any(|part| key.contains(part)) || behind.iter().any(|end| key.ends_with(end))
}

/// Whether a text is a secret or has one in it, under any key.
pub(super) fn shows_secret(text: &str) -> bool {
    text.contains("PRIVATE KEY-----")
        || HASHES.iter().any(|part| text.contains(part))
        || sets_secret(text)
        || passes_secret(text)
        || has_password_in_url(text)
}

/// Whether a text has a setting such as `DB_PASSWORD=x` or `"token": "x"`.
fn sets_secret(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(ASSIGNMENTS) {
        if names_secret(last_name(before)) && has_value(after) {
            return true;
        }
        rest = after;
    }
    false
}

/// The name at the end of a text, such as `password` of `my "password" `.
fn last_name(text: &str) -> &str {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c));
    let is_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    text.rsplit(|c| !is_name(c)).next().unwrap_or_default()
}

/// Whether there is more than blanks, quotes and signs such as in `==`.
fn has_value(text: &str) -> bool {
    let is_filler = |c: char| c.is_whitespace() || QUOTES.contains(&c) || ASSIGNMENTS.contains(&c);
    text.chars().any(|c| !is_filler(c))
}

/// Whether a command has an option such as `--password x`.
fn passes_secret(text: &str) -> bool {
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if word.starts_with("--") && names_secret(word) && words.peek().is_some() {
            return true;
        }
    }
    false
}

/// Whether a text has an address such as `https://user:password@nas.example`.
fn has_password_in_url(text: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || QUOTES.contains(&c) || "/?#".contains(c);
    let mut authorities = text
        .split("://")
        .skip(1)
        .filter_map(|rest| rest.split(ends).next());
    authorities.any(|authority| {
        let user = authority.split_once('@');
        user.is_some_and(|(user, _)| user.contains(':'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_are_found_on_every_line_and_in_every_word() {
        for text in [
            "DB_PASSWORD=x backup",
            "cd /; DB_PASSWORD=x backup",
            "[admin]\n  password = x\n  actions = SET",
            "user = a\n\tpassword\t=\tx",
            r#"{"user": "a", "api_token": "x"}"#,
            "a: b\nsecret:\n  - x",
            "backup --password x",
            "backup --api-key='x'",
            "mount https://nas.example && curl https://u:x@nas.example/",
            "curl 'https://u:x@nas.example'",
            "root:$6$salt$hash:19000:0:99999:7:::",
            "echo '$2a$10$hash'",
            "$2y$10$hash",
            "$7$CU..../....salt$hash",
            "$argon2id$v=19$m=65536,t=3,p=4$salt$hash",
            "$scrypt$ln=16,r=8,p=1$salt$hash",
            "-----BEGIN PRIVATE KEY-----\nx",
        ] {
            assert!(shows_secret(text), "{text}");
        }
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "backup /mnt/tank",
            "PASSWORD=",
            "the password",
            "backup --password",
            "user = a: b",
            "https://nas.example:8443/ui?mail=a@nas.example",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA== a@nas.example",
            "price: $5",
        ] {
            assert!(!shows_secret(text), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_read_once() {
        assert!(!shows_secret(&"::// =".repeat(100_000)));
        assert!(!shows_secret(&"a:".repeat(100_000)));
    }

    proptest! {
        #[test]
        fn a_password_is_found_in_any_text(
            before in any::<String>(),
            setting in "[ \n\t;]password[ \t]*[=:][ \t]*[a-z]+",
            after in any::<String>(),
        ) {
            let text = format!("{before}{setting}{after}");
            prop_assert!(shows_secret(&text));
        }
    }
}
