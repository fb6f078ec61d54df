//! `completions`: scripts for shells.

use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl FromStr for Shell {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "bash" => Ok(Self::Bash),
            "zsh" => Ok(Self::Zsh),
            "fish" => Ok(Self::Fish),
            _ => Err(format!("`{text}` is not a shell: bash, zsh or fish")),
        }
    }
}

impl Shell {
    pub fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("wechatpay-codegen.bash"),
            Self::Zsh => include_str!("wechatpay-codegen.zsh"),
            Self::Fish => include_str!("wechatpay-codegen.fish"),
        }
    }
}
