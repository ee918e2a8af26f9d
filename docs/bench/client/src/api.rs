//! As much of the API as is measured, as the generator would write it.

use truenas_runtime::{
    Absent, Api, Change, Event, EventInfo, Map, Method, MethodInfo, MethodKind, Pipes, EntryId,
    Request, Subscribe, Value,
};

pub enum V25_10 {}

impl Api for V25_10 {
    const VERSION: &'static str = "v25.10.5";
    const METHODS: &'static [&'static MethodInfo] = &[Ping::INFO];
    type Services<C> = Services<C>;

    fn services<C>(client: C) -> Services<C> {
        Services(client)
    }
}

pub struct Services<C>(C);

impl<C> Services<C> {
    pub fn ping(&self) -> Request<'_, C, Ping> {
        Request::new(&self.0, ())
    }

    pub fn pools(&self) -> Subscribe<'_, C, Pools> {
        Subscribe::new(&self.0, &Absent)
    }
}

pub struct Ping;

impl Method for Ping {
    const INFO: &'static MethodInfo = &MethodInfo {
        name: "core.ping",
        kind: MethodKind::Call,
        pipes: Pipes::NONE,
        roles: &[],
        parameters: &[],
        reads_only: true,
        removed_in: None,
    };
    type Params = ();
    type Result = String;
}

pub struct Pools;

impl Event for Pools {
    const INFO: &'static EventInfo = &EventInfo {
        name: "pool.query",
        roles: &[],
        removed_in: None,
    };
    type Added = Change<i64, Map<String, Value>>;
    type Changed = Change<i64, Map<String, Value>>;
    type Removed = EntryId<i64>;
    type Params = Absent;
}
