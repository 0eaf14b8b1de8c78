/* What is good for each kind of parameter, and everything that can be wrong with it. */
#include "exports.h"

#include <stdlib.h>

/* What kinds have in common. */
enum class {
    CLASS_NONE,
    CLASS_HANDLE,  /* a handle of `object` */
    CLASS_NEW,     /* where a handle of `object` goes */
    CLASS_NUMBER,  /* `number` is good, `wrong` gives `refusal` */
    CLASS_TEXT,    /* `text` is good UTF-8, `bad` gives `refusal`, an empty one `empty` */
    CLASS_UTF16,   /* as above, in UTF-16 */
    CLASS_DATA,    /* any bytes */
    CLASS_BUFFER,  /* for text */
    CLASS_BUFFER_UTF16,
    CLASS_OUT,     /* where a number of `size` bytes goes */
    CLASS_IN,      /* a struct of `size` bytes that is read */
    CLASS_FILL,    /* a struct of `size` bytes that is written */
    CLASS_FACTS    /* a struct that never grows; may be NULL */
};

struct rules {
    enum class class;
    enum object object;
    int none;        /* NULL is allowed */
    size_t size;
    uint64_t number, wrong;
    const char *text, *bad;
    size_t bad_length;
    lockwait_result bytes; /* what comes of text that is not UTF-8, outside Windows */
    lockwait_result refusal, empty;
};

#define OF(name) LOCKWAIT_RESULT_##name
#define HANDLE(kind, of, may_be_none) [kind] = {.class = CLASS_HANDLE, .object = of, .none = may_be_none}
#define NEW(kind, of) [kind] = {.class = CLASS_NEW, .object = of}
#define ANY(kind, good) [kind] = {.class = CLASS_NUMBER, .number = good, .wrong = UINT64_MAX}
#define CHOICE(kind, good, not_good) \
    [kind] = {.class = CLASS_NUMBER, .number = good, .wrong = not_good, .refusal = OF(INVALID_ARGUMENT)}
#define WORD(kind, good, not_good, why, when_empty) \
    [kind] = {.class = CLASS_TEXT, .text = good, .bad = not_good, .bad_length = sizeof not_good - 1, \
              .bytes = OF(INVALID_TEXT), .refusal = OF(why), .empty = OF(when_empty)}
#define PATH(kind, class_, good, not_good, then) \
    [kind] = {.class = class_, .text = good, .bad = not_good, .bad_length = sizeof not_good - 1, .bytes = OF(then), \
              .refusal = OF(INVALID_TEXT), .empty = OF(INVALID_TEXT)}
#define OUT(kind, type) [kind] = {.class = CLASS_OUT, .size = sizeof(type)}
#define FILL(kind, type, may_be_none) [kind] = {.class = CLASS_FILL, .size = sizeof(type), .none = may_be_none}
#define IN(kind, type, may_be_none) [kind] = {.class = CLASS_IN, .size = sizeof(type), .none = may_be_none}

static const struct rules RULES[KINDS] = {
    HANDLE(POLICY, A_POLICY, 0),
    HANDLE(POLICY_OR_NONE, A_POLICY, 1),
    HANDLE(POLICY_TO_FREE, A_POLICY, 1),
    HANDLE(ROUTER, A_ROUTER, 0),
    HANDLE(ROUTER_TO_FREE, A_ROUTER, 1),
    HANDLE(EVENT, AN_EVENT, 0),
    HANDLE(EVENT_TO_FREE, AN_EVENT, 1),
    HANDLE(REPLAY, A_REPLAY, 0),
    HANDLE(REPLAY_TO_FREE, A_REPLAY, 1),
    NEW(NEW_POLICY, A_POLICY),
    NEW(NEW_ROUTER, A_ROUTER),
    NEW(NEW_EVENT, AN_EVENT),
    NEW(NEW_REPLAY, A_REPLAY),
    ANY(NOW, SCENE_NOW),
    ANY(ANY_PICKUP, 0),
    [PICKUP] = {.class = CLASS_NUMBER, .wrong = UINT64_MAX, .refusal = OF(NO_SUCH_PICKUP)},
    ANY(BYTES, 1000),
    ANY(CODE, 32),
    CHOICE(DOMAIN_NUMBER, LOCKWAIT_DOMAIN_WIN32, LOCKWAIT_DOMAIN_LOCKWAIT + 1),
    CHOICE(HINT, LOCKWAIT_HINT_CLOSED, LOCKWAIT_HINT_REMOVED + 1),
    CHOICE(PART, LOCKWAIT_PART_PATH, LOCKWAIT_PART_NAME + 1),
    CHOICE(WHICH, LOCKWAIT_TEXT_LINE, LOCKWAIT_TEXT_INSERTION + 8),
    ANY(MILLISECONDS, 0),
    [INDEX] = {.class = CLASS_NUMBER, .wrong = UINT64_MAX, .refusal = OF(EMPTY)},
    PATH(FOLDER, CLASS_TEXT, SCENE_FOLDER, "a\0b", OK),
    PATH(NAME, CLASS_TEXT, SCENE_NAME, "a\0b", OK),
    PATH(KNOWN_FOLDER, CLASS_TEXT, SCENE_FOLDER, "a\0b", NO_SUCH_PICKUP),
    PATH(KNOWN_NAME, CLASS_TEXT, SCENE_NAME, "a\0b", NO_SUCH_PICKUP),
    PATH(FOLDER_UTF16, CLASS_UTF16, SCENE_FOLDER, "a\0b", OK),
    PATH(NAME_UTF16, CLASS_UTF16, SCENE_NAME, "a\0b", OK),
    WORD(KEY, "retry", "no_such_key", INVALID_POLICY, INVALID_POLICY),
    WORD(VALUE, "300ms", "soon", INVALID_POLICY, INVALID_POLICY),
    WORD(POLICY_JSON, "{\"retry\": \"300ms\"}", "{\"retry\": \"soon\"}", INVALID_POLICY, INVALID_POLICY),
    WORD(CODE_TEXT, "win32:32", "ERROR_OF_NOBODY", INVALID_TEXT, INVALID_TEXT),
    WORD(SNAPSHOT, "", "{\"schema\": 7}", INVALID_SNAPSHOT, INVALID_SNAPSHOT),
    WORD(TRACE, "", "{\"schema\": 7}\n", TRACE_MALFORMED, TRACE_MALFORMED),
    [DATA] = {.class = CLASS_DATA, .text = "%PDF-1.4 and more"},
    [BUFFER] = {.class = CLASS_BUFFER},
    [BUFFER_UTF16] = {.class = CLASS_BUFFER_UTF16},
    OUT(OUT_32, uint32_t),
    OUT(OUT_64, uint64_t),
    OUT(OUT_SIZE, size_t),
    IN(OPTIONS, lockwait_router_options, 1),
    IN(LOOK, lockwait_look, 0),
    IN(REFUSAL, lockwait_refusal, 0),
    IN(HOLDERS, lockwait_holder, 0),
    [FACTS] = {.class = CLASS_FACTS, .size = sizeof(lockwait_facts), .none = 1},
    FILL(ACTION, lockwait_action, 0),
    FILL(COUNTS, lockwait_counts, 0),
    FILL(VIEW, lockwait_view, 0),
    FILL(EXPLANATION, lockwait_explanation, 0),
    FILL(EVENT_INFO, lockwait_event_info, 0),
    FILL(REASON, lockwait_reason, 0),
    FILL(HOLDER, lockwait_holder, 0),
    FILL(REPLAY_INFO, lockwait_replay_info, 0),
#ifndef LOCKWAIT_LEGACY
    HANDLE(RUN, A_RUN, 0),
    HANDLE(RUN_TO_FREE, A_RUN, 1),
    HANDLE(SINK, A_SINK, 0),
    HANDLE(SINK_TO_FREE, A_SINK, 1),
    NEW(NEW_RUN, A_RUN),
    NEW(NEW_SINK, A_SINK),
    CHOICE(ROLE, LOCKWAIT_ROLE_INTO, LOCKWAIT_ROLE_TRACE + 1),
    CHOICE(OPTION, LOCKWAIT_OPTION_ONCE, LOCKWAIT_OPTION_PROGRESS_MS + 1),
    WORD(TARGET, "kinds-events.jsonl", "no-such-folder/events", SYSTEM, SYSTEM),
    FILL(SUMMARY, lockwait_summary, 1),
#endif
};

/* The byte that memory has which nobody has written to. */
enum { CANARY = 0xA5 };

/* Gives the value memory of exactly `size` bytes. */
static void make_room(struct value *value, size_t size)
{
    free(value->room);
    value->room = need(size);
    value->room_size = size;
    value->at = value->room;
    memset(value->room, CANARY, size);
}

/* Memory of exactly `size` bytes at an odd address. */
static void make_odd_room(struct value *value, size_t size)
{
    make_room(value, size + 1);
    value->at = value->room + 1;
}

static void set_size(struct value *value, uint32_t size)
{
    memcpy(value->at, &size, sizeof size);
}

/* Text, with nothing readable behind it. */
static void set_text(struct value *value, const char *text, size_t length)
{
    make_room(value, length);
    if (length > 0)
        memcpy(value->at, text, length);
    value->length = length;
}

/* Text in UTF-16, one unit a byte: for ASCII. */
static void set_utf16(struct value *value, const char *text, size_t length, int odd)
{
    size_t index;
    if (odd)
        make_odd_room(value, 2 * length);
    else
        make_room(value, 2 * length);
    for (index = 0; index < length; index++) {
        uint16_t unit = (unsigned char)text[index];
        memcpy((unsigned char *)value->at + 2 * index, &unit, sizeof unit);
    }
    value->length = length;
}

/* A good struct of `size` bytes; what is beyond those this library knows is zero. */
static void set_struct(struct value *value, enum kind kind, size_t size)
{
    const struct rules *rules = &RULES[kind];
    make_room(value, size);
    value->length = 1;
    if (rules->class != CLASS_FILL)
        memset(value->at, 0, size);
    if (kind == REFUSAL && size >= sizeof(lockwait_refusal)) {
        lockwait_refusal refusal;
        memset(&refusal, 0, sizeof refusal);
        refusal.domain = LOCKWAIT_DOMAIN_WIN32;
        refusal.value = 32;
        memcpy(value->at, &refusal, sizeof refusal);
    }
    if (rules->class != CLASS_FACTS)
        set_size(value, (uint32_t)size);
}

/* The good text of a kind; that of snapshots and traces is made first. */
static const char *good_text(enum kind kind)
{
    static char snapshot[16384];
    if (kind == TRACE)
        return known_trace();
    if (kind != SNAPSHOT)
        return RULES[kind].text;
    if (snapshot[0] == 0) {
        lockwait_router *router = new_router("{}", 0);
        char *text;
        submit(router, SCENE_NOW, SCENE_FOLDER, SCENE_NAME);
        text = snapshot_of(router);
        CHECK(strlen(text) < sizeof snapshot);
        strcpy(snapshot, text);
        free(text);
        CHECK_OK(lockwait_router_free(router));
    }
    return snapshot;
}

/* Room for every text that an export writes in these tests, but not much more. */
enum { ROOMY = 8192 };

void give(struct value *value, enum kind kind, struct scene *scene)
{
    const struct rules *rules = &RULES[kind];
    memset(value, 0, sizeof *value);
    switch (rules->class) {
    case CLASS_NONE:
        break;
    case CLASS_HANDLE:
        value->at = scene_object(scene, rules->object);
        break;
    case CLASS_NEW:
        make_room(value, sizeof(void *));
        break;
    case CLASS_NUMBER:
        value->number = rules->number;
        if (kind == PICKUP || kind == ANY_PICKUP) {
            scene_object(scene, A_ROUTER);
            value->number = scene->pickup;
        }
        break;
    case CLASS_TEXT:
    case CLASS_DATA:
        set_text(value, good_text(kind), strlen(good_text(kind)));
        break;
    case CLASS_UTF16:
        set_utf16(value, rules->text, strlen(rules->text), 0);
        break;
    case CLASS_BUFFER:
        make_room(value, ROOMY);
        value->length = ROOMY;
        value->told = value->told_room;
        break;
    case CLASS_BUFFER_UTF16:
        make_room(value, 2 * ROOMY);
        value->length = ROOMY;
        value->told = value->told_room;
        break;
    case CLASS_OUT:
        make_room(value, rules->size);
        break;
    case CLASS_IN:
    case CLASS_FILL:
    case CLASS_FACTS:
        set_struct(value, kind, rules->size);
        break;
    }
    /* Where a length goes is filled like everything else. */
    memset(value->told_room, CANARY, sizeof value->told_room);
}

void take_back(struct value *value, enum kind kind, lockwait_result result)
{
    if (RULES[kind].class == CLASS_NEW && result == LOCKWAIT_RESULT_OK && value->at != NULL) {
        void *handle;
        memcpy(&handle, value->at, sizeof handle);
        CHECK(handle != NULL);
        CHECK_OK(release(RULES[kind].object, handle));
    }
    free(value->room);
    memset(value, 0, sizeof *value);
}

/* A handle made of a number. */
static void *made_up(uintptr_t number)
{
    return (void *)number;
}

static const char *spoil_handle(struct value *value, const struct rules *rules, size_t n, struct scene *scene,
                                lockwait_result *expected)
{
    static uint64_t local;
    static const uintptr_t numbers[] = {1, 2, 3, 0xFFFE, 0xFFFF, 0x7FFFFFFF, UINTPTR_MAX / 2, UINTPTR_MAX - 1, UINTPTR_MAX};
    *expected = OF(INVALID_HANDLE);
    switch (n) {
    case 0:
        *expected = rules->none ? OF(OK) : OF(NULL_POINTER);
        value->at = NULL;
        return "NULL";
    case 1: {
        void *freed = make(rules->object);
        CHECK_OK(release(rules->object, freed));
        value->at = freed;
        return "a freed handle";
    }
    case 2:
        value->at = scene_object(scene, rules->object == A_POLICY ? A_ROUTER : A_POLICY);
        return "a handle of another kind";
    case 3:
        value->at = scene_object(scene, rules->object == AN_EVENT ? A_REPLAY : AN_EVENT);
        return "an event's or replay's handle";
    case 4:
        value->at = &local;
        return "the address of a variable";
    case 5:
        value->at = (unsigned char *)&local + 1;
        return "an odd address";
    case 6:
        /* The next generation of a slot that is in use. */
        value->at = made_up((uintptr_t)value->at + ((uintptr_t)1 << (sizeof(uintptr_t) * 4 + 1)));
        return "a handle that is not yet given";
    }
    n -= 7;
    if (n >= sizeof numbers / sizeof numbers[0])
        return NULL;
    value->at = made_up(numbers[n]);
    return "a made-up number";
}

static const char *spoil_number(struct value *value, const struct rules *rules, size_t n, lockwait_result *expected)
{
    static const uint64_t extremes[] = {0, 1, UINT32_MAX, UINT64_MAX};
    /* A number that may be any is good at its extremes, too. */
    if (rules->refusal == OF(OK)) {
        if (n >= sizeof extremes / sizeof extremes[0])
            return NULL;
        value->number = extremes[n];
        return "an extreme number";
    }
    *expected = rules->refusal;
    switch (n) {
    case 0:
        value->number = rules->wrong;
        value->length = SIZE_MAX;
        return "a wrong number";
    case 1:
        value->number = UINT32_MAX;
        value->length = 100000;
        return "a large number";
    }
    return NULL;
}

/* Lengths that are longer than memory. */
static int spoil_length(struct value *value, size_t n, lockwait_result *expected)
{
    static const size_t lengths[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1, SIZE_MAX / 2};
    if (n >= sizeof lengths / sizeof lengths[0])
        return 0;
    value->length = lengths[n];
    *expected = OF(INVALID_ARGUMENT);
    return 1;
}

static const char *spoil_text(struct value *value, const struct rules *rules, size_t n, lockwait_result *expected)
{
    switch (n) {
    case 0:
        *expected = OF(NULL_POINTER);
        value->at = NULL;
        return "NULL";
    case 1:
        *expected = rules->empty;
        value->at = NULL;
        value->length = 0;
        return "NULL of no length";
    case 2:
        *expected = rules->empty;
        value->length = 0;
        return "empty";
    case 3:
        *expected = rules->refusal;
        set_text(value, rules->bad, rules->bad_length);
        return "a bad text";
    case 4:
#ifdef _WIN32
        *expected = OF(INVALID_TEXT);
#else
        *expected = rules->bytes;
#endif
        set_text(value, "a\xFFz", 3);
        return "no UTF-8";
    }
    return spoil_length(value, n - 5, expected) ? "a length longer than memory" : NULL;
}

static const char *spoil_utf16(struct value *value, const struct rules *rules, size_t n, lockwait_result *expected)
{
    switch (n) {
    case 0:
        *expected = OF(NULL_POINTER);
        value->at = NULL;
        return "NULL";
    case 1:
        *expected = rules->empty;
        value->length = 0;
        return "empty";
    case 2:
        *expected = rules->refusal;
        set_utf16(value, rules->bad, rules->bad_length, 0);
        return "a bad text";
    case 3:
        *expected = OF(INVALID_ARGUMENT);
        set_utf16(value, rules->text, strlen(rules->text), 1);
        return "at an odd address";
    }
    return spoil_length(value, n - 4, expected) ? "a length longer than memory" : NULL;
}

static const char *spoil_data(struct value *value, size_t n, lockwait_result *expected)
{
    switch (n) {
    case 0:
        *expected = OF(NULL_POINTER);
        value->at = NULL;
        return "NULL";
    case 1:
        value->at = NULL;
        value->length = 0;
        return "NULL of no length";
    }
    return spoil_length(value, n - 2, expected) ? "a length longer than memory" : NULL;
}

static const char *spoil_buffer(struct value *value, size_t width, size_t n, lockwait_result *expected)
{
    switch (n) {
    case 0:
        *expected = OF(NULL_POINTER);
        value->at = NULL;
        return "NULL";
    case 1:
        *expected = OF(NULL_POINTER);
        value->at = NULL;
        value->length = 0;
        value->told = NULL;
        return "neither buffer nor length";
    case 2:
        value->told = NULL;
        return "no length";
    case 3:
        value->told = (size_t *)(void *)((unsigned char *)value->told_room + 1);
        return "the length at an odd address";
    case 4:
        make_odd_room(value, width * ROOMY);
        return "at an odd address";
    }
    n -= 5;
    if (n < 3) {
        *expected = OF(INVALID_ARGUMENT);
        value->length = n == 0 ? SIZE_MAX : n == 1 ? SIZE_MAX - 1 : SIZE_MAX / 2 + 1;
        return "a capacity larger than memory";
    }
    return NULL;
}

/* Structs that begin with their size. */
static const char *spoil_size(struct value *value, enum kind kind, size_t n, lockwait_result *expected)
{
    const struct rules *rules = &RULES[kind];
    static const uint32_t absurd[] = {4097, 65536, 0x7FFFFFFF, 0x80000000, UINT32_MAX};
    switch (n) {
    case 0:
        *expected = rules->none ? OF(OK) : OF(NULL_POINTER);
        value->at = NULL;
        return "NULL";
    case 1:
    case 2:
    case 3:
        /* Nothing but the size can be read. */
        *expected = OF(INVALID_SIZE);
        make_room(value, sizeof(uint32_t));
        set_size(value, n == 1 ? 0 : n == 2 ? 4 : (uint32_t)rules->size - 1);
        return "a size too small";
    case 4:
        set_struct(value, kind, rules->size + 1);
        return "a byte larger, zero";
    case 5:
        set_struct(value, kind, 4096);
        return "much larger, zero";
    case 6:
        set_struct(value, kind, rules->size + 8);
        ((unsigned char *)value->at)[rules->size + 7] = 1;
        *expected = rules->class == CLASS_IN ? OF(INVALID_SIZE) : OF(OK);
        return "larger, not zero";
    case 7: {
        unsigned char good[512];
        CHECK(rules->size <= sizeof good);
        memcpy(good, value->at, rules->size);
        make_odd_room(value, rules->size);
        memcpy(value->at, good, rules->size);
        return "at an odd address";
    }
    }
    n -= 8;
    if (n < sizeof absurd / sizeof absurd[0]) {
        *expected = OF(INVALID_SIZE);
        make_room(value, sizeof(uint32_t));
        set_size(value, absurd[n]);
        return "an absurd size";
    }
    if (kind == HOLDERS)
        return spoil_length(value, n - sizeof absurd / sizeof absurd[0], expected) ? "more than memory" : NULL;
    return NULL;
}

const char *spoil(struct value *value, enum kind kind, size_t n, struct scene *scene, lockwait_result *expected)
{
    const struct rules *rules = &RULES[kind];
    *expected = OF(OK);
    switch (rules->class) {
    case CLASS_NONE:
        return NULL;
    case CLASS_HANDLE:
        return spoil_handle(value, rules, n, scene, expected);
    case CLASS_NUMBER:
        return spoil_number(value, rules, n, expected);
    case CLASS_TEXT:
        return spoil_text(value, rules, n, expected);
    case CLASS_UTF16:
        return spoil_utf16(value, rules, n, expected);
    case CLASS_DATA:
        return spoil_data(value, n, expected);
    case CLASS_BUFFER:
        return spoil_buffer(value, 1, n, expected);
    case CLASS_BUFFER_UTF16:
        return spoil_buffer(value, 2, n, expected);
    case CLASS_NEW:
    case CLASS_OUT:
        if (n == 0) {
            *expected = OF(NULL_POINTER);
            value->at = NULL;
            return "NULL";
        }
        if (n == 1) {
            make_odd_room(value, rules->class == CLASS_NEW ? sizeof(void *) : rules->size);
            return "at an odd address";
        }
        return NULL;
    case CLASS_IN:
    case CLASS_FILL:
        return spoil_size(value, kind, n, expected);
    case CLASS_FACTS:
        if (n == 0) {
            value->at = NULL;
            return "NULL";
        }
        if (n == 1) {
            make_odd_room(value, rules->size);
            memset(value->at, 0, rules->size);
            return "at an odd address";
        }
        return NULL;
    }
    return NULL;
}
