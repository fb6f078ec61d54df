//! `diff --since`: the next version and a draft of the changelog, over several commits.

use super::repository::{Repository, stdout};
use super::support::{PAGE, TEXT};

/// A release, and three commits after it: a new page, a new value, a changed description.
fn released(name: &str) -> Repository {
    let repository = Repository::committed(name);
    repository.git(&["tag", "v0.1.0"]);
    let page = TEXT.replace("| order_no {data-required} | string | 订单号\n", "");
    repository.write("specs/openapi/v3/lottery/tickets.md", &page);
    repository.write("specs/openapi/v3/lottery/draws.md", &page);
    repository.commit("a product");
    repository.edit("`OPEN` \\| `PAID`", "`OPEN` \\| `PAID` \\| `LATE`");
    repository.commit("a value");
    repository.edit("| phone {data-indent=1}", "| mobile {data-indent=1}");
    repository.commit("a name that is taken back");
    repository.edit("| mobile {data-indent=1}", "| phone {data-indent=1}");
    repository.edit("| 商品名称", "| 商品的名称");
    repository.commit("a term");
    repository
}

#[test]
fn what_is_new_is_a_minor_version() {
    let output = released("minor").run(&["diff", "--since", "v0.1.0"]);
    let expected = "\
Next version: 0.1.1 (minor) after 0.1.0 of v0.1.0; pages changed in 4 commits.
Hand-written code is not compared: see `cargo semver-checks`.

## 0.1.1

### Added

- `lottery`: 2 operations (`POST /v3/lottery/draws` 修改订单, `POST /v3/lottery/tickets` 修改订单): new
- `shop`: `POST /v3/shop/orders/{order_no}` 修改订单: response `state` 状态, new value: `LATE`

### Documentation

- 1 change of titles, terms, descriptions and links.
";
    assert_eq!(stdout(&output), expected);
}

#[test]
fn breaks_come_first_and_decide_the_version() {
    let repository = released("major");
    repository.edit(
        "| remark {data-indent=1}",
        "| remark {data-required data-indent=1}",
    );
    repository.edit("| lang {data-indent=1}", "| lang {data-required data-indent=1}");
    // Not committed, below 1.0, and found from a folder below.
    let output = repository.run(&["diff", "--since", "v0.1.0", "--specs", "specs"]);
    let text = stdout(&output);
    assert!(
        text.starts_with("Next version: 0.2.0 (major) after 0.1.0 of v0.1.0; "),
        "{text}"
    );
    let places = [
        "## 0.2.0\n\n### Breaking: code may no longer compile\n\n- `shop`: `POST /v3/shop/orders/{order_no}` 修改订单: \
         request `query.lang` 语言, `json.remark` 备注, newly required: optional → required (the constructor asks for it, \
         `Option<String>` becomes `String`)\n",
        "### Added\n\n- `lottery`",
        "### Documentation",
    ];
    let at: Vec<_> = places.iter().map(|place| text.find(place)).collect();
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{at:?}\n{text}");
}

#[test]
fn the_version_at_the_tag_counts() {
    let repository = released("one");
    repository.write("Cargo.toml", "[package]\nversion = \"1.4.2\"\n");
    repository.commit("one");
    repository.git(&["tag", "stable"]);
    let text = |repository: &Repository| stdout(&repository.run(&["diff", "--since", "stable"])).to_owned();
    assert!(text(&repository).starts_with("Next version: 1.4.2 (none)"));
    assert!(text(&repository).ends_with("\n\nNo change of the API.\n"));
    repository.edit("| paid_at | string | 支付时间\n", "");
    // Another version in the working tree changes nothing.
    repository.write("Cargo.toml", "[package]\nversion = \"1.9.0\"\n");
    let text = text(&repository);
    assert!(
        text.starts_with("Next version: 2.0.0 (major) after 1.4.2 of stable"),
        "{text}"
    );
    assert!(text.contains("`paid_at` 支付时间, removed"), "{text}");
    let json = repository.run(&["diff", "--since", "stable", "--format", "json"]);
    assert!(stdout(&json).contains("\"old\": \"stable:specs\""));
}

#[test]
fn a_wrong_tag_is_explained() {
    let repository = released("tag");
    for (arguments, expected) in [
        (&["diff", "--since", "v9"][..], "v9"),
        (&["diff", "--since", "v0.1.0:specs"], "takes a tag"),
        (&["diff", "--since", "v0.1.0", "specs"], "no OLD and NEW"),
        (&["diff", "--since", "v0.1.0", "--specs", PAGE], PAGE),
    ] {
        let output = repository.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(expected), "{said}");
    }
}
