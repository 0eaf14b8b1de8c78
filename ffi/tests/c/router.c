/* The router layer as a host uses it: whole stories. */
#include "scene.h"

#include <stdlib.h>

/* From arrival to the event with its verdict: locked, hinted, free, taken. */
static void a_locked_file_is_waited_out_and_taken(void)
{
    const uint64_t start = SCENE_NOW;
    lockwait_router *router = new_router("{\"quiet\": \"1s\"}", 0);
    lockwait_counts counts;
    lockwait_view view;
    lockwait_action action;
    lockwait_event_info info;
    lockwait_event *event;
    uint64_t pickup, now, tries;
    pickup = submit(router, start, "/in", "a.pdf");
    CHECK_NUMBER(submit(router, start, "/in", "a.pdf"), pickup);
    /* Refused, ten times. */
    now = start;
    for (tries = 1; tries <= 10; tries++) {
        wait_for_action(router, &now, LOCKWAIT_ACTION_TRY, pickup);
        /* Every 200 ms, as exactly as timers are. */
        CHECK(now >= start + (tries - 1) * 200000 && now < start + (tries - 1) * 210000 + 1);
        expect_no_action(router);
        CHECK_OK(lockwait_router_answer_code(router, now, pickup, LOCKWAIT_DOMAIN_WIN32, 32));
        /* Early calls do nothing. */
        CHECK_OK(lockwait_router_handle_timeout(router, now + 1000));
        expect_no_action(router);
    }
    counts.size = sizeof counts;
    CHECK_OK(lockwait_router_count(router, &counts));
    CHECK(counts.open == 1 && counts.held == 1);
    view.size = sizeof view;
    CHECK_OK(lockwait_router_view(router, pickup, &view));
    CHECK(view.held != 0 && view.attempts == 10 && view.leader == 0);
    CHECK_NUMBER(view.since, start);
    CHECK_NUMBER(view.held_since, start);
    CHECK(view.code_domain == LOCKWAIT_DOMAIN_WIN32 && view.code_value == 32);
    expect_no_event(router);
    /* Still refused; then a notice, which makes it try at once. */
    wait_for_action(router, &now, LOCKWAIT_ACTION_TRY, pickup);
    CHECK_OK(lockwait_router_answer_code(router, now, pickup, LOCKWAIT_DOMAIN_NTSTATUS, 0xC0000043));
    now += 50000;
    CHECK_OK(lockwait_router_hint(router, now, pickup, LOCKWAIT_HINT_CLOSED));
    expect_action(router, LOCKWAIT_ACTION_TRY, pickup);
    answer_found(router, now, pickup, LOCKWAIT_CONTENT_COMPLETE, 4321);
    action = expect_action(router, LOCKWAIT_ACTION_TAKE, pickup);
    CHECK_NUMBER(action.expected.bytes, 4321);
    CHECK_NUMBER(action.expected.modified, 5);
    CHECK_NUMBER(action.expected.identity, 9);
    CHECK_OK(lockwait_router_answer_taken(router, now + 10, pickup, TEXT("/out/a.pdf"), 4321));
    /* Waited longer than `quiet`: an event, and it is no routine one. */
    event = expect_event(router, LOCKWAIT_EVENT_ACQUIRED, &info);
    CHECK_NUMBER(info.pickup, pickup);
    CHECK_NUMBER(info.end, LOCKWAIT_END_TAKEN);
    CHECK_NUMBER(info.attempts, 11);
    CHECK_NUMBER(info.bytes, 4321);
    CHECK_NUMBER(info.severity, LOCKWAIT_SEVERITY_INFORMATION);
    CHECK_NUMBER(info.routine, 0);
    CHECK_NUMBER(info.since, start);
    CHECK_NUMBER(info.waited, now + 10 - start);
    CHECK(info.advice != LOCKWAIT_ADVICE_NONE && info.advice <= LOCKWAIT_ADVICE_CANNOT_TELL);
    CHECK(info.kind != LOCKWAIT_KIND_NONE && info.confidence != LOCKWAIT_CONFIDENCE_NONE);
    CHECK_NUMBER(info.asked, LOCKWAIT_ASKED_NOT);
    CHECK_OK(lockwait_event_free(event));
    expect_no_event(router);
    /* It has ended. */
    CHECK_OK(lockwait_router_count(router, &counts));
    CHECK(counts.open == 0 && counts.held == 0);
    CHECK_RESULT(lockwait_router_view(router, pickup, &view), NO_SUCH_PICKUP);
    CHECK_RESULT(lockwait_router_answer_code(router, now, pickup, LOCKWAIT_DOMAIN_WIN32, 32), NO_SUCH_PICKUP);
    CHECK_RESULT(lockwait_router_next_timeout(router, &now), EMPTY);
    CHECK_OK(lockwait_router_free(router));
}

/* Patience runs out: who holds it is asked for, and the event says what to do. */
static void a_stuck_file_gets_a_verdict_with_its_holder(void)
{
    lockwait_event_info info;
    lockwait_reason reason;
    lockwait_holder holder;
    lockwait_event *event = held_event();
    uint32_t index;
    info.size = sizeof info;
    CHECK_OK(lockwait_event_get(event, &info));
    CHECK_NUMBER(info.id, LOCKWAIT_EVENT_LOCK_HELD);
    CHECK_NUMBER(info.end, LOCKWAIT_END_NONE);
    CHECK_NUMBER(info.asked, LOCKWAIT_ASKED_FOUND);
    CHECK_NUMBER(info.holders, 1);
    CHECK(info.advice != LOCKWAIT_ADVICE_NONE && info.kind != LOCKWAIT_KIND_NONE && info.reasons > 0);
    CHECK(info.severity >= LOCKWAIT_SEVERITY_WARNING && info.waited >= UINT64_C(30000000));
    holder.size = sizeof holder;
    CHECK_OK(lockwait_event_holder(event, 0, &holder));
    CHECK(holder.pid == 42 && holder.access == LOCKWAIT_ACCESS_READ && holder.owner == 2 && holder.own == 0);
    CHECK(is_text(holder.name, "stuck.exe") && is_text(holder.address, "") && is_text(holder.share, ""));
    CHECK_RESULT(lockwait_event_holder(event, 1, &holder), EMPTY);
    reason.size = sizeof reason;
    for (index = 0; index < info.reasons; index++) {
        CHECK_OK(lockwait_event_reason(event, index, &reason));
        CHECK(reason.name.len > 0 && reason.text.len > 0);
    }
    CHECK_RESULT(lockwait_event_reason(event, index, &reason), EMPTY);
    CHECK_OK(lockwait_event_free(event));
}

static void a_cancelled_pickup_ends_and_a_stopped_router_starts_nothing(void)
{
    lockwait_router *router = new_router("{}", 0);
    lockwait_event_info info;
    lockwait_counts counts;
    uint64_t pickup = submit(router, SCENE_NOW, "/in", "a");
    expect_action(router, LOCKWAIT_ACTION_TRY, pickup);
    CHECK_OK(lockwait_router_cancel(router, SCENE_NOW, pickup));
    /* The answer that is outstanding ends it. */
    CHECK_OK(lockwait_router_answer_code(router, SCENE_NOW, pickup, LOCKWAIT_DOMAIN_WIN32, 32));
    counts.size = sizeof counts;
    CHECK_OK(lockwait_router_count(router, &counts));
    CHECK_NUMBER(counts.open, 0);
    CHECK_OK(lockwait_event_free(expect_event(router, LOCKWAIT_EVENT_GAVE_UP, &info)));
    CHECK_NUMBER(info.end, LOCKWAIT_END_CANCELLED);
    /* Of what has ended, nothing is asked any more, and that is no error. */
    CHECK_OK(lockwait_router_cancel(router, SCENE_NOW, pickup));
    CHECK_OK(lockwait_router_hint(router, SCENE_NOW, pickup, LOCKWAIT_HINT_SEEN));
    CHECK_OK(lockwait_router_stop(router, SCENE_NOW));
    submit(router, SCENE_NOW, "/in", "b");
    expect_no_action(router);
    CHECK_OK(lockwait_router_count(router, &counts));
    CHECK_NUMBER(counts.open, 0);
    CHECK_OK(lockwait_router_free(router));
}

static void a_lost_folder_backs_off_and_is_told_once(void)
{
    lockwait_router *router = new_router("{}", 0);
    lockwait_event_info info;
    uint64_t first, second, now = SCENE_NOW;
    CHECK_OK(lockwait_router_folder_lost(router, now, TEXT("/in"), LOCKWAIT_DOMAIN_WIN32, 53));
    first = submit(router, now, "/in", "a");
    second = submit(router, now, "/in", "b");
    CHECK_OK(lockwait_event_free(expect_event(router, LOCKWAIT_EVENT_FOLDER_UNREACHABLE, &info)));
    CHECK(info.code_domain == LOCKWAIT_DOMAIN_WIN32 && info.code_value == 53 && info.pickup == 0);
    expect_no_event(router);
    CHECK_OK(lockwait_router_folder_found(router, now + 5000000, TEXT("/in")));
    CHECK_OK(lockwait_event_free(expect_event(router, LOCKWAIT_EVENT_FOLDER_REACHABLE, &info)));
    CHECK(first != second);
    expect_action(router, LOCKWAIT_ACTION_TRY, first);
    expect_action(router, LOCKWAIT_ACTION_TRY, second);
    CHECK_OK(lockwait_router_free(router));
}

static void start_and_stop_are_announced(void)
{
    lockwait_router *router = new_router("{}", 0);
    lockwait_event_info info;
    CHECK_OK(lockwait_router_announce_started(router, SCENE_NOW));
    CHECK_OK(lockwait_router_announce_stopped(router, SCENE_NOW + 5));
    CHECK_OK(lockwait_event_free(expect_event(router, LOCKWAIT_EVENT_STARTED, &info)));
    CHECK_NUMBER(info.at, SCENE_NOW);
    CHECK_OK(lockwait_event_free(expect_event(router, LOCKWAIT_EVENT_STOPPED, &info)));
    CHECK_NUMBER(info.at, SCENE_NOW + 5);
    CHECK_NUMBER(info.advice, LOCKWAIT_ADVICE_NONE);
    expect_no_event(router);
    CHECK_OK(lockwait_router_free(router));
}

/* An earlier time counts as the latest one, and the end of time is a time. */
static void time_never_goes_backwards(void)
{
    lockwait_router *router = new_router("{}", 0);
    lockwait_view view;
    uint64_t pickup, second;
    pickup = submit(router, SCENE_NOW, "/in", "a");
    second = submit(router, 5, "/in", "b");
    view.size = sizeof view;
    CHECK_OK(lockwait_router_view(router, second, &view));
    CHECK_NUMBER(view.since, SCENE_NOW);
    expect_action(router, LOCKWAIT_ACTION_TRY, pickup);
    CHECK_OK(lockwait_router_answer_code(router, UINT64_MAX, pickup, LOCKWAIT_DOMAIN_WIN32, 32));
    CHECK_OK(lockwait_router_handle_timeout(router, UINT64_MAX));
    CHECK_OK(lockwait_router_stop(router, UINT64_MAX));
    CHECK_OK(lockwait_router_free(router));
}

/* A router made from a snapshot does what the first one does. */
static void a_restored_router_goes_on(void)
{
    lockwait_router *first = new_router("{\"companions\": \"gateway\"}", 1), *second = NULL;
    lockwait_router *both[2];
    lockwait_event_info info;
    char *snapshot, *again;
    uint64_t pickup, other;
    int index;
    pickup = submit(first, SCENE_NOW, "/in", "a.pdf");
    expect_action(first, LOCKWAIT_ACTION_TRY, pickup);
    CHECK_OK(lockwait_router_answer_code(first, SCENE_NOW, pickup, LOCKWAIT_DOMAIN_WIN32, 32));
    other = submit(first, SCENE_NOW, "/in", "b.pdf");
    CHECK_OK(lockwait_router_announce_started(first, SCENE_NOW));
    snapshot = snapshot_of(first);
    CHECK_OK(lockwait_router_restore(snapshot, strlen(snapshot), &second));
    again = snapshot_of(second);
    CHECK_TEXT(again, snapshot);
    /* A trace cannot begin in the middle. */
    CHECK_RESULT(lockwait_router_trace(second), WRONG_STATE);
    both[0] = first;
    both[1] = second;
    for (index = 0; index < 2; index++) {
        lockwait_view view;
        uint64_t now = SCENE_NOW;
        view.size = sizeof view;
        CHECK_OK(lockwait_event_free(expect_event(both[index], LOCKWAIT_EVENT_STARTED, &info)));
        CHECK_OK(lockwait_router_view(both[index], pickup, &view));
        CHECK(view.held != 0 && view.attempts == 1);
        expect_action(both[index], LOCKWAIT_ACTION_TRY, other);
        expect_no_action(both[index]);
        wait_for_action(both[index], &now, LOCKWAIT_ACTION_TRY, pickup);
        CHECK(now >= SCENE_NOW + 200000 && now < SCENE_NOW + 210000);
    }
    free(snapshot);
    free(again);
    CHECK_OK(lockwait_router_free(first));
    CHECK_OK(lockwait_router_free(second));
}

static void what_is_no_snapshot_is_refused(void)
{
    static const char *const bad[] = {"", "{}", "[]", "null", "{\"schema\":\"lockwait.snapshot/0\"}"};
    lockwait_router *router = NULL;
    size_t index;
    for (index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        CHECK_RESULT(lockwait_router_restore(bad[index], strlen(bad[index]), &router), INVALID_SNAPSHOT);
        CHECK(router == NULL && strlen(last_error()) > 10);
    }
}

/* Five hundred files; no more actions than `at_once` are outstanding. */
static void many_files_are_asked_for_a_few_at_a_time(void)
{
    enum { FILES = 500, AT_ONCE = 7 };
    lockwait_router *router = new_router("{\"at_once\": 7}", 0);
    unsigned index, taken = 0;
    for (index = 0; index < FILES; index++) {
        char name[32];
        snprintf(name, sizeof name, "file%u", index);
        submit(router, SCENE_NOW, "/in", name);
    }
    while (taken < FILES) {
        lockwait_action actions[AT_ONCE + 1];
        unsigned count = 0;
        lockwait_result result;
        do {
            actions[count].size = sizeof actions[count];
            result = lockwait_router_next_action(router, &actions[count]);
        } while (result == LOCKWAIT_RESULT_OK && ++count <= AT_ONCE);
        CHECK(count > 0 && count <= AT_ONCE);
        for (index = 0; index < count; index++) {
            uint64_t pickup = actions[index].pickup;
            if (actions[index].kind == LOCKWAIT_ACTION_TRY) {
                answer_found(router, SCENE_NOW, pickup, LOCKWAIT_CONTENT_COMPLETE, 1);
            } else {
                CHECK_OK(lockwait_router_answer_taken(router, SCENE_NOW, pickup, TEXT("/out/x"), 1));
                taken++;
            }
        }
    }
    expect_no_action(router);
    CHECK_OK(lockwait_router_free(router));
}

const struct test router_tests[] = {
    {"a_locked_file_is_waited_out_and_taken", a_locked_file_is_waited_out_and_taken},
    {"a_stuck_file_gets_a_verdict_with_its_holder", a_stuck_file_gets_a_verdict_with_its_holder},
    {"a_cancelled_pickup_ends_and_a_stopped_router_starts_nothing",
     a_cancelled_pickup_ends_and_a_stopped_router_starts_nothing},
    {"a_lost_folder_backs_off_and_is_told_once", a_lost_folder_backs_off_and_is_told_once},
    {"start_and_stop_are_announced", start_and_stop_are_announced},
    {"time_never_goes_backwards", time_never_goes_backwards},
    {"a_restored_router_goes_on", a_restored_router_goes_on},
    {"what_is_no_snapshot_is_refused", what_is_no_snapshot_is_refused},
    {"many_files_are_asked_for_a_few_at_a_time", many_files_are_asked_for_a_few_at_a_time},
    {NULL, NULL},
};
