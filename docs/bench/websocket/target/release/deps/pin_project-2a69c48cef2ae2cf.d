/work/wt/auth/docs/bench/websocket/target/release/deps/pin_project-2a69c48cef2ae2cf.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pin-project-1.1.13/src/lib.rs

/work/wt/auth/docs/bench/websocket/target/release/deps/libpin_project-2a69c48cef2ae2cf.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pin-project-1.1.13/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pin-project-1.1.13/src/lib.rs:
