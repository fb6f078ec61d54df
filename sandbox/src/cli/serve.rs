//! `serve`: runs until it is told to stop, and removes the folder that it made.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use wechatpay_sandbox::{Sandbox, Settings};

/// A folder that goes with its value.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("wechatpay-sandbox: {}: {error}", self.0.display());
        }
    }
}

pub fn run(mut settings: Settings) -> Result<ExitCode, String> {
    let temporary = match settings.state {
        Some(_) => None,
        None => Some(Temporary(
            wechatpay_sandbox::temporary_folder().map_err(|error| error.to_string())?,
        )),
    };
    let folder = settings.state.get_or_insert_with(|| match &temporary {
        Some(temporary) => temporary.0.clone(),
        None => PathBuf::new(),
    });
    let folder = folder.clone();
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(serve(settings, &folder))?;
    // Nothing writes into the folder any more.
    drop(runtime);
    drop(temporary);
    Ok(ExitCode::SUCCESS)
}

async fn serve(settings: Settings, folder: &Path) -> Result<(), String> {
    let sandbox = Sandbox::with(settings).await.map_err(|error| error.to_string())?;
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut line = sandbox.identity().config(&folder);
    line["url"] = json!(sandbox.url());
    line["state"] = json!(folder.display().to_string());
    println!("{line}");
    let stopped = stopped();
    tokio::select! {
        () = sandbox.join() => Ok(()),
        ended = stopped => ended.map_err(|error| error.to_string()),
    }
}

/// Ends with Ctrl-C, and with SIGTERM, which `docker stop` sends.
async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = tokio::signal::ctrl_c() => ended,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
