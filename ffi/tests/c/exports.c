/* The table of exports, and what is true of every one of them. */
#include "exports.h"

#include <stdlib.h>

/* How each kind of parameter is handed over. */
#define AT(v) (v).at
#define NUMBER(v) (v).number
#define NUMBER_32(v) (uint32_t)(v).number
#define RANGE(v) (v).at, (v).length
#define ROOM(v) (v).at, (v).length, (v).told

#define GIVE_POLICY AT
#define GIVE_POLICY_OR_NONE AT
#define GIVE_POLICY_TO_FREE AT
#define GIVE_ROUTER AT
#define GIVE_ROUTER_TO_FREE AT
#define GIVE_EVENT AT
#define GIVE_EVENT_TO_FREE AT
#define GIVE_REPLAY AT
#define GIVE_REPLAY_TO_FREE AT
#define GIVE_RUN AT
#define GIVE_RUN_TO_FREE AT
#define GIVE_SINK AT
#define GIVE_SINK_TO_FREE AT
#define GIVE_NEW_POLICY AT
#define GIVE_NEW_ROUTER AT
#define GIVE_NEW_EVENT AT
#define GIVE_NEW_REPLAY AT
#define GIVE_NEW_RUN AT
#define GIVE_NEW_SINK AT
#define GIVE_NOW NUMBER
#define GIVE_ANY_PICKUP NUMBER
#define GIVE_PICKUP NUMBER
#define GIVE_BYTES NUMBER
#define GIVE_CODE NUMBER_32
#define GIVE_DOMAIN_NUMBER NUMBER_32
#define GIVE_HINT NUMBER_32
#define GIVE_PART NUMBER_32
#define GIVE_WHICH NUMBER_32
#define GIVE_ROLE NUMBER_32
#define GIVE_OPTION NUMBER_32
#define GIVE_MILLISECONDS NUMBER_32
#define GIVE_INDEX(v) (v).length
#define GIVE_FOLDER RANGE
#define GIVE_NAME RANGE
#define GIVE_KNOWN_FOLDER RANGE
#define GIVE_KNOWN_NAME RANGE
#define GIVE_FOLDER_UTF16 RANGE
#define GIVE_NAME_UTF16 RANGE
#define GIVE_KEY RANGE
#define GIVE_VALUE RANGE
#define GIVE_POLICY_JSON RANGE
#define GIVE_CODE_TEXT RANGE
#define GIVE_SNAPSHOT RANGE
#define GIVE_TRACE RANGE
#define GIVE_TARGET RANGE
#define GIVE_DATA RANGE
#define GIVE_BUFFER ROOM
#define GIVE_BUFFER_UTF16 ROOM
#define GIVE_OUT_32 AT
#define GIVE_OUT_64 AT
#define GIVE_OUT_SIZE AT
#define GIVE_OPTIONS AT
#define GIVE_LOOK AT
#define GIVE_REFUSAL AT
#define GIVE_HOLDERS RANGE
#define GIVE_FACTS AT
#define GIVE_ACTION AT
#define GIVE_COUNTS AT
#define GIVE_VIEW AT
#define GIVE_EXPLANATION AT
#define GIVE_EVENT_INFO AT
#define GIVE_REASON AT
#define GIVE_HOLDER AT
#define GIVE_REPLAY_INFO AT
#define GIVE_SUMMARY AT

/* First the calls. */
#define CALL(name, arguments) \
    static lockwait_result call_##name(const struct value *v) \
    { \
        return name arguments; \
    }
#define E1(name, stage, a) CALL(name, (GIVE_##a(v[0])))
#define E2(name, stage, a, b) CALL(name, (GIVE_##a(v[0]), GIVE_##b(v[1])))
#define E3(name, stage, a, b, c) CALL(name, (GIVE_##a(v[0]), GIVE_##b(v[1]), GIVE_##c(v[2])))
#define E4(name, stage, a, b, c, d) CALL(name, (GIVE_##a(v[0]), GIVE_##b(v[1]), GIVE_##c(v[2]), GIVE_##d(v[3])))
#define E5(name, stage, a, b, c, d, e) \
    CALL(name, (GIVE_##a(v[0]), GIVE_##b(v[1]), GIVE_##c(v[2]), GIVE_##d(v[3]), GIVE_##e(v[4])))
#define X(name, stage, a)
#include "exports.def"
#undef E1
#undef E2
#undef E3
#undef E4
#undef E5
#undef X

/* A static text is never NULL and never empty. */
static lockwait_result is_usable(const char *text)
{
    return text != NULL && text[0] != 0 ? LOCKWAIT_RESULT_OK : LOCKWAIT_RESULT_PANIC;
}

static lockwait_result call_lockwait_abi_version(const struct value *v)
{
    (void)v;
    return lockwait_abi_version() == LOCKWAIT_ABI_VERSION ? LOCKWAIT_RESULT_OK : LOCKWAIT_RESULT_PANIC;
}

static lockwait_result call_lockwait_version(const struct value *v)
{
    (void)v;
    return is_usable(lockwait_version());
}

static lockwait_result call_lockwait_result_name(const struct value *v)
{
    return is_usable(lockwait_result_name((lockwait_result)v[0].number));
}

static lockwait_result call_lockwait_result_text(const struct value *v)
{
    return is_usable(lockwait_result_text((lockwait_result)v[0].number));
}

static lockwait_result call_lockwait_set_panic_handler(const struct value *v)
{
    (void)v;
    return lockwait_set_panic_handler(NULL, NULL);
}

#ifndef LOCKWAIT_LEGACY
static lockwait_result call_lockwait_pickup_set_callbacks(const struct value *v)
{
    return lockwait_pickup_set_callbacks(v[0].at, NULL, NULL, NULL, NULL);
}

/* Windows alone has a log that wants to know where texts are: elsewhere, to say so is right. */
static lockwait_result on_windows(lockwait_result result)
{
#ifndef _WIN32
    if (result == LOCKWAIT_RESULT_OK)
        return LOCKWAIT_RESULT_PANIC;
    if (result == LOCKWAIT_RESULT_UNSUPPORTED)
        return LOCKWAIT_RESULT_OK;
#endif
    return result;
}

static lockwait_result call_lockwait_sink_register(const struct value *v)
{
    return on_windows(lockwait_sink_register(v[0].at, v[0].length));
}

static lockwait_result call_lockwait_sink_unregister(const struct value *v)
{
    (void)v;
    on_windows(lockwait_sink_register(TEXT("C:\\lockwait.dll")));
    return on_windows(lockwait_sink_unregister());
}
#endif

/* Then the table. */
#define X(name, stage, ...) {#name, call_##name, stage, {__VA_ARGS__}},
#define E1 X
#define E2 X
#define E3 X
#define E4 X
#define E5 X
const struct export exports[] = {
#include "exports.def"
};
const size_t export_count = sizeof exports / sizeof exports[0];

void write_exports(void)
{
    size_t index;
    for (index = 0; index < export_count; index++)
        puts(exports[index].name);
}

/* Fills in good values for all parameters. */
static void give_all(const struct export *row, struct value *values, struct scene *scene)
{
    size_t index;
    memset(values, 0, MOST_PARAMETERS * sizeof *values);
    for (index = 0; index < MOST_PARAMETERS && row->parameters[index] != NOTHING; index++)
        give(&values[index], row->parameters[index], scene);
}

static void take_all_back(const struct export *row, struct value *values, lockwait_result result)
{
    size_t index;
    for (index = 0; index < MOST_PARAMETERS && row->parameters[index] != NOTHING; index++)
        take_back(&values[index], row->parameters[index], result);
}

/* The memory of all values, to see whether a call has changed it. */
static unsigned char *copy_rooms(const struct value *values)
{
    size_t total = 0, index;
    unsigned char *copy, *at;
    for (index = 0; index < MOST_PARAMETERS; index++)
        total += values[index].room_size + sizeof values[index].told_room;
    at = copy = need(total);
    for (index = 0; index < MOST_PARAMETERS; index++) {
        if (values[index].room_size > 0)
            memcpy(at, values[index].room, values[index].room_size);
        at += values[index].room_size;
        memcpy(at, values[index].told_room, sizeof values[index].told_room);
        at += sizeof values[index].told_room;
    }
    return copy;
}

/* Whether all memory is as it was; of a buffer that was too small, the length needed may have been written. */
static int is_unchanged(const struct value *values, const unsigned char *copy, lockwait_result result)
{
    size_t index;
    for (index = 0; index < MOST_PARAMETERS; index++) {
        if (values[index].room_size > 0 && memcmp(copy, values[index].room, values[index].room_size) != 0)
            return 0;
        copy += values[index].room_size;
        if (result != LOCKWAIT_RESULT_BUFFER_TOO_SMALL
            && memcmp(copy, values[index].told_room, sizeof values[index].told_room) != 0)
            return 0;
        copy += sizeof values[index].told_room;
    }
    return 1;
}

/* In its scene, with good values, every export succeeds. */
static void every_export_succeeds_with_good_values(void)
{
    size_t index;
    for (index = 0; index < export_count; index++) {
        const struct export *row = &exports[index];
        struct value values[MOST_PARAMETERS];
        struct scene scene;
        lockwait_result result;
        scene_begin(&scene, row->stage);
        give_all(row, values, &scene);
        result = row->call(values);
        check_result(result, LOCKWAIT_RESULT_OK, __FILE__, __LINE__, row->name);
        take_all_back(row, values, result);
        scene_end(&scene);
    }
}

/* Calls an export with one parameter spoilt. False when there is no such way to spoil it. */
static int check_spoilt(const struct export *row, size_t parameter, size_t way)
{
    struct value values[MOST_PARAMETERS];
    struct scene scene;
    lockwait_result expected = LOCKWAIT_RESULT_OK, result;
    unsigned char *before;
    const char *what;
    scene_begin(&scene, row->stage);
    give_all(row, values, &scene);
    what = spoil(&values[parameter], row->parameters[parameter], way, &scene, &expected);
    if (what != NULL) {
        before = copy_rooms(values);
        result = row->call(values);
        if (result != expected)
            fail(__FILE__, __LINE__, "%s, parameter %u, %s: %s instead of %s", row->name, (unsigned)parameter, what,
                 lockwait_result_name(result), lockwait_result_name(expected));
        if (result != LOCKWAIT_RESULT_OK) {
            if (!is_unchanged(values, before, result))
                fail(__FILE__, __LINE__, "%s, parameter %u, %s: wrote something in spite of %s", row->name,
                     (unsigned)parameter, what, lockwait_result_name(result));
            /* And the object is as it was: what is good still succeeds. */
            take_all_back(row, values, result);
            give_all(row, values, &scene);
            result = row->call(values);
            if (result != LOCKWAIT_RESULT_OK)
                fail(__FILE__, __LINE__, "%s, after parameter %u was %s: %s", row->name, (unsigned)parameter, what,
                     lockwait_result_name(result));
        }
        free(before);
        take_all_back(row, values, result);
    } else {
        take_all_back(row, values, LOCKWAIT_RESULT_EMPTY);
    }
    scene_end(&scene);
    return what != NULL;
}

static void every_parameter_may_be_wrong(void)
{
    size_t index, parameter, way, total = 0;
    for (index = 0; index < export_count; index++) {
        const struct export *row = &exports[index];
        for (parameter = 0; parameter < MOST_PARAMETERS && row->parameters[parameter] != NOTHING; parameter++) {
            for (way = 0; check_spoilt(row, parameter, way); way++)
                total++;
        }
    }
    CHECK(total > 500);
    printf("       (%u calls)\n", (unsigned)total);
}

static void no_export_is_listed_twice(void)
{
    size_t one, other;
    for (one = 0; one < export_count; one++)
        for (other = 0; other < one; other++)
            CHECK(strcmp(exports[one].name, exports[other].name) != 0);
}

/* One thread of two that call the same export on the same objects. */
struct caller {
    const struct export *row;
    struct scene *scene;
    unsigned times;
    struct value *values; /* MOST_PARAMETERS for each time */
    lockwait_result *results;
};

static void call_often(void *argument)
{
    struct caller *caller = argument;
    unsigned time;
    for (time = 0; time < caller->times; time++)
        caller->results[time] = caller->row->call(caller->values + time * MOST_PARAMETERS);
}

static void every_export_may_be_called_by_two_threads(void)
{
    enum { TIMES = 25 };
    size_t index;
    for (index = 0; index < export_count; index++) {
        struct scene scene;
        struct caller callers[2];
        struct thread *threads[2];
        unsigned which, time, good = 0;
        scene_begin(&scene, exports[index].stage);
        for (which = 0; which < 2; which++) {
            struct caller *caller = &callers[which];
            caller->row = &exports[index];
            caller->scene = &scene;
            caller->times = TIMES;
            caller->values = need(TIMES * MOST_PARAMETERS * sizeof *caller->values);
            caller->results = need(TIMES * sizeof *caller->results);
            for (time = 0; time < TIMES; time++)
                give_all(caller->row, caller->values + time * MOST_PARAMETERS, &scene);
        }
        for (which = 0; which < 2; which++)
            threads[which] = thread_start(call_often, &callers[which]);
        for (which = 0; which < 2; which++)
            thread_join(threads[which]);
        for (which = 0; which < 2; which++) {
            for (time = 0; time < TIMES; time++) {
                lockwait_result result = callers[which].results[time];
                good += result == LOCKWAIT_RESULT_OK;
                if (result == LOCKWAIT_RESULT_PANIC || strcmp(lockwait_result_name(result), "UNKNOWN") == 0)
                    fail(__FILE__, __LINE__, "%s from two threads: %s", exports[index].name,
                         lockwait_result_name(result));
                take_all_back(callers[which].row, callers[which].values + time * MOST_PARAMETERS, result);
            }
            free(callers[which].values);
            free(callers[which].results);
        }
        if (good == 0)
            fail(__FILE__, __LINE__, "%s from two threads: none succeeded", exports[index].name);
        scene_end(&scene);
    }
}

const struct test exports_tests[] = {
    {"no_export_is_listed_twice", no_export_is_listed_twice},
    {"every_export_succeeds_with_good_values", every_export_succeeds_with_good_values},
    {"every_parameter_may_be_wrong", every_parameter_may_be_wrong},
    {"every_export_may_be_called_by_two_threads", every_export_may_be_called_by_two_threads},
    {NULL, NULL},
};
