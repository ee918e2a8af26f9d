//! What touches a program, read from its source.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{between, line, version};
use truenas_diff::usage::Usage;

const PROGRAM: &str = r#"
    use truenas_api::runtime::{Filter, Op};
    use truenas_api::v25_10::alertservice::{self, AlertserviceCreate};
    use truenas_api::v25_10::{TrueNas, vm, pool::dataset::Service as Datasets};

    async fn work(client: &Client, datasets: Datasets<'_, Client>) -> Result<(), Error> {
        let nas = TrueNas::new(client);
        let docker = nas.docker();
        let settings = docker.config().await?;
        println!("{:?}", settings.secure_registry_mirrors);

        let mut new = PoolCreate::new("tank");
        new.checksum = None;
        nas.pool().create(new).start().await?;

        client.call::<vm::Delete>((1, None)).await?;
        datasets.query().filter(Filter::new("pool", Op::Eq, "tank")).list().await?;
        nas.pool().scrub_service().query().list().await?;
        Ok(())
    }
"#;

fn program() -> Usage {
    let mut usage = Usage::default();
    usage.add(PROGRAM).unwrap();
    usage
}

fn touched(old: &str, new: &str) -> Vec<String> {
    let mut report = between(old, new);
    program().keep(&version(old), &mut report);
    report.findings.iter().map(line).collect()
}

#[test]
fn methods_are_found_by_accessors_variables_parameters_and_markers() {
    assert_eq!(
        program().subjects(&version("v25.10.5")),
        [
            "docker.config",
            "pool.create",
            "pool.dataset.query",
            "pool.scrub.query",
            "vm.delete",
        ]
    );
}

#[test]
fn only_what_touches_the_program_is_kept() {
    let lines = touched("v25.10.5", "v26.0.0");
    let has = |text: &str| lines.iter().any(|line| line.contains(text));
    assert!(has("error type-changed vm.delete result"), "{lines:#?}");
    assert!(
        has("docker.config result: `secure_registry_mirrors`"),
        "{lines:#?}"
    );
    // It reads the mirrors, and not the rest; it calls nothing of virt.
    assert!(
        !has("`insecure_registry_mirrors`") && !has("nvidia"),
        "{lines:#?}"
    );
    assert!(!has("virt.") && !has("pbkdf2iters"), "{lines:#?}");
}

#[test]
fn a_program_that_uses_nothing_is_told_so() {
    let mut usage = Usage::default();
    usage.add("fn main() {}").unwrap();
    let mut report = between("v25.10.5", "v26.0.0");
    usage.keep(&version("v25.10.5"), &mut report);
    assert_eq!(report.findings, []);
    assert_eq!(
        report.notes.last().unwrap(),
        "the program uses no method and no event of v25.10.5, as far as its source says"
    );
}

#[test]
fn what_is_no_rust_is_an_error() {
    assert!(Usage::default().add("fn main( {").is_err());
}
