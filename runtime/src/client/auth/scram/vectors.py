"""Computes the exchange that tests.rs expects, with nothing but Python's own library."""

import base64
import hashlib
import hmac

b64 = lambda data: base64.b64encode(data).decode()
sign = lambda key, text: hmac.digest(key, text, "sha512")

KEY, USER, KEY_ID = b"Lg3PzqTnK0vRw8yXaYb2", "admin", 7
OURS, THEIRS, SALT, ROUNDS = bytes(range(32)), bytes(range(100, 132)), b"sixteen of salt!", 50_000

salted = hashlib.pbkdf2_hmac("sha512", KEY, SALT, ROUNDS)
client_key, server_key = sign(salted, b"Client Key"), sign(salted, b"Server Key")
stored_key = hashlib.sha512(client_key).digest()
print("client_key", b64(client_key))
print("stored_key", b64(stored_key))
print("server_key", b64(server_key))

for gs2, data in ("n,,", b""), ("p=tls-server-end-point,,", hashlib.sha256(b"certificate").digest()):
    bare = f"n={USER}:{KEY_ID},r={b64(OURS)}"
    server_first = f"r={b64(OURS + THEIRS)},s={b64(SALT)},i={ROUNDS}"
    without_proof = f"c={b64(gs2.encode() + data)},r={b64(OURS + THEIRS)}"
    auth_message = ",".join([bare, server_first, without_proof]).encode()
    proof = bytes(a ^ b for a, b in zip(client_key, sign(stored_key, auth_message)))
    print("client first", gs2 + bare)
    print("server first", server_first)
    print("client final", f"{without_proof},p={b64(proof)}")
    print("server final", f"v={b64(sign(server_key, auth_message))}")
