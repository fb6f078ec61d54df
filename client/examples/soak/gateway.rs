//! The sandbox in a process of its own, so that it can be killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use wechatpay_sandbox::identity::{Identity, Platform};
use wechatpay_sandbox::key::Algorithm;
use wechatpay_sandbox::{Sandbox, Settings};

use super::Failure;

/// A running gateway; dropping it kills the process.
pub struct Gateway {
    pub url: String,
    pub identity: Identity,
    listen: String,
    folder: PathBuf,
    process: Child,
}

impl Gateway {
    /// Starts a process that keeps its state in `folder`.
    pub async fn start(folder: &Path) -> Result<Self, Failure> {
        let identity = Identity::open(folder, None, Platform::default(), Algorithm::default())?;
        let listen = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .to_string();
        let gateway = Self {
            url: format!("http://{listen}"),
            identity,
            process: spawn(&listen, folder)?,
            listen,
            folder: folder.to_owned(),
        };
        gateway.wait().await?;
        Ok(gateway)
    }

    /// Kills the process and starts another one with the same state.
    pub async fn restart(&mut self) -> Result<(), Failure> {
        self.process.kill()?;
        self.process.wait()?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.process = spawn(&self.listen, &self.folder)?;
        self.wait().await
    }

    /// Waits until it responds.
    async fn wait(&self) -> Result<(), Failure> {
        for _ in 0..200 {
            if reqwest::get(format!("{}/control/calls", self.url)).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("the gateway did not start".into())
    }

    /// Calls the control API.
    pub async fn control(&self, path: &str, body: &str) -> Result<(), Failure> {
        let request = reqwest::Client::new().post(format!("{}/control/{path}", self.url));
        let response = request
            .body(body.to_owned())
            .header("Content-Type", "application/json")
            .send()
            .await?;
        match response.status().is_success() {
            true => Ok(()),
            false => Err(format!("{path}: {}", response.text().await?).into()),
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(listen: &str, folder: &Path) -> Result<Child, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    Ok(command.arg("--gateway").arg(listen).arg(folder).spawn()?)
}

/// Is the gateway.
pub async fn serve(listen: &str, folder: &str) -> Result<(), Failure> {
    let settings = Settings {
        listen: listen.parse()?,
        state: Some(folder.into()),
        seed: 1,
        ..Settings::default()
    };
    Sandbox::with(settings).await?.join().await;
    Ok(())
}
