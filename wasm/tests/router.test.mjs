// A JavaScript host embeds the engine.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Router, replay } from "./engine.mjs";

const SECOND = 1_000_000n;
const START = BigInt(Date.UTC(2026, 10, 22)) * 1000n;
const facts = { size: 7n, modified: 2n ** 63n + 1n, identity: 2n ** 64n - 1n };

/** Everything that a poll gives now. */
function* drain(poll) {
  for (let next = poll(); next !== undefined; next = poll()) {
    yield next;
  }
}

/** Drives `router` from `now` on with these answers to each try, until all files have ended or `until` is reached. */
function drive(router, now, outcome, until = now + 3600n * SECOND) {
  const events = [];
  const actions = [];
  for (;;) {
    for (const action of drain(() => router.pollAction())) {
      actions.push(action);
      router.answer(now, action.id, outcome(action, now));
    }
    events.push(...drain(() => router.pollEvent()));
    const due = router.pollTimeout();
    if (due === undefined || due > until) {
      return { events, actions, now };
    }
    now = due;
    router.handleTimeout(now);
  }
}

/** A file that is locked until `free` and complete then. */
const lockedUntil = (free) => (action, now) => {
  if (action.kind === "identify") {
    return { holders: { found: [{ name: "clamd", pid: 12, access: "read" }] } };
  }
  if (action.kind === "try") {
    return now < free
      ? { refused: { code: "win32:32", facts, method: "share-mode" } }
      : { opened: { facts, content: "complete" } };
  }
  assert.deepEqual(action.kind, { take: { expected: facts } }, "64 bits come back as they went in");
  return { taken: { to: "/out/a.pdf", bytes: 7n } };
};

test("a lock is waited out, and the file is taken the moment it is free", () => {
  const router = new Router({ policy: '{"patience": "30s"}' });
  const id = router.submit(START, { folder: "/in", name: "a.pdf" });
  assert.equal(router.open, 1);
  const free = START + 40n * SECOND;
  const { events, actions, now } = drive(router, START, lockedUntil(free));
  assert.ok(now >= free && now < free + 6n * SECOND, `taken at ${now - START}`);
  assert.ok(actions.some(({ kind }) => kind === "identify"));
  const [held, acquired] = events;
  assert.deepEqual([held.kind, held.id, held.holders], [
    "lock-held",
    id,
    { found: [{ name: "clamd", pid: 12, access: "read", own: false, others: 0 }] },
  ]);
  assert.match(held.text, /held by clamd/);
  assert.deepEqual([acquired.kind, acquired.end, acquired.bytes, acquired.to], ["acquired", "taken", 7n, "/out/a.pdf"]);
  assert.equal(JSON.parse(acquired.json).event, "acquired");
  assert.deepEqual([router.open, router.held, router.pollTimeout()], [0, 0, undefined]);
});

test("a view shows a pickup that waits, and nothing of one that ended", () => {
  const router = new Router();
  const id = router.submit(START, { folder: "/in", name: "a" });
  drive(router, START, lockedUntil(START + SECOND), START);
  const { place, since, heldSince, attempts, code, leader } = router.view(id);
  assert.deepEqual([place, since, heldSince, attempts, code, leader], [
    { folder: "/in", name: "a" },
    START,
    START,
    1,
    "win32:32",
    null,
  ]);
  router.cancel(START, id);
  assert.equal(router.view(id), undefined);
});

test("a snapshot goes on where it was taken", () => {
  const router = new Router();
  router.submit(START, { folder: "/in", name: "a" });
  drive(router, START, lockedUntil(START + SECOND), START);
  const restored = Router.restore(router.snapshot());
  assert.equal(restored.open, 1);
  assert.equal(restored.pollTimeout(), router.pollTimeout());
  const { events } = drive(restored, restored.pollTimeout(), lockedUntil(START + SECOND));
  assert.equal(events.at(-1).end, "taken");
});

test("a hint makes it try at once, and a stop ends what waits", () => {
  const router = new Router();
  const id = router.submit(START, { folder: "/in", name: "a" });
  drive(router, START, lockedUntil(START + SECOND), START);
  router.hint(START + 50_000n, id, "closed");
  assert.deepEqual([...drain(() => router.pollAction())], [{ id, kind: "try" }]);
  router.stop(START + 60_000n);
  router.answer(START + 70_000n, id, { refused: { code: "errno:EAGAIN" } });
  assert.equal(router.open, 0);
});

test("a folder that is lost and found is told so, once each", () => {
  const router = new Router();
  router.folderLost(START, "/in", "win32:53");
  router.folderFound(START + SECOND, "/in");
  const kinds = [...drain(() => router.pollEvent())].map(({ kind, code }) => [kind, code]);
  assert.deepEqual(kinds.map(([kind]) => kind), ["folder-unreachable", "folder-reachable"]);
  assert.equal(kinds[0][1], "win32:53");
});

test("names that are not UTF-8 come back unchanged", () => {
  const router = new Router();
  const place = { folder: "/in", name: { hex: "61ff" } };
  assert.deepEqual(router.view(router.submit(START, place)).place, place);
});

test("a recorded run replays to the same outputs", () => {
  const router = new Router();
  router.record();
  router.announceStarted(START);
  router.submit(START, { folder: "/in", name: "a.pdf" });
  const { events } = drive(router, START, lockedUntil(START + 40n * SECOND));
  const lines = [...drain(() => router.pollTrace())];
  const played = replay(lines.join("\n"));
  assert.deepEqual(played.events, events.map(({ json }) => json));
  assert.deepEqual(played.texts, events.map(({ text }) => text));
  assert.deepEqual([played.inputs, played.open, played.compared], [lines.length - 1, 0, true]);
  assert.match(played.digest, /^[0-9a-f]{16}$/);
  assert.equal(replay(lines.join("\n"), '{"quiet": "1h"}').compared, false);
});
