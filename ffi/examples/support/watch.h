/*
 * Waiting for the operating system to say that something happened in a folder. A notice is a hint and may get lost; who
 * waits looks for himself from time to time.
 */
#ifndef EXAMPLE_WATCH_H
#define EXAMPLE_WATCH_H

#include "lockwait.h"

/* How many folders can be watched. */
#define WATCH_FOLDERS 2

struct watch;

/* Is told of a file: the number of its folder, its name there, and one of the LOCKWAIT_HINT_ numbers. */
typedef void (*watch_notice)(void *user, int folder, const char *name, uint32_t hint);

/* Watches `count` folders; NULL when there is no memory. One that cannot be watched is left out. */
struct watch *watch_open(const char *const *folders, int count);

/* Waits until something is noticed, so many milliseconds are over, or somebody says "stop". */
void watch_wait(struct watch *watch, unsigned long milliseconds, watch_notice notice, void *user);

void watch_close(struct watch *watch);

#endif
