//! Pages as the site has them, each with the entry of the dump that it was
//! rendered from beside it.
//!
//! Those of methods and events are pages of 25.10 and 25.04 (1.0.2) and of 26.0
//! (1.4.1), as `tests/render/render.py` and Sphinx make them. `made.up` and
//! `made.choice` have what no published page has, and come from `made_up.json`.
//! Of the HTML around a page only a little is left.

use super::{entry, files, read, without};
use truenas_site::{Kind, PageError, dump, index, page};

/// Which page shows what.
const PAGES: [(&str, &str); 27] = [
    (
        "1.0.2/api_methods_core.ping.html",
        "a page; `const`; no role",
    ),
    ("1.0.2/api_methods_boot.scrub.rst.txt", "a source; a job"),
    (
        "1.0.2/api_methods_service.stop.html",
        "a method that will be removed; `enum`; several roles",
    ),
    (
        "1.0.2/api_methods_core.download.rst.txt",
        "a list of fixed items that is no list of parameters",
    ),
    (
        "1.0.2/api_methods_pool.dataset.set_quota.rst.txt",
        "limits of a list",
    ),
    (
        "1.0.2/api_methods_pool.validate_name.rst.txt",
        "limits of a string",
    ),
    (
        "1.0.2/api_methods_boot.set_scrub_interval.rst.txt",
        "an exclusive limit",
    ),
    (
        "1.0.2/api_methods_pool.resilver.config.rst.txt",
        "two limits of a number; a long default that is a list",
    ),
    (
        "1.0.2/api_methods_config.save.rst.txt",
        "a long default that is an object",
    ),
    (
        "1.0.2/api_methods_vm.cpu_model_choices.rst.txt",
        "keys that may be anything, in a model without properties",
    ),
    (
        "1.0.2/api_methods_sharing.smb.presets.rst.txt",
        "keys that are described",
    ),
    (
        "1.0.2/api_methods_ipmi.lan.update.rst.txt",
        "a `oneOf` that is told apart by a boolean",
    ),
    (
        "1.0.2/api_methods_mail.config.rst.txt",
        "a model without properties in an `anyOf`",
    ),
    (
        "1.0.2/api_methods_privilege.roles.rst.txt",
        "the second occurrence of a model, in which references are blank",
    ),
    (
        "1.0.2/api_methods_auth.set_attribute.rst.txt",
        "a parameter that is anything; a `const` that is null, for which 1.0.2 writes an error",
    ),
    (
        "1.0.2/api_events_virt.instance.metrics.rst.txt",
        "an event with parameters",
    ),
    (
        "1.4.1/api_methods_core.download.html",
        "the list of jobs that can be downloaded",
    ),
    (
        "1.4.1/api_methods_config.upload.html",
        "a job that takes a file",
    ),
    (
        "1.4.1/api_methods_vm.log_file_download.html",
        "a job that gives a file",
    ),
    (
        "1.4.1/api_methods_vm.stop.rst.txt",
        "a source, on many lines",
    ),
    ("1.4.1/api_methods_ipmi.lan.update.rst.txt", "a `oneOf`"),
    (
        "1.4.1/api_methods_pool.resilver.config.rst.txt",
        "two limits of a number",
    ),
    (
        "1.4.1/api_methods_sharing.smb.presets.rst.txt",
        "keys that are described",
    ),
    (
        "1.4.1/api_events_filesystem.file_tail_follow.html",
        "an event with parameters",
    ),
    (
        "1.4.1/api_events_system.shutdown.html",
        "an event without properties",
    ),
    (
        "1.4.1/api_methods_made.up.html",
        "prose, examples, `deprecated`, `not`, `allOf`, `contains`, lists of types",
    ),
    ("1.0.2/api_methods_made.up.rst.txt", "the same"),
];

#[test]
fn a_page_reads_back_as_what_it_was_rendered_from() -> Result<(), PageError> {
    for (file, what) in PAGES {
        if file.contains("made.up") {
            continue;
        }
        let page = page(file, &read(file))?;
        assert_eq!(page.entry, entry(file), "{file}: {what}");
        assert_eq!(page.entry["name"], page.name, "{file}");
    }
    Ok(())
}

#[test]
fn what_the_renderer_has_no_words_for_is_lost() -> Result<(), PageError> {
    for file in [
        "1.0.2/api_methods_fcport.port_choices.rst.txt",
        "1.4.1/api_methods_fcport.port_choices.rst.txt",
    ] {
        let page = page(file, &read(file))?;
        let original = entry(file);
        assert_ne!(page.entry, original);
        assert_eq!(page.entry, without(&original, &["propertyNames"]));
    }
    Ok(())
}

#[test]
fn prose_and_rare_keywords_are_read_as_well() -> Result<(), PageError> {
    let file = "1.4.1/api_methods_made.up.html";
    let new = page(file, &read(file))?.entry;
    let mut original = entry(file);
    // Markdown is rendered, and read back as text.
    original["schemas"]["properties"]["Call parameters"]["prefixItems"][0]["description"] =
        "A *number*, within ``limits``.\nOn two lines.".into();
    assert_eq!(new, original);

    // 1.0.2 shows `deprecated` nowhere.
    let file = "1.0.2/api_methods_made.up.rst.txt";
    let old = page(file, &read(file))?.entry;
    assert_eq!(old, without(&original, &["deprecated"]));
    Ok(())
}

#[test]
fn headings_in_the_documentation_do_not_hide_what_follows() -> Result<(), PageError> {
    let file = "1.4.1/api_methods_config.upload.html";
    let text = read(file)
        .replace(
            "<p>This method",
            "<section id=\"more\">\n<h2>More</h2>\n<p>This method",
        )
        .replace("</section>", "</section>\n</section>");
    let entry = page(file, &text)?.entry;
    assert_eq!(entry["doc"], "More\n\nThis method is a job.");
    assert_eq!(entry["input_pipes"], true);
    assert_eq!(entry["roles"], serde_json::json!(["FULL_ADMIN"]));
    Ok(())
}

#[test]
fn a_dump_is_sorted_and_knows_more_than_its_pages() -> Result<(), PageError> {
    let files = [
        "1.4.1/api_methods_vm.stop.rst.txt",
        "1.4.1/api_methods_made.choice.rst.txt",
        "1.4.1/api_events_system.shutdown.html",
    ];
    let mut pages = Vec::new();
    for file in files {
        pages.push(page(file, &read(file))?);
    }
    // Which property tells the shapes apart is said by that of the parameter,
    // and not by the result, which does not have it.
    let choice = entry(files[1]);
    let discriminator = "/schemas/properties/Return value/discriminator";
    assert_eq!(pages[1].entry.pointer(discriminator), None);

    let dump = dump("v26.0.0", pages);
    let version = &dump["versions"][0];
    assert_eq!(version["version"], "v26.0.0");
    assert_eq!(
        version["methods"],
        serde_json::json!([choice, entry(files[0])])
    );
    assert_eq!(version["events"], serde_json::json!([entry(files[2])]));
    Ok(())
}

#[test]
fn an_index_lists_services_or_methods() -> Result<(), PageError> {
    let file = "1.4.1/api_methods.html";
    let everything = index(file, &read(file))?;
    assert_eq!(everything.kind, Kind::Method);
    assert_eq!(everything.service, None);
    assert_eq!(
        everything.indexes,
        ["config", "core", "made", "pool", "pool.scrub", "vm"]
    );
    assert!(everything.pages.is_empty());

    let file = "1.4.1/api_methods_pool.html";
    let pool = index(file, &read(file))?;
    assert_eq!(pool.service.as_deref(), Some("pool"));
    // The second is a method, whose page the index of a service has replaced.
    assert_eq!(pool.pages, ["pool.is_upgraded", "pool.scrub"]);

    let file = "1.0.2/api_events_pool.rst.txt";
    let events = index(file, &read(file))?;
    assert_eq!(
        (events.kind, events.pages),
        (Kind::Event, vec!["pool.query".to_owned()])
    );
    Ok(())
}

#[test]
fn pages_and_indexes_are_not_taken_for_each_other() {
    let file = "1.4.1/api_methods_pool.html";
    let error = page(file, &read(file)).unwrap_err();
    assert_eq!(error.page, file);
    assert_eq!(error.element, "page");
    assert_eq!(
        error.message,
        "it lists other pages and holds no schema: it is an index"
    );

    let file = "1.0.2/api_methods_boot.scrub.rst.txt";
    let error = index(file, &read(file)).unwrap_err();
    assert_eq!(error.message, "it lists no other pages: it is no index");
}

#[test]
fn an_index_that_may_be_shorter_than_it_was_is_refused() {
    let two = "pool\n----\n\n.. toctree::\n\n   api_methods_pool.create\n\n\
               .. toctree::\n\n   api_methods_pool.query\n";
    let html = read("1.4.1/api_methods_pool.html");
    let start = html.find("<div class=\"toctree-wrapper").unwrap();
    let end = start + html[start..].find("</div>").unwrap() + "</div>".len();
    let list = &html[start..end];
    let twice = html.replace(list, &format!("{list}\n{list}"));
    for (file, text, message) in [
        (
            "api_methods_pool.rst.txt",
            two,
            "there are two lists of pages on this page",
        ),
        (
            "api_methods_pool.html",
            &twice,
            "there are two lists of pages on this page",
        ),
        (
            "api_methods_pool.rst.txt",
            "pool\n----\n\n.. toctree::\n",
            "the list of pages is empty",
        ),
    ] {
        let error = index(file, text).unwrap_err();
        assert_eq!(
            (error.element.as_str(), error.message.as_str()),
            ("toctree", message)
        );
    }
}

#[test]
fn every_page_is_in_the_list() {
    let mut listed: Vec<String> = PAGES.iter().map(|(file, _)| (*file).to_owned()).collect();
    for other in [
        "1.0.2/api_methods_fcport.port_choices.rst.txt",
        "1.4.1/api_methods_fcport.port_choices.rst.txt",
        "1.0.2/api_events_pool.rst.txt",
        "1.4.1/api_methods_made.choice.rst.txt",
        "1.4.1/api_methods.html",
        "1.4.1/api_methods_pool.html",
    ] {
        listed.push(other.to_owned());
    }
    listed.sort();
    assert_eq!(listed, files());
}
