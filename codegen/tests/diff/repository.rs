//! A small git repository with the page in `specs/`, removed at the end.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::support::{PAGE, TEXT};

pub struct Repository {
    pub folder: PathBuf,
}

impl Repository {
    /// The page is committed, then edited in the working tree.
    pub fn new(name: &str) -> Self {
        let repository = Self::committed(name);
        repository.edit(
            "| remark {data-indent=1}",
            "| remark {data-required data-indent=1}",
        );
        repository
    }

    /// The page and a manifest of version 0.1.0 are committed.
    pub fn committed(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("wechatpay-codegen-diff-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let repository = Self { folder };
        repository.write(&format!("specs/{PAGE}"), TEXT);
        repository.write("Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"\n");
        repository.git(&["init", "-q"]);
        repository.commit("pages");
        repository
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Replaces `from` on the page, which must be there.
    pub fn edit(&self, from: &str, to: &str) {
        let page = self.folder.join("specs").join(PAGE);
        let text = fs::read_to_string(&page).expect("the page");
        assert!(text.contains(from), "`{from}` is not on the page");
        fs::write(&page, text.replacen(from, to, 1)).expect("a page");
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "."]);
        self.git(&["commit", "-qm", message]);
    }

    pub fn git(&self, arguments: &[&str]) {
        let done = Command::new("git")
            .current_dir(&self.folder)
            .args([
                "-c",
                "user.name=n",
                "-c",
                "user.email=e@x",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(["-c", "tag.gpgsign=false"])
            .args(arguments)
            .status()
            .expect("git runs");
        assert!(done.success(), "git {arguments:?}");
    }

    /// Runs the command in the repository's top folder.
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_wechatpay-codegen"))
            .current_dir(&self.folder)
            .args(arguments)
            .output()
            .expect("the command runs")
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What a successful run prints.
pub fn stdout(output: &Output) -> &str {
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::str::from_utf8(&output.stdout).expect("UTF-8")
}
