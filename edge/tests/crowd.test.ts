/** Many people who publish large photos at the same moment: the memory of an isolate is for all of them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fixture, startHarness, type Harness } from "./harness.ts";
import { passOn, startS3Proxy, type S3Proxy } from "./s3-proxy.ts";

const PEOPLE = 9;
/** Two of them fit into the 32 MiB of edge/src/publish/room.rs, three do not. */
const PHOTO_BYTES = 12 * 1024 * 1024;

let proxy: S3Proxy;
let harness: Harness;
before(async () => {
  proxy = await startS3Proxy();
  harness = await startHarness({ variables: { S3_ENDPOINT: proxy.url } });
  proxy.leadTo(harness.stack.s3.endpoint);
});
after(async () => {
  await harness?.stop();
  await proxy?.stop();
});

test("nine large photos at once are read two at a time, and all are published", async () => {
  // What stands behind a picture is not looked at, and is not in what is made of it.
  const photo = new Uint8Array(PHOTO_BYTES);
  photo.set(fixture("portrait.jpg"));
  const people = Array.from({ length: PEOPLE }, (_, index) => `crowd-${index}`);
  for (const sub of people) await harness.upload(sub, "jpg", photo);

  let [reading, most, read] = [0, 0, 0];
  proxy.behave(async (exchange) => {
    const isUpload = exchange.method === "GET" && exchange.path.startsWith(`${harness.stack.s3.uploadsBucket}/avatars/`);
    if (!isUpload) return passOn(exchange);
    most = Math.max(most, ++reading);
    read += 1;
    const answer = await exchange.forward();
    await new Promise((resolve) => setTimeout(resolve, 200));
    exchange.answer(answer);
    // The worker has it from here on, and reads on: the next one is to begin later than that.
    reading -= 1;
  });
  const published = await Promise.all(people.map((sub) => harness.post("/avatars/publish", sub)));
  proxy.behave();
  assert.deepEqual(await Promise.all(published.map(async (answer) => [answer.status, ((await answer.json()) as { width: number }).width])), people.map(() => [200, 256]));
  assert.deepEqual([most, read], [2, PEOPLE]);
});
