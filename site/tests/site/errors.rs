//! A page that is not as it should be: the error says where and why.

use truenas_site::{PageError, front, page};

use super::read;

/// The source of a page with this in place of its schema's badges.
fn made(schema: &str) -> String {
    format!(
        "core.ping\n=========\n\n.. raw:: html\n\n    <div id=\"json-schema\">{schema}</div>\n\n\
         *Required roles:* \n"
    )
}

const FILE: &str = "api_methods_core.ping.rst.txt";

fn error(file: &str, text: &str) -> (String, String) {
    let PageError {
        element, message, ..
    } = page(file, text).unwrap_err();
    (element, message)
}

#[test]
fn what_is_not_known_is_named_with_its_place() {
    let file = "1.4.1/api_methods_vm.stop.rst.txt";
    let text = read(file);
    for (was, is, element, message) in [
        (
            "Type: boolean",
            "Type: maybe",
            "#Call_parameters_items_i1_force > span.badge.badge-dark.value-type",
            "Type: maybe",
        ),
        (
            "<span class=\"property-name\">force</span>",
            "<span class=\"property-name\">force</span><span class=\"badge\">New</span>",
            "span.badge",
            "an element of an unknown kind, with the text \"New\"",
        ),
        ("<h4>Force</h4>", "<h6>Force</h6>", "h6", "unknown kind"),
        (
            "Default: false",
            "Default: no",
            "span.badge",
            "no JSON value",
        ),
        ("Parameter 2: ", "Parameter 3: ", "h5", "Parameter 3"),
        ("<br/>\n", "<hr/>\n", "hr", "unknown kind"),
        (
            "No Additional Items",
            "Any Items",
            "span.badge.badge-info.no-additional",
            "Any Items",
        ),
        (
            "*Required roles:*",
            "*Wanted roles:*",
            "page",
            "Required roles",
        ),
        (
            "vm.stop\n",
            "vm.start\n",
            "title",
            "the file is called after \"vm.stop\"",
        ),
    ] {
        let broken = text.replacen(was, is, 1);
        assert_ne!(broken, text, "{was}");
        let (found, said) = error(file, &broken);
        assert!(found.contains(element), "{was}: {found}");
        assert!(said.contains(message), "{was}: {said}");
    }
}

#[test]
fn an_error_says_page_and_element() {
    let error = page("site/api_methods_core.ping.rst.txt", &made("<b>bold</b>")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "site/api_methods_core.ping.rst.txt: #json-schema > b: an element of an unknown kind, with \
         the text \"bold\"; pages made by json-schema-for-humans 1.0.2 or 1.4.1 do not have it here"
    );
}

#[test]
fn a_page_that_a_browser_would_have_to_repair_is_refused() {
    for (schema, element, message) in [
        ("<span>", "span", "it is closed by </div>"),
        ("</span>", "div", "it is closed by </span>"),
        ("<br>text", "#json-schema > div", "unexpected text \"text\""),
    ] {
        let (found, said) = error(FILE, &made(schema));
        assert_eq!(
            found,
            if element == "div" {
                "#json-schema > div"
            } else {
                element
            }
        );
        assert!(said.contains(message), "{said}");
    }
}

#[test]
fn a_page_that_is_cut_off_is_refused() {
    let file = "1.0.2/api_methods_core.ping.html";
    let text = read(file);
    let end = text.find("</section>").unwrap();
    let start = text.find("<section").unwrap();
    for (cut, message) in [
        (&text[..end], "never closed"),
        (&text[..start], "no `section`"),
        ("", "no `section`"),
        (
            "<section><h1>core.ping</h1></section>",
            "no `div#json-schema`",
        ),
    ] {
        let (_, said) = error(file, cut);
        assert!(said.contains(message), "{said}");
    }
}

#[test]
fn depth_count_and_size_are_limited() {
    let (_, said) = error(FILE, &made(&"<div>".repeat(1_000_000)));
    assert_eq!(said, "elements are nested more than 256 deep");

    let (_, said) = error(FILE, &made(&"<br/>".repeat(1_000_000)));
    assert_eq!(said, "there are more than 500000 elements on this page");

    let (_, said) = error(FILE, &made(&" ".repeat(17 << 20)));
    assert!(said.contains("more than 16777216 are refused"), "{said}");
}

/// Each attribute is compared with all others of its tag.
#[test]
fn tags_and_comments_are_limited() {
    let mut attributes: String = (0..400_000).map(|n| format!(" a{n:x}")).collect();
    let mut long = vec![
        made(&format!("<b{attributes}></b>")),
        made(&format!("<!--{attributes}-->")),
        made(&format!("<b{attributes}")),
    ];
    // What looks like its end, what is said twice, and letters of two bytes.
    for filler in [" b=\">\"", " a0", " ä=\"ä\""] {
        attributes = attributes.replace("0 ", &format!("0{filler} "));
        long.push(made(&format!("<b{attributes}></b>")));
    }
    for page in long {
        let (_, said) = error(FILE, &page);
        assert_eq!(said, "a tag or a comment has more than 8192 bytes");
        let error = front(FILE, &page).unwrap_err();
        assert_eq!(error.message, said);
    }
}

/// A page is taken in by pieces: none of it is lost between two of them.
#[test]
fn texts_are_not_limited() {
    let text = "<a href=\"x\">ä&amp;</a>".repeat(20_000);
    let page = format!("<title>{}</title>{text}", "ö&lt;".repeat(20_000));
    let read = front(FILE, &page).unwrap();
    assert_eq!(read.title, "ö<".repeat(20_000));
    assert_eq!(read.targets, vec!["x"; 20_000]);
}

#[test]
fn an_error_is_short_whatever_it_is_about() {
    let long = "x".repeat(5_000);
    let text = made(&format!("<b id=\"{long}\" class=\"{long}\">{long}</b>"));
    let error = page(FILE, &text).unwrap_err();
    assert!(error.to_string().len() < 1000, "{error}");
    let error = page(FILE, &text.replace("core.ping", &long)).unwrap_err();
    assert!(error.to_string().len() < 1000, "{error}");
}

#[test]
fn one_keyword_is_said_once() {
    let badge = "<span class=\"badge value-type\">Type: string</span>";
    let pattern =
        "<span class=\"pattern-value\">Must match regular expression: <code>a</code></span>";
    let (found, said) = error(FILE, &made(&format!("{badge}<br/>{pattern}{pattern}")));
    assert_eq!(found, "#json-schema > span.pattern-value");
    assert_eq!(said, "`pattern` is said twice");
}

#[test]
fn a_link_to_another_definition_is_refused() {
    let badge = "<span class=\"badge value-type\">Type: object</span>";
    let link = "<a class=\"ref-link\" href=\"#a\">Same definition as a</a>";
    let (_, said) = error(FILE, &made(&format!("{badge}<br/>{link}")));
    assert!(
        said.contains("rendered from schemas without references"),
        "{said}"
    );
}

#[test]
fn other_files_are_refused() {
    for file in [
        "",
        "index.html",
        "api_methods",
        "api_methodspool.html",
        "api_methods_pool.pdf",
    ] {
        let (found, said) = error(file, "");
        assert_eq!(found, "file name");
        assert!(said.contains("expected a name like"), "{said}");
    }
}
