import { readFile } from "node:fs/promises";
import { ready, render } from "roundel";
import * as slim from "roundel/slim";
import { createStudio } from "roundel/studio";
import { uploadAvatar } from "roundel/upload";

const photo = await readFile(process.argv[2]);
await slim.ready(await readFile(new URL(import.meta.resolve("roundel/roundel.wasm"))));
await ready();
if (slim.render !== render || typeof uploadAvatar !== "function") throw new Error("the entries are not of one piece");
const { sha256: onThread } = render(photo);
const { sha256: offThread } = await createStudio().render(photo);
console.log(JSON.stringify({ onThread, offThread }));
