/work/wt/auth/docs/bench/websocket/target/release/deps/websocket_bench-6ce7ba09ac3e59e5.d: /work/wt/auth/clippy.toml src/main.rs src/clients.rs src/server.rs Cargo.toml

/work/wt/auth/docs/bench/websocket/target/release/deps/libwebsocket_bench-6ce7ba09ac3e59e5.rmeta: /work/wt/auth/clippy.toml src/main.rs src/clients.rs src/server.rs Cargo.toml

/work/wt/auth/clippy.toml:
src/main.rs:
src/clients.rs:
src/server.rs:
Cargo.toml:

# env-dep:CLIPPY_ARGS=
# env-dep:CLIPPY_CONF_DIR
