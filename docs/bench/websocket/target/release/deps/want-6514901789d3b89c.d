/work/wt/auth/docs/bench/websocket/target/release/deps/want-6514901789d3b89c.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/want-0.3.2/src/lib.rs

/work/wt/auth/docs/bench/websocket/target/release/deps/libwant-6514901789d3b89c.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/want-0.3.2/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/want-0.3.2/src/lib.rs:
