//! The worker's variables and secrets, checked once an isolate.

use crate::auth::{AcceptedTokens, Algorithm, Profile};
use crate::cors::AllowedOrigins;
use crate::kind::Kind;
use crate::pseudonym::Pseudonyms;
use crate::rate_limit::Rate;
use crate::secret::Secret;
use crate::storage::bucket::{Addressing, Bucket, BucketError};
use crate::storage::sigv4::Credentials;
use crate::variant::Size;
use std::fmt;
use std::num::NonZeroU32;
use url::Url;
use zeroize::Zeroizing;

/// Everything the worker is told from outside. No `Debug`: it holds secrets.
pub(crate) struct Config {
    /// Issuer, clients and kind of the tokens that are accepted.
    pub(crate) tokens: AcceptedTokens,
    /// How tokens are signed.
    pub(crate) jwt_algorithm: Algorithm,
    /// Where the issuer's keys are.
    pub(crate) jwks_url: Url,
    /// Where clients put what they upload.
    pub(crate) uploads: Bucket,
    /// Where finished pictures are.
    pub(crate) assets: Bucket,
    pub(crate) credentials: Credentials,
    pub(crate) allowed_origins: AllowedOrigins,
    /// The size that is served where none is asked for.
    pub(crate) avatar_size: Size,
    pub(crate) max_upload_bytes: u64,
    pub(crate) limits: roundel::Limits,
    pub(crate) hook_secret: Secret,
    pub(crate) rate_limits: RateLimits,
    /// What persons are called in the log.
    pub(crate) pseudonyms: Pseudonyms,
}

/// How often one person may do what; `None`: as often as they like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateLimits {
    pub(crate) signing: Option<Rate>,
    pub(crate) changes: Option<Rate>,
}

/// A variable that is missing or malformed. Names it; never shows its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigError {
    pub(crate) variable: &'static str,
    pub(crate) reason: &'static str,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.variable, self.reason)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads and checks every variable.
    ///
    /// # Errors
    ///
    /// The first variable that is missing or malformed.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let source = Source { lookup };
        let region = source.word("AWS_REGION", 32, |byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
        })?;
        let endpoint = source.optional_url("S3_ENDPOINT")?;
        let tokens = source.accepted_tokens()?;
        let hook_secret = Secret::new(source.word("HOOK_SECRET", 1024, |byte| byte.is_ascii_graphic())?);
        Ok(Self {
            jwks_url: source.jwks_url(&tokens.issuer)?,
            tokens,
            jwt_algorithm: source.jwt_algorithm()?,
            uploads: source.bucket("UPLOADS_BUCKET_NAME", endpoint.as_ref(), &region)?,
            assets: source.bucket("ASSETS_BUCKET_NAME", endpoint.as_ref(), &region)?,
            credentials: source.credentials()?,
            allowed_origins: source.allowed_origins()?,
            avatar_size: source.avatar_size()?,
            max_upload_bytes: source.positive("MAX_UPLOAD_BYTES", 20 * 1024 * 1024)?,
            limits: roundel::Limits {
                max_pixels: source.positive("MAX_PIXELS", 50_000_000)?,
                ..roundel::Limits::default()
            },
            rate_limits: RateLimits {
                signing: source.rate("RATE_LIMIT_SIGNING", 30)?,
                changes: source.rate("RATE_LIMIT_CHANGES", 20)?,
            },
            pseudonyms: Pseudonyms::new(&hook_secret),
            hook_secret,
        })
    }
}

/// The environment, with the checks that several variables share.
struct Source<F> {
    lookup: F,
}

impl<F: Fn(&str) -> Option<String>> Source<F> {
    fn required(&self, variable: &'static str) -> Result<String, ConfigError> {
        match (self.lookup)(variable) {
            Some(value) if value.is_empty() => Err(ConfigError { variable, reason: "is empty" }),
            Some(value) => Ok(value),
            None => Err(ConfigError { variable, reason: "is missing" }),
        }
    }

    /// A variable for which the empty text means the same as none.
    fn optional(&self, variable: &'static str) -> Option<String> {
        (self.lookup)(variable).filter(|value| !value.is_empty())
    }

    fn word(
        &self,
        variable: &'static str,
        max_bytes: usize,
        allowed: impl Fn(u8) -> bool,
    ) -> Result<String, ConfigError> {
        let value = self.required(variable)?;
        if value.len() > max_bytes {
            return Err(ConfigError { variable, reason: "is too long" });
        }
        if !value.bytes().all(allowed) {
            return Err(ConfigError { variable, reason: "has a character that it must not have" });
        }
        Ok(value)
    }

    fn positive(&self, variable: &'static str, default: u64) -> Result<u64, ConfigError> {
        let Some(value) = self.optional(variable) else { return Ok(default) };
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        value
            .parse()
            .ok()
            .filter(|number| digits && *number > 0)
            .ok_or(ConfigError { variable, reason: "has to be a positive whole number" })
    }

    /// A number a minute, or `off`.
    fn rate(&self, variable: &'static str, default: u32) -> Result<Option<Rate>, ConfigError> {
        if self.optional(variable).as_deref() == Some("off") {
            return Ok(None);
        }
        let per_minute = self.positive(variable, default.into())?;
        let per_minute = u32::try_from(per_minute).ok().and_then(NonZeroU32::new);
        let per_minute = per_minute.ok_or(ConfigError { variable, reason: "is too large" })?;
        Ok(Some(Rate { per_minute }))
    }

    fn optional_url(&self, variable: &'static str) -> Result<Option<Url>, ConfigError> {
        let Some(value) = self.optional(variable) else { return Ok(None) };
        let url = Url::parse(&value).map_err(|_| ConfigError { variable, reason: "is not a URL" })?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(ConfigError { variable, reason: "is not an http or https URL" });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ConfigError { variable, reason: "has a user name in it" });
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ConfigError { variable, reason: "has a query or a fragment" });
        }
        Ok(Some(url))
    }

    /// A URL that keys or tokens depend on: https, or this machine.
    fn optional_trusted_url(&self, variable: &'static str) -> Result<Option<Url>, ConfigError> {
        let url = self.optional_url(variable)?;
        match &url {
            Some(url) if url.scheme() != "https" && !is_loopback(url) => {
                Err(ConfigError { variable, reason: "has to be https, except on a loopback address" })
            }
            _ => Ok(url),
        }
    }

    fn issuer(&self) -> Result<String, ConfigError> {
        if self.optional_trusted_url("JWT_ISSUER")?.is_some() {
            // The claim is compared to the letter, which parsing could change.
            return self.required("JWT_ISSUER");
        }
        let variable = "USER_POOL_ID";
        let pool =
            self.word(variable, 55, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')?;
        match pool.split_once('_') {
            Some((region, id)) if !region.is_empty() && !id.is_empty() => {
                Ok(format!("https://cognito-idp.{region}.amazonaws.com/{pool}"))
            }
            _ => Err(ConfigError { variable, reason: "is not of the form <region>_<id>" }),
        }
    }

    fn accepted_tokens(&self) -> Result<AcceptedTokens, ConfigError> {
        let client_ids = self.client_ids()?;
        let has_pool = self.optional("USER_POOL_ID").is_some();
        Ok(AcceptedTokens {
            issuer: self.issuer()?,
            audience: self.audience(&client_ids)?,
            client_ids,
            profile: if has_pool { Profile::Cognito } else { Profile::OpenId },
        })
    }

    fn client_ids(&self) -> Result<Vec<String>, ConfigError> {
        let variable = "CLIENT_ID";
        let list = self.word(variable, 2048, |byte| byte.is_ascii_graphic() || byte == b' ')?;
        let client_ids: Vec<_> = list.split(',').map(|client_id| client_id.trim().to_owned()).collect();
        if client_ids.iter().any(|client_id| client_id.is_empty() || client_id.contains(' ')) {
            return Err(ConfigError { variable, reason: "is not a comma-separated list of client IDs" });
        }
        Ok(client_ids)
    }

    fn audience(&self, client_ids: &[String]) -> Result<Option<String>, ConfigError> {
        let variable = "JWT_AUDIENCE";
        if self.optional(variable).is_none() {
            return Ok(None);
        }
        let audience = self.word(variable, 256, |byte| byte.is_ascii_graphic())?;
        if client_ids.contains(&audience) {
            // That is the audience of identity tokens, which must not open anything.
            return Err(ConfigError { variable, reason: "is one of CLIENT_ID; it has to name this service" });
        }
        Ok(Some(audience))
    }

    fn jwt_algorithm(&self) -> Result<Algorithm, ConfigError> {
        let variable = "JWT_ALGORITHM";
        let Some(name) = self.optional(variable) else { return Ok(Algorithm::Rs256) };
        Algorithm::parse(&name).ok_or(ConfigError { variable, reason: "is neither RS256 nor ES256" })
    }

    fn jwks_url(&self, issuer: &str) -> Result<Url, ConfigError> {
        if let Some(url) = self.optional_trusted_url("JWKS_URL")? {
            return Ok(url);
        }
        let derived = format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'));
        Url::parse(&derived)
            .map_err(|_| ConfigError { variable: "USER_POOL_ID", reason: "gives no URL for the keys" })
    }

    fn bucket(
        &self,
        variable: &'static str,
        endpoint: Option<&Url>,
        region: &str,
    ) -> Result<Bucket, ConfigError> {
        let name = self.required(variable)?;
        let addressing = match self.optional("S3_ADDRESSING").as_deref() {
            Some("path") => Addressing::Path,
            Some("virtual") => Addressing::VirtualHost,
            Some(_) => {
                return Err(ConfigError {
                    variable: "S3_ADDRESSING",
                    reason: "is neither `path` nor `virtual`",
                });
            }
            // Every storage knows path style but AWS's newest regions; AWS recommends the host, which a name with dots
            // cannot be part of under TLS.
            None if endpoint.is_some() || name.contains('.') => Addressing::Path,
            None => Addressing::VirtualHost,
        };
        let endpoint = match endpoint {
            Some(endpoint) => endpoint.clone(),
            None => aws_endpoint(region)?,
        };
        Bucket::new(&endpoint, addressing, &name, region).map_err(|error| ConfigError {
            variable: match error {
                BucketError::Name => variable,
                BucketError::Endpoint => "S3_ENDPOINT",
                BucketError::AddressHasNoNames | BucketError::DotsUnderTls => "S3_ADDRESSING",
            },
            reason: error.reason(),
        })
    }

    fn credentials(&self) -> Result<Credentials, ConfigError> {
        let visible = |byte: u8| byte.is_ascii_graphic();
        let id = self.word("AWS_ACCESS_KEY_ID", 128, visible)?;
        let secret = self.word("AWS_SECRET_ACCESS_KEY", 256, visible)?;
        let session_token = match self.optional("AWS_SESSION_TOKEN") {
            Some(_) => Some(Zeroizing::new(self.word("AWS_SESSION_TOKEN", 8192, visible)?)),
            None => None,
        };
        Ok(Credentials { access_key_id: id, secret_access_key: Zeroizing::new(secret), session_token })
    }

    fn allowed_origins(&self) -> Result<AllowedOrigins, ConfigError> {
        let variable = "ALLOWED_ORIGINS";
        let list = (self.lookup)(variable)
            .ok_or(ConfigError { variable, reason: "is missing (it may be empty)" })?;
        AllowedOrigins::parse(&list).map_err(|reason| ConfigError { variable, reason })
    }

    fn avatar_size(&self) -> Result<Size, ConfigError> {
        let variable = "AVATAR_SIZE";
        let value = self.optional(variable).unwrap_or_else(|| "256".to_owned());
        Size::parse(Kind::Avatar, &value)
            .ok_or(ConfigError { variable, reason: "is none of the sizes that are served" })
    }
}

fn aws_endpoint(region: &str) -> Result<Url, ConfigError> {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    Url::parse(&format!("https://s3.{region}.{suffix}"))
        .map_err(|_| ConfigError { variable: "AWS_REGION", reason: "is no region" })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The variables of an ordinary deployment.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn ordinary(name: &str) -> Option<String> {
    let value = match name {
        "USER_POOL_ID" => "eu-central-1_AbCdEf123",
        "CLIENT_ID" => "client",
        "UPLOADS_BUCKET_NAME" => "uploads",
        "ASSETS_BUCKET_NAME" => "assets",
        "AWS_REGION" => "eu-west-1",
        "ALLOWED_ORIGINS" => "",
        "AWS_ACCESS_KEY_ID" => "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY" => "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "HOOK_SECRET" => "a-hook-secret",
        _ => return None,
    };
    Some(value.to_owned())
}

#[cfg(test)]
pub(crate) mod tests;
