// What a server does, without the types of the DOM.
import { ready, render, type Rendered } from "roundel";
import { ready as readySlim } from "roundel/slim";
import { createStudio } from "roundel/studio";
import { uploadAvatar } from "roundel/upload";

await ready();
await readySlim(new Uint8Array(8));
const made: Rendered = render(new Uint8Array());
const again: Rendered = await createStudio().render(new Uint8Array(), { width: 1 });
export const { url } = await uploadAvatar({ api: "https://avatars.example.com", token: "t", rendered: again });
export { made };
