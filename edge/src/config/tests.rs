use super::*;

/// A complete set of variables, with some replaced; `None` takes one away.
pub(crate) fn read(changes: &[(&str, Option<&str>)]) -> Result<Config, ConfigError> {
    Config::read(|name| {
        if let Some((_, value)) = changes.iter().find(|(changed, _)| *changed == name) {
            return value.map(str::to_owned);
        }
        ordinary(name)
    })
}

fn refused(variable: &str, value: Option<&str>) -> ConfigError {
    read(&[(variable, value)]).err().unwrap_or_else(|| panic!("{variable} was accepted"))
}

#[test]
fn issuer_and_keys_follow_from_the_user_pool() {
    let config = read(&[]).unwrap();
    assert_eq!(config.tokens.issuer, "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123");
    assert_eq!(config.jwks_url.as_str(), format!("{}/.well-known/jwks.json", config.tokens.issuer));
    assert_eq!((config.avatar_size.width(), config.max_upload_bytes), (256, 20_971_520));
    assert_eq!(config.limits.max_pixels, 50_000_000);
}

#[test]
fn another_issuer_needs_no_user_pool() {
    let issuer = "http://127.0.0.1:9000/pool";
    let config = read(&[("JWT_ISSUER", Some(issuer)), ("USER_POOL_ID", None)]).unwrap();
    assert_eq!(config.tokens.issuer, issuer);
    assert_eq!(config.jwks_url.as_str(), "http://127.0.0.1:9000/pool/.well-known/jwks.json");
    let keys = Some("https://keys.example/jwks");
    let config = read(&[("JWT_ISSUER", Some(issuer)), ("JWKS_URL", keys)]).unwrap();
    assert_eq!(config.jwks_url.as_str(), "https://keys.example/jwks");
}

#[test]
fn tokens_are_cognitos_where_there_is_a_pool_and_an_openid_providers_where_there_is_none() {
    let config = read(&[]).unwrap();
    assert_eq!((config.tokens.profile, config.jwt_algorithm), (Profile::Cognito, Algorithm::Rs256));
    assert_eq!((config.tokens.client_ids, config.tokens.audience), (vec!["client".to_owned()], None));
    let other = [
        ("USER_POOL_ID", None),
        ("JWT_ISSUER", Some("https://issuer.example/")),
        ("JWT_ALGORITHM", Some("ES256")),
        ("JWT_AUDIENCE", Some("https://pictures.example")),
        ("CLIENT_ID", Some("web, phone,tv")),
    ];
    let config = read(&other).unwrap();
    assert_eq!((config.tokens.profile, config.jwt_algorithm), (Profile::OpenId, Algorithm::Es256));
    assert_eq!(config.tokens.client_ids, ["web", "phone", "tv"]);
    assert_eq!(config.tokens.audience.as_deref(), Some("https://pictures.example"));
    // The issuer's address may be overridden and the tokens still be a pool's.
    let config = read(&[("JWT_ISSUER", Some("http://127.0.0.1:9000/pool"))]).unwrap();
    assert_eq!(config.tokens.profile, Profile::Cognito);
}

#[test]
fn aws_is_addressed_by_host_and_others_by_path() {
    let base = |changes: &[_]| read(changes).unwrap().uploads.url("", "");
    assert_eq!(base(&[]), "https://uploads.s3.eu-west-1.amazonaws.com/");
    assert_eq!(
        base(&[("AWS_REGION", Some("cn-north-1"))]),
        "https://uploads.s3.cn-north-1.amazonaws.com.cn/"
    );
    assert_eq!(base(&[("UPLOADS_BUCKET_NAME", Some("a.b"))]), "https://s3.eu-west-1.amazonaws.com/a.b");
    assert_eq!(base(&[("S3_ENDPOINT", Some("http://127.0.0.1:9"))]), "http://127.0.0.1:9/uploads");
}

#[test]
fn the_addressing_can_be_chosen() {
    let base = |changes: &[_]| read(changes).map(|config| config.uploads.url("", ""));
    let (host, path) = (("S3_ADDRESSING", Some("virtual")), ("S3_ADDRESSING", Some("path")));
    let endpoint = ("S3_ENDPOINT", Some("https://s3.example"));
    assert_eq!(base(&[endpoint, host]).as_deref(), Ok("https://uploads.s3.example/"));
    assert_eq!(base(&[path]).as_deref(), Ok("https://s3.eu-west-1.amazonaws.com/uploads"));
    assert_eq!(base(&[endpoint, ("S3_ADDRESSING", Some(""))]).as_deref(), Ok("https://s3.example/uploads"));
    for changes in [
        vec![("S3_ADDRESSING", Some("host"))],
        vec![host, ("S3_ENDPOINT", Some("http://127.0.0.1:9000"))],
        vec![host, ("UPLOADS_BUCKET_NAME", Some("a.b"))],
    ] {
        assert_eq!(base(&changes).unwrap_err().variable, "S3_ADDRESSING");
    }
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
        ("CLIENT_ID", "one,,two"),
        ("CLIENT_ID", "one two"),
        ("CLIENT_ID", ","),
        ("JWT_ALGORITHM", "HS256"),
        ("JWT_ALGORITHM", "none"),
        ("JWT_ALGORITHM", "rs256"),
        ("JWT_ALGORITHM", "RS256,ES256"),
        ("JWT_AUDIENCE", "client"),
        ("JWT_AUDIENCE", "two words"),
        ("JWKS_URL", "file:///etc/jwks"),
        ("S3_ENDPOINT", "https://user:password@s3.example"),
        ("S3_ENDPOINT", "https://s3.example/?x=1"),
        ("S3_ENDPOINT", "https://s3.example/a%20b"),
        ("AWS_SESSION_TOKEN", "two words"),
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
        ("RATE_LIMIT_SIGNING", "0"),
        ("RATE_LIMIT_SIGNING", "4294967296"),
        ("RATE_LIMIT_CHANGES", "none"),
        ("RATE_LIMIT_CHANGES", "1/s"),
        ("AWS_ACCESS_KEY_ID", "AKID\n"),
    ] {
        let error = refused(variable, Some(value));
        assert_eq!(error.variable, variable);
        assert!(!error.to_string().contains(value), "{error}");
    }
}

#[test]
fn rates_are_a_number_a_minute_or_off() {
    let rates = |changes: &[_]| {
        let RateLimits { signing, changes } = read(changes).unwrap().rate_limits;
        [signing, changes].map(|rate| rate.map(|rate| rate.per_minute.get()))
    };
    assert_eq!(rates(&[]), [Some(30), Some(20)]);
    let changed = [("RATE_LIMIT_SIGNING", Some("5")), ("RATE_LIMIT_CHANGES", Some("off"))];
    assert_eq!(rates(&changed), [Some(5), None]);
    assert_eq!(
        rates(&[("RATE_LIMIT_SIGNING", Some("")), ("RATE_LIMIT_CHANGES", None)]),
        [Some(30), Some(20)]
    );
}
