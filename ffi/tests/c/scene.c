/* Objects in a known state, and short forms for telling a story to a router. */
#include "scene.h"

#include <stdlib.h>

lockwait_router *new_router(const char *policy_json, int quarantine)
{
    lockwait_policy *policy = NULL;
    lockwait_router *router = NULL;
    lockwait_router_options options;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.quarantine = (uint32_t)quarantine;
    options.seed = 7;
    CHECK_OK(lockwait_policy_from_json(policy_json, strlen(policy_json), &policy));
    CHECK_OK(lockwait_router_new(policy, &options, &router));
    CHECK_OK(lockwait_policy_free(policy));
    return router;
}

uint64_t submit(lockwait_router *router, uint64_t now, const char *folder, const char *name)
{
    uint64_t pickup = 0;
    CHECK_OK(lockwait_router_submit(router, now, folder, strlen(folder), name, strlen(name), &pickup));
    CHECK(pickup != 0);
    return pickup;
}

lockwait_action expect_action(lockwait_router *router, uint32_t kind, uint64_t pickup)
{
    lockwait_action action;
    memset(&action, 0, sizeof action);
    action.size = sizeof action;
    CHECK_OK(lockwait_router_next_action(router, &action));
    CHECK_NUMBER(action.kind, kind);
    CHECK_NUMBER(action.pickup, pickup);
    return action;
}

void expect_no_action(lockwait_router *router)
{
    lockwait_action action;
    action.size = sizeof action;
    CHECK_RESULT(lockwait_router_next_action(router, &action), EMPTY);
}

/* The next action; lets time pass until there is one. A timeout may be due before anything comes of it. */
static lockwait_action next_action(lockwait_router *router, uint64_t *now)
{
    lockwait_action action;
    unsigned times;
    action.size = sizeof action;
    for (times = 0; times < 1000; times++) {
        uint64_t at = 0;
        lockwait_result result = lockwait_router_next_action(router, &action);
        if (result == LOCKWAIT_RESULT_OK)
            return action;
        CHECK_RESULT(result, EMPTY);
        CHECK_OK(lockwait_router_next_timeout(router, &at));
        if (at > *now)
            *now = at;
        CHECK_OK(lockwait_router_handle_timeout(router, *now));
    }
    fail(__FILE__, __LINE__, "after a thousand timeouts the router asks for nothing");
    return action;
}

lockwait_action wait_for_action(lockwait_router *router, uint64_t *now, uint32_t kind, uint64_t pickup)
{
    lockwait_action action = next_action(router, now);
    CHECK_NUMBER(action.kind, kind);
    CHECK_NUMBER(action.pickup, pickup);
    return action;
}

lockwait_event *expect_event(lockwait_router *router, uint32_t id, lockwait_event_info *info)
{
    lockwait_event *event = NULL;
    CHECK_OK(lockwait_router_next_event(router, &event));
    info->size = sizeof *info;
    CHECK_OK(lockwait_event_get(event, info));
    CHECK_NUMBER(info->id, id);
    return event;
}

void expect_no_event(lockwait_router *router)
{
    lockwait_event *event = NULL;
    CHECK_RESULT(lockwait_router_next_event(router, &event), EMPTY);
    CHECK(event == NULL);
}

void answer_found(lockwait_router *router, uint64_t now, uint64_t pickup, uint32_t content, uint64_t bytes)
{
    lockwait_look look;
    memset(&look, 0, sizeof look);
    look.size = sizeof look;
    look.content = content;
    look.method = LOCKWAIT_METHOD_SHARE_MODE;
    look.facts.bytes = bytes;
    look.facts.modified = 5;
    look.facts.identity = 9;
    CHECK_OK(lockwait_router_answer_opened(router, now, pickup, &look));
}

uint64_t refuse_until_identify(lockwait_router *router, uint64_t now, uint64_t pickup)
{
    unsigned tries;
    for (tries = 0; tries < 1000; tries++) {
        lockwait_action action = next_action(router, &now);
        CHECK_NUMBER(action.pickup, pickup);
        if (action.kind == LOCKWAIT_ACTION_IDENTIFY)
            return now;
        CHECK_NUMBER(action.kind, LOCKWAIT_ACTION_TRY);
        CHECK_OK(lockwait_router_answer_code(router, now, pickup, LOCKWAIT_DOMAIN_WIN32, 32));
    }
    fail(__FILE__, __LINE__, "after a thousand attempts nobody asked who holds the file");
    return 0;
}

char *trace_of(lockwait_router *router)
{
    size_t used = 0, capacity = 65536;
    char *text = need(capacity);
    size_t length = 0;
    text[0] = 0;
    while (lockwait_router_next_trace_line(router, text + used, capacity - used - 1, &length) == LOCKWAIT_RESULT_OK) {
        used += length;
        text[used++] = '\n';
        text[used] = 0;
    }
    CHECK_RESULT(lockwait_router_next_trace_line(router, text + used, capacity - used - 1, &length), EMPTY);
    return text;
}

/* One file: locked until patience runs out, held by another program, then free, whole, and taken. Gives the time of the end. */
static uint64_t tell_story(lockwait_router *router, uint64_t now)
{
    lockwait_holder holder;
    uint64_t pickup = submit(router, now, SCENE_FOLDER, SCENE_NAME);
    now = refuse_until_identify(router, now, pickup);
    memset(&holder, 0, sizeof holder);
    holder.size = sizeof holder;
    holder.pid = 42;
    holder.access = LOCKWAIT_ACCESS_READ;
    holder.owner = 2;
    holder.name.data = "stuck.exe";
    holder.name.len = 9;
    CHECK_OK(lockwait_router_answer_holders(router, now, pickup, &holder, 1));
    wait_for_action(router, &now, LOCKWAIT_ACTION_TRY, pickup);
    answer_found(router, now, pickup, LOCKWAIT_CONTENT_COMPLETE, 1234);
    expect_action(router, LOCKWAIT_ACTION_TAKE, pickup);
    CHECK_OK(lockwait_router_answer_taken(router, now, pickup, TEXT("/out/a.pdf"), 1234));
    return now;
}

const char *known_trace(void)
{
    static char *trace = NULL;
    static char room[65536];
    if (trace == NULL) {
        lockwait_router *router = new_router("{}", 0);
        char *text;
        CHECK_OK(lockwait_router_trace(router));
        tell_story(router, SCENE_NOW);
        text = trace_of(router);
        CHECK(strlen(text) < sizeof room);
        strcpy(room, text);
        free(text);
        CHECK_OK(lockwait_router_free(router));
        trace = room;
    }
    return trace;
}

char *snapshot_of(lockwait_router *router)
{
    size_t length = 0;
    char *text;
    CHECK_RESULT(lockwait_router_snapshot(router, NULL, 0, &length), BUFFER_TOO_SMALL);
    text = need(length + 1);
    CHECK_OK(lockwait_router_snapshot(router, text, length + 1, &length));
    CHECK_NUMBER(strlen(text), length);
    return text;
}

lockwait_event *held_event(void)
{
    lockwait_event_info info;
    lockwait_event *event;
    lockwait_router *router = new_router("{}", 0);
    tell_story(router, SCENE_NOW);
    event = expect_event(router, LOCKWAIT_EVENT_LOCK_HELD, &info);
    CHECK_OK(lockwait_router_free(router));
    return event;
}

/* A router that is about to do what the stage says. */
static lockwait_router *staged_router(struct scene *scene)
{
    lockwait_router *router = new_router("{}", scene->stage == QUARANTINING);
    scene->now = SCENE_NOW;
    if (scene->stage == FRESH)
        return router;
    if (scene->stage == TRACED)
        CHECK_OK(lockwait_router_trace(router));
    scene->pickup = submit(router, scene->now, SCENE_FOLDER, SCENE_NAME);
    if (scene->stage == ARRIVED || scene->stage == TRACED)
        return router;
    if (scene->stage == IDENTIFYING || scene->stage == TOLD) {
        scene->now = refuse_until_identify(router, scene->now, scene->pickup);
        if (scene->stage == TOLD)
            CHECK_OK(lockwait_router_answer_could_not_ask(router, scene->now, scene->pickup, LOCKWAIT_DOMAIN_WIN32, 50));
        return router;
    }
    expect_action(router, LOCKWAIT_ACTION_TRY, scene->pickup);
    if (scene->stage == WAITING) {
        CHECK_OK(lockwait_router_answer_code(router, scene->now, scene->pickup, LOCKWAIT_DOMAIN_WIN32, 32));
    } else if (scene->stage == TAKING) {
        answer_found(router, scene->now, scene->pickup, LOCKWAIT_CONTENT_COMPLETE, 10);
        expect_action(router, LOCKWAIT_ACTION_TAKE, scene->pickup);
    } else if (scene->stage == QUARANTINING) {
        CHECK_OK(lockwait_router_answer_rejected(router, scene->now, scene->pickup, LOCKWAIT_DOMAIN_LOCKWAIT,
                                                 LOCKWAIT_FINDING_CONTENT_REJECTED));
        expect_action(router, LOCKWAIT_ACTION_QUARANTINE, scene->pickup);
    }
    return router;
}

#ifndef LOCKWAIT_LEGACY
static lockwait_pickup *staged_run(enum stage stage)
{
    lockwait_pickup *run = make(A_RUN);
    if (stage == READY || stage == DONE) {
        make_folder("scene-from");
        make_folder("scene-into");
        CHECK_OK(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_SOURCE, TEXT("scene-from")));
        CHECK_OK(lockwait_pickup_set_path(run, LOCKWAIT_ROLE_INTO, TEXT("scene-into")));
        CHECK_OK(lockwait_pickup_set_option(run, LOCKWAIT_OPTION_ONCE, 1));
    }
    if (stage == DONE)
        CHECK_OK(lockwait_pickup_run(run, NULL));
    return run;
}
#endif

void *make(enum object object)
{
    void *handle = NULL;
    switch (object) {
    case A_POLICY: {
        lockwait_policy *policy = NULL;
        CHECK_OK(lockwait_policy_new(&policy));
        handle = policy;
        break;
    }
    case A_ROUTER:
        handle = new_router("{}", 0);
        break;
    case AN_EVENT:
        handle = held_event();
        break;
    case A_REPLAY: {
        lockwait_replay *replay = NULL;
        CHECK_OK(lockwait_trace_replay(known_trace(), strlen(known_trace()), NULL, &replay));
        handle = replay;
        break;
    }
#ifndef LOCKWAIT_LEGACY
    case A_RUN: {
        lockwait_pickup *run = NULL;
        CHECK_OK(lockwait_pickup_new(&run));
        handle = run;
        break;
    }
    case A_SINK: {
        lockwait_sink *sink = NULL;
        CHECK_OK(lockwait_sink_open(TEXT("scene-events.jsonl"), &sink));
        handle = sink;
        break;
    }
#endif
    default:
        fail(__FILE__, __LINE__, "no such object: %d", (int)object);
    }
    CHECK(handle != NULL);
    return handle;
}

lockwait_result release(enum object object, void *handle)
{
    switch (object) {
    case A_POLICY:
        return lockwait_policy_free(handle);
    case A_ROUTER:
        return lockwait_router_free(handle);
    case AN_EVENT:
        return lockwait_event_free(handle);
    case A_REPLAY:
        return lockwait_replay_free(handle);
#ifndef LOCKWAIT_LEGACY
    case A_RUN:
        return lockwait_pickup_free(handle);
    case A_SINK:
        return lockwait_sink_free(handle);
#endif
    default:
        return LOCKWAIT_RESULT_UNSUPPORTED;
    }
}

void scene_begin(struct scene *scene, enum stage stage)
{
    memset(scene, 0, sizeof *scene);
    scene->stage = stage;
    scene->now = SCENE_NOW;
}

void *scene_object(struct scene *scene, enum object object)
{
    if (scene->objects[object] == NULL) {
        if (object == A_ROUTER)
            scene->objects[object] = staged_router(scene);
#ifndef LOCKWAIT_LEGACY
        else if (object == A_RUN)
            scene->objects[object] = staged_run(scene->stage);
#endif
        else
            scene->objects[object] = make(object);
    }
    return scene->objects[object];
}

void scene_end(struct scene *scene)
{
    enum object object;
    for (object = 0; object < OBJECTS; object++) {
        lockwait_result result;
        if (scene->objects[object] == NULL)
            continue;
        result = release(object, scene->objects[object]);
        CHECK(result == LOCKWAIT_RESULT_OK || result == LOCKWAIT_RESULT_INVALID_HANDLE);
    }
}
