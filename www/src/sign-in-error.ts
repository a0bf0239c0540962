/** Signing in did not come to its end. `code` says where it stopped. */
export class SignInError extends Error {
  override readonly name = "SignInError";
  readonly code: "issuer_unreachable" | "refused" | "failed";

  constructor(code: SignInError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
