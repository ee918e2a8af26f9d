/work/wt/auth/docs/bench/websocket/target/release/deps/futures_sink-2b4a7d7642c88905.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-sink-0.3.34/src/lib.rs

/work/wt/auth/docs/bench/websocket/target/release/deps/libfutures_sink-2b4a7d7642c88905.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-sink-0.3.34/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/futures-sink-0.3.34/src/lib.rs:
