//! Links to pages that are not there.
//!
//! In: the pages as written. Out: W0105 at each link below `/openapi/` or `/webhook/` without a page.
//! (A redirect to nowhere is found when loading: W0025.) Example: `[下单](/openapi/v3/gone)`.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::load::Loaded;
use crate::place::percent_decode;

pub fn run(loaded: &Loaded) -> Vec<Diagnostic> {
    let pages: BTreeSet<&str> = loaded
        .pages
        .iter()
        .filter_map(|page| page.path.strip_suffix(".md"))
        .collect();
    let mut found = Vec::new();
    for page in &loaded.pages {
        for link in page.sections.iter().flat_map(|section| &section.links) {
            let Some(target) = target(&link.text, &page.path) else {
                continue;
            };
            let name = target.trim_end_matches('/');
            let folder = format!("{name}/");
            let mut inside = pages.range(folder.as_str()..);
            if pages.contains(name) || inside.next().is_some_and(|page| page.starts_with(&folder)) {
                continue;
            }
            let message = format!("the link leads to {target}.md, which is not there");
            let help = "correct the link, or leave a page there that redirects";
            found.push(Diagnostic::new(Code::DeadLink, &page.path, link.span.clone(), message).help(help));
        }
    }
    found
}

/// The page a link means, without `.md`; nothing for links that leave these folders.
fn target(link: &str, page: &str) -> Option<String> {
    let path = link.split(['#', '?']).next()?;
    let path = percent_decode(
        path.strip_suffix(".html")
            .or(path.strip_suffix(".md"))
            .unwrap_or(path),
    );
    if let Some(path) = path.strip_prefix('/') {
        let ours = path.starts_with("openapi/") || path.starts_with("webhook/");
        return ours.then(|| path.to_owned());
    }
    if path.is_empty() || !path.starts_with('.') {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn only_links_within_the_pages_count() {
        let page = "openapi/v3/a/b.md";
        for (link, expected) in [
            ("/openapi/v3/x#get", Some("openapi/v3/x")),
            ("/openapi/v3/%7Bx%7D.html", Some("openapi/v3/{x}")),
            ("./c", Some("openapi/v3/a/c")),
            ("../c.md", Some("openapi/v3/c")),
            ("/guide/x", None),
            ("#here", None),
            ("https://pay.weixin.qq.com/", None),
            ("../../../../../x", None),
        ] {
            assert_eq!(target(link, page).as_deref(), expected, "{link}");
        }
    }
}
