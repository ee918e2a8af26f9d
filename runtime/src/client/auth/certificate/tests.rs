use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;

/// Certificates, and the hashes of them that `make.sh` had openssl compute.
const EXPECTED: &[(&[u8], &str)] = &[
    (
        include_bytes!("ecdsa-sha1.der"),
        "6d0be9a11e4254fd4f99683cae80716f973e837072a3c947a5bf69bfabb4bddc",
    ),
    (
        include_bytes!("ecdsa-sha224.der"),
        "75e363498f1c75c3cc893592ceb03b337e4a4ffe364e159bc229aa07",
    ),
    (
        include_bytes!("ecdsa-sha256.der"),
        "48fb9d89836eccfbfdaad864b68c0e9190ec950ab38e3dc76ec334420ce0b7d4",
    ),
    (
        include_bytes!("ecdsa-sha384.der"),
        "a222f5788470122569fdb428145d7bae3297fef217e0cb34c24eb8e0ae0a4560006717fc788a204432992cc0532134c7",
    ),
    (
        include_bytes!("ecdsa-sha512.der"),
        "f6b83ddeacc8c8ea4e64ee8b7a26fae87fa2cdf15414572bc535de49861724321eacc809a608d783d090171f684830a5abfa995eb6b082412e9abb153d34c518",
    ),
    (
        include_bytes!("rsa-md5.der"),
        "14bcfd90559a787560d8926b7a20be2a4dd09e0e827aee023ebb4609b2444b36",
    ),
    (
        include_bytes!("rsa-sha1.der"),
        "0d8aa9afa06b4e16347a4a7d56d040ccbd51b58178954ac5f9a07ae73956d81e",
    ),
    (
        include_bytes!("rsa-sha224.der"),
        "d7be1c79b0b6809f1579533df0677b991c866a23f679ae0c2bad735f",
    ),
    (
        include_bytes!("rsa-sha256.der"),
        "566be57234841953408b32ca78487ffe817c87693a3f5c7d6f8ea3d4ff4154f0",
    ),
    (
        include_bytes!("rsa-sha384.der"),
        "25ddd2d94506bddc82691b11f2073c4e2e559593512ff86a80da46baf1b9c620214a2905b0664903c15714bed84590a1",
    ),
    (
        include_bytes!("rsa-sha512.der"),
        "b1dcb3e00ec8e5303b2d4348ab3cf6ae73fa4de89d611a0735d563b06b8d2d466dd939fe113ad5f2c52758383f529ab0e9bfc63156327d0823886f80849b5c91",
    ),
    (
        include_bytes!("pss-sha1.der"),
        "47fad5f554bfe44e9353f8b865fe2430082c5369eb51cbd4a49416ac5c07de32",
    ),
    (
        include_bytes!("pss-sha384.der"),
        "acabe6947607ea7b4fa5e85ab678f89a82de5d7c285de3ee134176244e80654ba08cdf55a4e03a7378a99642233229a7",
    ),
];

const ED25519: &[u8] = include_bytes!("ed25519.der");

#[test]
fn the_hash_is_that_of_the_signature_and_sha_256_for_the_broken_ones() {
    for (certificate, expected) in EXPECTED {
        let binding = ChannelBinding::of(certificate).unwrap();
        assert_eq!(HEXLOWER.encode(binding.as_bytes()), *expected);
    }
}

#[test]
fn a_signature_without_a_hash_is_an_error() {
    let error = ChannelBinding::of(ED25519).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the signature of the server's certificate (1.3.101.112) has no hash to bind a login with"
    );
}

#[test]
fn half_a_certificate_is_an_error_and_so_is_one_and_a_half() {
    for (certificate, _) in EXPECTED {
        for length in 0..certificate.len() {
            let half = ChannelBinding::of(&certificate[..length]);
            assert!(
                matches!(half, Err(BindingError::Certificate(_))),
                "{length} bytes: {half:?}"
            );
        }
        let more = ChannelBinding::of(&[certificate, &[0][..]].concat());
        assert!(
            matches!(more, Err(BindingError::Certificate(_))),
            "{more:?}"
        );
    }
}

proptest! {
    #[test]
    fn no_certificate_is_too_much(
        which in 0..EXPECTED.len(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut certificate = EXPECTED[which].0.to_vec();
        let at = at.index(certificate.len());
        certificate[at] = byte;
        let _ = ChannelBinding::of(&certificate);
    }
}
