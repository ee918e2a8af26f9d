/work/wt/auth/docs/bench/websocket/target/release/deps/try_lock-fbc56dca963068c8.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/try-lock-0.2.5/src/lib.rs

/work/wt/auth/docs/bench/websocket/target/release/deps/libtry_lock-fbc56dca963068c8.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/try-lock-0.2.5/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/try-lock-0.2.5/src/lib.rs:
