/*
 * Lockwait 0.1.0: waits out file locks and judges them. MIT OR Apache-2.0.
 *
 * Generated from the Rust sources by `cargo xtask header`; changes belong there.
 *
 * THE RULES, said once; what differs is said where it differs.
 *
 * Results. Functions give a lockwait_result: 0 is success. LOCKWAIT_RESULT_EMPTY and LOCKWAIT_RESULT_TIMEOUT are no
 * errors. Every other number is an error: it has written no output and changed nothing, and lockwait_last_error has its
 * text for the thread that made the call. A comment's "@return" lists the results to expect; LOCKWAIT_RESULT_PANIC may
 * always be one. Expect numbers that this header does not name: later versions may add some.
 *
 * Numbers. Everything with a fixed set of values is a uint32_t and a set of #define constants; any other number is
 * answered with LOCKWAIT_RESULT_INVALID_ARGUMENT. A parameter or field that is called "not 0" is true for every number
 * but 0.
 *
 * Text going in is a pointer and a length in units (bytes of UTF-8, or UTF-16 units for functions that end in _utf16),
 * without a terminating zero. With the length 0 the pointer may be NULL. Lockwait copies what it keeps.
 *
 * Text coming out into a buffer: `buffer` has room for `capacity` units. The text and a terminating zero are written, and
 * `length`, if not NULL, gets the number of units without the zero. A buffer that is too small gets nothing;
 * `length` then gets the number of units without the zero, and the result is LOCKWAIT_RESULT_BUFFER_TOO_SMALL. NULL as
 * the buffer with 0 as the capacity asks for the length alone.
 *
 * Structs that begin with `size` are the caller's: fill them with zeros, set `size` to sizeof the struct, then call.
 * Later versions add fields at the end: what an older program does not have counts as 0, and what a newer one has beyond
 * this version must be 0. A size that cannot be is answered with LOCKWAIT_RESULT_INVALID_SIZE. Any other struct never
 * changes.
 *
 * Handles (pointers to structs without a definition) are numbers that look like pointers. They are looked up, never
 * followed: one that was freed, is of another kind or was never given is answered with LOCKWAIT_RESULT_INVALID_HANDLE, and
 * NULL with LOCKWAIT_RESULT_NULL_POINTER. What a function named _new, _open, _from_…, _next_event, _replay or _restore
 * writes to `out` is the caller's, to be ended with the _free function of its kind, once; freeing NULL does nothing.
 * Everything else that comes out belongs to Lockwait, and its comment says how long it stays.
 *
 * Every other pointer must point to what its type says, for as many units or structs as were said, readable or, where it
 * is written to, writable, during the call. None may be NULL unless its comment allows it.
 *
 * Threads. Any thread may call any function, unless its comment says otherwise. Calls on one object take turns. An object
 * that is freed while another thread is in a call on it lives until that call returns.
 *
 * Callbacks may be NULL: nobody is told. The first parameter is the `user` pointer that was given with the callback.
 * A callback runs on the thread named where it is set, must return (no longjmp), and must not throw: an exception must
 * not cross Lockwait.
 *
 * Calling convention: the C one (cdecl).
 *
 * Flavours. The modern one is whole. Define LOCKWAIT_LEGACY before this header for the legacy one, for Windows as old as
 * NT 4.0 (on a processor with SSE2): it has no native runner (lockwait_pickup_…) and no event sinks (lockwait_sink_…), and
 * a fault inside Lockwait (a panic) ends the process after the handler of lockwait_set_panic_handler was called.
 *
 * Before this header one may define
 *   LOCKWAIT_LEGACY     for the legacy flavour;
 *   LOCKWAIT_STATIC     on Windows, for the static library instead of the DLL;
 *   LOCKWAIT_NO_STDINT  where there is no <stdint.h>; known by itself for Microsoft's compilers before 2010;
 *   LOCKWAIT_HAS_STDINT where uint32_t and the others are declared already, by whatever header.
 */
#ifndef LOCKWAIT_H
#define LOCKWAIT_H


#include <stddef.h>

/** The version of this header, and of the library that it belongs to: see lockwait_version. */
#define LOCKWAIT_VERSION_MAJOR 0
/** See LOCKWAIT_VERSION_MAJOR. */
#define LOCKWAIT_VERSION_MINOR 1
/** See LOCKWAIT_VERSION_MAJOR. */
#define LOCKWAIT_VERSION_PATCH 0
/** See LOCKWAIT_VERSION_MAJOR. */
#define LOCKWAIT_VERSION "0.1.0"

#if !defined(LOCKWAIT_LEGACY) && !defined(LOCKWAIT_MODERN)
/** Defined for the modern flavour: the native runner and the event sinks are there. */
#define LOCKWAIT_MODERN 1
#endif

#if !defined(LOCKWAIT_API)
#if defined(_WIN32) && !defined(LOCKWAIT_STATIC)
/** What every function is declared with. */
#define LOCKWAIT_API __declspec(dllimport)
#elif defined(__GNUC__) && __GNUC__ >= 4 && !defined(_WIN32)
/** What every function is declared with. */
#define LOCKWAIT_API __attribute__((visibility("default")))
#else
/** What every function is declared with. */
#define LOCKWAIT_API
#endif
#endif

#if defined(LOCKWAIT_HAS_STDINT)
/* Whoever includes this header has declared them. */
#elif defined(LOCKWAIT_NO_STDINT) || (defined(_MSC_VER) && _MSC_VER < 1600)
typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
#if defined(_MSC_VER) || defined(__BORLANDC__) || defined(__WATCOMC__)
typedef __int64 int64_t;
typedef unsigned __int64 uint64_t;
#elif defined(__GNUC__)
/* 64 bits without `long long`, which C89 and C++98 do not know. */
typedef int int64_t __attribute__((__mode__(__DI__)));
typedef unsigned int uint64_t __attribute__((__mode__(__DI__)));
#else
typedef long long int64_t;
typedef unsigned long long uint64_t;
#endif
#else
#include <stdint.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif


/**
 * Done.
 */
#define LOCKWAIT_RESULT_OK 0

/**
 * There is nothing to give now. No error.
 */
#define LOCKWAIT_RESULT_EMPTY 1

/**
 * The time given was over first. No error.
 */
#define LOCKWAIT_RESULT_TIMEOUT 2

/**
 * A pointer that must not be NULL is.
 */
#define LOCKWAIT_RESULT_NULL_POINTER 10

/**
 * The handle was freed, belongs to an object of another kind, or never was one.
 */
#define LOCKWAIT_RESULT_INVALID_HANDLE 11

/**
 * A number is none of those that it may be, or a length is longer than memory.
 */
#define LOCKWAIT_RESULT_INVALID_ARGUMENT 12

/**
 * A struct's size is smaller than any version of the struct, or larger with something this version does not know.
 */
#define LOCKWAIT_RESULT_INVALID_SIZE 13

/**
 * A text is not UTF-8, or a name not usable as one.
 */
#define LOCKWAIT_RESULT_INVALID_TEXT 14

/**
 * The buffer is too small; the length that is needed was written.
 */
#define LOCKWAIT_RESULT_BUFFER_TOO_SMALL 15

/**
 * The policy has no such key, or the value is not allowed; the last error says which.
 */
#define LOCKWAIT_RESULT_INVALID_POLICY 16

/**
 * The pickup ended, or never was.
 */
#define LOCKWAIT_RESULT_NO_SUCH_PICKUP 20

/**
 * No action of the pickup is outstanding: the answer is late or repeated.
 */
#define LOCKWAIT_RESULT_NOT_ASKED 21

/**
 * The answer is none to the action that is outstanding.
 */
#define LOCKWAIT_RESULT_WRONG_ANSWER 22

/**
 * The text is no trace; the last error says in which line and why.
 */
#define LOCKWAIT_RESULT_TRACE_MALFORMED 30

/**
 * The replay gave other outputs than were recorded.
 */
#define LOCKWAIT_RESULT_TRACE_DIFFERS 31

/**
 * The text is no snapshot.
 */
#define LOCKWAIT_RESULT_INVALID_SNAPSHOT 32

/**
 * Not in the state that the object is in now; the last error says why.
 */
#define LOCKWAIT_RESULT_WRONG_STATE 40

/**
 * The native runner cannot start; the last error says why and what to do.
 */
#define LOCKWAIT_RESULT_CANNOT_START 41

/**
 * The operating system refused; the last error has its words.
 */
#define LOCKWAIT_RESULT_SYSTEM 42

/**
 * Not on this operating system.
 */
#define LOCKWAIT_RESULT_UNSUPPORTED 43

/**
 * There are more objects than handles (65,535 in a 32-bit process).
 */
#define LOCKWAIT_RESULT_TOO_MANY 44

/**
 * A fault inside Lockwait was caught; the object that was worked on must be freed.
 */
#define LOCKWAIT_RESULT_PANIC 50

/**
 * The version of this interface. Within one number, functions, constants and fields at the ends of structs are only
 * added.
 */
#define LOCKWAIT_ABI_VERSION 1

/**
 * A Win32 error: what GetLastError gives.
 */
#define LOCKWAIT_DOMAIN_WIN32 1

/**
 * An errno with Linux's numbers.
 */
#define LOCKWAIT_DOMAIN_ERRNO 2

/**
 * An NTSTATUS, as SMB and Windows event logs carry it.
 */
#define LOCKWAIT_DOMAIN_NTSTATUS 3

/**
 * A NetWare Core Protocol completion code.
 */
#define LOCKWAIT_DOMAIN_NCP 4

/**
 * A finding of Lockwait's own.
 */
#define LOCKWAIT_DOMAIN_LOCKWAIT 5

/**
 * In LOCKWAIT_DOMAIN_LOCKWAIT: not a regular file.
 */
#define LOCKWAIT_FINDING_NOT_REGULAR 1

/**
 * The name leads out of its folder.
 */
#define LOCKWAIT_FINDING_OUTSIDE 2

/**
 * The file changed while it was being taken.
 */
#define LOCKWAIT_FINDING_CHANGED 3

/**
 * The content is unusable.
 */
#define LOCKWAIT_FINDING_CONTENT_REJECTED 4

/**
 * A file that another names is not there.
 */
#define LOCKWAIT_FINDING_COMPANION_MISSING 5

/**
 * The content lacks its own end.
 */
#define LOCKWAIT_FINDING_UNFINISHED 6

/**
 * The policy's give_up came.
 */
#define LOCKWAIT_FINDING_GAVE_UP 7

/**
 * The name is taken at the destination.
 */
#define LOCKWAIT_FINDING_NAME_TAKEN 8

/**
 * The destination cannot be used.
 */
#define LOCKWAIT_FINDING_DESTINATION 9

/**
 * No obstacle.
 */
#define LOCKWAIT_CAUSE_CLEAR 0

/**
 * Somebody's open of the file does not allow ours: wait.
 */
#define LOCKWAIT_CAUSE_LOCK 1

/**
 * Somebody has locked a range of the file: wait.
 */
#define LOCKWAIT_CAUSE_RANGE_LOCK 2

/**
 * A lock or a lasting refusal; only time tells.
 */
#define LOCKWAIT_CAUSE_MAYBE_LOCK 3

/**
 * The file is being deleted.
 */
#define LOCKWAIT_CAUSE_GOING 4

/**
 * The file is not there.
 */
#define LOCKWAIT_CAUSE_GONE 5

/**
 * The folder or the way to it cannot be reached; no file is at fault.
 */
#define LOCKWAIT_CAUSE_UNREACHABLE 6

/**
 * This machine or process has run out of something.
 */
#define LOCKWAIT_CAUSE_RESOURCE 7

/**
 * The destination is full or cannot be used.
 */
#define LOCKWAIT_CAUSE_TARGET_FULL 8

/**
 * A cloud storage provider is not ready.
 */
#define LOCKWAIT_CAUSE_PROVIDER 9

/**
 * The name is already taken at the destination.
 */
#define LOCKWAIT_CAUSE_NAME_TAKEN 10

/**
 * Source and destination are on different volumes.
 */
#define LOCKWAIT_CAUSE_CROSS_VOLUME 11

/**
 * A device fault.
 */
#define LOCKWAIT_CAUSE_DEVICE 12

/**
 * Not allowed, lastingly.
 */
#define LOCKWAIT_CAUSE_DENIED 13

/**
 * The request can never succeed.
 */
#define LOCKWAIT_CAUSE_INVALID 14

/**
 * A virus scanner refused or removed the content.
 */
#define LOCKWAIT_CAUSE_INFECTED 15

/**
 * The operation was cancelled.
 */
#define LOCKWAIT_CAUSE_CANCELLED 16

/**
 * Interrupted: repeat at once.
 */
#define LOCKWAIT_CAUSE_INTERRUPTED 17

/**
 * This way of asking is not available here.
 */
#define LOCKWAIT_CAUSE_UNSUPPORTED 18

/**
 * In no table.
 */
#define LOCKWAIT_CAUSE_UNKNOWN 19

/**
 * Look and probe. Answer with lockwait_router_answer_opened, _refused or _rejected; for a companion that an earlier
 * run already took, lockwait_router_answer_taken.
 */
#define LOCKWAIT_ACTION_TRY 1

/**
 * Take the whole file in one burst if it still is as `expected`. Answer with lockwait_router_answer_taken, _refused,
 * _changed or _rejected.
 */
#define LOCKWAIT_ACTION_TAKE 2

/**
 * Find out who holds it. Answer with lockwait_router_answer_holders or lockwait_router_answer_could_not_ask.
 */
#define LOCKWAIT_ACTION_IDENTIFY 3

/**
 * Move it to the bad folder: its content was rejected. Answer with lockwait_router_answer_quarantined or _refused.
 */
#define LOCKWAIT_ACTION_QUARANTINE 4

/**
 * The whole path of a pickup's file.
 */
#define LOCKWAIT_PART_PATH 0

/**
 * Its folder.
 */
#define LOCKWAIT_PART_FOLDER 1

/**
 * Its name in the folder.
 */
#define LOCKWAIT_PART_NAME 2

/**
 * Somebody who could write closed the file.
 */
#define LOCKWAIT_HINT_CLOSED 1

/**
 * The file was given this name.
 */
#define LOCKWAIT_HINT_RENAMED 2

/**
 * Its content or attributes changed.
 */
#define LOCKWAIT_HINT_CHANGED 3

/**
 * It was seen in the folder.
 */
#define LOCKWAIT_HINT_SEEN 4

/**
 * It is gone from the folder.
 */
#define LOCKWAIT_HINT_REMOVED 5

/**
 * The host does not say how it knows.
 */
#define LOCKWAIT_METHOD_UNKNOWN 0

/**
 * The open itself.
 */
#define LOCKWAIT_METHOD_OPEN 1

/**
 * A rung of the share-mode ladder.
 */
#define LOCKWAIT_METHOD_SHARE_MODE 2

/**
 * A read lease (Linux).
 */
#define LOCKWAIT_METHOD_LEASE 3

/**
 * A test for record locks.
 */
#define LOCKWAIT_METHOD_RECORD_LOCK 4

/**
 * A test for a flock lock.
 */
#define LOCKWAIT_METHOD_FLOCK 5

/**
 * Nothing here can tell; only size and time standing still speak.
 */
#define LOCKWAIT_METHOD_STABILITY 6

/**
 * It is not known what a holder may do with the file.
 */
#define LOCKWAIT_ACCESS_UNKNOWN 0

/**
 * It reads only.
 */
#define LOCKWAIT_ACCESS_READ 1

/**
 * It writes only.
 */
#define LOCKWAIT_ACCESS_WRITE 2

/**
 * It reads and writes.
 */
#define LOCKWAIT_ACCESS_READ_WRITE 3

/**
 * The refusal is about the one file.
 */
#define LOCKWAIT_SCOPE_FILE 0

/**
 * The refusal is about the folder: it, or the way to it, cannot be reached.
 */
#define LOCKWAIT_SCOPE_FOLDER 1

/**
 * The format does not tell, or is not known.
 */
#define LOCKWAIT_CONTENT_UNKNOWN 0

/**
 * The format's own end is there.
 */
#define LOCKWAIT_CONTENT_COMPLETE 1

/**
 * The format's own end is missing: the writer is not done.
 */
#define LOCKWAIT_CONTENT_INCOMPLETE 2

/**
 * In a lockwait_look: Lockwait is to find out from `head` and `tail`.
 */
#define LOCKWAIT_CONTENT_CHECK 255

/**
 * The engine started.
 */
#define LOCKWAIT_EVENT_STARTED 6015

/**
 * The engine stopped.
 */
#define LOCKWAIT_EVENT_STOPPED 6016

/**
 * A folder cannot be reached.
 */
#define LOCKWAIT_EVENT_FOLDER_UNREACHABLE 6052

/**
 * A folder can be reached again.
 */
#define LOCKWAIT_EVENT_FOLDER_REACHABLE 6053

/**
 * The file will not be taken.
 */
#define LOCKWAIT_EVENT_GAVE_UP 6062

/**
 * The engine itself is in trouble.
 */
#define LOCKWAIT_EVENT_ENGINE_TROUBLE 6064

/**
 * The file was taken.
 */
#define LOCKWAIT_EVENT_ACQUIRED 6066

/**
 * The file is held.
 */
#define LOCKWAIT_EVENT_LOCK_HELD 6067

/**
 * For the record.
 */
#define LOCKWAIT_SEVERITY_INFORMATION 1

/**
 * Worth a look.
 */
#define LOCKWAIT_SEVERITY_WARNING 2

/**
 * Needs somebody.
 */
#define LOCKWAIT_SEVERITY_ERROR 3

/**
 * The pickup goes on.
 */
#define LOCKWAIT_END_NONE 0

/**
 * The file is at the destination.
 */
#define LOCKWAIT_END_TAKEN 1

/**
 * The file went away.
 */
#define LOCKWAIT_END_GONE 2

/**
 * The file is in the bad folder.
 */
#define LOCKWAIT_END_QUARANTINED 3

/**
 * The file stays where it is, for good.
 */
#define LOCKWAIT_END_REFUSED 4

/**
 * The host cancelled it.
 */
#define LOCKWAIT_END_CANCELLED 5

/**
 * The event has no verdict.
 */
#define LOCKWAIT_ADVICE_NONE 0

/**
 * Nothing to do: the lock is part of normal work.
 */
#define LOCKWAIT_ADVICE_IGNORE 1

/**
 * Something other than the writer holds the file, or the writer is stuck.
 */
#define LOCKWAIT_ADVICE_ACT 2

/**
 * The evidence does not decide.
 */
#define LOCKWAIT_ADVICE_CANNOT_TELL 3

/**
 * There was no lock.
 */
#define LOCKWAIT_KIND_NONE 0

/**
 * The writer was finishing the file.
 */
#define LOCKWAIT_KIND_WRITER_FINISHING 1

/**
 * The writer has the file open and does nothing with it.
 */
#define LOCKWAIT_KIND_WRITER_STALLED 2

/**
 * A virus scanner.
 */
#define LOCKWAIT_KIND_SCANNER 3

/**
 * A backup.
 */
#define LOCKWAIT_KIND_BACKUP 4

/**
 * A synchronisation client.
 */
#define LOCKWAIT_KIND_SYNC 5

/**
 * A search indexer.
 */
#define LOCKWAIT_KIND_INDEXER 6

/**
 * Another program that takes files from the same folder.
 */
#define LOCKWAIT_KIND_OTHER_CONSUMER 7

/**
 * The program that retries holds the file itself.
 */
#define LOCKWAIT_KIND_OWN_PROCESS 8

/**
 * Somebody, and nothing says who.
 */
#define LOCKWAIT_KIND_UNKNOWN_HOLDER 9

/**
 * The folder could not be reached; no file is at fault.
 */
#define LOCKWAIT_KIND_UNREACHABLE 10

/**
 * Not a lock: a lasting refusal.
 */
#define LOCKWAIT_KIND_REFUSED 11

/**
 * The event has no verdict.
 */
#define LOCKWAIT_CONFIDENCE_NONE 0

/**
 * Barely, or on little evidence.
 */
#define LOCKWAIT_CONFIDENCE_LOW 1

/**
 * Clearly.
 */
#define LOCKWAIT_CONFIDENCE_MEDIUM 2

/**
 * Far.
 */
#define LOCKWAIT_CONFIDENCE_HIGH 3

/**
 * Nobody asked who holds the file.
 */
#define LOCKWAIT_ASKED_NOT 0

/**
 * Asked; `holders` says how many were found, 0 for none.
 */
#define LOCKWAIT_ASKED_FOUND 1

/**
 * The question could not be put, or not completely.
 */
#define LOCKWAIT_ASKED_COULD_NOT 2

/**
 * The event in words, one line, without a line end.
 */
#define LOCKWAIT_TEXT_LINE 0

/**
 * The event as one line of `lockwait watch --json`, without a line end.
 */
#define LOCKWAIT_TEXT_JSON 1

/**
 * The path of the file or folder it is about, unchanged; empty for the engine.
 */
#define LOCKWAIT_TEXT_PATH 2

/**
 * Where the file is now, for a file that was moved; empty else.
 */
#define LOCKWAIT_TEXT_TO 3

/**
 * The first of eight insertion strings for a message table; the others follow: path, target, code, time waited,
 * attempts, beginning of the episode, verdict, holders.
 */
#define LOCKWAIT_TEXT_INSERTION 16

#if defined(LOCKWAIT_MODERN)
/**
 * A folder whose files are taken; may be given several times.
 */
#define LOCKWAIT_ROLE_SOURCE 1
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * A single file that is taken; may be given several times.
 */
#define LOCKWAIT_ROLE_FILE 2
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * The folder that files are taken to.
 */
#define LOCKWAIT_ROLE_INTO 3
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * The folder that files with unusable content are moved to; without, they stay.
 */
#define LOCKWAIT_ROLE_BAD 4
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * A file that the trace is written to; it is made anew.
 */
#define LOCKWAIT_ROLE_TRACE 5
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Not 0: the run ends when every file that is there has ended. Default 0; a run without LOCKWAIT_ROLE_SOURCE always
 * ends so.
 */
#define LOCKWAIT_OPTION_ONCE 1
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Not 0: the operating system's file notices are used. Default 1.
 */
#define LOCKWAIT_OPTION_HINTS 2
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * The run ends after so many milliseconds; 0, the default, for never.
 */
#define LOCKWAIT_OPTION_LIMIT_MS 3
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Progress is told every so many milliseconds; 0, the default, for never.
 */
#define LOCKWAIT_OPTION_PROGRESS_MS 4
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * For lockwait_pickup_wait: no limit.
 */
#define LOCKWAIT_FOREVER 4294967295u
#endif

/**
 * One line for the operator's log, with the verdict: opaque, never changes. From lockwait_router_next_event or
 * lockwait_replay_next_event it is owned by the caller and ended with lockwait_event_free; given to a callback it is
 * lent for the duration of the call. Any thread may read it.
 */
typedef struct lockwait_event lockwait_event;

#if defined(LOCKWAIT_MODERN)
/**
 * One run of the native runner: opaque. Made by lockwait_pickup_new, owned by the caller, ended with
 * lockwait_pickup_free. It is set up, then run once: on the calling thread by lockwait_pickup_run, or on a thread of
 * its own by lockwait_pickup_start. lockwait_pickup_cancel ends it from any thread, callbacks included, within
 * 100 ms. Not in the legacy flavour.
 */
typedef struct lockwait_pickup lockwait_pickup;
#endif

/**
 * Every number and switch: opaque. Made by lockwait_policy_new or lockwait_policy_from_json, owned by the caller,
 * ended with lockwait_policy_free. Who is given a policy copies it.
 */
typedef struct lockwait_policy lockwait_policy;

/**
 * What a replay gave: opaque. Made by lockwait_trace_replay, owned by the caller, ended with lockwait_replay_free.
 * Any thread; calls on one replay take turns.
 */
typedef struct lockwait_replay lockwait_replay;

/**
 * Many pickups, driven by the host: opaque. Made by lockwait_router_new or lockwait_router_restore, owned by the
 * caller, ended with lockwait_router_free.
 *
 * The loop; the numbers are those in docs/embedding.md and in the examples:
 *
 * 1. Put in what happened: lockwait_router_submit for a file that arrived, lockwait_router_hint for a notice about
 *    one, lockwait_router_answer_… for each action that was carried out.
 * 2. When the time of lockwait_router_next_timeout has come, lockwait_router_handle_timeout.
 * 3. Carry out each lockwait_router_next_action, now or later, here or on another thread.
 * 4. Write each lockwait_router_next_event where events go.
 * 5. Wait until something happens or the time of lockwait_router_next_timeout comes; start over.
 *
 * Times are microseconds since 1970 UTC (lockwait_now gives them) and never go backwards: an earlier one counts as
 * the latest one seen. Any thread may call; calls on one router take turns.
 */
typedef struct lockwait_router lockwait_router;

#if defined(LOCKWAIT_MODERN)
/**
 * Somewhere that events are written to: opaque. Made by lockwait_sink_open, owned by the caller, ended with
 * lockwait_sink_free. Any thread; calls on one sink take turns. Not in the legacy flavour.
 */
typedef struct lockwait_sink lockwait_sink;
#endif

/**
 * What a function came to: one of the LOCKWAIT_RESULT_ numbers. 0 is success; LOCKWAIT_RESULT_EMPTY and
 * LOCKWAIT_RESULT_TIMEOUT say that there is nothing, or nothing yet; every other number is an error and has left
 * everything as it was.
 */
typedef uint32_t lockwait_result;

/**
 * Is told of a fault inside Lockwait: `text` (`length` bytes, UTF-8, not NUL-terminated, valid during the call)
 * says where and what.
 */
typedef void (*lockwait_panic_callback)(void *user, const char *text, size_t length);

/**
 * Text that Lockwait lends: `len` bytes of UTF-8 at `data`, not NUL-terminated. How long it stays is said where it
 * is given.
 */
typedef struct lockwait_str {
    /**
     * The first byte; never NULL.
     */
    const char *data;
    /**
     * How many bytes.
     */
    size_t len;
} lockwait_str;

/**
 * What is known of a code. The texts stay for as long as the library is loaded.
 */
typedef struct lockwait_explanation {
    /**
     * sizeof(lockwait_explanation); set by the caller.
     */
    uint32_t size;
    /**
     * One of the LOCKWAIT_CAUSE_ numbers.
     */
    uint32_t cause;
    /**
     * The field's own name for the code ("ERROR_SHARING_VIOLATION"); empty when in no table.
     */
    struct lockwait_str name;
    /**
     * What it means, in one line.
     */
    struct lockwait_str meaning;
    /**
     * The cause's name ("lock").
     */
    struct lockwait_str cause_name;
    /**
     * What Lockwait does about it, in one sentence.
     */
    struct lockwait_str advice;
} lockwait_explanation;

/**
 * How a router is set up.
 */
typedef struct lockwait_router_options {
    /**
     * sizeof(lockwait_router_options); set by the caller.
     */
    uint32_t size;
    /**
     * Not 0: the host has a bad folder, and answers LOCKWAIT_ACTION_QUARANTINE.
     */
    uint32_t quarantine;
    /**
     * Any number that names of files cannot be made for: keys the hashing against crafted names. Outputs do not
     * depend on it.
     */
    uint64_t seed;
} lockwait_router_options;

/**
 * What a look at a file says about it, apart from its content. Fixed: it never grows.
 */
typedef struct lockwait_facts {
    /**
     * Size in bytes.
     */
    uint64_t bytes;
    /**
     * Time of last modification in nanoseconds since 1970 UTC, or any other number that changes when it does; 0 when
     * unknown. Only ever compared with itself.
     */
    uint64_t modified;
    /**
     * A number that another file in the same place would not share, made from volume and file id; 0 when unknown.
     */
    uint64_t identity;
} lockwait_facts;

/**
 * Something the host is asked to do, and to answer once.
 */
typedef struct lockwait_action {
    /**
     * sizeof(lockwait_action); set by the caller.
     */
    uint32_t size;
    /**
     * One of the LOCKWAIT_ACTION_ numbers.
     */
    uint32_t kind;
    /**
     * The pickup to answer for.
     */
    uint64_t pickup;
    /**
     * With LOCKWAIT_ACTION_TAKE, what the file was like when it was found free; zero else.
     */
    struct lockwait_facts expected;
} lockwait_action;

/**
 * How many pickups a router has.
 */
typedef struct lockwait_counts {
    /**
     * sizeof(lockwait_counts); set by the caller.
     */
    uint32_t size;
    /**
     * Always 0.
     */
    uint32_t reserved;
    /**
     * That have not ended.
     */
    uint64_t open;
    /**
     * Of these, in an episode.
     */
    uint64_t held;
} lockwait_counts;

/**
 * What can be seen of a pickup that has not ended.
 */
typedef struct lockwait_view {
    /**
     * sizeof(lockwait_view); set by the caller.
     */
    uint32_t size;
    /**
     * Not 0: it is in an episode.
     */
    uint32_t held;
    /**
     * When it was submitted.
     */
    uint64_t since;
    /**
     * When its present episode began; 0 when it is in none.
     */
    uint64_t held_since;
    /**
     * The pickup that leads the group it travels with; itself when it leads one; 0 when it travels alone.
     */
    uint64_t leader;
    /**
     * Refused attempts in the present episode.
     */
    uint32_t attempts;
    /**
     * What the last refused attempt failed with: one of the LOCKWAIT_DOMAIN_ numbers; 0 when none was refused.
     */
    uint32_t code_domain;
    /**
     * The raw number in that domain.
     */
    uint32_t code_value;
    /**
     * Always 0.
     */
    uint32_t reserved;
} lockwait_view;

/**
 * One file that another names. Fixed: it never grows.
 */
typedef struct lockwait_place {
    /**
     * The folder's path, spelt as in lockwait_router_submit.
     */
    struct lockwait_str folder;
    /**
     * The file's name in the folder.
     */
    struct lockwait_str name;
} lockwait_place;

/**
 * A successful look: nobody stands in the way. Everything in it belongs to the caller and is copied.
 */
typedef struct lockwait_look {
    /**
     * sizeof(lockwait_look); set by the caller.
     */
    uint32_t size;
    /**
     * One of the LOCKWAIT_CONTENT_ numbers. With LOCKWAIT_CONTENT_CHECK Lockwait finds out from `head` and `tail`,
     * and, if `head` is the whole file, which companions it names by the policy's rule.
     */
    uint32_t content;
    /**
     * One of the LOCKWAIT_METHOD_ numbers.
     */
    uint32_t method;
    /**
     * Always 0.
     */
    uint32_t reserved;
    /**
     * Size, time, identity at the look.
     */
    struct lockwait_facts facts;
    /**
     * With LOCKWAIT_CONTENT_CHECK, the first bytes of the file; see lockwait_content_wanted.
     */
    const uint8_t *head;
    /**
     * How many.
     */
    size_t head_length;
    /**
     * With LOCKWAIT_CONTENT_CHECK, the last bytes of the file.
     */
    const uint8_t *tail;
    /**
     * How many.
     */
    size_t tail_length;
    /**
     * The files it names and travels with, where the host knows them itself. They count only for a file that leads
     * others by the policy's rule.
     */
    const struct lockwait_place *companions;
    /**
     * How many.
     */
    size_t companion_count;
} lockwait_look;

/**
 * A refused attempt.
 */
typedef struct lockwait_refusal {
    /**
     * sizeof(lockwait_refusal); set by the caller.
     */
    uint32_t size;
    /**
     * One of the LOCKWAIT_DOMAIN_ numbers.
     */
    uint32_t domain;
    /**
     * What the attempt failed with: the raw number in that domain.
     */
    uint32_t value;
    /**
     * One of the LOCKWAIT_SCOPE_ numbers.
     */
    uint32_t scope;
    /**
     * One of the LOCKWAIT_ACCESS_ numbers: what the probe could tell of the holder's access.
     */
    uint32_t access;
    /**
     * One of the LOCKWAIT_METHOD_ numbers: which way of asking met the refusal.
     */
    uint32_t method;
    /**
     * Not 0: `facts` could be had in spite of the refusal.
     */
    uint32_t has_facts;
    /**
     * Always 0.
     */
    uint32_t reserved;
    /**
     * Size, time, identity.
     */
    struct lockwait_facts facts;
} lockwait_refusal;

/**
 * One process or session that has the file open.
 */
typedef struct lockwait_holder {
    /**
     * sizeof(lockwait_holder); set by the caller, in an array in every element.
     */
    uint32_t size;
    /**
     * Process id; 0 when unknown.
     */
    uint32_t pid;
    /**
     * One of the LOCKWAIT_ACCESS_ numbers.
     */
    uint32_t access;
    /**
     * How many other files of the same folder it has open.
     */
    uint32_t others;
    /**
     * Not 0: it is the very program that asks.
     */
    uint32_t own;
    /**
     * 1: it runs as the user who owns the file; 2: it does not; 0: that could not be had.
     */
    uint32_t owner;
    /**
     * Program, user or machine name; empty when unknown.
     */
    struct lockwait_str name;
    /**
     * Network address or session of a remote holder; empty when there is none.
     */
    struct lockwait_str address;
    /**
     * The kind of lock it holds, or its share mode; empty for a plain open.
     */
    struct lockwait_str share;
} lockwait_holder;

/**
 * Everything about an event that is a number.
 */
typedef struct lockwait_event_info {
    /**
     * sizeof(lockwait_event_info); set by the caller.
     */
    uint32_t size;
    /**
     * What happened: one of the LOCKWAIT_EVENT_ numbers, which are the ids in the event log.
     */
    uint32_t id;
    /**
     * When, in microseconds since 1970 UTC.
     */
    uint64_t at;
    /**
     * The pickup it is about; 0 for folders and the engine.
     */
    uint64_t pickup;
    /**
     * When the episode, or the outage, began.
     */
    uint64_t since;
    /**
     * From then to the end of the episode, or to `at` while it lasts, in microseconds.
     */
    uint64_t waited;
    /**
     * The file's size in bytes, for a file that was moved; 0 else.
     */
    uint64_t bytes;
    /**
     * One of the LOCKWAIT_SEVERITY_ numbers.
     */
    uint32_t severity;
    /**
     * One of the LOCKWAIT_END_ numbers: how the pickup ended.
     */
    uint32_t end;
    /**
     * Refused attempts in the episode.
     */
    uint32_t attempts;
    /**
     * What the last refused attempt failed with: one of the LOCKWAIT_DOMAIN_ numbers; 0 when none was refused.
     */
    uint32_t code_domain;
    /**
     * The raw number in that domain.
     */
    uint32_t code_value;
    /**
     * The n-th reminder of an earlier LOCKWAIT_EVENT_LOCK_HELD; 0 for the first.
     */
    uint32_t reminder;
    /**
     * Not 0: for programs that follow every file, not for the event log.
     */
    uint32_t routine;
    /**
     * One of the LOCKWAIT_ADVICE_ numbers: what the administrator should do.
     */
    uint32_t advice;
    /**
     * One of the LOCKWAIT_KIND_ numbers: why the file was held.
     */
    uint32_t kind;
    /**
     * One of the LOCKWAIT_CONFIDENCE_ numbers.
     */
    uint32_t confidence;
    /**
     * How many reasons the verdict has; see lockwait_event_reason.
     */
    uint32_t reasons;
    /**
     * One of the LOCKWAIT_ASKED_ numbers.
     */
    uint32_t asked;
    /**
     * How many holders were found; see lockwait_event_holder.
     */
    uint32_t holders;
    /**
     * Always 0.
     */
    uint32_t reserved;
} lockwait_event_info;

/**
 * One rule that spoke. The texts stay until the event is freed.
 */
typedef struct lockwait_reason {
    /**
     * sizeof(lockwait_reason); set by the caller.
     */
    uint32_t size;
    /**
     * How much it counted for the verdict's kind; negative against.
     */
    int32_t weight;
    /**
     * The rule's stable name.
     */
    struct lockwait_str name;
    /**
     * The facts, in words.
     */
    struct lockwait_str text;
} lockwait_reason;

/**
 * What a replay came to.
 */
typedef struct lockwait_replay_info {
    /**
     * sizeof(lockwait_replay_info); set by the caller.
     */
    uint32_t size;
    /**
     * Always 0.
     */
    uint32_t reserved;
    /**
     * How many inputs were replayed.
     */
    uint64_t inputs;
    /**
     * How many events came out.
     */
    uint64_t events;
    /**
     * How many pickups had not ended at the end of the trace.
     */
    uint64_t open;
    /**
     * The digest of all actions and events: the same on every system and in every flavour.
     */
    uint64_t digest;
} lockwait_replay_info;

#if defined(LOCKWAIT_MODERN)
/**
 * Is told what happens: `event` is lent for the duration of the call.
 */
typedef void (*lockwait_event_callback)(void *user, const struct lockwait_event *event);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * How a run is doing.
 */
typedef struct lockwait_progress {
    /**
     * sizeof(lockwait_progress) of the library; fields beyond it do not exist.
     */
    uint32_t size;
    /**
     * Folders that cannot be reached.
     */
    uint32_t outages;
    /**
     * Files that have been found and not ended.
     */
    uint64_t waiting;
    /**
     * Files taken so far.
     */
    uint64_t taken;
    /**
     * Bytes taken so far.
     */
    uint64_t bytes;
    /**
     * Bytes taken per second, lately.
     */
    uint64_t bytes_per_second;
    /**
     * How long the file that has waited longest has waited, in microseconds; 0 when none waits.
     */
    uint64_t longest;
} lockwait_progress;
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Is told how the run is doing: `progress` is lent for the duration of the call.
 */
typedef void (*lockwait_progress_callback)(void *user, const struct lockwait_progress *progress);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Is told that something is not as it should be, though files are still taken: `length` bytes of UTF-8 at `text`, lent
 * for the duration of the call.
 */
typedef void (*lockwait_trouble_callback)(void *user, const char *text, size_t length);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * What a run did.
 */
typedef struct lockwait_summary {
    /**
     * sizeof(lockwait_summary); set by the caller.
     */
    uint32_t size;
    /**
     * Always 0.
     */
    uint32_t reserved;
    /**
     * Files taken.
     */
    uint64_t taken;
    /**
     * Their bytes.
     */
    uint64_t bytes;
    /**
     * Files that went away by themselves.
     */
    uint64_t gone;
    /**
     * Files moved to the bad folder.
     */
    uint64_t quarantined;
    /**
     * Files left where they are for good.
     */
    uint64_t refused;
    /**
     * Files left where they are because the run ended.
     */
    uint64_t cancelled;
    /**
     * Files that were held at the end with the verdict that somebody must act.
     */
    uint64_t need_action;
} lockwait_summary;
#endif

/**
 * The name of a result without its prefix ("OK", "NULL_POINTER"); "UNKNOWN" for any other number. NUL-terminated,
 * never NULL, valid for as long as the library is loaded. Any thread.
 */
LOCKWAIT_API
const char *lockwait_result_name(lockwait_result result);

/**
 * What a result means, in a few words. NUL-terminated, never NULL, valid for as long as the library is loaded. Any
 * thread.
 */
LOCKWAIT_API
const char *lockwait_result_text(lockwait_result result);

/**
 * The text of the last call on this thread that failed: which argument, what is wrong with it, what to do. Empty if
 * none did. A call that succeeds leaves it as it is. Any thread, each has its own.
 *
 * `buffer`, `capacity`, `length`: see lockwait_buffer rules at the top of this header.
 *
 * @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_BUFFER_TOO_SMALL, LOCKWAIT_RESULT_NULL_POINTER
 */
LOCKWAIT_API
lockwait_result lockwait_last_error(char *buffer,
                                    size_t capacity,
                                    size_t *length);

/**
 * Sets who is told of a fault (a panic) inside Lockwait; NULL for nobody.
 *
 * In the modern flavour the call then returns LOCKWAIT_RESULT_PANIC and the process goes on. In the legacy flavour
 * the process is stopped when `callback` returns: it is the last chance to write a note. `callback` must not call
 * Lockwait, and must not throw.
 *
 * @return LOCKWAIT_RESULT_OK
 */
LOCKWAIT_API
lockwait_result lockwait_set_panic_handler(lockwait_panic_callback callback,
                                           void *user);

/**
 * The LOCKWAIT_ABI_VERSION that the library was built with. A program built with another must not go on. Any thread.
 */
LOCKWAIT_API
uint32_t lockwait_abi_version(void);

/**
 * The library's version and flavour: "0.1.0 modern", "0.1.0 legacy". NUL-terminated, never
 * NULL, valid for as long as the library is loaded. Any thread.
 */
LOCKWAIT_API const char *lockwait_version(void);

/**
 * The time to give as `now`: microseconds since 1970-01-01T00:00:00Z by the system's clock. A host may use any other
 * clock that counts the same. Any thread.
 *
 * @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_NULL_POINTER
 */
LOCKWAIT_API
lockwait_result lockwait_now(uint64_t *now);

/**
 * Says which class of trouble a code belongs to, and explains it.
 *
 * @param domain one of the LOCKWAIT_DOMAIN_ numbers
 * @param value  the raw number, such as GetLastError's; a code in no table has LOCKWAIT_CAUSE_UNKNOWN
 * @param out    written; the caller sets its size
 * @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _NULL_POINTER, _INVALID_SIZE
 *
 * Any thread.
 */
LOCKWAIT_API
lockwait_result lockwait_code_explain(uint32_t domain,
                                      uint32_t value,
                                      struct lockwait_explanation *out);

/**
 * Reads a code as people write it: "32", "0x80070020", "c0000043", "errno:EBUSY", "ncp:0x80",
 * "ERROR_SHARING_VIOLATION".
 *
 * @param text, length  UTF-8
 * @param domain, value written
 * @return LOCKWAIT_RESULT_OK, _INVALID_TEXT (the last error says what a code looks like), _NULL_POINTER
 *
 * Any thread.
 */
LOCKWAIT_API
lockwait_result lockwait_code_parse(const char *text,
                                    size_t length,
                                    uint32_t *domain,
                                    uint32_t *value);

/**
 * Writes a code in its canonical form: "win32:32", "errno:EAGAIN", "ntstatus:0xc0000043", "ncp:0x80".
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _BUFFER_TOO_SMALL, _NULL_POINTER
 *
 * Any thread.
 */
LOCKWAIT_API
lockwait_result lockwait_code_format(uint32_t domain,
                                     uint32_t value,
                                     char *buffer,
                                     size_t capacity,
                                     size_t *length);

/**
 * Makes a policy with every default.
 *
 * @param out written; free with lockwait_policy_free
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _TOO_MANY
 *
 * Any thread.
 */
LOCKWAIT_API lockwait_result lockwait_policy_new(struct lockwait_policy **out);

/**
 * Makes a policy from JSON: an object with some of the keys, `{"retry": "200ms", "patience": "30s"}`.
 *
 * @param text, length UTF-8
 * @param out          written; free with lockwait_policy_free
 * @return LOCKWAIT_RESULT_OK, _INVALID_POLICY (the last error names the key and what is allowed), _INVALID_TEXT,
 *         _NULL_POINTER, _TOO_MANY
 *
 * Any thread.
 */
LOCKWAIT_API
lockwait_result lockwait_policy_from_json(const char *text,
                                          size_t length,
                                          struct lockwait_policy **out);

/**
 * Sets one key from its written form: "200ms", "never", "64", "true", "gateway". How keys stand to each other is
 * checked where the policy is used, so that they can be set in any order.
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_POLICY (nothing has changed), _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
 *
 * Any thread; calls on one policy take turns.
 */
LOCKWAIT_API
lockwait_result lockwait_policy_set(struct lockwait_policy *policy,
                                    const char *key,
                                    size_t key_length,
                                    const char *value,
                                    size_t value_length);

/**
 * Writes the written form of one key, which lockwait_policy_set reads back.
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_POLICY (no such key), _BUFFER_TOO_SMALL, _INVALID_TEXT, _NULL_POINTER,
 *         _INVALID_HANDLE
 *
 * Any thread; calls on one policy take turns.
 */
LOCKWAIT_API
lockwait_result lockwait_policy_get(const struct lockwait_policy *policy,
                                    const char *key,
                                    size_t key_length,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *length);

/**
 * Writes the whole policy as JSON, which lockwait_policy_from_json reads back.
 *
 * @return LOCKWAIT_RESULT_OK, _BUFFER_TOO_SMALL, _NULL_POINTER, _INVALID_HANDLE
 *
 * Any thread; calls on one policy take turns.
 */
LOCKWAIT_API
lockwait_result lockwait_policy_to_json(const struct lockwait_policy *policy,
                                        char *buffer,
                                        size_t capacity,
                                        size_t *length);

/**
 * Checks every value and how the values go together.
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_POLICY (the last error names the key and what is allowed), _NULL_POINTER,
 *         _INVALID_HANDLE
 *
 * Any thread; calls on one policy take turns.
 */
LOCKWAIT_API
lockwait_result lockwait_policy_check(const struct lockwait_policy *policy);

/**
 * Ends a policy. NULL is allowed and does nothing.
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_HANDLE
 *
 * Any thread.
 */
LOCKWAIT_API lockwait_result lockwait_policy_free(struct lockwait_policy *policy);

/**
 * Makes a router with no pickups.
 *
 * @param policy  copied; NULL for the defaults
 * @param options copied; NULL for zeros
 * @param out     written; free with lockwait_router_free
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE, _INVALID_POLICY, _INVALID_SIZE, _TOO_MANY
 */
LOCKWAIT_API
lockwait_result lockwait_router_new(const struct lockwait_policy *policy,
                                    const struct lockwait_router_options *options,
                                    struct lockwait_router **out);

/**
 * Ends a router; its pickups end without events. NULL is allowed and does nothing.
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_HANDLE
 */
LOCKWAIT_API lockwait_result lockwait_router_free(struct lockwait_router *router);

/**
 * Gives the next action to carry out.
 *
 * @param out written; the caller sets its size
 * @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (none now), _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
 */
LOCKWAIT_API
lockwait_result lockwait_router_next_action(struct lockwait_router *router,
                                            struct lockwait_action *out);

/**
 * Gives the time at which lockwait_router_handle_timeout is next due. It may change with every input.
 *
 * @param at written; microseconds since 1970 UTC
 * @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (nothing waits for time), _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API lockwait_result lockwait_router_next_timeout(struct lockwait_router *router, uint64_t *at);

/**
 * Says that time has passed. An early call does nothing.
 *
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API lockwait_result lockwait_router_handle_timeout(struct lockwait_router *router, uint64_t now);

/**
 * Starts nothing more. Every pickup without an outstanding action ends at once, without an event; each other one with
 * the host's answer.
 *
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_stop(struct lockwait_router *router,
                                     uint64_t now);

/**
 * Writes event 6015: the host has started work.
 *
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API lockwait_result lockwait_router_announce_started(struct lockwait_router *router, uint64_t now);

/**
 * Writes event 6016: the host has stopped.
 *
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API lockwait_result lockwait_router_announce_stopped(struct lockwait_router *router, uint64_t now);

/**
 * Counts the pickups.
 *
 * @param out written; the caller sets its size
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
 */
LOCKWAIT_API
lockwait_result lockwait_router_count(struct lockwait_router *router,
                                      struct lockwait_counts *out);

/**
 * Says what can be seen of a pickup that has not ended.
 *
 * @param out written; the caller sets its size
 * @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
 */
LOCKWAIT_API
lockwait_result lockwait_router_view(struct lockwait_router *router,
                                     uint64_t pickup,
                                     struct lockwait_view *out);

/**
 * Writes where the file of a pickup that has not ended is.
 *
 * @param part one of the LOCKWAIT_PART_ numbers
 * @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _INVALID_ARGUMENT, _BUFFER_TOO_SMALL, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_place(struct lockwait_router *router,
                                      uint64_t pickup,
                                      uint32_t part,
                                      char *buffer,
                                      size_t capacity,
                                      size_t *length);

/**
 * As lockwait_router_place, in UTF-16.
 */
LOCKWAIT_API
lockwait_result lockwait_router_place_utf16(struct lockwait_router *router,
                                            uint64_t pickup,
                                            uint32_t part,
                                            uint16_t *buffer,
                                            size_t capacity,
                                            size_t *length);

/**
 * Writes everything a router knows as text, from which lockwait_router_restore makes one that goes on. Actions that
 * are outstanding, or not fetched yet, are asked for again there; events that were not fetched yet are in it.
 *
 * @return LOCKWAIT_RESULT_OK, _BUFFER_TOO_SMALL, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_snapshot(struct lockwait_router *router,
                                         char *buffer,
                                         size_t capacity,
                                         size_t *length);

/**
 * Makes a router from a snapshot.
 *
 * @param text, length what lockwait_router_snapshot wrote
 * @param out          written; free with lockwait_router_free
 * @return LOCKWAIT_RESULT_OK, _INVALID_SNAPSHOT (the last error says why), _INVALID_TEXT, _NULL_POINTER, _TOO_MANY
 */
LOCKWAIT_API
lockwait_result lockwait_router_restore(const char *text,
                                        size_t length,
                                        struct lockwait_router **out);

/**
 * Starts a pickup. A file that is already being picked up gives the pickup it has. After lockwait_router_stop the
 * pickup ends at once, without an event.
 *
 * @param folder, folder_length the folder's path, any length of UTF-8 (outside Windows: any bytes but zero)
 * @param name, name_length     the file's name in the folder
 * @param pickup                written: the pickup; never 0, and never used again for another file while the router lives
 * @return LOCKWAIT_RESULT_OK, _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_submit(struct lockwait_router *router,
                                       uint64_t now,
                                       const char *folder,
                                       size_t folder_length,
                                       const char *name,
                                       size_t name_length,
                                       uint64_t *pickup);

/**
 * As lockwait_router_submit, in UTF-16; unpaired surrogates survive.
 */
LOCKWAIT_API
lockwait_result lockwait_router_submit_utf16(struct lockwait_router *router,
                                             uint64_t now,
                                             const uint16_t *folder,
                                             size_t folder_length,
                                             const uint16_t *name,
                                             size_t name_length,
                                             uint64_t *pickup);

/**
 * Finds the pickup of a file that is being picked up: for a notice that names a file.
 *
 * @param pickup written
 * @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_find(struct lockwait_router *router,
                                     const char *folder,
                                     size_t folder_length,
                                     const char *name,
                                     size_t name_length,
                                     uint64_t *pickup);

/**
 * As lockwait_router_find, in UTF-16.
 */
LOCKWAIT_API
lockwait_result lockwait_router_find_utf16(struct lockwait_router *router,
                                           const uint16_t *folder,
                                           size_t folder_length,
                                           const uint16_t *name,
                                           size_t name_length,
                                           uint64_t *pickup);

/**
 * Says that trying this file now may pay. Ignored for pickups that have ended.
 *
 * @param hint one of the LOCKWAIT_HINT_ numbers
 * @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_hint(struct lockwait_router *router,
                                     uint64_t now,
                                     uint64_t pickup,
                                     uint32_t hint);

/**
 * Ends a pickup as cancelled: at once, or with the host's answer where an action is outstanding. The files that
 * travel with it are left where they are, too. Ignored for pickups that have ended.
 *
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_cancel(struct lockwait_router *router,
                                       uint64_t now,
                                       uint64_t pickup);

/**
 * Says that a folder cannot be reached, apart from any file in it.
 *
 * @param folder, folder_length the folder's path, spelt as in lockwait_router_submit
 * @param domain, value         what it failed with
 * @return LOCKWAIT_RESULT_OK, _INVALID_TEXT, _INVALID_ARGUMENT, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_folder_lost(struct lockwait_router *router,
                                            uint64_t now,
                                            const char *folder,
                                            size_t folder_length,
                                            uint32_t domain,
                                            uint32_t value);

/**
 * Says that a folder can be reached.
 *
 * @param folder, folder_length the folder's path, spelt as in lockwait_router_submit
 * @return LOCKWAIT_RESULT_OK, _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_folder_found(struct lockwait_router *router,
                                             uint64_t now,
                                             const char *folder,
                                             size_t folder_length);

/**
 * Answers LOCKWAIT_ACTION_TRY: looked, and nobody stands in the way.
 *
 * With LOCKWAIT_CONTENT_CHECK and a finished leader whose members cannot be used, the answer becomes a rejection.
 *
 * @param look copied
 * @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_ARGUMENT, _INVALID_SIZE,
 *         _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_opened(struct lockwait_router *router,
                                              uint64_t now,
                                              uint64_t pickup,
                                              const struct lockwait_look *look);

/**
 * Answers LOCKWAIT_ACTION_TRY, _TAKE or _QUARANTINE: the attempt failed.
 *
 * @param refusal copied
 * @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_ARGUMENT, _INVALID_SIZE,
 *         _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_refused(struct lockwait_router *router,
                                               uint64_t now,
                                               uint64_t pickup,
                                               const struct lockwait_refusal *refusal);

/**
 * As lockwait_router_answer_refused for a host that knows nothing but the number: of one file, with
 * LOCKWAIT_METHOD_OPEN.
 *
 * @param domain one of the LOCKWAIT_DOMAIN_ numbers
 * @param value  the raw number: GetLastError(), errno, an NTSTATUS, an NCP completion code
 * @return as lockwait_router_answer_refused
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_code(struct lockwait_router *router,
                                            uint64_t now,
                                            uint64_t pickup,
                                            uint32_t domain,
                                            uint32_t value);

/**
 * Answers LOCKWAIT_ACTION_TAKE: the file is at the destination and no longer at the source.
 *
 * @param to, to_length where it is now, as a full path
 * @param bytes         its size
 * @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_TEXT, _NULL_POINTER,
 *         _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_taken(struct lockwait_router *router,
                                             uint64_t now,
                                             uint64_t pickup,
                                             const char *to,
                                             size_t to_length,
                                             uint64_t bytes);

/**
 * As lockwait_router_answer_taken, in UTF-16.
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_taken_utf16(struct lockwait_router *router,
                                                   uint64_t now,
                                                   uint64_t pickup,
                                                   const uint16_t *to,
                                                   size_t to_length,
                                                   uint64_t bytes);

/**
 * Answers LOCKWAIT_ACTION_TAKE: the file changed between the look and the end of the burst; the copy was thrown away
 * and the source is intact.
 *
 * @param facts the file as it is now; NULL where that could not be had
 * @return as lockwait_router_answer_taken
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_changed(struct lockwait_router *router,
                                               uint64_t now,
                                               uint64_t pickup,
                                               const struct lockwait_facts *facts);

/**
 * Answers LOCKWAIT_ACTION_IDENTIFY: asked, and these hold it.
 *
 * @param holders, count copied; a count of 0 says that nobody does. Every element has its size set, and all the same
 * @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_ARGUMENT, _INVALID_SIZE,
 *         _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_holders(struct lockwait_router *router,
                                               uint64_t now,
                                               uint64_t pickup,
                                               const struct lockwait_holder *holders,
                                               size_t count);

/**
 * Answers LOCKWAIT_ACTION_IDENTIFY: nobody could be asked, for this reason. A host that cannot ask answers
 * LOCKWAIT_DOMAIN_ERRNO, 38 (ENOSYS), or LOCKWAIT_DOMAIN_WIN32, 50 (ERROR_NOT_SUPPORTED).
 *
 * @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_ARGUMENT, _NULL_POINTER,
 *         _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_could_not_ask(struct lockwait_router *router,
                                                     uint64_t now,
                                                     uint64_t pickup,
                                                     uint32_t domain,
                                                     uint32_t value);

#if defined(LOCKWAIT_MODERN)
/**
 * Answers LOCKWAIT_ACTION_IDENTIFY by asking the operating system, as the native runner does. Blocks while it is
 * asked: some milliseconds. Not in the legacy flavour.
 *
 * @return as lockwait_router_answer_holders
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_who(struct lockwait_router *router,
                                           uint64_t now,
                                           uint64_t pickup);
#endif

/**
 * Answers LOCKWAIT_ACTION_TRY or _TAKE: the content is unusable.
 *
 * @param domain, value why; LOCKWAIT_DOMAIN_LOCKWAIT, 4 for content that makes no sense
 * @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_ARGUMENT, _NULL_POINTER,
 *         _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_rejected(struct lockwait_router *router,
                                                uint64_t now,
                                                uint64_t pickup,
                                                uint32_t domain,
                                                uint32_t value);

/**
 * Answers LOCKWAIT_ACTION_QUARANTINE: the file is in the bad folder.
 *
 * @param to, to_length where it is now, as a full path
 * @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_TEXT, _NULL_POINTER,
 *         _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_quarantined(struct lockwait_router *router,
                                                   uint64_t now,
                                                   uint64_t pickup,
                                                   const char *to,
                                                   size_t to_length);

/**
 * As lockwait_router_answer_quarantined, in UTF-16.
 */
LOCKWAIT_API
lockwait_result lockwait_router_answer_quarantined_utf16(struct lockwait_router *router,
                                                         uint64_t now,
                                                         uint64_t pickup,
                                                         const uint16_t *to,
                                                         size_t to_length);

/**
 * Says how many bytes of both ends of a file lockwait_content_check and LOCKWAIT_CONTENT_CHECK need. A file that is
 * not longer than both together is best read whole, as `head`.
 *
 * @param name, name_length the file's name
 * @param head, head_length its first bytes if some were read already; the answer may change with them
 * @param want_head, want_tail written, in bytes
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_TEXT
 *
 * Any thread.
 */
LOCKWAIT_API
lockwait_result lockwait_content_wanted(const char *name,
                                        size_t name_length,
                                        const uint8_t *head,
                                        size_t head_length,
                                        size_t *want_head,
                                        size_t *want_tail);

/**
 * Says whether the content of a file proves its own end ("-END-", "%%EOF", a ZIP directory, ...).
 *
 * @param name, name_length the file's name
 * @param length            the file's length in bytes
 * @param head, head_length its first bytes
 * @param tail, tail_length its last bytes
 * @param content           written: one of the LOCKWAIT_CONTENT_ numbers
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_TEXT
 *
 * Any thread.
 */
LOCKWAIT_API
lockwait_result lockwait_content_check(const char *name,
                                       size_t name_length,
                                       uint64_t length,
                                       const uint8_t *head,
                                       size_t head_length,
                                       const uint8_t *tail,
                                       size_t tail_length,
                                       uint32_t *content);

/**
 * Gives the next event of a router.
 *
 * @param out written; free with lockwait_event_free
 * @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (none now), _NULL_POINTER, _INVALID_HANDLE, _TOO_MANY
 */
LOCKWAIT_API
lockwait_result lockwait_router_next_event(struct lockwait_router *router,
                                           struct lockwait_event **out);

/**
 * Ends an event. NULL is allowed and does nothing. One that was lent to a callback is not the callback's to end.
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_event_free(struct lockwait_event *event);

/**
 * Writes everything about an event that is a number.
 *
 * @param out written; the caller sets its size
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
 */
LOCKWAIT_API
lockwait_result lockwait_event_get(const struct lockwait_event *event,
                                   struct lockwait_event_info *out);

/**
 * Writes one of an event's texts.
 *
 * @param which one of the LOCKWAIT_TEXT_ numbers; LOCKWAIT_TEXT_INSERTION + 0 to + 7
 * @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _BUFFER_TOO_SMALL, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_event_text(const struct lockwait_event *event,
                                    uint32_t which,
                                    char *buffer,
                                    size_t capacity,
                                    size_t *length);

/**
 * As lockwait_event_text, in UTF-16.
 */
LOCKWAIT_API
lockwait_result lockwait_event_text_utf16(const struct lockwait_event *event,
                                          uint32_t which,
                                          uint16_t *buffer,
                                          size_t capacity,
                                          size_t *length);

/**
 * Gives one reason of an event's verdict, strongest first.
 *
 * @param index from 0
 * @param out   written; the caller sets its size
 * @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (no such), _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
 */
LOCKWAIT_API
lockwait_result lockwait_event_reason(const struct lockwait_event *event,
                                      size_t index,
                                      struct lockwait_reason *out);

/**
 * Gives one holder that an event names.
 *
 * @param index from 0
 * @param out   written; the caller sets its size. The texts stay until the event is freed
 * @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (no such), _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
 */
LOCKWAIT_API
lockwait_result lockwait_event_holder(const struct lockwait_event *event,
                                      size_t index,
                                      struct lockwait_holder *out);

/**
 * Starts recording everything that is put into a router, and a digest of all that comes out. To be called before
 * anything is put in. From now on lockwait_router_next_trace_line gives the lines; a line that is not fetched stays in
 * memory.
 *
 * @return LOCKWAIT_RESULT_OK, _WRONG_STATE (something was put in, or it is being recorded), _NULL_POINTER,
 *         _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_trace(struct lockwait_router *router);

/**
 * Writes the next line of the trace, without its end, and forgets it. Written one after another with line ends, they
 * are a file that lockwait_trace_replay and `lockwait replay` read.
 *
 * @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (none now), _BUFFER_TOO_SMALL (the line stays), _NULL_POINTER,
 *         _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_router_next_trace_line(struct lockwait_router *router,
                                                char *buffer,
                                                size_t capacity,
                                                size_t *length);

/**
 * Replays a whole trace.
 *
 * @param text, length the trace: JSON Lines
 * @param policy       NULL: as recorded, and the outputs must be those recorded. Else the recorded answers are given
 *                     to this policy as far as they fit, and nothing is compared
 * @param out          written; free with lockwait_replay_free
 * @return LOCKWAIT_RESULT_OK, _TRACE_MALFORMED, _TRACE_DIFFERS (the last error says in which line), _INVALID_TEXT,
 *         _INVALID_POLICY, _NULL_POINTER, _INVALID_HANDLE, _TOO_MANY
 *
 * Any thread.
 */
LOCKWAIT_API
lockwait_result lockwait_trace_replay(const char *text,
                                      size_t length,
                                      const struct lockwait_policy *policy,
                                      struct lockwait_replay **out);

/**
 * Says what a replay came to.
 *
 * @param out written; the caller sets its size
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
 */
LOCKWAIT_API
lockwait_result lockwait_replay_get(struct lockwait_replay *replay,
                                    struct lockwait_replay_info *out);

/**
 * Gives the next event of a replay.
 *
 * @param out written; free with lockwait_event_free
 * @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (no more), _NULL_POINTER, _INVALID_HANDLE, _TOO_MANY
 */
LOCKWAIT_API
lockwait_result lockwait_replay_next_event(struct lockwait_replay *replay,
                                           struct lockwait_event **out);

/**
 * Ends a replay. NULL is allowed and does nothing.
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_HANDLE
 */
LOCKWAIT_API lockwait_result lockwait_replay_free(struct lockwait_replay *replay);

#if defined(LOCKWAIT_MODERN)
/**
 * Makes a run that is to be set up.
 *
 * @param out written; free with lockwait_pickup_free
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _TOO_MANY
 */
LOCKWAIT_API lockwait_result lockwait_pickup_new(struct lockwait_pickup **out);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Names a folder or file of a run.
 *
 * @param role         one of the LOCKWAIT_ROLE_ numbers
 * @param path, length any path; a relative one counts from the process's working folder at the start of the run
 * @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _INVALID_TEXT, _WRONG_STATE (it has begun), _SYSTEM, _NULL_POINTER,
 *         _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_pickup_set_path(struct lockwait_pickup *pickup,
                                         uint32_t role,
                                         const char *path,
                                         size_t length);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * As lockwait_pickup_set_path, in UTF-16.
 */
LOCKWAIT_API
lockwait_result lockwait_pickup_set_path_utf16(struct lockwait_pickup *pickup,
                                               uint32_t role,
                                               const uint16_t *path,
                                               size_t length);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Sets the policy of a run, which is copied; NULL for the defaults.
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_POLICY, _WRONG_STATE (it has begun), _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_pickup_set_policy(struct lockwait_pickup *pickup,
                                           const struct lockwait_policy *policy);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Sets one of the LOCKWAIT_OPTION_ numbers.
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _WRONG_STATE (it has begun), _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_pickup_set_option(struct lockwait_pickup *pickup,
                                           uint32_t option,
                                           uint64_t value);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Sets who is told what happens; each may be NULL. All are called on the thread that runs: that of
 * lockwait_pickup_run, or the one that lockwait_pickup_start made. Who takes long delays every file. A callback may
 * call lockwait_pickup_cancel and everything about events, but neither lockwait_pickup_wait nor lockwait_pickup_free
 * for its own run.
 *
 * @param user handed back to each callback
 * @return LOCKWAIT_RESULT_OK, _WRONG_STATE (it has begun), _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_pickup_set_callbacks(struct lockwait_pickup *pickup,
                                              void *user,
                                              lockwait_event_callback event,
                                              lockwait_progress_callback progress,
                                              lockwait_trouble_callback trouble);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Runs on the calling thread until every file has ended (LOCKWAIT_OPTION_ONCE, or only single files), the limit is
 * reached, or lockwait_pickup_cancel is called.
 *
 * @param out written unless NULL; the caller sets its size
 * @return LOCKWAIT_RESULT_OK, _CANNOT_START (the last error says why and what to do), _WRONG_STATE (it was run
 *         before), _PANIC, _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
 */
LOCKWAIT_API
lockwait_result lockwait_pickup_run(struct lockwait_pickup *pickup,
                                    struct lockwait_summary *out);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Runs on a thread of its own. Returns when the checks before the start have passed, or have failed.
 *
 * @return LOCKWAIT_RESULT_OK, _CANNOT_START (the last error says why and what to do), _WRONG_STATE (it was run
 *         before), _SYSTEM (no more threads), _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_pickup_start(struct lockwait_pickup *pickup);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Waits until a run has ended.
 *
 * @param timeout_ms in milliseconds; 0 asks without waiting, LOCKWAIT_FOREVER has no limit
 * @param out        written unless NULL; the caller sets its size
 * @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_TIMEOUT (it goes on), _CANNOT_START (it never began), _WRONG_STATE (not
 *         started, or called by a callback of the run), _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
 */
LOCKWAIT_API
lockwait_result lockwait_pickup_wait(struct lockwait_pickup *pickup,
                                     uint32_t timeout_ms,
                                     struct lockwait_summary *out);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Ends a run within 100 ms: files that are not being taken stay where they are, and one that is being copied keeps its
 * source. May be called at any time, by any thread, more than once; a run that has not begun ends as soon as it does.
 *
 * @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_pickup_cancel(struct lockwait_pickup *pickup);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Ends a pickup; a run that goes on is cancelled and waited for. NULL is allowed and does nothing.
 *
 * @return LOCKWAIT_RESULT_OK, _WRONG_STATE (called by a callback of the run; it goes on), _INVALID_HANDLE
 */
LOCKWAIT_API lockwait_result lockwait_pickup_free(struct lockwait_pickup *pickup);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Opens a log.
 *
 * @param target, length "eventlog" (Windows), "journald" or "syslog" (Linux), or the path of a file that JSON Lines
 *                       are added to
 * @param out            written; free with lockwait_sink_free
 * @return LOCKWAIT_RESULT_OK, _SYSTEM (the last error says why), _INVALID_TEXT, _NULL_POINTER, _TOO_MANY
 */
LOCKWAIT_API
lockwait_result lockwait_sink_open(const char *target,
                                   size_t length,
                                   struct lockwait_sink **out);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Writes one event, routine or not; see lockwait_event_info for which to leave out.
 *
 * @return LOCKWAIT_RESULT_OK, _SYSTEM (it was not written; the next may be), _NULL_POINTER, _INVALID_HANDLE
 */
LOCKWAIT_API
lockwait_result lockwait_sink_write(struct lockwait_sink *sink,
                                    const struct lockwait_event *event);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Ends a sink. NULL is allowed and does nothing.
 *
 * @return LOCKWAIT_RESULT_OK, _INVALID_HANDLE
 */
LOCKWAIT_API lockwait_result lockwait_sink_free(struct lockwait_sink *sink);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Tells Windows which file has the sentences of Lockwait's events: the path of this very DLL, where it is going to stay.
 * Takes an administrator, once; without it the log keeps the events all the same, and viewers show their texts without
 * the sentences.
 *
 * @param path, length the DLL's full path
 * @return LOCKWAIT_RESULT_OK, _SYSTEM (the last error says why), _UNSUPPORTED (not on Windows), _INVALID_TEXT,
 *         _NULL_POINTER
 *
 * Any thread.
 */
LOCKWAIT_API
lockwait_result lockwait_sink_register(const char *path,
                                       size_t length);
#endif

#if defined(LOCKWAIT_MODERN)
/**
 * Takes back what lockwait_sink_register told Windows. Takes an administrator.
 *
 * @return LOCKWAIT_RESULT_OK, _SYSTEM (the last error says why), _UNSUPPORTED (not on Windows)
 *
 * Any thread.
 */
LOCKWAIT_API lockwait_result lockwait_sink_unregister(void);
#endif


#ifdef __cplusplus
}
#endif

#endif /* LOCKWAIT_H */
