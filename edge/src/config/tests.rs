use super::*;

/// A complete set of variables, with some replaced; `None` takes one away.
pub(crate) fn read(changes: &[(&str, Option<&str>)]) -> Result<Config, ConfigError> {
    Config::read(|name| {
        if let Some((_, value)) = changes.iter().find(|(changed, _)| *changed == name) {
            return value.map(str::to_owned);
        }
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
    })
}

fn refused(variable: &str, value: Option<&str>) -> ConfigError {
    read(&[(variable, value)]).err().unwrap_or_else(|| panic!("{variable} was accepted"))
}

#[test]
fn issuer_and_keys_follow_from_the_user_pool() {
    let config = read(&[]).unwrap();
    assert_eq!(config.issuer, "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123");
    assert_eq!(config.jwks_url.as_str(), format!("{}/.well-known/jwks.json", config.issuer));
    assert_eq!((config.avatar_size.width(), config.max_upload_bytes), (256, 20_971_520));
    assert_eq!(config.limits.max_pixels, 50_000_000);
}

#[test]
fn another_issuer_needs_no_user_pool() {
    let issuer = "http://127.0.0.1:9000/pool";
    let config = read(&[("JWT_ISSUER", Some(issuer)), ("USER_POOL_ID", None)]).unwrap();
    assert_eq!(config.issuer, issuer);
    assert_eq!(config.jwks_url.as_str(), "http://127.0.0.1:9000/pool/.well-known/jwks.json");
    let keys = Some("https://keys.example/jwks");
    let config = read(&[("JWT_ISSUER", Some(issuer)), ("JWKS_URL", keys)]).unwrap();
    assert_eq!(config.jwks_url.as_str(), "https://keys.example/jwks");
}

#[test]
fn aws_is_addressed_by_host_and_others_by_path() {
    let base = |changes: &[_]| read(changes).unwrap().uploads.base_url().to_string();
    assert_eq!(base(&[]), "https://uploads.s3.eu-west-1.amazonaws.com/");
    assert_eq!(
        base(&[("AWS_REGION", Some("cn-north-1"))]),
        "https://uploads.s3.cn-north-1.amazonaws.com.cn/"
    );
    assert_eq!(base(&[("UPLOADS_BUCKET_NAME", Some("a.b"))]), "https://s3.eu-west-1.amazonaws.com/a.b/");
    assert_eq!(base(&[("S3_ENDPOINT", Some("http://127.0.0.1:9"))]), "http://127.0.0.1:9/uploads/");
}

#[test]
fn each_required_variable_is_named_when_it_is_missing_or_empty() {
    for variable in [
        "USER_POOL_ID",
        "CLIENT_ID",
        "UPLOADS_BUCKET_NAME",
        "ASSETS_BUCKET_NAME",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "HOOK_SECRET",
    ] {
        assert_eq!(refused(variable, None).variable, variable);
        assert_eq!(refused(variable, Some("")).variable, variable);
    }
    assert_eq!(refused("ALLOWED_ORIGINS", None).variable, "ALLOWED_ORIGINS");
}

#[test]
fn a_malformed_variable_is_named_and_its_value_is_not_shown() {
    for (variable, value) in [
        ("USER_POOL_ID", "eu-central-1"),
        ("USER_POOL_ID", "evil.example/_x"),
        ("JWT_ISSUER", "issuer"),
        ("JWT_ISSUER", "http://issuer.example"),
        ("JWKS_URL", "http://10.0.0.1/jwks"),
        ("JWKS_URL", "file:///etc/jwks"),
        ("S3_ENDPOINT", "https://user:password@s3.example"),
        ("S3_ENDPOINT", "https://s3.example/?x=1"),
        ("UPLOADS_BUCKET_NAME", "Uploads"),
        ("UPLOADS_BUCKET_NAME", "../uploads"),
        ("ASSETS_BUCKET_NAME", "a..b"),
        ("AWS_REGION", "eu west 1"),
        ("ALLOWED_ORIGINS", "https://a.example/path"),
        ("AVATAR_SIZE", "257"),
        ("MAX_PIXELS", "0"),
        ("MAX_PIXELS", "+5"),
        ("MAX_UPLOAD_BYTES", "20 MB"),
        ("MAX_UPLOAD_BYTES", "99999999999999999999999"),
        ("HOOK_SECRET", "two words"),
        ("AWS_ACCESS_KEY_ID", "AKID\n"),
    ] {
        let error = refused(variable, Some(value));
        assert_eq!(error.variable, variable);
        assert!(!error.to_string().contains(value), "{error}");
    }
}
