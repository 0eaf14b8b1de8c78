// Whatever a host hands in, it gets an error that says what is wrong, and goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Examination, Router, checkPolicy, defaultPolicy, explain, policyKeys, replay } from "./engine.mjs";

/** `call` throws a LockwaitError with this code and a message like this. */
function fails(code, message, call) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof Error, String(error));
    assert.deepEqual([error.name, error.code], ["LockwaitError", code], error.stack);
    assert.match(error.message, message);
    return true;
  });
}

/** The instance still does its work. */
function works() {
  const examination = new Examination();
  examination.begin("app.log");
  examination.feed(Buffer.from("2026-11-22 10:00:00 ERROR cannot open C:\\in\\a.pdf: [WinError 32]\n"));
  examination.end();
  assert.equal(examination.lockFailures, 1n);
  assert.equal(JSON.parse(examination.report().json).summary.episodes, 1);
  examination.free();
}

/** What a host may hand in by mistake or malice where a text, a number or an object belongs. */
const strange = [
  undefined,
  null,
  true,
  5,
  NaN,
  -1n,
  2n ** 64n,
  Symbol("s"),
  () => "f",
  {},
  [],
  { length: 1e9 },
  Object.create(null),
  new Proxy({}, { get: () => assert.fail("a getter of the host's throws") }),
];

test("arguments of other types are refused by name, and nothing breaks", () => {
  const examination = new Examination();
  examination.begin("a");
  const report = examination.report();
  const router = new Router();
  for (const value of strange) {
    fails("argument", /^name: it must be a string/, () => examination.begin(value));
    fails("argument", /^bytes: it must be a Uint8Array/, () => examination.feed(value));
    fails("argument", /^why: /, () => examination.broken(value));
    fails("argument", /^policy: /, () => checkPolicy(value));
    fails("argument", /^trace: /, () => replay(value));
    fails("argument", /^code: /, () => explain(value));
    fails("argument", /^episode: /, () => report.whatIf("{}", value === undefined ? null : value));
    fails("argument", /^snapshot: /, () => Router.restore(value));
    fails("argument", /^now: it must be a bigint/, () => router.handleTimeout(value));
    fails("argument", /^id: it must be a bigint/, () => router.cancel(0n, value));
    fails("argument", /^place: /, () => router.submit(0n, value));
    fails("argument", /^outcome: /, () => router.answer(0n, 0n, value));
    fails("argument", /^hint: /, () => router.hint(0n, 0n, value));
    if (value !== undefined) {
      fails("argument", /^policy: /, () => new Examination(value));
      fails("argument", /^policy: /, () => report.html(value));
      fails("argument", /^policy: /, () => replay("", value));
    }
  }
  for (const text of ["", "5", "x".repeat(100)]) {
    fails("argument", /^bytes: it must be a Uint8Array, but is of type string/, () => examination.feed(text));
    fails("argument", /^now: /, () => router.handleTimeout(text));
  }
  works();
});

test("a number that is no index of an episode is refused", () => {
  const report = new Examination().report();
  for (const index of [0, 1, -1, 0.5, Infinity, 2 ** 32, 2 ** 53, "0", 0n]) {
    fails("argument", /^episode: /, () => report.whatIf("{}", index));
  }
});

test("a policy that is none is refused by key, with what is allowed", () => {
  fails("policy", /retry.*length of time/, () => checkPolicy('{"retry": "soon"}'));
  fails("policy", /nearest one is 'retry'/, () => new Examination('{"rety": "1s"}'));
  fails("policy", /line 1/, () => new Router({ policy: "{" }));
  fails("policy", /give_up/, () => new Examination().report().whatIf('{"give_up": "always"}'));
  checkPolicy(defaultPolicy());
});

test("every key of a policy has a default that is allowed", () => {
  const keys = policyKeys();
  assert.deepEqual(keys.map(({ name }) => name), Object.keys(JSON.parse(defaultPolicy())));
  checkPolicy(JSON.stringify(Object.fromEntries(keys.map((key) => [key.name, key.default]))));
  assert.match(keys.find(({ name }) => name === "retry").allowed, /200ms/);
});

test("options of other types are refused", () => {
  fails("argument", /^options: /, () => new Router({ quarantine: "yes" }));
  fails("argument", /^options: /, () => new Router({ seed: -1n }));
  fails("argument", /^options: /, () => new Router(5));
});

test("a text that is no code, trace or snapshot is refused with what is wrong", () => {
  fails("code", /'hello'/, () => explain("hello"));
  fails("trace", /^line 1 is no line of a lockwait.trace\/1 trace/, () => replay("{}"));
  fails("trace", /empty/, () => replay(""));
  fails("snapshot", /not a snapshot/, () => Router.restore("{}"));
});

test("a trace whose outputs differ is refused with the line", () => {
  const router = new Router();
  router.record();
  router.announceStarted(1n);
  const [header, line] = [router.pollTrace(), router.pollTrace()];
  fails("trace", /^line 2: the outputs differ/, () => replay(`${header}\n${line.replace(/"out":"./, '"out":"x')}\n`));
});

test("an explanation has the core's words", () => {
  const { code, name, meaning, cause, advice, otherForms } = explain("0x80070020");
  assert.deepEqual([code, name, cause], ["win32:32", "ERROR_SHARING_VIOLATION", "lock"]);
  assert.match(meaning, /./);
  assert.match(advice, /waits/);
  assert.deepEqual(otherForms, ["32", "0x20", "HRESULT 0x80070020", "-2147024864"]);
  assert.match(explain("16").lookAlike, /^errno:EBUSY /);
  const { name: none, lookAlike } = explain("win32:999999");
  assert.deepEqual([none, lookAlike], [null, null]);
});

test("a call in the wrong order is refused", () => {
  const examination = new Examination();
  fails("order", /^feed: .*begin/, () => examination.feed(new Uint8Array(1)));
  fails("order", /^end: /, () => examination.end());
  fails("order", /^broken: /, () => examination.broken("x"));
  const router = new Router();
  router.announceStarted(0n);
  fails("order", /^record: /, () => router.record());
});

test("an answer that was not asked for is refused, and nothing changes", () => {
  const router = new Router();
  const id = router.submit(0n, { folder: "/in", name: "a" });
  fails("answer", /no answer to the action/, () => router.answer(0n, id, { holders: "not-asked" }));
  fails("answer", /no such pickup/, () => router.answer(0n, 77n, { changed: null }));
  assert.deepEqual(router.pollAction(), { id, kind: "try" });
});

test("a name that leaves the folder is refused", () => {
  const router = new Router();
  for (const name of ["", "../b", "/etc/passwd"]) {
    fails("argument", /^place: name/, () => router.submit(0n, { folder: "/in", name }));
  }
  assert.equal(router.open, 0);
});

test("numbers of 64 bits are neither rounded nor wrapped", () => {
  const router = new Router();
  const late = 2n ** 63n + 3n;
  const id = router.submit(late, { folder: "/in", name: "a" });
  assert.equal(router.view(id).since, late);
  fails("argument", /^id: it must be a bigint from 0n to 18446744073709551615n/, () => router.cancel(0n, id + 2n ** 64n));
  fails("argument", /^outcome: /, () => router.answer(0n, id, { taken: { to: "/x", bytes: 2n ** 64n } }));
  fails("argument", /^outcome: /, () => router.answer(0n, id, { taken: { to: "/x", bytes: 2 ** 60 } }));
});

test("an object that was freed throws, and others go on", () => {
  const examination = new Examination();
  examination.free();
  assert.throws(() => examination.begin("a"), Error);
  assert.throws(() => examination.lockFailures, Error);
  assert.throws(() => examination.report(), Error);
  works();
});

test("a host's getter that throws, or calls back, ends that call alone", () => {
  const router = new Router();
  const own = new Error("mine");
  const thrower = { folder: "/in", get name() { throw own; } };
  fails("argument", /^place: mine/, () => router.submit(0n, thrower));
  const caller = { folder: "/in", get name() { return router.submit(0n, { folder: "/in", name: "b" }) && "a"; } };
  fails("argument", /^place: recursive use/, () => router.submit(0n, caller));
  router.submit(0n, { folder: "/in", name: "c" });
  assert.equal(router.open, 1);
});

test("huge texts are taken or refused, and the instance goes on", () => {
  const huge = "x".repeat(1 << 26);
  const examination = new Examination();
  examination.begin(huge);
  assert.equal(JSON.parse(examination.report().json).inputs[0].name.length, huge.length);
  fails("policy", /line 1, column 1/, () => checkPolicy(huge));
  fails("code", /./, () => explain(huge));
  fails("trace", /^line 1/, () => replay(huge));
  fails("snapshot", /./, () => Router.restore(`${"[".repeat(1 << 20)}`));
  fails("trace", /^line 1/, () => replay(`{"schema":${"[".repeat(1 << 20)}`));
  works();
});

test("a panic is an error with a code; what was made before is gone, and what is made after works", () => {
  // Says that it has ever more bytes: the only way to make the package stumble that these tests know.
  class Liar extends Uint8Array {
    static more = 0;
    get length() {
      return 16 + Liar.more++;
    }
    subarray() {
      return this;
    }
  }
  const [examination, router] = [new Examination(), new Router()];
  examination.begin("a");
  fails("panic", /panicked at/, () => examination.feed(new Liar(1)));
  works();
  assert.throws(() => examination.lockFailures, Error);
  assert.throws(() => router.submit(0n, { folder: "/in", name: "a" }), Error);
  works();
});
