/* watch.h for Windows: ReadDirectoryChangesW. */
#include "watch.h"

#include "wide.h"

#include <stdlib.h>
#include <string.h>

struct folder {
    HANDLE handle;
    OVERLAPPED request;
    /* Aligned for FILE_NOTIFY_INFORMATION. */
    DWORD buffer[4096];
};

struct watch {
    struct folder folders[WATCH_FOLDERS];
    int count;
};

/* The hints that FILE_ACTION_ADDED (1) to FILE_ACTION_RENAMED_NEW_NAME (5) are. */
static const uint32_t HINTS[] = {
    LOCKWAIT_HINT_SEEN, LOCKWAIT_HINT_REMOVED, LOCKWAIT_HINT_CHANGED, LOCKWAIT_HINT_REMOVED, LOCKWAIT_HINT_RENAMED,
};

static void ask(struct folder *folder)
{
    DWORD what = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE;
    BOOL asked = folder->handle != INVALID_HANDLE_VALUE &&
                 ReadDirectoryChangesW(folder->handle, folder->buffer, sizeof folder->buffer, FALSE, what, NULL,
                                       &folder->request, NULL);
    if (!asked)
        ResetEvent(folder->request.hEvent);
}

struct watch *watch_open(const char *const *folders, int count)
{
    struct watch *watch = calloc(1, sizeof *watch);
    DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    DWORD flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED;
    int n;
    if (watch == NULL)
        return NULL;
    watch->count = count;
    for (n = 0; n < count; n++) {
        struct folder *folder = &watch->folders[n];
        wide_path path;
        folder->handle = INVALID_HANDLE_VALUE;
        if (wide_long(path, folders[n]))
            folder->handle = CreateFileW(path, FILE_LIST_DIRECTORY, share, NULL, OPEN_EXISTING, flags, NULL);
        folder->request.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
        ask(folder);
    }
    return watch;
}

static void pass_on(struct watch *watch, int number, watch_notice notice, void *user)
{
    struct folder *folder = &watch->folders[number];
    const char *at = (const char *)folder->buffer;
    DWORD had = 0;
    if (!GetOverlappedResult(folder->handle, &folder->request, &had, FALSE) || had == 0)
        return; /* Too much happened to be told. */
    for (;;) {
        const FILE_NOTIFY_INFORMATION *told = (const void *)at;
        WCHAR wide[MAX_PATH];
        char name[OS_PATH];
        DWORD units = told->FileNameLength / sizeof(WCHAR);
        if (units < MAX_PATH && told->Action >= 1 && told->Action <= sizeof HINTS / sizeof HINTS[0]) {
            memcpy(wide, told->FileName, told->FileNameLength);
            wide[units] = 0;
            if (utf8_from_wide(name, sizeof name, wide))
                notice(user, number, name, HINTS[told->Action - 1]);
        }
        if (told->NextEntryOffset == 0)
            return;
        at += told->NextEntryOffset;
    }
}

void watch_wait(struct watch *watch, unsigned long milliseconds, watch_notice notice, void *user)
{
    HANDLE ready[WATCH_FOLDERS + 1];
    int n;
    for (n = 0; n < watch->count; n++)
        ready[n] = watch->folders[n].request.hEvent;
    ready[watch->count] = os_stop_event();
    WaitForMultipleObjects((DWORD)watch->count + 1, ready, FALSE, milliseconds);
    for (n = 0; n < watch->count; n++) {
        if (WaitForSingleObject(ready[n], 0) == WAIT_OBJECT_0) {
            pass_on(watch, n, notice, user);
            ask(&watch->folders[n]);
        }
    }
}

void watch_close(struct watch *watch)
{
    int n;
    for (n = 0; watch != NULL && n < watch->count; n++) {
        struct folder *folder = &watch->folders[n];
        DWORD ignored;
        CancelIo(folder->handle);
        GetOverlappedResult(folder->handle, &folder->request, &ignored, TRUE);
        CloseHandle(folder->handle);
        CloseHandle(folder->request.hEvent);
    }
    free(watch);
}
