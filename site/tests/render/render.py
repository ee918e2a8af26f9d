"""Renders an inlined dump as TrueNAS' documentation site does: one file for each
method and event, and the indexes, in `_sources` of the site. Of its HTML only
the front page is made, which has the menu.

Needs json-schema-for-humans and beautifulsoup4; which version of the first is
installed decides what the pages look like.

    render.py DUMP FOLDER

`FOLDER` is called after the version or, as from 26 on, after its series.
"""

import argparse
import contextlib
import functools
import io
import json
import multiprocessing
import pathlib
import tempfile

from bs4 import BeautifulSoup
from json_schema_for_humans.generate import generate_schemas_doc
from json_schema_for_humans.generation_configuration import GenerationConfiguration
from json_schema_for_humans.schema.schema_importer import get_schemas_to_render
from json_schema_for_humans.template_renderer import TemplateRenderer

# A default that is longer is set apart, if it is an object or a list.
LONG_DEFAULT = 40

RENDERER = TemplateRenderer(
    GenerationConfiguration(
        collapse_long_descriptions=False,
        collapse_long_examples=False,
        show_breadcrumbs=False,
        with_footer=False,
    )
)


def schema_to_html(schemas):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(schemas, file)
        file.flush()
        # It prints what it does.
        with contextlib.redirect_stdout(io.StringIO()):
            to_render = get_schemas_to_render(file.name, None, "html")
            (html,) = generate_schemas_doc(to_render, RENDERER).values()
    soup = BeautifulSoup(html, "html.parser")
    for heading in soup("h4"):
        if heading.text.endswith(":"):
            text = heading.text
            heading.name = "h5"
            heading.string = text
    for place in soup(id="Call_parameters"):
        name_parameters(place.find())
    for default in soup("span", class_="default-value"):
        set_apart(soup, default)
    return soup.body.decode_contents()


def name_parameters(card):
    """The items of the list of parameters are called after their titles."""
    for number, heading in enumerate(card("h5", recursive=False), 1):
        if heading.text == f"Item at {number} must be:":
            item = heading.find_next_sibling()
            heading.string = f"Parameter {number}: {item.find('h4').text}"


def set_apart(soup, default):
    value = default.text.removeprefix("Default: ")
    if len(value) > LONG_DEFAULT and value[0] in "[{":
        outer = soup.new_tag("div", attrs={"class": "json-default-value"})
        inner = soup.new_tag("div", attrs={"class": "value"})
        inner.string = json.dumps(json.loads(value), indent=2)
        outer.append("Default:")
        outer.append(inner)
        default.replace_with(outer)


def page(downloads, entry):
    name = entry["name"]
    blocks = [f"{name}\n{'=' * len(name)}"]
    if entry["doc"]:
        blocks.append(entry["doc"])
    if entry["removed_in"]:
        blocks.append(
            f"*DEPRECATED: this method is scheduled to be removed in {entry['removed_in']}.*"
        )
    if name == "core.download" and downloads:
        jobs = "\n".join(f"- :doc:`{job} <api_methods_{job}>`" for job in downloads)
        blocks += ["**Jobs that can be downloaded:**", jobs]
    modal = "MUST" if entry.get("check_pipes") else "CAN"
    if entry.get("input_pipes"):
        blocks.append(
            f"*This job {modal} be used with file upload.* See :ref:`uploading-files`."
        )
    if entry.get("output_pipes"):
        blocks.append(
            f"*This job {modal} be used with* :doc:`core.download <api_methods_core.download>`."
        )
    html = f'<div id="json-schema">{schema_to_html(entry["schemas"])}</div><br><br>'
    indented = "".join(
        f"    {line}" if line.strip() else line for line in html.splitlines(True)
    )
    blocks += [".. raw:: html", indented, f"*Required roles:* {' | '.join(entry['roles'])}"]
    return "\n\n".join(blocks) + "\n\n"


def index(title, names):
    lines = [title, "-" * len(title), "", ".. toctree::", ""]
    return "\n".join(lines + [f"   {name}" for name in names]) + "\n"


def front(version, names):
    links = "\n".join(f'<li><a href="{name}.html">{name}</a></li>' for name in names)
    title = f"Contents &#8212; TrueNAS API {version} documentation"
    return f"<html><head><title>{title}</title></head><body><ul>\n{links}\n</ul></body></html>\n"


def service(name):
    return name.rpartition(".")[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dump", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()

    (version,) = json.loads(arguments.dump.read_text())["versions"]
    sources = arguments.folder / "_sources"
    sources.mkdir(parents=True, exist_ok=True)
    written = []

    def write(name, text):
        (sources / f"{name}.rst.txt").write_text(text)
        written.append(name)

    for prefix, title, entries in [
        ("api_methods", "API Methods", version["methods"]),
        ("api_events", "API Events", version["events"]),
    ]:
        downloads = [entry["name"] for entry in entries if entry.get("output_pipes")]
        with multiprocessing.Pool() as pool:
            texts = pool.imap(functools.partial(page, downloads), entries, 4)
            for entry, text in zip(entries, texts):
                write(f"{prefix}_{entry['name']}", text)
        # A method that is called like a service has no page of its own: these
        # are written last, as on the site.
        services = sorted({service(entry["name"]) for entry in entries})
        for one in services:
            names = [entry["name"] for entry in entries if service(entry["name"]) == one]
            write(f"{prefix}_{one}", index(one, [f"{prefix}_{name}" for name in names]))
        write(prefix, index(title, [f"{prefix}_{one}" for one in services]))
    (arguments.folder / "index.html").write_text(front(arguments.folder.name, written))


if __name__ == "__main__":
    main()
