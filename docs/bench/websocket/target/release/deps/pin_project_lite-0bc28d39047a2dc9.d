/work/wt/auth/docs/bench/websocket/target/release/deps/pin_project_lite-0bc28d39047a2dc9.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pin-project-lite-0.2.18/src/lib.rs

/work/wt/auth/docs/bench/websocket/target/release/deps/libpin_project_lite-0bc28d39047a2dc9.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pin-project-lite-0.2.18/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pin-project-lite-0.2.18/src/lib.rs:
