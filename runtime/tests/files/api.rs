//! Jobs that take a file, or give one.

use truenas_runtime::{Api, Job, JobRequest, Method, MethodInfo, MethodKind, Pipes};

const FILE: MethodInfo = MethodInfo {
    name: "disk.file",
    kind: MethodKind::Job,
    pipes: Pipes {
        input: true,
        output: true,
        check: false,
    },
    roles: &[],
    parameters: &[],
    reads_only: false,
    removed_in: None,
};

pub enum V1 {}

impl Api for V1 {
    const VERSION: &'static str = "v25.10.5";
    const METHODS: &'static [&'static MethodInfo] = &[&FILE];
    type Services<C> = Disks<C>;

    fn services<C>(client: C) -> Disks<C> {
        Disks(client)
    }
}

/// One that takes a single file.
pub enum Old {}

impl Api for Old {
    const VERSION: &'static str = "v25.04.2";
    const METHODS: &'static [&'static MethodInfo] = &[&FILE];
    type Services<C> = Disks<C>;

    fn services<C>(client: C) -> Disks<C> {
        Disks(client)
    }
}

pub struct File;

impl Method for File {
    const INFO: &'static MethodInfo = &FILE;
    type Params = ();
    type Result = Option<i64>;
}

impl Job for File {}

pub struct Disks<C>(C);

impl<C> Disks<C> {
    pub fn file(&self) -> JobRequest<'_, C, File> {
        JobRequest::new(&self.0, ())
    }
}
