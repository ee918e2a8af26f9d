//! Random text that a regular expression matches.

use fastrand::Rng;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};

/// How often more than it must a repetition repeats, at most.
const MORE: u32 = 4;

/// A text in which the pattern is found, of printable ASCII.
pub(crate) fn matching(pattern: &Hir, rng: &mut Rng) -> String {
    let mut text = String::new();
    let properties = pattern.properties();
    if !properties.look_set_prefix().contains(Look::Start) {
        fill(&mut text, rng);
    }
    write(pattern, rng, &mut text);
    if !properties.look_set_suffix().contains(Look::End) {
        fill(&mut text, rng);
    }
    text
}

fn fill(text: &mut String, rng: &mut Rng) {
    for _ in 0..rng.u32(..MORE) {
        text.push(rng.alphanumeric());
    }
}

fn write(pattern: &Hir, rng: &mut Rng, text: &mut String) {
    match pattern.kind() {
        // What must stand around a place is left to the validator to check.
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.extend(character(class, rng)),
        HirKind::Repetition(repetition) => {
            let least = repetition.min;
            let most = least.saturating_add(MORE);
            let most = repetition.max.map_or(most, |max| max.min(most));
            for _ in 0..rng.u32(least..=most) {
                write(&repetition.sub, rng, text);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, rng, text),
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, rng, text);
            }
        }
        HirKind::Alternation(cases) => {
            if let Some(case) = rng.choice(cases) {
                write(case, rng, text);
            }
        }
    }
}

fn character(class: &Class, rng: &mut Rng) -> Option<char> {
    let mut printable = ClassUnicode::new([ClassUnicodeRange::new(' ', '~')]);
    match class {
        Class::Unicode(class) => printable.intersect(class),
        Class::Bytes(class) => printable.intersect(&class.to_unicode_class()?),
    }
    let range = rng.choice(printable.ranges())?;
    Some(rng.char(range.start()..=range.end()))
}
