//! `wechatpay-sandbox`: WeChat Pay on localhost, and commands for a running one.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(lexopt::Parser::from_env()) {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("wechatpay-sandbox: {problem}");
            ExitCode::FAILURE
        }
    }
}
