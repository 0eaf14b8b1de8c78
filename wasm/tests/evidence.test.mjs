// Evidence in, verdicts out: the same as the command gives.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Examination, kinds } from "./engine.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The command, which `cargo xtask page --test` builds. */
const lockwait = process.env.LOCKWAIT ?? assert.fail("LOCKWAIT must name the command");

/** Files of our own making: logs of several formats, and much that is none. The binary formats are tested with the page. */
const inputs = ["docs/sample.log"].concat(
  readdirSync(`${root}/fuzz/corpus`).flatMap((target) =>
    readdirSync(`${root}/fuzz/corpus/${target}`).map((name) => `fuzz/corpus/${target}/${name}`),
  ),
);

/** Feeds `bytes` in pieces of this size. */
function feed(examination, name, bytes, piece = bytes.length || 1) {
  examination.begin(name);
  for (let at = 0; at < bytes.length; at += piece) {
    examination.feed(bytes.subarray(at, at + piece));
  }
  examination.end();
}

/** The report on one text log with these lines. */
function reportOn(...lines) {
  const examination = new Examination();
  feed(examination, "app.log", Buffer.from(lines.join("\n")));
  return examination.report();
}

const refused = (at) => `${at} ERROR cannot open C:\\in\\a.pdf: [WinError 32] The process cannot access the file`;

test("the report on each file, however its bytes come, is that of lockwait diagnose --json, byte for byte", () => {
  const formats = new Set();
  for (const input of inputs) {
    const expected = execFileSync(lockwait, ["diagnose", "--json", input], { cwd: root, encoding: "utf8" });
    const bytes = readFileSync(`${root}/${input}`);
    for (const piece of [1, 7, 4096, bytes.length]) {
      const examination = new Examination();
      feed(examination, input, bytes, piece || 1);
      assert.equal(`${examination.report().json}\n`, expected, `${input} in pieces of ${piece}`);
      examination.free();
    }
    formats.add(JSON.parse(expected).inputs[0].format);
  }
  for (const format of ["text", "event-csv", "lockwait-trace", "unknown"]) {
    assert.ok(formats.has(format), `${format} is among ${[...formats]}`);
  }
});

test("several inputs give one report, as the command gives for the same files", () => {
  const words = ["diagnose", "--json", ...inputs];
  const expected = execFileSync(lockwait, words, { cwd: root, encoding: "utf8" });
  const examination = new Examination();
  inputs.forEach((input) => feed(examination, input, readFileSync(`${root}/${input}`)));
  assert.equal(`${examination.report().json}\n`, expected);
});

test("packed bytes give what the plain ones give", () => {
  const examination = new Examination();
  const plain = readFileSync(`${root}/docs/sample.log`);
  feed(examination, "packed", gzipSync(plain), 1000);
  assert.equal(examination.lockFailures, BigInt(JSON.parse(reportOn(plain.toString()).json).summary.lock_failures));
});

test("more bytes than are taken over at a time are all read", () => {
  const examination = new Examination();
  const line = "2026-11-22 10:00:00 INFO nothing happens here\n";
  const bytes = Buffer.from(line.repeat(30_000) + refused("2026-11-22 10:00:01"));
  feed(examination, "long.log", bytes);
  const [input] = JSON.parse(examination.report().json).inputs;
  assert.equal(input.bytes, bytes.length);
  assert.equal(examination.lockFailures, 1n);
});

test("what came before an input broke off is kept, and the report says where it broke", () => {
  const examination = new Examination();
  examination.begin("app.log");
  examination.feed(Buffer.from(`${refused("2026-11-22 10:00:00")}\n`));
  examination.broken("the drive was removed");
  const report = JSON.parse(examination.report().json);
  assert.equal(report.summary.lock_failures, 1);
  assert.match(report.inputs[0].warnings.join(), /the drive was removed/);
});

test("a report can be asked for between feeds, and does not change with what follows", () => {
  const examination = new Examination();
  examination.begin("app.log");
  examination.feed(Buffer.from(`${refused("2026-11-22 10:00:00")}\n`.repeat(3000)));
  const early = examination.report();
  const before = early.json;
  assert.equal(examination.format, "text");
  examination.feed(Buffer.from(`${refused("2026-11-22 10:00:09")}\n`));
  examination.end();
  assert.equal(early.json, before);
  assert.notEqual(examination.report().json, before);
});

test("times of attempts are bigints, one episode after another", () => {
  const second = 1_000_000n;
  const start = BigInt(Date.UTC(2026, 10, 22, 10)) * 1000n;
  const report = reportOn(refused("2026-11-22 10:00:00"), refused("2026-11-22 10:00:01"));
  assert.deepEqual(report.ticks, BigUint64Array.of(start, start + second));
  assert.deepEqual(report.tickOffsets, Uint32Array.of(0, 2));
});

test("every kind of a verdict has its words", () => {
  const known = kinds();
  const { verdict } = JSON.parse(reportOn(refused("2026-11-22 10:00:00")).json).episodes[0];
  const words = known.find(({ name }) => name === verdict.kind);
  assert.match(words.meaning, /holds the file/);
  assert.ok(known.every(({ name, meaning, remedy }) => name && meaning && remedy.endsWith(".")));
});

test("what-if runs the engine: a slower policy asks less often", () => {
  const lines = Array.from({ length: 30 }, (_, n) => refused(`2026-11-22 10:00:${String(n).padStart(2, "0")}`));
  const report = reportOn(...lines);
  const [slow, fast] = ["10s", "200ms"].map((retry) => report.whatIf(JSON.stringify({ retry, retry_cap: "10s" }), 0));
  assert.equal(typeof slow.attempts[0], "bigint");
  assert.ok(slow.attempts[1] < fast.attempts[0], `${slow.attempts} and ${fast.attempts}`);
  assert.deepEqual(report.whatIf('{"retry": "10s", "retry_cap": "10s"}'), slow, "one episode is all of them");
});

test("the HTML report shows text of the evidence as text", () => {
  const html = reportOn("2026-11-22 10:00:00 ERROR cannot open C:\\<script>alert(1)</script>.pdf: [WinError 32]").html();
  assert.match(html, /^<!doctype html>/);
  assert.doesNotMatch(html, /<script/);
});
