//! One page to look through, which needs nothing but a browser.

use super::title;
use crate::compare::Report;

/// The page; the findings go where the marker is.
const PAGE: &str = include_str!("page.html");
const DATA: &str = "/*data*/";
const TITLE: &str = "<!--title-->";

pub(super) fn html(reports: &[Report]) -> String {
    let titles: Vec<String> = reports.iter().map(title).collect();
    let title = match titles.as_slice() {
        [one] => one.clone(),
        [first, .., last] => format!("{first} … {last}"),
        [] => String::new(),
    };
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    // Inside of a script nothing may look like its end.
    let data = super::json::json(reports).replace('<', "\\u003c");
    PAGE.replacen(TITLE, &title, 1).replacen(DATA, &data, 1)
}
