/work/wt/auth/docs/bench/websocket/target/release/deps/crypto_common-04dc483cff4f9b65.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/crypto-common-0.1.7/src/lib.rs

/work/wt/auth/docs/bench/websocket/target/release/deps/libcrypto_common-04dc483cff4f9b65.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/crypto-common-0.1.7/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/crypto-common-0.1.7/src/lib.rs:
