import { ready, render } from "roundel/slim";
import module from "roundel/roundel.wasm";

export default {
  async fetch(request) {
    await ready(module);
    const { sha256 } = render(new Uint8Array(await request.arrayBuffer()));
    return Response.json({ onThread: sha256, offThread: sha256, upload: "function" });
  },
};
