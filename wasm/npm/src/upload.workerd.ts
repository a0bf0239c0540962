/** `upload.ts` for Workers runtimes. */
import "./provide.workerd.ts";

export * from "./upload.ts";
