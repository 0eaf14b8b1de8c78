/* Objects in a known state for a test to work on. */
#ifndef SCENE_H
#define SCENE_H

#include "harness.h"

enum object { A_POLICY, A_ROUTER, AN_EVENT, A_REPLAY, A_RUN, A_SINK, OBJECTS };

/* What a scene's router or run is about to do. */
enum stage {
    FRESH,         /* nothing was put in; a run was not set up */
    ARRIVED,       /* a file was submitted: LOCKWAIT_ACTION_TRY can be fetched */
    TRYING,        /* LOCKWAIT_ACTION_TRY is outstanding */
    WAITING,       /* the file is locked */
    TAKING,        /* LOCKWAIT_ACTION_TAKE is outstanding */
    IDENTIFYING,   /* LOCKWAIT_ACTION_IDENTIFY is outstanding */
    QUARANTINING,  /* LOCKWAIT_ACTION_QUARANTINE is outstanding */
    TOLD,          /* an event can be fetched */
    TRACED,        /* a line of the trace can be fetched */
    READY,         /* a run is set up */
    DONE           /* a run has ended */
};

/* What a scene uses for the file it is about. */
#define SCENE_FOLDER "/in"
#define SCENE_NAME "a.pdf"
#define SCENE_NOW UINT64_C(1700000000000000)

struct scene {
    enum stage stage;
    void *objects[OBJECTS]; /* NULL until asked for */
    uint64_t pickup;        /* of the router */
    uint64_t now;           /* the latest time given to the router */
};

void scene_begin(struct scene *scene, enum stage stage);
/* The scene's object of a kind. */
void *scene_object(struct scene *scene, enum object object);
/* Frees what the test has not freed. */
void scene_end(struct scene *scene);

/* A new object of a kind, and its end. */
void *make(enum object object);
lockwait_result release(enum object object, void *handle);

/* Short forms for telling a story to a router. Each checks that the library does as it should. */
lockwait_router *new_router(const char *policy_json, int quarantine);
uint64_t submit(lockwait_router *router, uint64_t now, const char *folder, const char *name);
lockwait_action expect_action(lockwait_router *router, uint32_t kind, uint64_t pickup);
void expect_no_action(lockwait_router *router);
/* Lets time pass until the router asks for something, which must be this; gives the action, and changes `*now`. */
lockwait_action wait_for_action(lockwait_router *router, uint64_t *now, uint32_t kind, uint64_t pickup);
lockwait_event *expect_event(lockwait_router *router, uint32_t id, lockwait_event_info *info);
void expect_no_event(lockwait_router *router);
void answer_found(lockwait_router *router, uint64_t now, uint64_t pickup, uint32_t content, uint64_t bytes);
/* Refuses each attempt with ERROR_SHARING_VIOLATION until the router asks who holds the file; the time it is then. */
uint64_t refuse_until_identify(lockwait_router *router, uint64_t now, uint64_t pickup);
/* All lines of a router's trace with line ends, NUL-terminated; to be freed. */
char *trace_of(lockwait_router *router);
/* The trace of a file that was locked until patience ran out, then taken; stays. */
const char *known_trace(void);
/* A router's snapshot, NUL-terminated; to be freed. */
char *snapshot_of(lockwait_router *router);
/* The verdict's event of a held file, with one holder; to be freed with lockwait_event_free. */
lockwait_event *held_event(void);

#endif
