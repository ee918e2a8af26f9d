//! Nothing but tests: the client and its types against the simulator, over
//! `wss`, `ws` and the unix socket, with the faults of real networks.
