//! How a notification of a refund is opened, and its acknowledgement.

use super::*;

// The key is the 32 characters of $(printf ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 | md5sum), the text
// openssl's: enc -aes-256-ecb -K …
#[test]
fn req_info_is_under_the_md5_of_the_key() {
    let key = ApiV2Key::new("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345").unwrap();
    let clear = decrypt_req_info(
        &key,
        "MSeBiJv25wKIdlVvpaNvpjOSdvNSQiTShCzTvPzpFFYWGmsumCObSm92GuPEHGiv",
    )
    .unwrap();
    assert_eq!(&**clear, b"<root><refund_id>5</refund_id></root>");
    let other = ApiV2Key::new("ABCDEFGHIJKLMNOPQRSTUVWXYZ012346").unwrap();
    let error = decrypt_req_info(
        &other,
        "MSeBiJv25wKIdlVvpaNvpjOSdvNSQiTShCzTvPzpFFYWGmsumCObSm92GuPEHGiv",
    )
    .unwrap_err()
    .to_string();
    for damaged in ["", "AAAA", "!", "AAAAAAAAAAAAAAAAAAAAAA=="] {
        assert_eq!(decrypt_req_info(&key, damaged).unwrap_err().to_string(), error);
    }
}

#[test]
fn acknowledgements() {
    assert_eq!(
        Acknowledgement::Success.to_xml(),
        "<xml><return_code>SUCCESS</return_code><return_msg>OK</return_msg></xml>"
    );
    assert_eq!(
        Acknowledgement::Failure("a<b\0".to_owned()).to_xml(),
        "<xml><return_code>FAIL</return_code><return_msg><![CDATA[a<b]]></return_msg></xml>"
    );
}
