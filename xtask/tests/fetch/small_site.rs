//! A site of three methods and an event, in both forms and as a zip.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::server::{Answer, Request, Server};

/// What the site is of.
pub(crate) const API: &str = "v25.99.0";

/// Pages of a real site, as it has them in `_sources`.
const PAGES: [(&str, &str); 4] = [
    (
        "api_methods_boot.scrub",
        include_str!("pages/api_methods_boot.scrub.rst.txt"),
    ),
    (
        "api_methods_core.ping",
        include_str!("pages/api_methods_core.ping.rst.txt"),
    ),
    (
        "api_methods_pool.scrub.run",
        include_str!("pages/api_methods_pool.scrub.run.rst.txt"),
    ),
    (
        "api_events_virt.instance.metrics",
        include_str!("pages/api_events_virt.instance.metrics.rst.txt"),
    ),
];

/// The files of a site by their paths.
pub(crate) type Files = BTreeMap<String, String>;

/// Which of the two forms of pages a site has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Sources,
    Html,
}

/// The site in one of the forms, and its page `index.html`.
pub(crate) fn files(form: Form) -> Files {
    let mut files = Files::new();
    let mut lists: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (stem, source) in PAGES {
        files.insert(path(form, stem), page(form, source));
        let (service, _) = stem.rsplit_once('.').unwrap();
        lists.entry(service.to_owned()).or_default().push(stem);
    }
    for top in ["api_methods", "api_events"] {
        let services = lists.keys().filter(|service| service.starts_with(top));
        let services: Vec<&str> = services.map(String::as_str).collect();
        files.insert(path(form, top), index(form, top, &services));
    }
    for (service, stems) in &lists {
        files.insert(path(form, service), index(form, service, stems));
    }
    let stems = PAGES.iter().map(|(stem, _)| *stem);
    let menu: String = stems
        .chain(lists.keys().map(String::as_str))
        .map(|stem| format!("<a href=\"{stem}.html#\">{stem}</a> "))
        .collect();
    let title = format!("Contents &#8212; TrueNAS API {API} (current) documentation");
    files.insert(
        "index.html".to_owned(),
        format!(
            "<html><head><title>{title}</title></head><body><select>\
             <option value=\"{API}\" selected>{API}</option>\
             <option value=\"v25.100.0\">v25.100.0</option>\
             </select>{menu}</body></html>"
        ),
    );
    files
}

pub(crate) fn path(form: Form, stem: &str) -> String {
    match form {
        Form::Sources => format!("_sources/{stem}.rst.txt"),
        Form::Html => format!("{stem}.html"),
    }
}

/// A page that lists others.
pub(crate) fn index(form: Form, title: &str, stems: &[&str]) -> String {
    match form {
        Form::Sources => {
            let mut text = format!("{title}\n-----\n\n.. toctree::\n\n");
            for stem in stems {
                let _ = writeln!(text, "   {stem}");
            }
            text
        }
        Form::Html => {
            let mut list = String::new();
            for stem in stems {
                let _ = writeln!(
                    list,
                    "<li class=\"toctree-l1\"><a class=\"reference internal\" \
                     href=\"{stem}.html\">{stem}</a></li>"
                );
            }
            html(
                title,
                &format!("<div class=\"toctree-wrapper compound\">\n<ul>\n{list}</ul>\n</div>"),
            )
        }
    }
}

/// A page as Sphinx makes it of its source.
fn page(form: Form, source: &str) -> String {
    if form == Form::Sources {
        return source.to_owned();
    }
    let (title, rest) = source.split_once('\n').unwrap();
    let (doc, rest) = rest.split_once(".. raw:: html\n").unwrap();
    let doc = match doc.trim_start_matches(['=', '\n']).trim_end() {
        "" => String::new(),
        doc => format!("<p>{doc}</p>\n"),
    };
    let (schema, roles) = rest.rsplit_once("*Required roles:*").unwrap();
    html(
        title,
        &format!(
            "{doc}{}<p><em>Required roles:</em>{}</p>",
            schema.trim(),
            roles.trim_end()
        ),
    )
}

fn html(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\" /><title>{title}</title>\
         </head><body><nav><ul><li><a href=\"#\">{title}</a></li></ul></nav>\n\
         <div class=\"body\">\n<section id=\"x\">\n<h1>{title}<a class=\"headerlink\" href=\"#x\" \
         title=\"Permalink to this heading\">¶</a></h1>\n{body}\n</section>\n</div></body></html>"
    )
}

pub(crate) fn zip(files: &Files) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        let deflated = SimpleFileOptions::default();
        zip.start_file(path.as_str(), deflated).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The path in the folder of the version, if a request is for one.
pub(crate) fn within(request: &Request) -> Option<&str> {
    request.target.strip_prefix(&format!("/{API}/"))
}

/// An answer with one of the files, or without.
pub(crate) fn answer(files: &Files, path: Option<&str>) -> Answer {
    match path.and_then(|path| Some((path, files.get(path)?))) {
        Some((path, text)) if path.ends_with(".txt") => {
            Answer::ok("text/plain; charset=utf-8", text.as_bytes())
        }
        Some((path, text)) if path.starts_with("/api/") => {
            Answer::ok("application/json", text.as_bytes())
        }
        Some((_, text)) => Answer::ok("text/html", text.as_bytes()),
        None => Answer::status("404 Not Found"),
    }
}

/// A server of these files, page by page.
pub(crate) fn serve(files: Files) -> Server {
    Server::start(move |request| answer(&files, within(request)))
}

/// A server of the site as a zip and nothing else.
pub(crate) fn serve_zip(zip: Vec<u8>) -> Server {
    Server::start(move |request| match within(request) {
        Some("truenas-v25.99.0-docs.zip") => Answer::ok("application/zip", &zip),
        _ => Answer::status("404 Not Found"),
    })
}
