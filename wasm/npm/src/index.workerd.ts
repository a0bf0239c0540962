/** `index.ts` for Workers runtimes. */
import "./provide.workerd.ts";

export * from "./index.ts";
