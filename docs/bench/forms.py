#!/usr/bin/env python3
"""What forms of reading and writing cost to compile: docs/bench/forms.py [PREFIX] [ROUNDS]

Writes the models of v25.10.5 whose names start with PREFIX (all of them by
default) as structs of the same fields with roughly the same types, in one
crate for each form, and times `cargo check` of each, the runtime built: the
best of ROUNDS (3), in turn.
"""
import json, pathlib, re, subprocess, sys, tempfile, time

prefix = sys.argv[1] if len(sys.argv) > 1 else ""
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
root = pathlib.Path(__file__).resolve().parents[2]
models = json.loads((root / "schemas/v25.10.5.json").read_text())["models"]
models = {name: model for name, model in models.items()
          if name.startswith(prefix) and "properties" in model}
PLAIN = {"string": "String", "integer": "i64", "boolean": "bool", "number": "f64"}


def rust(schema):
    branches = [s for s in schema.get("anyOf", []) if s.get("type") != "null"]
    if len(branches) == 1:
        return rust(branches[0])
    if schema.get("type") == "array":
        return f"Vec<{rust(schema.get('items', {}))}>"
    name = schema.get("$ref", "").rpartition("/")[2]
    return f"Box<{name}>" if name in models else PLAIN.get(schema.get("type"), "Value")


def structs(attributes, implementation):
    for name, model in models.items():
        keys, fields = sorted(model["properties"]), []
        for key in keys:
            ty = rust(model["properties"][key])
            required = key in model.get("required", [])
            ident = "r_" + re.sub(r"\W", "_", key).lower()
            fields.append((key, ident, ty if required else f"Option<{ty}>", required))
        yield attributes
        yield f"pub struct {name} {{"
        yield from (f"pub {ident}: {ty}," for _, ident, ty, _ in fields)
        yield "}"
        yield implementation(name, fields) if implementation else ""


def tables(name, fields):
    keys = ",".join(f'rt::Field::{"required" if r else "optional"}({json.dumps(key)})' for key, _, _, r in fields)
    read = ",".join(f"{ident}: object.next()" for _, ident, _, _ in fields)
    write = ",".join(f"&self.{ident}" for _, ident, _, _ in fields)
    return f"""impl {name} {{ const KEYS: &[rt::Field] = &[{keys}]; }}
        impl rt::Json for {name} {{
            fn read(reader: &rt::Reader<'_>) -> Self {{
                #[allow(unused_mut)] let mut object = reader.object(Self::KEYS); let _ = &object; Self {{ {read} }}
            }}
            fn write(&self) -> rt::Value {{ rt::write_object(Self::KEYS, &[{write}]) }}
        }}"""


def visitors(name, fields):
    arms = " ".join(f"{json.dumps(key)} => {ident} = Some(map.next_value()?)," for key, ident, _, _ in fields)
    slots = " ".join(f"let mut {ident} = None;" for _, ident, _, _ in fields)
    build = ",".join(
        f'{ident}: {ident}.ok_or_else(|| serde::de::Error::missing_field({json.dumps(key)}))?' if required
        else f"{ident}: {ident}.unwrap_or_default()" for key, ident, _, required in fields)
    write = " ".join(f"map.serialize_entry({json.dumps(key)}, &self.{ident})?;" for key, ident, _, _ in fields)
    return f"""impl<'de> serde::Deserialize<'de> for {name} {{
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {{
                struct V;
                impl<'de> serde::de::Visitor<'de> for V {{
                    type Value = {name};
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{ f.write_str("an object") }}
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<{name}, A::Error> {{
                        {slots}
                        while let Some(key) = map.next_key::<String>()? {{
                            match key.as_str() {{ {arms} _ => {{ map.next_value::<serde::de::IgnoredAny>()?; }} }}
                        }}
                        Ok({name} {{ {build} }})
                    }}
                }}
                d.deserialize_map(V)
            }}
        }}
        impl serde::Serialize for {name} {{
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {{
                use serde::ser::SerializeMap as _;
                #[allow(unused_mut)] let mut map = s.serialize_map(None)?; {write} map.end()
            }}
        }}"""


BASE = "Debug, Clone, PartialEq"
FORMS = {
    "the types alone": (f"#[derive({BASE})]", None),
    "tables walked by the runtime": (f"#[derive({BASE})]", tables),
    "serde code written out": (f"#[derive({BASE})]", visitors),
    "serde derive": (f"#[derive({BASE}, serde::Serialize, serde::Deserialize)]", None),
}

with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder)
    crates = {}
    for number, (form, (attributes, implementation)) in enumerate(FORMS.items()):
        crate = work / f"form{number}"
        (crate / "src").mkdir(parents=True)
        (crate / "Cargo.toml").write_text(
            f'[package]\nname = "form{number}"\nversion = "0.0.0"\nedition = "2024"\n[dependencies]\n'
            f'serde = {{ version = "1", features = ["derive"] }}\ntruenas-runtime = {{ path = "{root}/runtime" }}\n')
        (crate / "src/lib.rs").write_text(
            "#![allow(unused, non_camel_case_types, non_snake_case)]\nuse truenas_runtime::{self as rt, Value};\n"
            + "\n".join(structs(attributes, implementation)))
        crates[form] = crate
    (work / "Cargo.toml").write_text('[workspace]\nresolver = "3"\nmembers = ["form*"]\n[profile.dev]\nincremental = false\n')
    subprocess.run(["cargo", "check", "--quiet"], cwd=work, check=True)
    best = {}
    for _ in range(rounds):
        for form, crate in crates.items():
            (crate / "src/lib.rs").touch()
            start = time.monotonic()
            subprocess.run(["cargo", "check", "--quiet"], cwd=crate, check=True)
            best[form] = min(best.get(form, 1e9), time.monotonic() - start)
    derive = best["serde derive"]
    print(f"{len(models)} models, {sum(len(m['properties']) for m in models.values())} fields\n")
    print("| form | `cargo check` | against the derive |\n|---|---|---|")
    for form, seconds in best.items():
        print(f"| {form} | {seconds:.1f} s | {seconds / derive:.2f} |")
