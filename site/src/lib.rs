//! Reads TrueNAS' documentation site back into what it was rendered from: text
//! in, values out.
//!
//! [api.truenas.com](https://api.truenas.com) and `/api/docs/` of every system
//! have a page for each method and event, with its JSON Schema rendered by
//! json-schema-for-humans (1.0.2 up to 25.10, 1.4.1 since 26) and set in a page
//! by Sphinx. [`page`] turns such a page back into the entry it has in a dump of
//! the API, [`front`] and [`index`] find the pages, and [`dump`] puts the entries
//! together.
//!
//! | module | what |
//! |---|---|
//! | `html` | a page as a tree of elements |
//! | `file` | what the name of a file says; the parts of a page, in both formats |
//! | `page`, `index` | what is in these parts |
//! | `front` | the page that leads to all others |
//! | `schema`, `texts` | the schema, element by element and phrase by phrase |
//! | `prose` | texts for people |
//! | `restore` | what the pages do not say, where a rule knows it |
//! | `dump` | the way to the other crates |
//! | `complete` | what pages do not say, where `core.get_methods` does |

mod complete;
mod dump;
mod error;
mod file;
mod front;
mod html;
mod index;
mod page;
mod prose;
mod restore;
mod schema;
mod texts;

pub use complete::{TooMuch, complete};
pub use dump::dump;
pub use error::PageError;
pub use file::Kind;
pub use front::{Front, front};
pub use index::{Index, index};
pub use page::{Page, page};
