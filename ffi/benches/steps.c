/* Drives a router through a million steps (an answer in, an action out) over one file that stays locked, and prints
 * the nanoseconds a step took. core/examples/steps.rs does the same without the C ABI. A step is five calls: the answer,
 * two looks for actions, the next timeout and its handling; and one look for events. */

#include "lockwait.h"

#include <stdio.h>
#include <time.h>

#define STEPS 1000000

int main(void)
{
    lockwait_router *router = NULL;
    lockwait_event *event = NULL;
    lockwait_action action;
    lockwait_result result;
    struct timespec from, to;
    uint64_t now = 1000000, pickup = 0;
    long steps = 0;

    if (lockwait_router_new(NULL, NULL, &router) != LOCKWAIT_RESULT_OK
        || lockwait_router_submit(router, now, "/in", 3, "a.pdf", 5, &pickup) != LOCKWAIT_RESULT_OK) {
        return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &from);
    while (steps < STEPS) {
        action.size = sizeof action;
        while (lockwait_router_next_action(router, &action) == LOCKWAIT_RESULT_OK) {
            if (action.kind == LOCKWAIT_ACTION_TRY) {
                result = lockwait_router_answer_code(router, now, action.pickup, LOCKWAIT_DOMAIN_WIN32, 32);
            } else {
                result = lockwait_router_answer_could_not_ask(router, now, action.pickup, LOCKWAIT_DOMAIN_WIN32, 50);
            }
            if (result != LOCKWAIT_RESULT_OK) {
                return 1;
            }
            steps++;
        }
        while (lockwait_router_next_event(router, &event) == LOCKWAIT_RESULT_OK) {
            lockwait_event_free(event);
        }
        if (lockwait_router_next_timeout(router, &now) != LOCKWAIT_RESULT_OK
            || lockwait_router_handle_timeout(router, now) != LOCKWAIT_RESULT_OK) {
            return 1;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%.1f\n", ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / STEPS);
    lockwait_router_free(router);
    return 0;
}
