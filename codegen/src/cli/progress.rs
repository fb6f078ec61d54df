//! What is being done, on one line of standard error, while a terminal watches.

use std::io::{self, IsTerminal, Write};

pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Shows `text` until the value is dropped.
    pub fn show(quiet: bool, text: &str) -> Self {
        let shown = !quiet && io::stderr().is_terminal();
        if shown {
            // A terminal that went away is not a reason to fail.
            let _ = write!(io::stderr(), "{text} …");
        }
        Self { shown }
    }
}

impl Drop for Progress {
    /// Clears the line.
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
