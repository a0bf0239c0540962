# The built worker (`npm run build`) on machines of one's own, without Cloudflare: docs/deploy.md, "On machines of your own".
#   workerd serve infra/workerd/config.capnp publicStorage    where S3 and the issuer have public addresses
#   workerd serve infra/workerd/config.capnp privateStorage   where one of them has a private one: a MinIO in the same network
# Variables and secrets come from the environment; worker.env.example has them all.
using Workerd = import "/workerd/workerd.capnp";

const publicStorage :Workerd.Config = (
  services = [.roundel, .cache, (name = "internet", network = .publicNetwork)],
  sockets = [.http],
);

const privateStorage :Workerd.Config = (
  services = [.roundel, .cache, (name = "internet", network = .anyNetwork)],
  sockets = [.http],
);

# What the worker may connect to. It asks addresses of its configuration only, but there is no harm in a second bolt.
const publicNetwork :Workerd.Network = (allow = ["public"], tlsOptions = (trustBrowserCas = true));
const anyNetwork :Workerd.Network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true));

# On loopback: a proxy in front speaks TLS and serves the page. `--socket-addr http=...` moves it.
const http :Workerd.Socket = (
  name = "http",
  address = "127.0.0.1:8787",
  # The proxy has to set it, or to remove what a client sent: URLs in answers begin with it.
  http = (forwardedProtoHeader = "x-forwarded-proto"),
  service = "roundel",
);

const roundel :Workerd.Service = (
  name = "roundel",
  worker = (
    modules = [
      (name = "main.js", esModule = embed "main.js"),
      (name = "index.js", esModule = embed "../../edge/build/index.js"),
      (name = "index_bg.wasm", wasm = embed "../../edge/build/index_bg.wasm"),
    ],
    # The same as in edge/wrangler.toml.
    compatibilityDate = "2026-06-01",
    cacheApiOutbound = "cache",
    bindings = [
      (name = "USER_POOL_ID", fromEnvironment = "USER_POOL_ID"),
      (name = "CLIENT_ID", fromEnvironment = "CLIENT_ID"),
      (name = "JWT_ISSUER", fromEnvironment = "JWT_ISSUER"),
      (name = "JWKS_URL", fromEnvironment = "JWKS_URL"),
      (name = "JWT_ALGORITHM", fromEnvironment = "JWT_ALGORITHM"),
      (name = "JWT_AUDIENCE", fromEnvironment = "JWT_AUDIENCE"),
      (name = "UPLOADS_BUCKET_NAME", fromEnvironment = "UPLOADS_BUCKET_NAME"),
      (name = "ASSETS_BUCKET_NAME", fromEnvironment = "ASSETS_BUCKET_NAME"),
      (name = "AWS_REGION", fromEnvironment = "AWS_REGION"),
      (name = "S3_ENDPOINT", fromEnvironment = "S3_ENDPOINT"),
      (name = "S3_ADDRESSING", fromEnvironment = "S3_ADDRESSING"),
      (name = "ALLOWED_ORIGINS", fromEnvironment = "ALLOWED_ORIGINS"),
      (name = "AVATAR_SIZE", fromEnvironment = "AVATAR_SIZE"),
      (name = "MAX_PIXELS", fromEnvironment = "MAX_PIXELS"),
      (name = "MAX_UPLOAD_BYTES", fromEnvironment = "MAX_UPLOAD_BYTES"),
      (name = "RATE_LIMIT_SIGNING", fromEnvironment = "RATE_LIMIT_SIGNING"),
      (name = "RATE_LIMIT_CHANGES", fromEnvironment = "RATE_LIMIT_CHANGES"),
      (name = "AWS_ACCESS_KEY_ID", fromEnvironment = "AWS_ACCESS_KEY_ID"),
      (name = "AWS_SECRET_ACCESS_KEY", fromEnvironment = "AWS_SECRET_ACCESS_KEY"),
      (name = "AWS_SESSION_TOKEN", fromEnvironment = "AWS_SESSION_TOKEN"),
      (name = "HOOK_SECRET", fromEnvironment = "HOOK_SECRET"),
    ],
  ),
);

const cache :Workerd.Service = (
  name = "cache",
  worker = (
    modules = [(name = "cache.js", esModule = embed "cache.js")],
    compatibilityDate = "2026-06-01",
    bindings = [(name = "CACHE_BYTES", fromEnvironment = "CACHE_BYTES")],
  ),
);
