/** The page in Firefox and WebKit, with the whole stack behind it: from signing in to the changed picture. What is not installed is left out. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ready, render, type Recipe } from "roundel";
import type { RoundelEditor } from "roundel/editor";
import { isSeen, seen, until, type Engine, type Place, type Tab } from "../../infra/browsers/engine.ts";
import { FIREFOX_TEST_CAMERA, startFirefox } from "../../infra/browsers/firefox.ts";
import { candidates } from "../../infra/browsers/installed.ts";
import { buildAvatar } from "../../infra/build/avatar.ts";
import { startStack, type Stack } from "../../infra/local/stack.ts";
import { assertSameBytes, fixture } from "./person.ts";

/** Where the pictures of the page are left, for people to look at. */
const SCREENSHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));

/** Protection against fingerprinting: among others, what is read from a canvas is noise. */
const RESISTING = { "privacy.resistFingerprinting": true, ...FIREFOX_TEST_CAMERA };

const byId = (id: string): Place => [`[data-testid="${id}"]`];
const part = (name: string): Place => ["roundel-editor", `[part~="${name}"]`];

const engines = candidates();

let stateDirectory: string;
let stack: Stack;
let avatar: string;

before(async () => {
  if (engines.every(({ leftOut }) => leftOut)) return;
  stateDirectory = await mkdtemp(join(tmpdir(), "roundel-browsers-"));
  await mkdir(SCREENSHOTS, { recursive: true });
  await ready();
  avatar = await buildAvatar();
  stack = await startStack({ stateDirectory });
});

after(async () => {
  await stack?.stop();
  if (stateDirectory) await rm(stateDirectory, { recursive: true, force: true });
});

/** What native code makes of a photo. */
async function native(photo: string, recipe: Recipe): Promise<Uint8Array> {
  const out = join(stateDirectory, "native");
  await promisify(execFile)(avatar, [photo, "--recipe", JSON.stringify(recipe), "--out", out]);
  return readFile(out);
}

async function signIn(tab: Tab): Promise<void> {
  await tab.goto(stack.origin);
  await until(tab, "the page", () => document.querySelector("main")?.dataset["view"] !== "starting");
  if (await isSeen(tab, byId("sign-in"))) await tab.click(byId("sign-in"));
  await seen(tab, byId("choose"));
}

/** Goes to the editor, whose file dialog opens by itself, and gives it a photo. */
async function offer(tab: Tab, name: string): Promise<void> {
  if (!(await isSeen(tab, ["roundel-editor"]))) await tab.click(byId("choose"));
  await seen(tab, ["roundel-editor"]);
  await tab.choose(part("file"), fileURLToPath(fixture(name)));
}

async function choose(tab: Tab, name: string): Promise<void> {
  await offer(tab, name);
  await settled(tab);
}

/** Waits until the finished picture of what the mask shows is there. */
async function settled(tab: Tab): Promise<void> {
  await until(tab, "the finished picture", () => {
    const facts = document.querySelector("roundel-editor")?.shadowRoot?.querySelector('[part~="facts"]');
    return facts?.checkVisibility() && /kB/.test(facts.textContent ?? "");
  });
}

async function notice(tab: Tab): Promise<string> {
  await seen(tab, part("notice"));
  return tab.run(() => document.querySelector("roundel-editor")?.shadowRoot?.querySelector('[part~="notice"]')?.textContent ?? "");
}

const recipeOf = (tab: Tab): Promise<Recipe | undefined> => tab.run(() => document.querySelector<RoundelEditor>("roundel-editor")?.recipe);

/**
 * Saves; gives the recipe that the editor states, the photo that it has, and the file that arrived at the storage. The page has to show what the edge
 * made of that very file, everywhere.
 */
async function save(tab: Tab): Promise<{ recipe: Recipe; photo: Uint8Array; arrived: Uint8Array }> {
  await tab.run(() => {
    document.querySelector<RoundelEditor>("roundel-editor")?.addEventListener("roundel-save", ({ detail }) => {
      const reader = new FileReader();
      reader.onload = () => Object.assign(window, { saved: { recipe: detail.recipe, photo: reader.result } });
      reader.readAsDataURL(detail.file);
    }, { once: true });
  });
  await tab.click(part("save"));
  await until(tab, "the end of saving", () => document.querySelector("main")?.dataset["view"] === "profile");
  const { recipe, photo } = await tab.run(() => (window as unknown as { saved: { recipe: Recipe; photo: string } }).saved);
  const arrived = await readFile(join(stateDirectory, "s3", stack.s3.uploadsBucket, "avatars", "local-user.jpg"));
  const version = render(arrived, { width: recipe.width, height: recipe.height, quality: 90 }).sha256.slice(0, 16);
  await until(tab, `the picture ${version} at every place`, (version) => {
    const images = [...document.querySelectorAll<HTMLImageElement>('img[data-picture="avatar"]')];
    return images.length === 3 && images.every((image) => image.currentSrc.includes(`/${version}/`) && image.complete && image.naturalWidth > 0 && image.checkVisibility());
  }, version);
  return { recipe, photo: Buffer.from(photo.slice(photo.indexOf(",") + 1), "base64"), arrived };
}

/** As extensions against fingerprinting do: whatever is read from a canvas has noise in it. */
function makeCanvasesNoisy(): void {
  const noisy = (data: Uint8ClampedArray): void => data.forEach((value, at) => (data[at] = value ^ ((at * 2_654_435_761) >>> 25)));
  for (const kind of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    const { getImageData } = kind.prototype as CanvasRenderingContext2D;
    kind.prototype.getImageData = function (this: CanvasRenderingContext2D, ...given: Parameters<typeof getImageData>) {
      const read = getImageData.apply(this, given);
      noisy(read.data);
      return read;
    } as typeof getImageData;
  }
  const blank = new Blob(["noise"]);
  HTMLCanvasElement.prototype.toBlob = (take) => take(blank);
  HTMLCanvasElement.prototype.toDataURL = () => "data:,noise";
  OffscreenCanvas.prototype.convertToBlob = async () => blank;
}

for (const { name, start, leftOut } of engines) {
  describe(`the page in ${name}`, { skip: leftOut ?? false }, () => {
    let engine: Engine;
    let tab: Tab;

    before(async () => {
      engine = await start();
      tab = engine.tab;
    });

    after(() => engine?.close());

    const look = async (view: string): Promise<void> => writeFile(`${SCREENSHOTS}${name}, ${view}.png`, await tab.screenshot());

    it("makes a photo from the disk, placed by keyboard, the picture of the person", async () => {
      await signIn(tab);
      await look("profile");
      await choose(tab, "portrait.jpg");
      await look("editing");
      assert.deepEqual(await recipeOf(tab), { crop: { x: 0, y: 80, width: 480, height: 480 }, width: 480, height: 480, format: "jpeg", quality: 90 });
      // The stage has the focus.
      await tab.press("+");
      await tab.press("ArrowRight", { shift: true });
      await tab.press("]");
      const placed = await recipeOf(tab);
      assert.equal(placed?.rotate, 90);
      assert.equal(placed.crop?.width, 436);
      const { recipe, arrived } = await save(tab);
      await look("saved");
      assert.deepEqual(recipe, placed);
      assertSameBytes(arrived, await native(fileURLToPath(fixture("portrait.jpg")), recipe), "what arrived and what native code makes");
    });

    it("makes the very same of a photo placed by mouse where canvases give noise", async () => {
      await signIn(tab);
      await tab.run(makeCanvasesNoisy);
      await choose(tab, "exif-6.jpg");
      const before = await recipeOf(tab);
      await tab.click(part("zoom-in"));
      await tab.click(part("turn-left"));
      await tab.click(part("flip"));
      await tab.drag(part("stage"), { x: 40, y: -25 });
      await settled(tab);
      const { recipe, arrived } = await save(tab);
      assert.deepEqual([recipe.rotate, recipe.flip], [270, true]);
      assert.notDeepEqual([recipe.crop?.x, recipe.crop?.y], [before?.crop?.x, before?.crop?.y]);
      assertSameBytes(arrived, await native(fileURLToPath(fixture("exif-6.jpg")), recipe), "what arrived and what native code makes");
    });

    it("opens photos that only the browser decodes, the right way up, and refuses in words what it cannot", async () => {
      await signIn(tab);
      await offer(tab, "p3.heic");
      assert.match(await notice(tab), /cannot open photos of this kind/);
      await look("refused");
      // Its pixels are stored on their side.
      await choose(tab, "exif-6.avif");
      assert.deepEqual((await recipeOf(tab))?.crop, { x: 0, y: 15, width: 90, height: 90 });
      await save(tab);
    });

    it("takes a dropped photo", async () => {
      await signIn(tab);
      await tab.run(async (photo) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(photo)], "me.jpg", { type: "image/jpeg" }));
        document.querySelector("main")?.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true, composed: true }));
      }, [...await readFile(fixture("portrait.jpg"))]);
      await seen(tab, ["roundel-editor"]);
      await settled(tab);
    });

    it("takes a picture with the camera", { skip: name === "WebKit" && "Debian's WebKitGTK has no test camera without GStreamer's plugins" }, async () => {
      await signIn(tab);
      await tab.click(byId("choose"));
      await seen(tab, part("use-camera"));
      await tab.click(part("use-camera"));
      await seen(tab, part("take-picture"));
      await until(tab, "the camera's picture", () => (document.querySelector("roundel-editor")?.shadowRoot?.querySelector("video")?.videoWidth ?? 0) > 0);
      await look("camera");
      await tab.click(part("take-picture"));
      await seen(tab, part("use-picture"));
      await tab.click(part("use-picture"));
      await settled(tab);
      const { recipe, photo, arrived } = await save(tab);
      const file = join(stateDirectory, "camera.jpg");
      await writeFile(file, photo);
      assertSameBytes(arrived, await native(file, recipe), "what arrived and what native code makes of the camera's picture");
    });

    it("has nothing sticking out or covered on the narrowest window", async () => {
      await tab.resize({ width: 320, height: 640 });
      await signIn(tab);
      const faults = (): Promise<string[]> => tab.run(() => {
        const found = document.documentElement.scrollWidth > innerWidth ? [`${document.documentElement.scrollWidth} pixels wide, of ${innerWidth}`] : [];
        const roots = [document, document.querySelector("roundel-editor")?.shadowRoot].filter((root) => root != null);
        for (const button of roots.flatMap((root) => [...root.querySelectorAll("button")])) {
          if (!button.checkVisibility() || button.disabled) continue;
          button.scrollIntoView({ block: "center" });
          const { left, right, top, bottom } = button.getBoundingClientRect();
          // Where the words are; the corners are round.
          for (const [x, y] of [[left + 20, bottom - 12], [(left + right) / 2, (top + bottom) / 2], [right - 20, top + 12]] as const) {
            const root = button.getRootNode() as Document | ShadowRoot;
            const hit = root.elementFromPoint(x, y);
            if (hit === null || !button.contains(hit)) found.push(`${button.textContent || button.getAttribute("aria-label")} is covered by ${hit?.outerHTML.slice(0, 60)}`);
          }
        }
        scrollTo(0, 0);
        return found;
      });
      assert.deepEqual(await faults(), []);
      await look("narrow");
      await choose(tab, "portrait.jpg");
      assert.deepEqual(await faults(), []);
      await look("narrow, editing");
    });

    it("complains of nothing", async () => {
      // Of a person who has no profile and no picture yet there is nothing, which the console tells.
      assert.deepEqual((await engine.tab.complaints()).filter((one) => !/404|HEIC/.test(one)), []);
    });
  });
}

const firefox = engines.find(({ name }) => name === "Firefox");

describe("the page in a Firefox that resists fingerprinting", { skip: firefox?.leftOut ?? false }, () => {
  let engine: Engine;
  let tab: Tab;

  before(async () => {
    engine = await startFirefox({ preferences: RESISTING });
    tab = engine.tab;
  });

  after(() => engine?.close());

  it("makes the picture that native code makes", async () => {
    await signIn(tab);
    await choose(tab, "portrait.jpg");
    await tab.press("+");
    const { recipe, arrived } = await save(tab);
    assertSameBytes(arrived, await native(fileURLToPath(fixture("portrait.jpg")), recipe), "what arrived and what native code makes");
  });

  it("refuses a photo whose pixels it could only have as noise", async () => {
    await signIn(tab);
    await offer(tab, "plain.avif");
    assert.match(await notice(tab), /cannot open photos of this kind/);
    await choose(tab, "portrait.jpg");
  });

  it("says why there is no camera, rather than to take a picture of noise", async () => {
    await signIn(tab);
    await tab.click(byId("choose"));
    await seen(tab, part("use-camera"));
    await tab.click(part("use-camera"));
    assert.match(await notice(tab), /camera.*choose a photo/i);
  });
});
