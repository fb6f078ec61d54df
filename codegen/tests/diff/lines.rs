//! Counts changed lines as `git diff --stat` does.

use wechatpay_codegen::emit::GeneratedFiles;

/// Lines removed plus lines added.
pub fn changed(old: &str, new: &str) -> usize {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    old.len() + new.len() - 2 * common(&old, &new)
}

/// The length of the longest common subsequence.
fn common(old: &[&str], new: &[&str]) -> usize {
    let mut row = vec![0; new.len() + 1];
    for a in old {
        let mut diagonal = 0;
        for (at, b) in new.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if a == b { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[new.len()]
}

/// Changed lines by file, of files that changed.
pub fn by_file(old: &GeneratedFiles, new: &GeneratedFiles) -> Vec<(String, usize)> {
    let names: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let text = |files: &GeneratedFiles, name: &str| files.get(name).cloned().unwrap_or_default();
    let counts = names
        .into_iter()
        .map(|name| (name.clone(), changed(&text(old, name), &text(new, name))));
    counts.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn a_changed_line_counts_twice() {
    assert_eq!(changed("a\nb\nc\n", "a\nx\nc\n"), 2);
    assert_eq!(changed("a\nb\n", "a\nb\nc\n"), 1);
    assert_eq!(changed("", "a\nb\n"), 2);
}
