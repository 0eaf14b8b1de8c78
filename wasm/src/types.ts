/**
 * What is thrown by every call here. `code` is a stable word:
 *
 * - `argument`: an argument is not what it must be; the message begins with its name
 * - `policy`: a policy that is none; the message names the key and what is allowed
 * - `code`, `trace`, `snapshot`: a text that is none
 * - `answer`: an answer to an action that was not asked for; nothing has changed
 * - `order`: a call that does not fit what was called before
 * - `panic`: a defect of ours, which please report. What was made before it is lost: calls on those objects throw. New
 *   ones work
 *
 * Two things throw errors without a `code`: a call on an object that was freed (`Error`), and running out of memory
 * (`WebAssembly.RuntimeError`; end the worker then).
 */
export interface LockwaitError extends Error {
  readonly name: "LockwaitError";
  readonly code: "argument" | "policy" | "code" | "trace" | "snapshot" | "answer" | "order" | "panic";
}

/** Microseconds since 1970 UTC. */
export type Micros = bigint;

/** From the least there can have been to the most: a release is often only known to lie between two attempts. */
export type Range = readonly [least: bigint, most: bigint];

/** A kind of verdict, for people. */
export interface KindWords {
  /** The word in reports: `writer-finishing`. */
  readonly name: string;
  /** What it means. */
  readonly meaning: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** What a policy would have made of one lock, or of several together. */
export interface WhatIf {
  readonly attempts: Range;
  readonly refusals: Range;
  /** Written to the event log: 6067 with its reminders, 6066. */
  readonly events: Range;
  /** From the first refusal to the file being had, in microseconds; null while it never was. */
  readonly waitedUs: Range | null;
}

/** One key of a policy. */
export interface PolicyKey {
  readonly name: string;
  /** The default in its written form, as the JSON of a policy takes it. */
  readonly default: string;
  /** What it allows, in words. */
  readonly allowed: string;
}

/** What a code means. */
export interface Explanation {
  /** Its canonical form: `win32:32`. */
  readonly code: string;
  /** `ERROR_SHARING_VIOLATION`; null where no table has it. */
  readonly name: string | null;
  readonly meaning: string;
  /** The class of trouble: `lock`, `unreachable`, … */
  readonly cause: string;
  /** What Lockwait does about it. */
  readonly advice: string;
  /** The other ways in which logs and programs write it: `32`, `0x20`, `HRESULT 0x80070020`, `-2147024864`. */
  readonly otherForms: readonly string[];
  /** What a Win32 error is easily taken for, in words: the errno of the same number; null where there is none. */
  readonly lookAlike: string | null;
}

/** What a replay gave. */
export interface Replay {
  /** The events as `lockwait watch --json` writes them. */
  readonly events: readonly string[];
  /** The same events in words. */
  readonly texts: readonly string[];
  /** How many inputs were replayed. */
  readonly inputs: number;
  /** The digest of all outputs, 16 hex digits: the same on every system. */
  readonly digest: string;
  /** How many pickups had not ended at the end of the trace. */
  readonly open: number;
  /** Every output was compared with the one recorded, and is the same. */
  readonly compared: boolean;
}

/** A file's or folder's name: text, or the bytes in hex where it is not UTF-8 (WTF-8 for unpaired surrogates). */
export type Name = string | { readonly hex: string };

/** Where a file is. */
export interface Place {
  readonly folder: Name;
  /** Its name in the folder. */
  readonly name: Name;
}

/** What a look at a file says about it, apart from its content. */
export interface Facts {
  /** In bytes. */
  readonly size: bigint;
  /** Time of last modification in nanoseconds since 1970 UTC; 0n when unknown. Only compared with itself. */
  readonly modified: bigint;
  /** A number that another file in the same place would not share; 0n when unknown. */
  readonly identity: bigint;
}

/** What a holder may do with the file. */
export type Access = "unknown" | "read" | "write" | "read-write";

/** How a probe came to its answer. */
export type Method = "unknown" | "open" | "share-mode" | "lease" | "record-lock" | "flock" | "stability";

/** A notice that trying now may pay. Never proof. */
export type Hint = "closed" | "renamed" | "changed" | "seen" | "removed";

/** A successful look: nobody stands in the way. */
export interface Look {
  readonly facts: Facts;
  /** Whether the content proves its own end; left out: unknown. */
  readonly content?: "unknown" | "complete" | "incomplete";
  readonly method?: Method;
  /** The files this one names and travels with. */
  readonly companions?: readonly Place[];
}

/** A refused attempt. */
export interface Refusal {
  /** What it failed with, in any form that `explain` reads: `win32:32`, `errno:EAGAIN`. */
  readonly code: string;
  /** The one file, or the whole folder; left out: the file. */
  readonly scope?: "file" | "folder";
  readonly facts?: Facts | null;
  readonly access?: Access;
  readonly method?: Method;
}

/** One process or session that has the file open. */
export interface Holder {
  readonly name?: string;
  readonly pid?: number;
  readonly address?: string;
  readonly access?: Access;
  /** The kind of lock it holds, or its share mode. */
  readonly share?: string;
  /** It is the very program that asks. */
  readonly own?: boolean;
  /** It runs as the user who owns the file. */
  readonly owner?: boolean;
  /** How many other files of the same folder it has open. */
  readonly others?: number;
  readonly from?: Micros;
  readonly to?: Micros;
}

/** The answer to "who holds it?": asked and found these, could not ask because of this code, not asked. */
export type Holders = "not-asked" | { readonly found: readonly Holder[] } | { readonly "could-not-ask": string };

/** Something the host is asked to do, and to answer once. */
export interface Action {
  /** The pickup to answer for. */
  readonly id: bigint;
  /**
   * - `try`: look and probe. Answers: `opened`, `refused`, `rejected`; for a companion that an earlier run already
   *   took, `taken`
   * - `take`: take the whole file if it still is as expected. Answers: `taken`, `refused`, `changed`, `rejected`
   * - `identify`: find out who holds it. Answer: `holders`
   * - `quarantine`: move it to the bad folder. Answers: `quarantined`, `refused`
   */
  readonly kind: "try" | { readonly take: { readonly expected: Facts } } | "identify" | "quarantine";
}

/** What came of an action. */
export type Outcome =
  | { readonly opened: Look }
  | { readonly refused: Refusal }
  | { readonly taken: { readonly to: Name; readonly bytes: bigint } }
  | { readonly changed: Facts | null }
  | { readonly holders: Holders }
  | { readonly rejected: string }
  | { readonly quarantined: Name };

/** Why a file was held. */
export interface Verdict {
  readonly advice: "ignore" | "act" | "cannot-tell";
  readonly kind:
    | "none"
    | "writer-finishing"
    | "writer-stalled"
    | "scanner"
    | "backup"
    | "sync"
    | "indexer"
    | "other-consumer"
    | "own-process"
    | "unknown-holder"
    | "unreachable"
    | "refused";
  readonly confidence: "low" | "medium" | "high";
  /** The rules that spoke, strongest first. */
  readonly reasons: readonly { readonly name: string; readonly weight: number; readonly text: string }[];
  readonly needs?: string;
}

/** One line for the operator's log or for a program. */
export interface RouterEvent {
  readonly at: Micros;
  readonly kind:
    | "started"
    | "stopped"
    | "folder-unreachable"
    | "folder-reachable"
    | "gave-up"
    | "engine-trouble"
    | "acquired"
    | "lock-held";
  readonly severity: "information" | "warning" | "error";
  /** The pickup it is about; null for folders and the engine. */
  readonly id: bigint | null;
  readonly path: Name;
  /** Where the file is now, for a file that was moved. */
  readonly to: Name | null;
  readonly bytes: bigint | null;
  /** When the episode, or the outage, began. */
  readonly since: Micros;
  /** From then to the end of the episode, or to now while it lasts, in its written form: `1500ms`. */
  readonly waited: string;
  readonly attempts: number;
  readonly code: string | null;
  readonly verdict: Verdict | null;
  readonly holders: Holders;
  /** How the pickup ended, for its last event. */
  readonly end: "taken" | "gone" | "quarantined" | "refused" | "cancelled" | null;
  /** The n-th reminder of an earlier `lock-held`; 0 for the first. */
  readonly reminder: number;
  /** For programs that follow every file, not for the event log. */
  readonly routine: boolean;
  /** The event in words, one line. */
  readonly text: string;
  /** The event as `lockwait watch --json` writes it. */
  readonly json: string;
}

/** How a router is set up. */
export interface RouterOptions {
  /** In JSON; left out: the defaults. */
  readonly policy?: string;
  /** The host has a bad folder, and answers `quarantine`. */
  readonly quarantine?: boolean;
  /** Keys the hashing of names against crafted ones. Outputs do not depend on it. */
  readonly seed?: bigint;
}

/** What can be seen of a pickup. */
export interface PickupView {
  readonly id: bigint;
  readonly place: Place;
  /** When it was submitted. */
  readonly since: Micros;
  /** When its present episode began, if it is in one. */
  readonly heldSince: Micros | null;
  /** Refused attempts in the present episode. */
  readonly attempts: number;
  /** What the last refused attempt failed with. */
  readonly code: string | null;
  /** The pickup that leads the group it travels with. */
  readonly leader: bigint | null;
}
