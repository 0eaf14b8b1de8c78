/* The native runner: Lockwait does the I/O. */
#include "scene.h"

#include <stdlib.h>

/* Long enough for anything that is not broken. */
enum { LONG_MS = 60000 };

/* Callbacks run on the runner's thread: they note, and the main thread checks after the run. */
struct notes {
    lockwait_pickup *run;
    unsigned events, acquired, progress, troubles;
    int cancel_at_event;
    lockwait_result cancelled, waited, freed, run_again;
    char path[256];
    uint64_t bytes;
};

static void on_event(void *user, const lockwait_event *event)
{
    struct notes *notes = user;
    lockwait_event_info info;
    info.size = sizeof info;
    notes->events++;
    if (lockwait_event_get(event, &info) == LOCKWAIT_RESULT_OK && info.id == LOCKWAIT_EVENT_ACQUIRED) {
        notes->acquired++;
        notes->bytes += info.bytes;
        lockwait_event_text(event, LOCKWAIT_TEXT_TO, notes->path, sizeof notes->path, NULL);
    }
    if (notes->cancel_at_event) {
        lockwait_summary summary;
        summary.size = sizeof summary;
        notes->waited = lockwait_pickup_wait(notes->run, LONG_MS, &summary);
        notes->freed = lockwait_pickup_free(notes->run);
        notes->run_again = lockwait_pickup_run(notes->run, NULL);
        notes->cancelled = lockwait_pickup_cancel(notes->run);
    }
}

static void on_progress(void *user, const lockwait_progress *progress)
{
    struct notes *notes = user;
    if (progress->size >= sizeof *progress)
        notes->progress++;
}

static void on_trouble(void *user, const char *text, size_t length)
{
    struct notes *notes = user;
    (void)text;
    (void)length;
    notes->troubles++;
}

/* A run from `from` to `into`, with the callbacks above. */
static lockwait_pickup *set_up(const char *from, const char *into, struct notes *notes)
{
    lockwait_pickup *run = NULL;
    make_folder(from);
    make_folder(into);
    memset(notes, 0, sizeof *notes);
    CHECK_OK(lockwait_pickup_new(&run));
    notes->run = run;
    CHECK_OK(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_SOURCE, from, strlen(from)));
    CHECK_OK(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_INTO, into, strlen(into)));
    CHECK_OK(lockwait_pickup_set_callbacks(run, notes, on_event, on_progress, on_trouble));
    return run;
}

static lockwait_policy *settled_at_once(void)
{
    lockwait_policy *policy = make(A_POLICY);
    CHECK_OK(lockwait_policy_set(policy, TEXT("settle"), TEXT("0ms")));
    CHECK_OK(lockwait_policy_set(policy, TEXT("sync"), TEXT("false")));
    return policy;
}

/* What was written as a run went can be replayed here. On a busy machine the run does not wait until all is written: it
   says so, and the rest is written nevertheless. */
static void check_trace(const char *path)
{
    lockwait_replay_info info;
    uint64_t begun = 0, now = 0;
    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    CHECK_OK(lockwait_now(&begun));
    do {
        lockwait_replay *replay = NULL;
        size_t length = 0;
        char *content = read_file(path, &length);
        if (lockwait_trace_replay(content, length, NULL, &replay) == LOCKWAIT_RESULT_OK)
            CHECK_OK(lockwait_replay_get(replay, &info));
        CHECK_OK(lockwait_replay_free(replay));
        free(content);
        thread_pass();
        CHECK_OK(lockwait_now(&now));
    } while ((info.events < 2 || info.open > 0) && now - begun < UINT64_C(1000) * LONG_MS);
    CHECK(info.events >= 2);
    CHECK_NUMBER(info.open, 0);
}

static void a_run_takes_what_is_there(void)
{
    struct notes notes;
    lockwait_summary summary;
    lockwait_policy *policy = settled_at_once();
    lockwait_pickup *run;
    size_t length = 0;
    char *content;
    make_folder("run-from");
    write_file("run-from/one.txt", "one", 3);
    write_file("run-from/two.txt", "second", 6);
    run = set_up("run-from", "run-into", &notes);
    CHECK_OK(lockwait_pickup_set_option(run, LOCKWAIT_OPTION_ONCE, 1));
    CHECK_OK(lockwait_pickup_set_option(run, LOCKWAIT_OPTION_PROGRESS_MS, 10));
    CHECK_OK(lockwait_pickup_set_policy(run, policy));
    CHECK_OK(lockwait_policy_free(policy));
    CHECK_OK(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_TRACE, TEXT("run.trace")));
    memset(&summary, 0xA5, sizeof summary);
    summary.size = sizeof summary;
    CHECK_OK(lockwait_pickup_run(run, &summary));
    CHECK_NUMBER(summary.taken, 2);
    CHECK_NUMBER(summary.bytes, 9);
    CHECK(summary.refused == 0 && summary.gone == 0 && summary.quarantined == 0 && summary.cancelled == 0);
    CHECK_NUMBER(notes.acquired, 2);
    CHECK_NUMBER(notes.bytes, 9);
    CHECK(notes.progress > 0 && strstr(notes.path, "run-into") != NULL);
    CHECK(!file_exists("run-from/one.txt") && !file_exists("run-from/two.txt"));
    content = read_file("run-into/two.txt", &length);
    CHECK_TEXT(content, "second");
    free(content);
    check_trace("run.trace");
    /* A run is run once, and can still be asked how it went. */
    CHECK_RESULT(lockwait_pickup_run(run, NULL), WRONG_STATE);
    CHECK_RESULT(lockwait_pickup_start(run), WRONG_STATE);
    CHECK_RESULT(lockwait_pickup_set_option(run, LOCKWAIT_OPTION_ONCE, 0), WRONG_STATE);
    CHECK_RESULT(lockwait_pickup_set_policy(run, NULL), WRONG_STATE);
    CHECK_RESULT(lockwait_pickup_set_callbacks(run, NULL, NULL, NULL, NULL), WRONG_STATE);
    CHECK_RESULT(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_INTO, TEXT("x")), WRONG_STATE);
    summary.taken = 0;
    CHECK_OK(lockwait_pickup_wait(run, 0, &summary));
    CHECK_NUMBER(summary.taken, 2);
    CHECK_OK(lockwait_pickup_free(run));
}

static void a_single_file_is_taken(void)
{
    static const uint16_t utf16[] = {'f', 'i', 'l', 'e', '-', 'f', 'r', 'o', 'm', '/', 'o', 'n', 'e'};
    lockwait_policy *policy = settled_at_once();
    lockwait_pickup *run = NULL;
    lockwait_summary summary;
    make_folder("file-from");
    make_folder("file-into");
    write_file("file-from/one", "1", 1);
    write_file("file-from/other", "2", 1);
    CHECK_OK(lockwait_pickup_new(&run));
    CHECK_OK(lockwait_pickup_set_path_utf16(run, LOCKWAIT_ROLE_FILE, utf16, sizeof utf16 / sizeof utf16[0]));
    CHECK_OK(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_INTO, TEXT("file-into")));
    CHECK_OK(lockwait_pickup_set_policy(run, policy));
    summary.size = sizeof summary;
    /* Without callbacks. */
    CHECK_OK(lockwait_pickup_run(run, &summary));
    CHECK_NUMBER(summary.taken, 1);
    CHECK(file_exists("file-into/one") && file_exists("file-from/other") && !file_exists("file-from/one"));
    CHECK_OK(lockwait_pickup_free(run));
    CHECK_OK(lockwait_policy_free(policy));
}

static void a_run_that_cannot_start_says_why(void)
{
    lockwait_pickup *run = NULL;
    lockwait_summary summary;
    memset(&summary, 0xA5, sizeof summary);
    summary.size = sizeof summary;
    CHECK_OK(lockwait_pickup_new(&run));
    CHECK_RESULT(lockwait_pickup_wait(run, 0, NULL), WRONG_STATE);
    CHECK_RESULT(lockwait_pickup_run(run, &summary), CANNOT_START);
    CHECK_LAST_ERROR("LOCKWAIT_ROLE_INTO");
    /* Nothing was begun: it can be set up still. */
    CHECK_OK(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_INTO, TEXT("no-such-into")));
    CHECK_OK(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_SOURCE, TEXT("no-such-from")));
    CHECK_RESULT(lockwait_pickup_start(run), CANNOT_START);
    CHECK_LAST_ERROR("no-such-");
    CHECK_RESULT(lockwait_pickup_wait(run, LOCKWAIT_FOREVER, &summary), CANNOT_START);
    CHECK_RESULT(lockwait_pickup_run(run, &summary), WRONG_STATE);
    CHECK(summary.taken == UINT64_C(0xA5A5A5A5A5A5A5A5));
    CHECK_RESULT(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_TRACE, TEXT("no-such-folder/trace")), WRONG_STATE);
    CHECK_OK(lockwait_pickup_free(run));
    CHECK_OK(lockwait_pickup_new(&run));
    CHECK_RESULT(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_TRACE, TEXT("no-such-folder/trace")), SYSTEM);
    CHECK_LAST_ERROR("no-such-folder");
    CHECK_OK(lockwait_pickup_free(run));
}

/* Cancels a run from another thread. */
static void cancel(void *run)
{
    lockwait_pickup_cancel(run);
}

static void a_watch_goes_on_until_another_thread_cancels_it(void)
{
    struct notes notes;
    lockwait_summary summary;
    struct thread *thread;
    lockwait_pickup *run = set_up("watch-from", "watch-into", &notes);
    memset(&summary, 0xA5, sizeof summary);
    summary.size = sizeof summary;
    CHECK_OK(lockwait_pickup_start(run));
    CHECK_RESULT(lockwait_pickup_start(run), WRONG_STATE);
    CHECK_RESULT(lockwait_pickup_wait(run, 0, &summary), TIMEOUT);
    CHECK_RESULT(lockwait_pickup_wait(run, 20, &summary), TIMEOUT);
    CHECK(summary.taken == UINT64_C(0xA5A5A5A5A5A5A5A5));
    thread = thread_start(cancel, run);
    CHECK_OK(lockwait_pickup_wait(run, LONG_MS, &summary));
    thread_join(thread);
    CHECK_NUMBER(summary.taken, 0);
    CHECK_OK(lockwait_pickup_cancel(run));
    CHECK_OK(lockwait_pickup_free(run));
}

/* Runs on its own thread, while the main one cancels. */
struct blocked {
    lockwait_pickup *run;
    lockwait_result result;
};

static void run_blocking(void *argument)
{
    struct blocked *blocked = argument;
    blocked->result = lockwait_pickup_run(blocked->run, NULL);
}

static void a_blocking_run_is_cancelled_from_another_thread(void)
{
    struct notes notes;
    struct blocked blocked;
    struct thread *thread;
    blocked.run = set_up("block-from", "block-into", &notes);
    blocked.result = LOCKWAIT_RESULT_UNSUPPORTED;
    thread = thread_start(run_blocking, &blocked);
    /* Before it has begun it cannot be waited for. */
    while (lockwait_pickup_wait(blocked.run, 1, NULL) == LOCKWAIT_RESULT_WRONG_STATE)
        thread_pass();
    CHECK_OK(lockwait_pickup_cancel(blocked.run));
    thread_join(thread);
    check_result(blocked.result, LOCKWAIT_RESULT_OK, __FILE__, __LINE__, "lockwait_pickup_run");
    CHECK_OK(lockwait_pickup_wait(blocked.run, 0, NULL));
    CHECK_OK(lockwait_pickup_free(blocked.run));
}

static void a_run_cancelled_before_it_begins_ends_at_once(void)
{
    struct notes notes;
    lockwait_summary summary;
    lockwait_pickup *run;
    make_folder("early-from");
    write_file("early-from/a", "a", 1);
    run = set_up("early-from", "early-into", &notes);
    CHECK_OK(lockwait_pickup_cancel(run));
    summary.size = sizeof summary;
    CHECK_OK(lockwait_pickup_run(run, &summary));
    CHECK_NUMBER(summary.taken, 0);
    CHECK(file_exists("early-from/a"));
    CHECK_OK(lockwait_pickup_free(run));
}

/* What a callback may do, and what it must not, with the run that calls it. */
static void a_callback_may_cancel_but_neither_wait_nor_free(void)
{
    struct notes notes;
    lockwait_policy *policy = settled_at_once();
    lockwait_pickup *run;
    make_folder("callback-from");
    write_file("callback-from/a", "a", 1);
    run = set_up("callback-from", "callback-into", &notes);
    notes.cancel_at_event = 1;
    CHECK_OK(lockwait_pickup_set_policy(run, policy));
    CHECK_OK(lockwait_pickup_start(run));
    CHECK_OK(lockwait_pickup_wait(run, LONG_MS, NULL));
    CHECK(notes.events > 0);
    CHECK_NUMBER(notes.cancelled, LOCKWAIT_RESULT_OK);
    CHECK_NUMBER(notes.waited, LOCKWAIT_RESULT_WRONG_STATE);
    CHECK_NUMBER(notes.freed, LOCKWAIT_RESULT_WRONG_STATE);
    CHECK_NUMBER(notes.run_again, LOCKWAIT_RESULT_WRONG_STATE);
    CHECK_OK(lockwait_pickup_free(run));
    CHECK_OK(lockwait_policy_free(policy));
}

static void keep_event(void *user, const lockwait_event *event)
{
    *(const lockwait_event **)user = event;
}

static void an_event_is_lent_for_the_callback_only(void)
{
    struct notes notes;
    const lockwait_event *kept = NULL;
    lockwait_event_info info;
    lockwait_policy *policy = settled_at_once();
    lockwait_pickup *run;
    make_folder("lent-from");
    write_file("lent-from/a", "a", 1);
    run = set_up("lent-from", "lent-into", &notes);
    CHECK_OK(lockwait_pickup_set_callbacks(run, &kept, keep_event, NULL, NULL));
    CHECK_OK(lockwait_pickup_set_policy(run, policy));
    CHECK_OK(lockwait_pickup_set_option(run, LOCKWAIT_OPTION_ONCE, 1));
    CHECK_OK(lockwait_pickup_run(run, NULL));
    CHECK(kept != NULL);
    info.size = sizeof info;
    CHECK_RESULT(lockwait_event_get(kept, &info), INVALID_HANDLE);
    CHECK_OK(lockwait_pickup_free(run));
    CHECK_OK(lockwait_policy_free(policy));
}

static void to_free_a_run_ends_it(void)
{
    struct notes notes;
    lockwait_pickup *run = set_up("free-from", "free-into", &notes);
    unsigned events;
    CHECK_OK(lockwait_pickup_start(run));
    CHECK_OK(lockwait_pickup_free(run));
    /* Nobody calls back any more: `notes` may go. */
    events = notes.events;
    CHECK_RESULT(lockwait_pickup_wait(run, 0, NULL), INVALID_HANDLE);
    CHECK_RESULT(lockwait_pickup_cancel(run), INVALID_HANDLE);
    CHECK_NUMBER(notes.events, events);
}

/* Several runs at once, each with folders of its own; none of them minds extreme options. */
static void runs_do_not_mind_each_other(void)
{
    static const char *const from[] = {"many-from-0", "many-from-1", "many-from-2"};
    static const char *const into[] = {"many-into-0", "many-into-1", "many-into-2"};
    lockwait_policy *policy = settled_at_once();
    struct notes notes[3];
    lockwait_pickup *runs[3];
    unsigned index;
    for (index = 0; index < 3; index++) {
        char file[32];
        make_folder(from[index]);
        snprintf(file, sizeof file, "%s/a", from[index]);
        write_file(file, "abc", 3);
        runs[index] = set_up(from[index], into[index], &notes[index]);
        CHECK_OK(lockwait_pickup_set_policy(runs[index], policy));
        CHECK_OK(lockwait_pickup_set_option(runs[index], LOCKWAIT_OPTION_ONCE, 1));
        CHECK_OK(lockwait_pickup_set_option(runs[index], LOCKWAIT_OPTION_HINTS, index % 2));
        CHECK_OK(lockwait_pickup_set_option(runs[index], LOCKWAIT_OPTION_LIMIT_MS, UINT64_MAX - index));
        CHECK_OK(lockwait_pickup_set_option(runs[index], LOCKWAIT_OPTION_PROGRESS_MS, UINT64_MAX - index));
        CHECK_OK(lockwait_pickup_start(runs[index]));
    }
    for (index = 0; index < 3; index++) {
        lockwait_summary summary;
        summary.size = sizeof summary;
        CHECK_OK(lockwait_pickup_wait(runs[index], LONG_MS, &summary));
        CHECK_NUMBER(summary.taken, 1);
        CHECK_NUMBER(notes[index].acquired, 1);
        CHECK_OK(lockwait_pickup_free(runs[index]));
    }
    CHECK_OK(lockwait_policy_free(policy));
}

static void a_limit_ends_a_run(void)
{
    struct notes notes;
    lockwait_pickup *run = set_up("limit-from", "limit-into", &notes);
    CHECK_OK(lockwait_pickup_set_option(run, LOCKWAIT_OPTION_LIMIT_MS, 50));
    CHECK_OK(lockwait_pickup_run(run, NULL));
    CHECK_OK(lockwait_pickup_free(run));
}

static void events_go_into_a_log(void)
{
    lockwait_event *event = held_event();
    lockwait_sink *sink = NULL;
    char *content;
    size_t length = 0;
    CHECK_OK(lockwait_sink_open(TEXT("events.jsonl"), &sink));
    CHECK_OK(lockwait_sink_write(sink, event));
    CHECK_OK(lockwait_sink_write(sink, event));
    CHECK_OK(lockwait_sink_free(sink));
    CHECK_OK(lockwait_event_free(event));
    content = read_file("events.jsonl", &length);
    CHECK(strstr(content, "\"id\":6067") != NULL && content[length - 1] == '\n');
    CHECK(strchr(content, '\n') == content + length / 2 - 1);
    free(content);
    CHECK_RESULT(lockwait_sink_open(TEXT("no-such-folder/events.jsonl"), &sink), SYSTEM);
    CHECK_LAST_ERROR("no-such-folder");
}

const struct test pickup_tests[] = {
    {"a_run_takes_what_is_there", a_run_takes_what_is_there},
    {"a_single_file_is_taken", a_single_file_is_taken},
    {"a_run_that_cannot_start_says_why", a_run_that_cannot_start_says_why},
    {"a_watch_goes_on_until_another_thread_cancels_it", a_watch_goes_on_until_another_thread_cancels_it},
    {"a_blocking_run_is_cancelled_from_another_thread", a_blocking_run_is_cancelled_from_another_thread},
    {"a_run_cancelled_before_it_begins_ends_at_once", a_run_cancelled_before_it_begins_ends_at_once},
    {"a_callback_may_cancel_but_neither_wait_nor_free", a_callback_may_cancel_but_neither_wait_nor_free},
    {"an_event_is_lent_for_the_callback_only", an_event_is_lent_for_the_callback_only},
    {"to_free_a_run_ends_it", to_free_a_run_ends_it},
    {"runs_do_not_mind_each_other", runs_do_not_mind_each_other},
    {"a_limit_ends_a_run", a_limit_ends_a_run},
    {"events_go_into_a_log", events_go_into_a_log},
    {NULL, NULL},
};
