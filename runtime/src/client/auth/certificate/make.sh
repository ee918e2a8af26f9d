#!/bin/sh
# Makes the certificates that tests.rs binds to, and prints the hashes it expects.
set -eu
cd "$(dirname "$0")"
make() { # name, hash to expect, arguments of openssl
    name=$1 hash=$2
    shift 2
    openssl req -x509 -nodes -keyout /dev/null -subj /CN=nas -days 3650 -outform DER -out "$name.der" "$@" 2>/dev/null
    echo "$name $(openssl dgst -"$hash" -r "$name.der" | cut -d' ' -f1)"
}
EC="-newkey ec -pkeyopt ec_paramgen_curve:P-256"
RSA="-newkey rsa:1024"
make ecdsa-sha1 sha256 $EC -sha1
make ecdsa-sha224 sha224 $EC -sha224
make ecdsa-sha256 sha256 $EC -sha256
make ecdsa-sha384 sha384 $EC -sha384
make ecdsa-sha512 sha512 $EC -sha512
make rsa-md5 sha256 $RSA -md5
make rsa-sha1 sha256 $RSA -sha1
make rsa-sha224 sha224 $RSA -sha224
make rsa-sha256 sha256 $RSA -sha256
make rsa-sha384 sha384 $RSA -sha384
make rsa-sha512 sha512 $RSA -sha512
make pss-sha1 sha256 $RSA -sigopt rsa_padding_mode:pss -sha1
make pss-sha384 sha384 $RSA -sigopt rsa_padding_mode:pss -sha384
make ed25519 sha256 -newkey ed25519
