/work/wt/auth/docs/bench/websocket/target/release/deps/smallvec-85e545b72ac959b2.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/smallvec-1.16.6/src/lib.rs

/work/wt/auth/docs/bench/websocket/target/release/deps/libsmallvec-85e545b72ac959b2.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/smallvec-1.16.6/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/smallvec-1.16.6/src/lib.rs:
