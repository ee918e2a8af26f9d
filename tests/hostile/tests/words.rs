//! The golden `words` compiles; words that are known and new ones.

#[allow(dead_code, deprecated, unused_imports)]
#[rustfmt::skip]
#[path = "../../../codegen/tests/golden/words/expected/src/shared/mod.rs"]
mod shared;
#[allow(dead_code, deprecated, unused_imports)]
#[rustfmt::skip]
#[path = "../../../codegen/tests/golden/words/expected/src/versions/mod.rs"]
mod versions;

use serde_json::json;
use truenas_runtime::{from_value, to_value};
use versions::v9_0_0::share::{ShareProtocolName as Name, ShareProtocolResult as Level};

#[test]
fn words_go_out_as_they_came_in() {
    for (text, word) in [
        ("NFS", Name::Nfs),
        ("nfs", Name::Nfs2),
        ("9P", Name::V9p),
        ("", Name::Empty),
        ("new", Name::Unrecognized("new".into())),
    ] {
        assert_eq!(from_value::<Name>(&json!(text)).unwrap(), word);
        assert_eq!(to_value(&word), json!(text));
    }
}

#[test]
fn numbers_and_words_in_one_choice() {
    for (value, level) in [
        (json!(3), Some(Level::V3)),
        (json!("auto"), Some(Level::Auto)),
        (json!(5), Some(Level::Unrecognized(json!(5).into()))),
        (json!(null), None),
    ] {
        assert_eq!(from_value::<Option<Level>>(&value).unwrap(), level);
        assert_eq!(to_value(&level), value);
    }
}
