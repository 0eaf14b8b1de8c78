/* The table of exports: what each takes, and in which scene it succeeds. */
#ifndef EXPORTS_H
#define EXPORTS_H

#include "scene.h"

/* What a parameter of an export is. In C it may be several: a text is a pointer and a length. */
enum kind {
    NOTHING,
    /* Handles. */
    POLICY, POLICY_OR_NONE, POLICY_TO_FREE,
    ROUTER, ROUTER_TO_FREE,
    EVENT, EVENT_TO_FREE,
    REPLAY, REPLAY_TO_FREE,
    RUN, RUN_TO_FREE,
    SINK, SINK_TO_FREE,
    /* Where a new handle goes. */
    NEW_POLICY, NEW_ROUTER, NEW_EVENT, NEW_REPLAY, NEW_RUN, NEW_SINK,
    /* Numbers. */
    NOW, ANY_PICKUP, PICKUP, BYTES, CODE, DOMAIN_NUMBER, HINT, PART, WHICH, ROLE, OPTION, MILLISECONDS, INDEX,
    /* Text and names. */
    FOLDER, NAME, KNOWN_FOLDER, KNOWN_NAME, FOLDER_UTF16, NAME_UTF16, KEY, VALUE, POLICY_JSON, CODE_TEXT, SNAPSHOT, TRACE, TARGET, DATA,
    /* Buffers. */
    BUFFER, BUFFER_UTF16,
    /* Where a number goes. */
    OUT_32, OUT_64, OUT_SIZE,
    /* Structs. */
    OPTIONS, LOOK, REFUSAL, HOLDERS, FACTS,
    ACTION, COUNTS, VIEW, EXPLANATION, EVENT_INFO, REASON, HOLDER, REPLAY_INFO, SUMMARY,
    KINDS
};

/* What is given for a parameter. */
struct value {
    void *at;           /* a handle, text, buffer, struct, or where something goes */
    size_t length;      /* of text in bytes or units, of a buffer, of an array; an index */
    size_t *told;       /* where a buffer's length goes */
    uint64_t number;
    unsigned char *room; /* the memory of `at`, exactly as much as was promised to the library */
    size_t room_size;
    size_t told_room[2];
};

enum { MOST_PARAMETERS = 8 };

/* One export. */
struct export {
    const char *name;
    lockwait_result (*call)(const struct value *values);
    enum stage stage; /* in which it succeeds */
    enum kind parameters[MOST_PARAMETERS]; /* NOTHING after the last */
};

extern const struct export exports[];
extern const size_t export_count;

/* Fills in a good value for a parameter. */
void give(struct value *value, enum kind kind, struct scene *scene);

/* Frees what a call with `result` has put into the value, and its memory. */
void take_back(struct value *value, enum kind kind, lockwait_result result);

/* The `n`-th way in which a parameter can be wrong, or unusual: changes `value`, and says in `*expected` what comes of
   it. NULL when there is no such way; else its name. */
const char *spoil(struct value *value, enum kind kind, size_t n, struct scene *scene, lockwait_result *expected);

#endif
