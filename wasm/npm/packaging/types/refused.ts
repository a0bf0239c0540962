// What must not compile; each line below a mark is wrong in one way.
import { defaultPicture, inspect, ready, render, renderPixels, RoundelError, type Limits, type Recipe } from "roundel";
import { RoundelEditor } from "roundel/editor";
import { ready as readySlim } from "roundel/slim";
import { createStudio } from "roundel/studio";
import { uploadAvatar, UploadError } from "roundel/upload";

const bytes = new Uint8Array();
const made = render(bytes);
const studio = createStudio();

export const recipes: Recipe[] = [
  // @ts-expect-error not one of the four
  { rotate: 45 },
  // @ts-expect-error a misspelled member
  { heigth: 1 },
  // @ts-expect-error a number as text
  { width: "128" },
  // @ts-expect-error not one of the two
  { fit: "fill" },
  // @ts-expect-error no format that is written
  { format: "avif" },
  // @ts-expect-error half a crop
  { crop: { x: 0, y: 0 } },
  // @ts-expect-error null is no default
  { quality: null },
];
// @ts-expect-error a misspelled limit
export const limits: Limits = { maxPixel: 1 };
// @ts-expect-error a file is for the studio
render(new Blob());
// @ts-expect-error bytes are no list of numbers
inspect([0xff, 0xd8]);
// @ts-expect-error the memory itself is no view of it
inspect(new ArrayBuffer(8));
// @ts-expect-error no picture of this kind
defaultPicture({ kind: "robot" });
// @ts-expect-error pixels without a size
renderPixels({ data: new Uint8ClampedArray(4) });
// @ts-expect-error a number is no address
ready(7);
// @ts-expect-error slim brings no module of its own
readySlim();
// @ts-expect-error made up
new RoundelError("too_ugly", "");
// @ts-expect-error made up
new UploadError("too_ugly", "");
// @ts-expect-error the studio answers later
studio.render(bytes).sha256;
// @ts-expect-error an address is no photo
studio.render("/me.jpg");
// @ts-expect-error the signal, not its controller
studio.render(bytes, {}, { signal: new AbortController() });
// @ts-expect-error neither an address nor bytes nor a module
createStudio({ wasm: true });
// @ts-expect-error without a token
uploadAvatar({ api: "https://avatars.example.com", rendered: made });
// @ts-expect-error bytes without their hash and type
uploadAvatar({ api: "https://avatars.example.com", token: "t", rendered: { bytes } });
// @ts-expect-error no such kind
new RoundelEditor().kind = "poster";
// @ts-expect-error no such label
new RoundelEditor().labels = { shout: "!" };
// @ts-expect-error results are not to be changed in their kind
made.source = "camera";
