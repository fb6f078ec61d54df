//! A merchant's application by a service provider: an upload, and personal data in encrypted fields.

use wechatpay_client::Upload;
use wechatpay_client::v3::applyment4sub::applyment::index::{self as applyment, post as apply};
use wechatpay_client::v3::merchant::media::upload;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    let client = &shop.client;
    // From disk: `Upload::from_path("licence.jpg")`. The client computes the digest that is signed.
    let picture = Upload::from_bytes("licence.jpg", *b"the bytes of a picture");
    let media = upload::post(client, &upload::post::Request::new(picture))
        .await?
        .media_id;
    println!("uploaded: {media}");

    // Fields of the type `Encrypted` take clear text. They are encrypted with WeChat Pay's key before
    // the request is signed; `Debug`, errors and logs never show them.
    let request = apply::Request::from(apply::RequestInit {
        business_code: "APPLY-0001".into(),
        contact_info: apply::ContactInfo::from(apply::ContactInfoInit {
            contact_name: "张三".into(),
            mobile_phone: "13900000000".into(),
            contact_email: "zhangsan@shop.example".into(),
        })
        .contact_type("LEGAL"),
        subject_info: subject(&media),
        business_info: apply::BusinessInfo::from(apply::BusinessInfoInit {
            merchant_shortname: "张三袜店".into(),
            service_phone: "0755222333".into(),
            sales_info: apply::SalesInfo::new(vec!["SALES_SCENES_STORE".into()]),
        }),
        settlement_info: apply::SettlementInfo::new()
            .settlement_id("719")
            .qualification_type("零售"),
        bank_account_info: apply::BankAccountInfo::from(apply::BankAccountInfoInit {
            bank_account_type: "BANK_ACCOUNT_TYPE_CORPORATE".into(),
            account_name: "张三袜店".into(),
            account_bank: "工商银行".into(),
            bank_address_code: "110000".into(),
        })
        .account_number("6222020200112233445"),
    });
    println!("{:?}", request.contact_info.contact_name);
    println!(
        "application {}",
        applyment::post(client, &request).await?.applyment_id
    );
    Ok(())
}

/// Who applies: the licence, and the legal person's identity card.
fn subject(media: &str) -> apply::SubjectInfo {
    let card = apply::IdCardInfo::from(apply::IdCardInfoInit {
        id_card_copy: media.into(),
        id_card_national: media.into(),
        id_card_name: "张三".into(),
        id_card_number: "110101199001011234".into(),
        card_period_begin: "2016-06-06".into(),
        card_period_end: "2036-06-06".into(),
    });
    let licence = apply::BusinessLicenseInfo::from(apply::BusinessLicenseInfoInit {
        license_copy: media.into(),
        license_number: "123456789012345678".into(),
        merchant_name: "张三袜店".into(),
        legal_person: "张三".into(),
    });
    let identity = apply::IdentityInfo::new("IDENTIFICATION_TYPE_IDCARD".into())
        .id_card_info(card)
        .owner(true);
    apply::SubjectInfo::new("SUBJECT_TYPE_INDIVIDUAL".into(), identity).business_license_info(licence)
}
