//! A small version of the API, as the generator would write it.

use truenas_runtime::{
    Absent, Api, Change, EntryId, Event, EventInfo, Job, Map, Method, MethodInfo, MethodKind,
    Parameter, Pipes, Value,
};

#[derive(Debug)]
pub enum V1 {}

const fn info(
    name: &'static str,
    kind: MethodKind,
    parameters: &'static [Parameter],
    reads_only: bool,
) -> MethodInfo {
    MethodInfo {
        name,
        kind,
        pipes: Pipes::NONE,
        roles: &[],
        parameters,
        reads_only,
        removed_in: None,
    }
}

const ID: &[Parameter] = &[Parameter {
    name: "id",
    required: true,
    default: None,
}];

const CREATE: MethodInfo = info("disk.create", MethodKind::Call, ID, false);
const READ: MethodInfo = info("disk.read", MethodKind::Call, ID, true);
const SCRUB: MethodInfo = info("disk.scrub", MethodKind::Job, ID, false);

impl Api for V1 {
    const VERSION: &'static str = "v25.10.5";
    const METHODS: &'static [&'static MethodInfo] = &[&CREATE, &READ, &SCRUB];
    type Services<C> = Disks<C>;

    fn services<C>(client: C) -> Disks<C> {
        Disks(client)
    }
}

/// Changes something.
pub struct Create;
/// Changes nothing.
pub struct Read;
/// Takes its time.
pub struct Scrub;

impl Method for Create {
    const INFO: &'static MethodInfo = &CREATE;
    type Params = (i64,);
    type Result = i64;
}

impl Method for Read {
    const INFO: &'static MethodInfo = &READ;
    type Params = (i64,);
    type Result = i64;
}

impl Method for Scrub {
    const INFO: &'static MethodInfo = &SCRUB;
    type Params = (i64,);
    type Result = Option<i64>;
}

impl Job for Scrub {}

pub struct Disks<C>(C);

impl<C> Disks<C> {
    pub fn create(&self, id: i64) -> truenas_runtime::Request<'_, C, Create> {
        truenas_runtime::Request::new(&self.0, (id,))
    }

    pub fn read(&self, id: i64) -> truenas_runtime::Request<'_, C, Read> {
        truenas_runtime::Request::new(&self.0, (id,))
    }

    pub fn scrub(&self, id: i64) -> truenas_runtime::JobRequest<'_, C, Scrub> {
        truenas_runtime::JobRequest::new(&self.0, (id,))
    }

    pub fn changes(&self) -> truenas_runtime::Subscribe<'_, C, Changes> {
        truenas_runtime::Subscribe::new(&self.0, &Absent)
    }

    pub fn realtime(&self, interval: i64) -> truenas_runtime::Subscribe<'_, C, Realtime> {
        truenas_runtime::Subscribe::new(&self.0, &vec![interval])
    }
}

pub struct Changes;

impl Event for Changes {
    const INFO: &'static EventInfo = &EventInfo {
        name: "disk.query",
        roles: &[],
        removed_in: None,
    };
    type Added = Change<i64, Map<String, Value>>;
    type Changed = Change<i64, Map<String, Value>>;
    type Removed = EntryId<i64>;
    type Params = Absent;
}

pub struct Realtime;

impl Event for Realtime {
    const INFO: &'static EventInfo = &EventInfo {
        name: "disk.realtime",
        roles: &[],
        removed_in: None,
    };
    type Added = Map<String, Value>;
    type Changed = Absent;
    type Removed = Absent;
    type Params = Vec<i64>;
}
