// The worker's entry on plain workerd, where a variable that the environment lacks is null. On Cloudflare there is no binding then, which is
// what the worker understands.
import Roundel from "./index.js";

export default class extends Roundel {
  /** @param {ExecutionContext} context @param {Record<string, unknown>} env */
  constructor(context, env) {
    super(context, Object.fromEntries(Object.entries(env).filter(([, value]) => value !== null)));
  }
}
