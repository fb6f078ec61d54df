//! Each mistake that is known in the documentation: a warning and its outcome.

use super::*;

#[test]
fn a_row_with_two_cells_has_no_term() {
    let (response, codes) = response("| c | string");
    assert_eq!(
        (response.properties[0].label.as_str(), codes),
        ("", vec![Code::MissingDescription])
    );
}

#[test]
fn a_row_with_four_cells_has_a_long_description() {
    let (response, codes) = response("| c | string | 丙<br/>`A` | `B` 枚举值之一");
    assert_eq!(
        (response.properties[0].schema.values.join(" "), codes),
        ("A B".into(), vec![Code::UnescapedPipe])
    );
}

#[test]
fn a_name_twice_is_two_properties() {
    let text = page(
        "",
        "| c | string | 丙\n| c | object | 丙\n| d {data-indent=1} | string | 丁",
    );
    let loaded = load(PLACE, text.clone());
    assert_eq!(place(&text, &loaded), "c");
    let (operation, codes) = one(loaded);
    assert_eq!(
        (shape(&operation.response.properties).as_str(), codes),
        ("c,c[d]", vec![Code::DuplicateName])
    );
}

#[test]
fn a_level_that_jumps_belongs_to_the_nearest_row() {
    let (response, codes) =
        response("| c | object | 丙\n| d {data-indent=3} | string | 丁\n| e {data-indent=1} | string | 戊");
    assert_eq!(
        (shape(&response.properties).as_str(), codes),
        ("c[d,e]", vec![Code::LevelJump])
    );
}

#[test]
fn fields_of_a_scalar_belong_to_the_object_above() {
    let (response, codes) = response(
        "| c | object | 丙\n| d {data-indent=1} | string | 丁\n| e {data-indent=2} | string | 戊\n| f {data-indent=1} | string | 己",
    );
    assert_eq!(
        (shape(&response.properties).as_str(), codes),
        ("c[d,e,f]", vec![Code::ScalarWithFields])
    );
}

#[test]
fn clear_content_of_an_unmarked_string_stays_inside() {
    let (operation, codes) = request(
        "| body | object | 表单\n| file {data-indent=1} | object | 文件\n| meta {data-indent=1} | string | 元信息\n| {colspan=3 .im-table-line}\n| sha256 {data-indent=2} | string | 摘要",
    );
    assert_eq!(shape(&operation.request.body.properties), "file,meta[sha256]");
    assert_eq!(operation.request.body.format, BodyFormat::Multipart);
    assert_eq!(codes, [Code::FormFile, Code::TextWithFields]);
}

#[test]
fn clear_content_after_the_wrong_row_finds_the_encrypted_one() {
    let cipher = "| ciphertext {data-indent=1} | string {data-encrypted=by-aes-gcm} | 密文\n";
    let (response, codes) = response(&format!(
        "| r | object | 资源\n{cipher}| t {{data-indent=1}} | string | 类型\n| {{colspan=3 .im-table-line}}\n| c {{data-indent=2}} | string | 丙\n| d {{data-indent=2}} | string | 丁"
    ));
    assert_eq!(
        (shape(&response.properties).as_str(), codes),
        ("r[ciphertext[c,d],t]", vec![Code::ContentElsewhere])
    );
}

#[test]
fn clear_content_at_the_level_of_the_encrypted_row() {
    let cipher = "| ciphertext {data-indent=1} | string {data-encrypted=by-aes-gcm} | 密文\n";
    let (response, codes) = response(&format!(
        "| r | object | 资源\n{cipher}| {{colspan=3 .im-table-line}}\n| c {{data-indent=1}} | object | 丙\n| d {{data-indent=2}} | string | 丁"
    ));
    assert_eq!(
        (shape(&response.properties).as_str(), codes),
        ("r[ciphertext[c[d]]]", vec![Code::ContentElsewhere])
    );
}

#[test]
fn separators_without_content_are_left_out() {
    let line = "| {colspan=3 .im-table-line}";
    let (response, codes) = response(&format!(
        "{line}\n| c | object | 丙\n{line}\n| d {{data-indent=1}} | string | 丁\n{line}\n{line}"
    ));
    assert_eq!(shape(&response.properties), "c[d]");
    assert_eq!(codes, [Code::StraySeparator; 4]);
}

#[test]
fn an_object_without_fields_is_any_value() {
    let (response, codes) = response("| c | object[] | 丙");
    assert_eq!(
        (response.properties[0].schema.ty, codes),
        (Type::Object, vec![Code::EmptyObject])
    );
}

#[test]
fn a_missing_path_parameter_is_implied() {
    let text = page("", "| c | string | 丙").replace(
        "| b {data-required} | string | 乙\n",
        "| query | object | 查询\n| q {data-indent=1} | string | 查\n",
    );
    let (operation, codes) = one(load(PLACE, text));
    let implied = &operation.request.path[0];
    assert_eq!(
        (
            implied.name.as_str(),
            implied.schema.ty,
            implied.required,
            implied.line
        ),
        ("b", Type::String, true, 5)
    );
    assert_eq!(codes, [Code::MissingPathParameter]);
}

#[test]
fn a_space_in_a_name_is_left_out() {
    let (response, codes) = response("| payer _currency | string | 币种");
    assert_eq!(
        (shape(&response.properties).as_str(), codes),
        ("payer_currency", vec![Code::SpaceInName])
    );
}

#[test]
fn tables_without_rows() {
    let (response, codes) = response("");
    assert_eq!(
        (response, codes),
        (
            Response {
                format: ResponseFormat::Json,
                properties: vec![]
            },
            vec![Code::EmptyTable]
        )
    );
}

#[test]
fn a_page_without_a_response_table() {
    let text = page("", "").replace(RESPONSE, "");
    let (operation, codes) = one(load(PLACE, text));
    assert_eq!(
        (operation.response.format, codes),
        (ResponseFormat::Json, vec![Code::MissingResponse])
    );
}

#[test]
fn a_heading_without_a_method() {
    let response = "| c | string | 丙";
    let bare = |rows: &str| page(rows, response).replace(" {#post}", "");
    let (operation, codes) = one(load(PLACE, bare("")));
    assert_eq!(
        (operation.method, codes),
        (Method::Get, vec![Code::HeadingWithoutMethod])
    );
    let (operation, _) = one(load(
        PLACE,
        bare("| json | object | 体\n| d {data-indent=1} | string | 丁"),
    ));
    assert_eq!(operation.method, Method::Post);
    let sample = "\n```php\n$instance['v3/a/{b}']->putAsync([])\n```\n";
    let (operation, _) = one(load(PLACE, bare("") + sample));
    assert_eq!(operation.method, Method::Put);
}

#[test]
fn an_unknown_row_at_level_0_is_kept() {
    let (operation, codes) = request("| use_id {data-required} | string | 用户");
    assert_eq!(
        (shape(&operation.request.query).as_str(), codes),
        ("use_id", vec![Code::UnknownRow])
    );
    let (operation, codes) =
        request("| json | object | 体\n| d {data-indent=1} | string | 丁\n| x | string | 未知");
    assert_eq!(
        (shape(&operation.request.body.properties).as_str(), codes),
        ("d,x", vec![Code::UnknownRow])
    );
}

#[test]
fn a_row_that_repeats_a_part_of_the_path_is_a_setting() {
    let (operation, codes) = request("| lower | string | 标识<br/>`a` 枚举值");
    assert_eq!(
        (shape(&operation.request.query).as_str(), codes),
        ("", vec![Code::RowOfThePath])
    );
}

#[test]
fn attributes_in_the_wrong_cell_count_nevertheless() {
    let (response, codes) = response("| c | string {data-required data-odd=1} | 丙");
    assert_eq!(
        (response.properties[0].required, codes),
        (true, vec![Code::OddAttribute, Code::OddAttribute])
    );
}

#[test]
fn a_host_without_an_address_leaves_the_default() {
    let (operation, codes) = request("| base_uri | string | 接入点");
    assert_eq!(
        (operation.hosts, codes),
        (
            vec!["https://api.mch.weixin.qq.com/".to_owned()],
            vec![Code::HostWithoutUrl]
        )
    );
}
