//! What was found, line by line, and how it ends.

use std::process::ExitCode;

#[derive(Default)]
pub struct Report {
    failed: usize,
    warned: usize,
}

impl Report {
    pub fn ok(&self, subject: &str, text: impl AsRef<str>) {
        println!("ok    {subject}: {}", text.as_ref());
    }

    /// It works, but not for long, or not everywhere.
    pub fn warn(&mut self, subject: &str, text: impl AsRef<str>) {
        self.warned += 1;
        println!("warn  {subject}: {}", text.as_ref());
    }

    /// It cannot work; `advice` says what to do.
    pub fn fail(&mut self, subject: &str, text: impl AsRef<str>, advice: &str) {
        self.failed += 1;
        println!("FAIL  {subject}: {}\n      {advice}", text.as_ref());
    }

    pub fn has_failed(&self) -> bool {
        self.failed > 0
    }

    pub fn finish(self) -> ExitCode {
        println!("{} problems, {} warnings", self.failed, self.warned);
        ExitCode::from(u8::from(self.failed > 0))
    }
}
