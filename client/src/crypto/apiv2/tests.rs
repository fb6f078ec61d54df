//! What is signed and what is not; that keys are checked and stay hidden.

use super::*;

#[test]
fn order_empty_values_and_sign() {
    let key = ApiV2Key::new("0123456789abcdef0123456789abcdef").unwrap();
    let signed = sign(
        &key,
        SignType::HmacSha256,
        [("b", "2"), ("a", "1"), ("B", "3"), ("c", ""), ("sign", "x")],
    );
    let same = sign(&key, SignType::HmacSha256, [("B", "3"), ("a", "1"), ("b", "2")]);
    assert_eq!(signed, same);
    assert!(verify(
        &key,
        [("a", "1"), ("b", "2"), ("B", "3"), ("sign", &signed)],
        &signed
    ));
    assert!(verify(
        &key,
        [("a", "1"), ("b", "2"), ("B", "3")],
        &signed.to_lowercase()
    ));
    assert!(!verify(&key, [("a", "1"), ("b", "2"), ("B", "4")], &signed));
    assert!(!verify(&key, [("a", "1"), ("b", "2"), ("B", "3")], &signed[..63]));
    assert!(!verify(&key, [("a", "1")], ""));
}

#[test]
fn keys_are_checked_and_never_shown() {
    assert!(ApiV2Key::new("short").is_err());
    assert!(ApiV2Key::new("é".repeat(16)).is_err());
    let key = ApiV2Key::new("0123456789abcdef0123456789abcdef").unwrap();
    assert!(!format!("{key:?}").contains("0123"));
}
