import { ready, render } from "roundel";
import { createStudio } from "roundel/studio";

async function make() {
  const photo = await (await fetch("/photo.jpg")).blob();
  await ready();
  const studio = createStudio();
  const { sha256: offThread } = await studio.render(photo);
  studio.close();
  const { sha256: onThread } = render(new Uint8Array(await photo.arrayBuffer()));
  return { onThread, offThread };
}

make().then(
  (made) => (document.documentElement.dataset.made = JSON.stringify(made)),
  (error) => (document.documentElement.dataset.made = String(error)),
);
