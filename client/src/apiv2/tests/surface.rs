//! The whole surface of APIv2: every documented operation is written, signed, answered and read,
//! every notification opened. Needs the feature `full`.

use super::*;
use crate::apiv2::notification::open;
use crate::crypto::{ApiV3Key, Digest, aes_256_ecb_encrypt, to_base64};
use crate::operation::BodyFormat;
use crate::wire::xml::{Document, from_xml};
use crate::wire::{self, Slot, View};

const MCHID: &str = "1900000109";
const KEY: &str = "0123456789abcdef0123456789abcdef";

/// An operation with a request to be filled and, where there is one, a typed response.
struct Case {
    operation: &'static Operation,
    request: Box<dyn Object>,
    responses: Option<[Box<dyn Object>; 2]>,
}

macro_rules! calls {
    ($($($part:ident)::+;)*) => {
        [$(Case {
            operation: &crate::$($part)::+::OPERATION,
            request: Box::new(crate::$($part)::+::Request::blank()),
            responses: Some([
                Box::new(crate::$($part)::+::Response::blank()),
                Box::new(crate::$($part)::+::Response::blank()),
            ]),
        }),*]
    };
}

macro_rules! others {
    ($($($part:ident)::+;)*) => {
        [$(Case {
            operation: &crate::$($part)::+::OPERATION,
            request: Box::new(crate::$($part)::+::Request::blank()),
            responses: None,
        }),*]
    };
}

fn cases() -> Vec<Case> {
    let calls = calls! {
        v2::appauth::getaccesstoken::get;
        v2::applyment::micro::getstate::post;
        v2::applyment::micro::getupgradestate::post;
        v2::applyment::micro::modifyarchives::post;
        v2::applyment::micro::modifycontactinfo::post;
        v2::applyment::micro::signcontract::post;
        v2::applyment::micro::submit::post;
        v2::applyment::micro::submitupgrade::post;
        v2::billcommentsp::batchquerycomment::post;
        v2::cgi_bin::mch::customs::customdeclareorder::post;
        v2::cgi_bin::mch::customs::customdeclarequery::post;
        v2::cgi_bin::mch::newcustoms::customdeclareredeclare::post;
        v2::deposit::consume::post;
        v2::deposit::facepay::post;
        v2::deposit::micropay::post;
        v2::deposit::orderquery::post;
        v2::deposit::refund::post;
        v2::deposit::refundquery::post;
        v2::deposit::reverse::post;
        v2::deposit::unifiedorder::post;
        v2::face::get_wxpayface_authinfo::post;
        v2::fund::queryautowithdrawbydate::post;
        v2::fund::reautowithdrawbydate::post;
        v2::mchrisk::bankquerymchauditinfo::post;
        v2::mchrisk::channelquerymchauditinfo::post;
        v2::mchrisk::querymchrisk::post;
        v2::mchrisk::setmchriskcallback::post;
        v2::mchrisk::syncmchriskresult::post;
        v2::mmpaymkttransfers::gethbinfo::post;
        v2::mmpaymkttransfers::gettransferinfo::post;
        v2::mmpaymkttransfers::promotion::paywwsptrans2pocket::post;
        v2::mmpaymkttransfers::promotion::querywwsptrans2pocket::post;
        v2::mmpaymkttransfers::promotion::transfers::post;
        v2::mmpaymkttransfers::query_coupon_stock::post;
        v2::mmpaymkttransfers::querycouponsinfo::post;
        v2::mmpaymkttransfers::queryworkwxredpack::post;
        v2::mmpaymkttransfers::send_coupon::post;
        v2::mmpaymkttransfers::sendgroupredpack::post;
        v2::mmpaymkttransfers::sendminiprogramhb::post;
        v2::mmpaymkttransfers::sendredpack::post;
        v2::mmpaymkttransfers::sendworkwxredpack::post;
        v2::mmpaysptrans::pay_bank::post;
        v2::mmpaysptrans::query_bank::post;
        v2::papay::deletecontract::post;
        v2::papay::h5entrustweb::get;
        v2::papay::partner::deletecontract::post;
        v2::papay::partner::h5entrustweb::get;
        v2::papay::partner::preentrustweb::post;
        v2::papay::partner::querycontract::post;
        v2::papay::preentrustweb::post;
        v2::papay::querycontract::post;
        v2::pay::closecombinedorder::post;
        v2::pay::closeorder::post;
        v2::pay::combinedorder::post;
        v2::pay::contractorder::post;
        v2::pay::facepay::post;
        v2::pay::facepayquery::post;
        v2::pay::micropay::post;
        v2::pay::orderquery::post;
        v2::pay::paporderquery::post;
        v2::pay::pappayapply::post;
        v2::pay::partner::paporderquery::post;
        v2::pay::partner::pappayapply::post;
        v2::pay::profitsharingaddreceiver::post;
        v2::pay::profitsharingmerchantratioquery::post;
        v2::pay::profitsharingorderamountquery::post;
        v2::pay::profitsharingquery::post;
        v2::pay::profitsharingremovereceiver::post;
        v2::pay::profitsharingreturnquery::post;
        v2::pay::querycombinedorder::post;
        v2::pay::queryexchagerate::post;
        v2::pay::refundquery::post;
        v2::pay::refundqueryv2::post;
        v2::pay::settlementquery::post;
        v2::pay::unifiedorder::post;
        v2::payitil::report::post;
        v2::risk::getcertficates::post;
        v2::risk::getpublickey::post;
        v2::risk::getviolation::post;
        v2::secapi::mch::add_institutionsub::post;
        v2::secapi::mch::addsubdevconfig::post;
        v2::secapi::mch::channelsetting::post;
        v2::secapi::mch::modify_institutionsub::post;
        v2::secapi::mch::modifymchinfo::post;
        v2::secapi::mch::query_institutionsub::post;
        v2::secapi::mch::querysubdevconfig::post;
        v2::secapi::mch::submchmanage::post;
        v2::secapi::mch::uploadmedia::post;
        v2::secapi::mkt::addrecommendconf::post;
        v2::secapi::pay::facepayreverse::post;
        v2::secapi::pay::multiprofitsharing::post;
        v2::secapi::pay::profitsharing::post;
        v2::secapi::pay::profitsharingfinish::post;
        v2::secapi::pay::profitsharingreturn::post;
        v2::secapi::pay::refund::post;
        v2::secapi::pay::refundv2::post;
        v2::secapi::pay::reverse::post;
        v2::secsvc::getrealnameinfo::post;
        v2::secsvc::realnameauth::post;
        v2::tools::authcodetoopenid::post;
        v2::tools::shorturl::post;
        v2::transit::partnerpay::payapply::post;
        v2::transit::partnerpay::queryorder::post;
        v2::transit::partnerpay::querystate::post;
        v2::transit::pay::payapply::post;
        v2::transit::pay::querystate::post;
        v2::transit::queryorder::post;
        v2::vehicle::partnerpay::notification::post;
        v2::vehicle::partnerpay::payapply::post;
        v2::vehicle::partnerpay::querystate::post;
        v2::vehicle::pay::notification::post;
        v2::vehicle::pay::payapply::post;
        v2::vehicle::pay::querystate::post;
        v2::wxv::cancelbill::post;
        v2::wxv::changerentmoney::post;
        v2::wxv::createhotelbill::post;
        v2::wxv::createrentbill::post;
        v2::wxv::finishhotelbill::post;
        v2::wxv::finishrentbill::post;
        v2::wxv::queryhotelbill::post;
        v2::wxv::queryrentbill::post;
        v2::xdc::apiv2getsignkey::sign::getsignkey::post;
        v2::xdc::apiv2sandbox::pay::micropay::post;
        v2::xdc::apiv2sandbox::pay::orderquery::post;
    };
    let others = others! {
        v2::appauth::authindex::get;
        v2::papay::entrustweb::get;
        v2::papay::partner::entrustweb::get;
        v2::pay::downloadbill::post;
        v2::pay::downloadfundflow::post;
    };
    calls.into_iter().chain(others).collect()
}

fn keys() -> V2Credentials {
    V2Credentials {
        mch_id: MCHID.to_owned(),
        key: ApiV2Key::new(KEY).unwrap(),
        sign_type: SignType::HmacSha256,
        work_wechat_secret: Some(Zeroizing::new("secret".to_owned())),
        only_hmac: false,
    }
}

/// Puts something into every field but those in `without`.
fn fill(object: &mut dyn Object, without: &[&str]) {
    object.each_mut(&mut |name, value| {
        if without.contains(&name) {
            return;
        }
        let text = match name {
            "return_code" | "result_code" => "SUCCESS",
            "mch_id" | "mchid" | "combine_mch_id" => MCHID,
            "sign_type" => "HMAC-SHA256",
            "event_algorithm" => "AEAD_AES_256_GCM",
            "event_nonce" => "0123456789ab",
            _ => "1",
        };
        put(name, value.slot(), text);
    });
}

fn put(name: &str, slot: Slot<'_>, text: &str) {
    match slot {
        Slot::Text(slot) => *slot = text.to_owned(),
        Slot::Choice(slot) => slot.choose(text),
        Slot::Integer(slot) => *slot = text.parse().unwrap_or(1),
        Slot::IntegerChoice(slot) => slot.choose(i64::from(name != "retcode")),
        Slot::Decimal(slot) => *slot = 1.into(),
        Slot::Boolean(slot) => *slot = true,
        Slot::Object(object) | Slot::UrlEncoded(object) => fill(object, &[]),
        Slot::List(list) => put(name, list.item_mut(0).slot(), text),
        Slot::Json(json) => *json = serde_json::json!("1"),
        Slot::Encrypted(slot) => *slot = crate::Encrypted::from_ciphertext("1"),
        Slot::JsonText(value) => put(name, value.slot(), text),
        Slot::Sealed(seal) => {
            let content = seal.open();
            put(name, content.slot(), text);
            let View::Object(content) = Value::view(content) else {
                panic!("{name} seals no object");
            };
            let clear = crate::wire::xml::to_xml(&crate::wire::flatten(content, &|_| true, None).unwrap());
            let sealed = match name {
                "req_info" => {
                    let key = Digest::Md5.of(KEY.as_bytes());
                    to_base64(&aes_256_ecb_encrypt(key.as_bytes(), clear.as_bytes()).unwrap())
                }
                _ => ApiV3Key::new(KEY)
                    .unwrap()
                    .seal("0123456789ab", "1", clear.as_bytes())
                    .unwrap(),
            };
            seal.close(&sealed);
        }
        Slot::File(_) => {}
    }
}

/// The fields of `object` as a signed document.
fn signed(object: &dyn Object) -> (Vec<FlatField>, Bytes) {
    let mut fields = wire::flatten(object, &|name| name != "sign", None).unwrap();
    let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    fields.push(("sign".to_owned(), sign(&keys().key, SignType::HmacSha256, pairs)));
    let xml = to_xml(&fields).into();
    (fields, xml)
}

fn received(body: impl Into<Bytes>) -> RawResponse {
    RawResponse {
        status: http::StatusCode::OK,
        headers: HeaderMap::new(),
        body: body.into(),
        rest: None,
        in_doubt: false,
    }
}

#[test]
fn every_request_is_completed_and_signed() {
    let keys = keys();
    for mut case in cases() {
        let operation = case.operation;
        fill(&mut *case.request, operation.filled_by_client);
        let context = Context {
            credentials: &keys,
            key: &keys.key,
            now: 1_700_000_000,
            file_digest: Some("0cc175b9c0f1b6a831c399e269772661"),
            encrypt: None,
        };
        let sent = parameters(operation, &*case.request, &[], &context).unwrap();
        let signed = if operation.body == BodyFormat::None {
            &sent.query
        } else {
            &sent.body
        };
        let value = |name: &str| {
            signed
                .iter()
                .find(|(field, _)| field == name)
                .map(|(_, value)| value.as_str())
        };
        for name in operation.filled_by_client {
            assert!(value(name).is_some(), "{}: {name}", operation.path);
        }
        if operation.body != BodyFormat::None || operation.filled_by_client.contains(&"sign") {
            let pairs = signed.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            assert!(
                verify(&keys.key, pairs, value("sign").unwrap()),
                "{}",
                operation.path
            );
        }
        if let (Some(sent), [first, ..]) = (value("sign_type"), operation.sign_types) {
            assert!(
                operation.sign_types.contains(&sent),
                "{}: {first}",
                operation.path
            );
        }
        if operation.body == BodyFormat::Xml {
            assert_eq!(
                value("nonce_str").is_some(),
                operation.nonce,
                "{}",
                operation.path
            );
            let read = Document::parse(to_xml(&sent.body).as_bytes())
                .unwrap()
                .into_fields();
            assert_eq!(read, sent.body, "{}", operation.path);
        }
    }
}

#[test]
fn every_response_is_verified_read_and_refused() {
    let keys = keys();
    for case in cases() {
        let (operation, Some([mut sent, mut read])) = (case.operation, case.responses) else {
            continue;
        };
        fill(&mut *sent, &[]);
        let (_, xml) = signed(&*sent);
        check(operation, &keys, &keys.key, &received(xml.clone())).unwrap();
        from_xml(&xml, &mut *read).unwrap_or_else(|mismatch| panic!("{}: {mismatch}", operation.path));
        let without_sign = |object: &dyn Object| wire::flatten(object, &|name| name != "sign", None).unwrap();
        assert_eq!(without_sign(&*read), without_sign(&*sent), "{}", operation.path);

        let refused = "<xml><return_code>FAIL</return_code><return_msg>no</return_msg></xml>";
        let error = check(operation, &keys, &keys.key, &received(refused)).unwrap_err();
        assert_eq!(error.api().unwrap().message, "no", "{}", operation.path);
        let altered = String::from_utf8(xml.to_vec())
            .unwrap()
            .replace("<xml>", "<xml><x>1</x>");
        let result = check(operation, &keys, &keys.key, &received(altered));
        // A signature that is there is verified, even where none is due.
        assert!(result.is_err(), "{}", operation.path);
    }
}

#[test]
fn there_are_129_operations() {
    let cases = cases();
    assert_eq!(cases.len(), 129);
    assert_eq!(cases.iter().filter(|case| case.operation.mutual_tls).count(), 57);
    assert_eq!(cases.iter().filter(|case| !case.operation.nonce).count(), 19);
    assert!(
        cases
            .iter()
            .all(|case| case.operation.protocol == crate::Protocol::V2)
    );
}

macro_rules! notifications {
    ($($module:ident),* $(,)?) => {
        [$(|| {
            let mut content = crate::webhook::v2::$module::Notification::blank();
            fill(&mut content, &[]);
            let signs = (&content as &dyn Object).fields().iter().any(|(name, _)| *name == "sign");
            let (fields, xml) = signed(&content);
            let xml = if signs { xml } else { to_xml(&fields[..fields.len() - 1]).into() };
            let opened = open::<crate::webhook::v2::$module::Notification>(&keys(), None, &xml)
                .unwrap_or_else(|error| panic!("{}: {error}", stringify!($module)));
            assert_eq!(opened.authenticity() == Authenticity::Signed, signs);
            let altered = String::from_utf8(xml.to_vec()).unwrap().replace(MCHID, "1900000110");
            open::<crate::webhook::v2::$module::Notification>(&keys(), None, altered.as_bytes())
                .err()
                .filter(Error::is_verification)
                .unwrap_or_else(|| panic!("{}: altered", stringify!($module)));
        }),*]
    };
}

#[test]
fn every_notification_is_opened() {
    let notifications: [fn(); 10] = notifications! {
        combined_transactions_success,
        event_check_fail,
        event_check_success,
        event_transaction_fail,
        event_transaction_success,
        pap_contract_state_changed,
        refund_processed,
        transaction_success,
        transactions_risk_occurred,
        vehicle_state_changed_for_parking,
    };
    for notification in notifications {
        notification();
    }
}
