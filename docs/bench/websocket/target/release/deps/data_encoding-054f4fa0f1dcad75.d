/work/wt/auth/docs/bench/websocket/target/release/deps/data_encoding-054f4fa0f1dcad75.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/data-encoding-2.11.1/src/lib.rs

/work/wt/auth/docs/bench/websocket/target/release/deps/libdata_encoding-054f4fa0f1dcad75.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/data-encoding-2.11.1/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/data-encoding-2.11.1/src/lib.rs:
