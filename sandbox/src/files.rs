//! Files that only this user may read. In: a path and bytes. Out: nothing on disk that follows a link or
//! that others can read.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::crypto;

/// Makes a folder, if there is none, for this user only.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    private_folder().create(folder)
}

/// Makes a folder in one of ours, where a link must be somebody else's.
pub fn make_subfolder(folder: &Path) -> io::Result<()> {
    match fs::symlink_metadata(folder) {
        Ok(found) if found.is_symlink() => Err(io::Error::other(format!("{} is a link", folder.display()))),
        _ => make_folder(folder),
    }
}

fn private_folder() -> DirBuilder {
    #[allow(unused_mut)]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Makes a new folder of a name that nobody can guess, where the system keeps temporary ones.
///
/// # Errors
/// When it can't be made.
pub fn temporary_folder() -> io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("wechatpay-sandbox-{}", crypto::random(16)));
    // This fails when something is there already, a link for example.
    private_folder().create(&folder)?;
    Ok(folder)
}

/// A new file that only this user may read. Fails when there is something under the name.
pub fn create(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a file as a whole: beside it first, then into its place, whatever is there.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}", crypto::random(8)));
    let written = create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}
