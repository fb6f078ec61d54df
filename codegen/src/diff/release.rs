//! The last release: what the pages and the version were at its tag.
//!
//! In: the folder of pages and a tag or commit. Out: a [`Release`]. The version is that of the manifest
//! beside the pages, as it was there: the release workflow makes sure that the tag says the same.

use std::path::Path;

use toml::de::DeTable;

use super::revision::git;

#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// The pages, for [`load_in`](super::revision::load_in): `v0.1.0:specs`.
    pub pages: String,
    /// `0.1.0`
    pub version: String,
    /// The commits after it that touch the pages.
    pub commits: usize,
}

/// Looks `tag` up in the repository that holds the folder `specs`.
pub fn at(specs: &Path, tag: &str) -> Result<Release, String> {
    if tag.contains(':') || tag.starts_with('-') {
        return Err(format!(
            "`{tag}` is not a tag; `--since` takes a tag or commit, as in `--since v0.1.0`"
        ));
    }
    if !specs.is_dir() {
        return Err(format!("{} is not a folder of pages", specs.display()));
    }
    let prefix = git(specs, &["rev-parse", "--show-prefix"])?;
    let prefix = String::from_utf8_lossy(&prefix).trim_end().to_owned();
    let manifest = git(specs, &["show", &format!("{tag}:./../Cargo.toml")])?;
    let version = version(&String::from_utf8_lossy(&manifest)).ok_or_else(|| {
        format!("Cargo.toml at {tag} has no version in [workspace.package] or [package]: name a later tag")
    })?;
    let commits = git(
        specs,
        &["rev-list", "--count", &format!("{tag}..HEAD"), "--", "."],
    )?;
    let commits = String::from_utf8_lossy(&commits).trim().parse();
    Ok(Release {
        pages: format!("{tag}:{}", prefix.trim_end_matches('/')),
        version,
        commits: commits.map_err(|error| format!("git rev-list --count: {error}"))?,
    })
}

/// The version in a manifest: the workspace's, or else the package's own.
fn version(manifest: &str) -> Option<String> {
    let manifest = DeTable::parse(manifest).ok()?.into_inner();
    let package = |table: &DeTable<'_>| {
        let version = table.get("package")?.as_ref().as_table()?.get("version")?;
        Some(version.as_ref().as_str()?.to_owned())
    };
    let workspace = || package(manifest.get("workspace")?.as_ref().as_table()?);
    workspace().or_else(|| package(&manifest))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_version_is_the_workspaces_or_the_packages() {
        let both = "[workspace.package]\nversion = \"1.2.3\"\n[package]\nversion.workspace = true\n";
        assert_eq!(version(both).as_deref(), Some("1.2.3"));
        assert_eq!(
            version("[package]\nversion = \"0.1.0\"").as_deref(),
            Some("0.1.0")
        );
        assert_eq!(version("[package]\nname = \"a\""), None);
        assert_eq!(version("not toml"), None);
    }
}
