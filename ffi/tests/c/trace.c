/* Recording and replaying. */
#include "scene.h"

#include <stdlib.h>

static void replay_known(const char *text, const lockwait_policy *policy, lockwait_replay_info *info)
{
    lockwait_replay *replay = NULL;
    memset(info, 0, sizeof *info);
    info->size = sizeof *info;
    CHECK_OK(lockwait_trace_replay(text, strlen(text), policy, &replay));
    CHECK_OK(lockwait_replay_get(replay, info));
    CHECK_OK(lockwait_replay_free(replay));
}

static void a_replay_gives_the_same_digest_and_events(void)
{
    lockwait_replay *replay = NULL;
    lockwait_replay_info info, again;
    lockwait_event *event;
    const char *trace = known_trace();
    char *shorter;
    uint64_t events = 0;
    replay_known(trace, NULL, &info);
    replay_known(trace, NULL, &again);
    CHECK_NUMBER(again.digest, info.digest);
    CHECK(info.inputs > 100 && info.events == 2 && info.open == 0 && info.digest != 0);
    /* Without its last input, the end of the pickup, it is another one. */
    shorter = need(strlen(trace) + 1);
    strcpy(shorter, trace);
    shorter[strlen(shorter) - 1] = 0;
    *strrchr(shorter, '\n') = 0;
    replay_known(shorter, NULL, &again);
    CHECK(again.digest != info.digest && again.inputs == info.inputs - 1 && again.open == 1);
    free(shorter);
    CHECK_OK(lockwait_trace_replay(trace, strlen(trace), NULL, &replay));
    while (lockwait_replay_next_event(replay, &event) == LOCKWAIT_RESULT_OK) {
        lockwait_event_info told;
        told.size = sizeof told;
        CHECK_OK(lockwait_event_get(event, &told));
        CHECK_NUMBER(told.id, events == 0 ? LOCKWAIT_EVENT_LOCK_HELD : LOCKWAIT_EVENT_ACQUIRED);
        CHECK_OK(lockwait_event_free(event));
        events++;
    }
    CHECK_NUMBER(events, info.events);
    CHECK_OK(lockwait_replay_free(replay));
}

static void another_policy_is_replayed_without_comparing(void)
{
    lockwait_policy *policy = make(A_POLICY);
    lockwait_replay_info info;
    CHECK_OK(lockwait_policy_set(policy, TEXT("patience"), TEXT("1h")));
    replay_known(known_trace(), policy, &info);
    CHECK(info.events <= 1);
    CHECK_OK(lockwait_policy_free(policy));
}

/* The trace with its `n`-th line (from 1) changed: `from` becomes `to`, of the same length. To be freed. */
static char *changed_trace(unsigned n, const char *from, const char *to)
{
    char *text = need(strlen(known_trace()) + 1), *line, *place;
    strcpy(text, known_trace());
    for (line = text; n > 1; n--) {
        line = strchr(line, '\n');
        CHECK(line != NULL);
        line++;
    }
    place = strstr(line, from);
    CHECK(place != NULL && place < strchr(line, '\n'));
    memcpy(place, to, strlen(to));
    return text;
}

static void a_changed_trace_is_noticed_with_its_line(void)
{
    lockwait_replay *replay = NULL;
    char *text = changed_trace(3, "\"out\":\"", "\"out\":\"0000");
    CHECK_RESULT(lockwait_trace_replay(text, strlen(text), NULL, &replay), TRACE_DIFFERS);
    CHECK_LAST_ERROR("line 3");
    free(text);
    text = changed_trace(4, "\"t\":", "\"q\":");
    CHECK_RESULT(lockwait_trace_replay(text, strlen(text), NULL, &replay), TRACE_MALFORMED);
    CHECK_LAST_ERROR("line 4");
    free(text);
    CHECK(replay == NULL);
}

static void what_is_no_trace_is_refused(void)
{
    static const char *const bad[] = {"", "\n\n", "hello", "{}", "{\"schema\":\"lockwait.trace/9\",\"policy\":{},\"quarantine\":false}"};
    lockwait_replay *replay = NULL;
    size_t index;
    for (index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        CHECK_RESULT(lockwait_trace_replay(bad[index], strlen(bad[index]), NULL, &replay), TRACE_MALFORMED);
        CHECK(replay == NULL);
        CHECK_LAST_ERROR("line 1");
    }
}

static void a_trace_begins_before_anything_and_once(void)
{
    lockwait_router *router = new_router("{}", 0);
    CHECK_OK(lockwait_router_trace(router));
    CHECK_RESULT(lockwait_router_trace(router), WRONG_STATE);
    CHECK_OK(lockwait_router_free(router));
    router = new_router("{}", 0);
    submit(router, SCENE_NOW, "/in", "a");
    CHECK_RESULT(lockwait_router_trace(router), WRONG_STATE);
    CHECK_OK(lockwait_router_free(router));
}

static void a_line_stays_until_it_was_fetched(void)
{
    lockwait_router *router = new_router("{}", 0);
    char small[2], line[4096];
    size_t length = 0, needed = 0;
    CHECK_RESULT(lockwait_router_next_trace_line(router, line, sizeof line, &length), EMPTY);
    CHECK_OK(lockwait_router_trace(router));
    CHECK_RESULT(lockwait_router_next_trace_line(router, small, sizeof small, &needed), BUFFER_TOO_SMALL);
    CHECK_RESULT(lockwait_router_next_trace_line(router, NULL, 0, &length), BUFFER_TOO_SMALL);
    CHECK_NUMBER(length, needed);
    CHECK_OK(lockwait_router_next_trace_line(router, line, sizeof line, &length));
    CHECK(length == needed && strstr(line, "lockwait.trace/1") != NULL);
    CHECK_RESULT(lockwait_router_next_trace_line(router, line, sizeof line, &length), EMPTY);
    CHECK_OK(lockwait_router_free(router));
}

const struct test trace_tests[] = {
    {"a_replay_gives_the_same_digest_and_events", a_replay_gives_the_same_digest_and_events},
    {"another_policy_is_replayed_without_comparing", another_policy_is_replayed_without_comparing},
    {"a_changed_trace_is_noticed_with_its_line", a_changed_trace_is_noticed_with_its_line},
    {"what_is_no_trace_is_refused", what_is_no_trace_is_refused},
    {"a_trace_begins_before_anything_and_once", a_trace_begins_before_anything_and_once},
    {"a_line_stays_until_it_was_fetched", a_line_stays_until_it_was_fetched},
    {NULL, NULL},
};
