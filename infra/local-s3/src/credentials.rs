//! Secrets, which come from the environment alone.

use std::fmt;

/// A secret that `Debug` does not show.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    /// The secret itself, for the one place that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(redacted)")
    }
}

/// What the environment has to hold.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// `AWS_ACCESS_KEY_ID`: the only access key that is accepted.
    pub(crate) access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub(crate) secret_access_key: Secret,
    /// `HOOK_SECRET`: the bearer token of notifications.
    pub(crate) hook_secret: Option<Secret>,
}

/// A variable that is missing or cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CredentialError {
    /// The variable is not set, is empty, or is not Unicode.
    #[error("{variable} is missing: set it in the environment of this program")]
    Missing {
        /// Its name.
        variable: &'static str,
    },
    /// The value cannot travel in an HTTP header.
    #[error(
        "{variable} must consist of visible ASCII characters: change it in the environment of this program"
    )]
    NotVisibleAscii {
        /// Its name.
        variable: &'static str,
    },
}

impl Credentials {
    /// Reads the environment; `needs_hook_secret` when notifications are wanted.
    ///
    /// # Errors
    /// [`CredentialError`] names the variable, never its value.
    pub(crate) fn from_environment(needs_hook_secret: bool) -> Result<Self, CredentialError> {
        Ok(Self {
            access_key_id: read("AWS_ACCESS_KEY_ID")?,
            secret_access_key: Secret(read("AWS_SECRET_ACCESS_KEY")?),
            hook_secret: if needs_hook_secret { Some(Secret(read("HOOK_SECRET")?)) } else { None },
        })
    }
}

fn read(variable: &'static str) -> Result<String, CredentialError> {
    let value = std::env::var(variable).ok().filter(|value| !value.is_empty());
    let value = value.ok_or(CredentialError::Missing { variable })?;
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(value)
    } else {
        Err(CredentialError::NotVisibleAscii { variable })
    }
}
