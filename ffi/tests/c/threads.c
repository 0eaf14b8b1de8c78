/* Several threads at once. What runs on a thread of its own notes what it finds; the main thread checks. */
#include "scene.h"

#include <stdlib.h>

/* A thread that makes its own kind of error over and over, and looks whether it is told of another's. */
struct erring {
    uint32_t domain;
    int wrong;
};

static void err(void *argument)
{
    struct erring *erring = argument;
    char expected[64], text[256];
    unsigned times;
    snprintf(expected, sizeof expected, "'domain': %u", (unsigned)erring->domain);
    for (times = 0; times < 500; times++) {
        if (lockwait_code_format(erring->domain, 1, text, sizeof text, NULL) != LOCKWAIT_RESULT_INVALID_ARGUMENT)
            erring->wrong = 1;
        thread_pass();
        if (lockwait_last_error(text, sizeof text, NULL) != LOCKWAIT_RESULT_OK || strstr(text, expected) == NULL)
            erring->wrong = 1;
    }
}

static void every_thread_has_its_own_last_error(void)
{
    enum { THREADS = 4 };
    struct erring erring[THREADS];
    struct thread *threads[THREADS];
    uint32_t index;
    CHECK_RESULT(lockwait_now(NULL), NULL_POINTER);
    for (index = 0; index < THREADS; index++) {
        erring[index].domain = 100 + index;
        erring[index].wrong = 0;
        threads[index] = thread_start(err, &erring[index]);
    }
    for (index = 0; index < THREADS; index++) {
        thread_join(threads[index]);
        CHECK(!erring[index].wrong);
    }
    CHECK_LAST_ERROR("'now' is NULL");
}

/* Threads that drive one router: each submits its own files and answers whatever is asked. */
struct driving {
    lockwait_router *router;
    unsigned number, submitted, taken;
    lockwait_result trouble;
};

enum { DRIVERS = 4, FILES = 200 };

static void drive(void *argument)
{
    struct driving *driving = argument;
    unsigned idle = 0;
    while (driving->trouble == LOCKWAIT_RESULT_OK && (driving->submitted < FILES || idle < 100)) {
        lockwait_action action;
        lockwait_result result;
        uint64_t pickup = 0;
        if (driving->submitted < FILES) {
            char name[32];
            snprintf(name, sizeof name, "%u-%u", driving->number, driving->submitted++);
            result = lockwait_router_submit(driving->router, SCENE_NOW, TEXT("/in"), name, strlen(name), &pickup);
            if (result != LOCKWAIT_RESULT_OK)
                driving->trouble = result;
        }
        action.size = sizeof action;
        result = lockwait_router_next_action(driving->router, &action);
        if (result == LOCKWAIT_RESULT_EMPTY) {
            idle++;
            thread_pass();
            continue;
        }
        idle = 0;
        if (result == LOCKWAIT_RESULT_OK && action.kind == LOCKWAIT_ACTION_TRY) {
            lockwait_look look;
            memset(&look, 0, sizeof look);
            look.size = sizeof look;
            look.content = LOCKWAIT_CONTENT_COMPLETE;
            result = lockwait_router_answer_opened(driving->router, SCENE_NOW, action.pickup, &look);
        } else if (result == LOCKWAIT_RESULT_OK) {
            result = lockwait_router_answer_taken(driving->router, SCENE_NOW, action.pickup, TEXT("/out/x"), 1);
            driving->taken++;
        }
        if (result != LOCKWAIT_RESULT_OK)
            driving->trouble = result;
    }
}

static void threads_drive_one_router(void)
{
    lockwait_router *router = new_router("{}", 0);
    struct driving driving[DRIVERS];
    struct thread *threads[DRIVERS];
    lockwait_counts counts;
    lockwait_event *event;
    unsigned index, taken = 0, told = 0;
    for (index = 0; index < DRIVERS; index++) {
        memset(&driving[index], 0, sizeof driving[index]);
        driving[index].router = router;
        driving[index].number = index;
        threads[index] = thread_start(drive, &driving[index]);
    }
    for (index = 0; index < DRIVERS; index++) {
        thread_join(threads[index]);
        check_result(driving[index].trouble, LOCKWAIT_RESULT_OK, __FILE__, __LINE__, "a thread's call");
    }
    /* What is left is little, or nothing: a thread may have had enough before another submitted its last. */
    memset(&driving[0], 0, sizeof driving[0]);
    driving[0].router = router;
    driving[0].submitted = FILES;
    taken = 0;
    drive(&driving[0]);
    counts.size = sizeof counts;
    CHECK_OK(lockwait_router_count(router, &counts));
    CHECK_NUMBER(counts.open, 0);
    while (lockwait_router_next_event(router, &event) == LOCKWAIT_RESULT_OK) {
        told++;
        CHECK_OK(lockwait_event_free(event));
    }
    for (index = 1; index < DRIVERS; index++)
        taken += driving[index].taken;
    CHECK_NUMBER(told, DRIVERS * FILES);
    CHECK(taken <= DRIVERS * FILES);
    CHECK_OK(lockwait_router_free(router));
}

/* One thread uses an object for as long as it is there; another frees it in the meantime. */
struct using {
    void *handle;
    unsigned done;
    lockwait_result last;
};

static void use_policy(void *argument)
{
    struct using *using = argument;
    do {
        using->last = lockwait_policy_set(using->handle, TEXT("retry"), TEXT("300ms"));
        using->done++;
    } while (using->last == LOCKWAIT_RESULT_OK);
}

static void use_event(void *argument)
{
    struct using *using = argument;
    char text[8192];
    do {
        using->last = lockwait_event_text(using->handle, LOCKWAIT_TEXT_JSON, text, sizeof text, NULL);
        using->done++;
    } while (using->last == LOCKWAIT_RESULT_OK);
}

static void use_router(void *argument)
{
    struct using *using = argument;
    char text[8192];
    do {
        using->last = lockwait_router_snapshot(using->handle, text, sizeof text, NULL);
        using->done++;
    } while (using->last == LOCKWAIT_RESULT_OK);
}

static void an_object_may_be_freed_while_it_is_used(void)
{
    static const struct {
        enum object object;
        void (*use)(void *);
    } rows[] = {{A_POLICY, use_policy}, {AN_EVENT, use_event}, {A_ROUTER, use_router}};
    size_t row;
    unsigned round;
    for (row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        for (round = 0; round < 20; round++) {
            struct using users[2];
            struct thread *threads[2];
            unsigned index;
            memset(users, 0, sizeof users);
            users[0].handle = users[1].handle = make(rows[row].object);
            for (index = 0; index < 2; index++)
                threads[index] = thread_start(rows[row].use, &users[index]);
            for (index = 0; index < round; index++)
                thread_pass();
            CHECK_OK(release(rows[row].object, users[0].handle));
            for (index = 0; index < 2; index++) {
                thread_join(threads[index]);
                check_result(users[index].last, LOCKWAIT_RESULT_INVALID_HANDLE, __FILE__, __LINE__, "a freed object");
                CHECK(users[index].done > 0);
            }
        }
    }
}

/* Many threads make and free objects: no handle is given twice. */
struct making {
    void *handles[64];
    lockwait_result trouble;
};

static void make_and_free(void *argument)
{
    struct making *making = argument;
    unsigned times, index;
    for (times = 0; times < 50 && making->trouble == LOCKWAIT_RESULT_OK; times++) {
        for (index = 0; index < 64; index++) {
            lockwait_policy *policy = NULL;
            lockwait_result result = lockwait_policy_new(&policy);
            making->handles[index] = policy;
            if (result != LOCKWAIT_RESULT_OK)
                making->trouble = result;
        }
        for (index = 0; index < 64; index++) {
            lockwait_result result = lockwait_policy_free(making->handles[index]);
            if (result != LOCKWAIT_RESULT_OK)
                making->trouble = result;
        }
    }
}

static void no_two_threads_get_the_same_handle(void)
{
    enum { THREADS = 4 };
    struct making making[THREADS];
    struct thread *threads[THREADS];
    unsigned index;
    memset(making, 0, sizeof making);
    for (index = 0; index < THREADS; index++)
        threads[index] = thread_start(make_and_free, &making[index]);
    for (index = 0; index < THREADS; index++)
        thread_join(threads[index]);
    for (index = 0; index < THREADS; index++)
        check_result(making[index].trouble, LOCKWAIT_RESULT_OK, __FILE__, __LINE__, "a thread's call");
}

const struct test threads_tests[] = {
    {"every_thread_has_its_own_last_error", every_thread_has_its_own_last_error},
    {"threads_drive_one_router", threads_drive_one_router},
    {"an_object_may_be_freed_while_it_is_used", an_object_may_be_freed_while_it_is_used},
    {"no_two_threads_get_the_same_handle", no_two_threads_get_the_same_handle},
    {NULL, NULL},
};
