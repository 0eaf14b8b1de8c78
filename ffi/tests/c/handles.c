/* Handles and structs that say their size: what the table of exports does not already try. */
#include "scene.h"

#include <stdlib.h>

static void a_handle_stays_invalid_when_its_place_is_used_again(void)
{
    enum { MANY = 2000 };
    void *first = make(A_POLICY);
    void **others = need(MANY * sizeof *others);
    size_t index;
    CHECK_OK(lockwait_policy_free(first));
    for (index = 0; index < MANY; index++) {
        others[index] = make(A_POLICY);
        CHECK(others[index] != first);
        CHECK_RESULT(lockwait_policy_check(first), INVALID_HANDLE);
    }
    for (index = 0; index < MANY; index++)
        CHECK_OK(lockwait_policy_free(others[index]));
    CHECK_RESULT(lockwait_policy_free(first), INVALID_HANDLE);
    free(others);
}

static void a_handle_is_freed_once_and_as_what_it_is(void)
{
    enum object made, as;
    for (made = 0; made < OBJECTS; made++) {
        void *handle;
#ifdef LOCKWAIT_LEGACY
        if (made == A_RUN || made == A_SINK)
            continue;
#endif
        handle = make(made);
        for (as = 0; as < OBJECTS; as++)
            if (as != made)
                CHECK(release(as, handle) != LOCKWAIT_RESULT_OK);
        CHECK_OK(release(made, handle));
        CHECK_RESULT(release(made, handle), INVALID_HANDLE);
    }
}

static void no_handle_is_an_address(void)
{
    enum object made;
    for (made = 0; made < OBJECTS; made++) {
        void *handle;
#ifdef LOCKWAIT_LEGACY
        if (made == A_RUN || made == A_SINK)
            continue;
#endif
        handle = make(made);
        CHECK(((uintptr_t)handle & 1) == 1);
        CHECK_OK(release(made, handle));
    }
}

/* A handle has room for 65,535 objects in a 32-bit process; more than memory in a 64-bit one. */
static void there_are_as_many_objects_as_handles(void)
{
    enum { MOST = 65535 };
    lockwait_policy **policies = need((MOST + 1) * sizeof *policies);
    size_t count = 0, index;
    lockwait_result result = LOCKWAIT_RESULT_OK;
    if (sizeof(void *) > 4) {
        free(policies);
        return;
    }
    while (count <= MOST) {
        policies[count] = NULL;
        result = lockwait_policy_new(&policies[count]);
        if (result != LOCKWAIT_RESULT_OK)
            break;
        count++;
    }
    check_result(result, LOCKWAIT_RESULT_TOO_MANY, __FILE__, __LINE__, "lockwait_policy_new");
    CHECK_NUMBER(count, MOST);
    CHECK(policies[count] == NULL);
    /* One that goes makes room for one. */
    CHECK_OK(lockwait_policy_free(policies[count - 1]));
    CHECK_OK(lockwait_policy_new(&policies[count - 1]));
    for (index = 0; index < count; index++)
        CHECK_OK(lockwait_policy_free(policies[index]));
    free(policies);
}

static void an_event_outlives_its_router_and_a_replay_its_trace(void)
{
    lockwait_event_info info;
    lockwait_event *event = held_event();
    lockwait_replay *replay = NULL;
    size_t length = strlen(known_trace());
    char *text = need(length);
    memcpy(text, known_trace(), length);
    CHECK_OK(lockwait_trace_replay(text, length, NULL, &replay));
    memset(text, 'x', length);
    free(text);
    info.size = sizeof info;
    CHECK_OK(lockwait_event_get(event, &info));
    CHECK_NUMBER(info.id, LOCKWAIT_EVENT_LOCK_HELD);
    CHECK_OK(lockwait_event_free(event));
    CHECK_OK(lockwait_replay_next_event(replay, &event));
    CHECK_OK(lockwait_replay_free(replay));
    CHECK_OK(lockwait_event_get(event, &info));
    CHECK_NUMBER(info.id, LOCKWAIT_EVENT_LOCK_HELD);
    CHECK_OK(lockwait_event_free(event));
}

/* What a newer program has at the end of a struct is not touched. */
static void the_end_of_a_larger_struct_is_not_written_to(void)
{
    struct {
        lockwait_counts counts;
        unsigned char more[16];
    } newer;
    size_t index;
    lockwait_router *router = new_router("{}", 0);
    submit(router, SCENE_NOW, "/in", "a");
    memset(&newer, 0xA5, sizeof newer);
    newer.counts.size = sizeof newer;
    CHECK_OK(lockwait_router_count(router, &newer.counts));
    CHECK_NUMBER(newer.counts.size, sizeof newer);
    CHECK_NUMBER(newer.counts.open, 1);
    CHECK_NUMBER(newer.counts.held, 0);
    for (index = 0; index < sizeof newer.more; index++)
        CHECK_NUMBER(newer.more[index], 0xA5);
    CHECK_OK(lockwait_router_free(router));
}

/* The layout that other languages declare from the header's text. */
static void structs_have_no_hidden_room(void)
{
    const size_t pointer = sizeof(void *);
    CHECK_NUMBER(sizeof(lockwait_str), 2 * pointer);
    CHECK_NUMBER(sizeof(lockwait_facts), 24);
    CHECK_NUMBER(sizeof(lockwait_place), 4 * pointer);
    CHECK_NUMBER(sizeof(lockwait_router_options), 16);
    CHECK_NUMBER(sizeof(lockwait_action), 16 + 24);
    CHECK_NUMBER(sizeof(lockwait_view), 8 + 3 * 8 + 4 * 4);
    CHECK_NUMBER(sizeof(lockwait_counts), 24);
    CHECK_NUMBER(sizeof(lockwait_refusal), 8 * 4 + 24);
    CHECK_NUMBER(sizeof(lockwait_look), 4 * 4 + 24 + 6 * pointer);
    CHECK_NUMBER(sizeof(lockwait_holder), 6 * 4 + 6 * pointer);
    CHECK_NUMBER(sizeof(lockwait_event_info), 2 * 4 + 5 * 8 + 14 * 4);
    CHECK_NUMBER(sizeof(lockwait_reason), 2 * 4 + 4 * pointer);
    CHECK_NUMBER(sizeof(lockwait_explanation), 2 * 4 + 8 * pointer);
    CHECK_NUMBER(sizeof(lockwait_replay_info), 2 * 4 + 4 * 8);
#ifndef LOCKWAIT_LEGACY
    CHECK_NUMBER(sizeof(lockwait_summary), 2 * 4 + 7 * 8);
    CHECK_NUMBER(sizeof(lockwait_progress), 2 * 4 + 5 * 8);
#endif
}

const struct test handles_tests[] = {
    {"a_handle_stays_invalid_when_its_place_is_used_again", a_handle_stays_invalid_when_its_place_is_used_again},
    {"a_handle_is_freed_once_and_as_what_it_is", a_handle_is_freed_once_and_as_what_it_is},
    {"no_handle_is_an_address", no_handle_is_an_address},
    {"there_are_as_many_objects_as_handles", there_are_as_many_objects_as_handles},
    {"an_event_outlives_its_router_and_a_replay_its_trace", an_event_outlives_its_router_and_a_replay_its_trace},
    {"the_end_of_a_larger_struct_is_not_written_to", the_end_of_a_larger_struct_is_not_written_to},
    {"structs_have_no_hidden_room", structs_have_no_hidden_room},
    {NULL, NULL},
};
