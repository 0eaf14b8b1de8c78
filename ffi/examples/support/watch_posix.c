/* watch.h for Linux: inotify. */
#define _GNU_SOURCE
#include "watch.h"

#include "os.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

struct watch {
    int descriptor;
    int folders[WATCH_FOLDERS];
    int count;
};

/* What inotify says, and the hint that it is. */
static const struct {
    uint32_t mask;
    uint32_t hint;
} NOTICES[] = {
    {IN_CLOSE_WRITE, LOCKWAIT_HINT_CLOSED},          {IN_MOVED_TO, LOCKWAIT_HINT_RENAMED},
    {IN_MODIFY | IN_ATTRIB, LOCKWAIT_HINT_CHANGED},  {IN_CREATE, LOCKWAIT_HINT_SEEN},
    {IN_DELETE | IN_MOVED_FROM, LOCKWAIT_HINT_REMOVED},
};
#define NOTICE_COUNT (sizeof NOTICES / sizeof NOTICES[0])

struct watch *watch_open(const char *const *folders, int count)
{
    struct watch *watch = malloc(sizeof *watch);
    uint32_t mask = 0;
    size_t n;
    int folder;
    if (watch == NULL)
        return NULL;
    for (n = 0; n < NOTICE_COUNT; n++)
        mask |= NOTICES[n].mask;
    watch->descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    watch->count = count;
    for (folder = 0; folder < count; folder++)
        watch->folders[folder] = inotify_add_watch(watch->descriptor, folders[folder], mask);
    return watch;
}

static void pass_on(struct watch *watch, const struct inotify_event *event, watch_notice notice, void *user)
{
    int folder;
    size_t n;
    for (folder = 0; folder < watch->count; folder++) {
        for (n = 0; n < NOTICE_COUNT; n++) {
            if (watch->folders[folder] == event->wd && event->len > 0 && (event->mask & NOTICES[n].mask) != 0)
                notice(user, folder, event->name, NOTICES[n].hint);
        }
    }
}

void watch_wait(struct watch *watch, unsigned long milliseconds, watch_notice notice, void *user)
{
    /* Aligned for inotify's structs. */
    union {
        struct inotify_event event;
        char bytes[16384];
    } buffer;
    struct pollfd ready[2];
    ssize_t had, at;
    ready[0].fd = os_stop_pipe();
    ready[1].fd = watch->descriptor;
    ready[0].events = ready[1].events = POLLIN;
    if (poll(ready, 2, (int)milliseconds) <= 0)
        return;
    while ((had = read(watch->descriptor, buffer.bytes, sizeof buffer)) > 0) {
        for (at = 0; at < had;) {
            const struct inotify_event *event = (const void *)(buffer.bytes + at);
            pass_on(watch, event, notice, user);
            at += (ssize_t)(sizeof *event + event->len);
        }
    }
}

void watch_close(struct watch *watch)
{
    if (watch != NULL)
        close(watch->descriptor);
    free(watch);
}
