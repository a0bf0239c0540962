/** `studio.ts` for Workers runtimes. */
import "./provide.workerd.ts";

export * from "./studio.ts";
