import { ready, render } from "roundel";
import { createStudio } from "roundel/studio";
import { uploadAvatar } from "roundel/upload";

export default {
  async fetch(request) {
    await ready();
    const photo = new Uint8Array(await request.arrayBuffer());
    const { sha256: onThread } = render(photo);
    const { sha256: offThread } = await createStudio().render(photo);
    return Response.json({ onThread, offThread, upload: typeof uploadAvatar });
  },
};
