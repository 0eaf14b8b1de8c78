/*
 * probe.h for Windows: a ladder of opens, each asking for a little more than the one before, so that the first that is
 * refused tells what kind of holder there is. The rung that denies writing could itself refuse a writer who comes back,
 * so it is closed at once.
 */
#include "probe.h"

#include "wide.h"

#include <string.h>

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* One open of the ladder: what is asked for, what others may go on doing, and what is known of who refuses it. */
struct rung {
    DWORD access;
    DWORD share;
    uint32_t holder;
};

static const struct rung RUNGS[] = {
    {GENERIC_READ, SHARE_ALL, LOCKWAIT_ACCESS_UNKNOWN},                          /* whoever shares no reading */
    {GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, LOCKWAIT_ACCESS_WRITE},  /* whoever writes */
    {DELETE, SHARE_ALL, LOCKWAIT_ACCESS_READ},                                   /* who reads and shares no deletion */
};

static uint64_t joined(DWORD high, DWORD low)
{
    return ((uint64_t)high << 32) | low;
}

static void take_facts(lockwait_facts *facts, const BY_HANDLE_FILE_INFORMATION *info)
{
    facts->bytes = joined(info->nFileSizeHigh, info->nFileSizeLow);
    facts->modified = joined(info->ftLastWriteTime.dwHighDateTime, info->ftLastWriteTime.dwLowDateTime);
    facts->identity = joined(info->nFileIndexHigh, info->nFileIndexLow) ^ ((uint64_t)info->dwVolumeSerialNumber << 20);
}

static int refuse(lockwait_refusal *refusal, uint32_t value, uint32_t method, uint32_t access)
{
    refusal->value = value;
    refusal->method = method;
    refusal->access = access;
    /* Windows tells a missing folder from a missing file by itself. */
    refusal->scope = value == ERROR_PATH_NOT_FOUND ? LOCKWAIT_SCOPE_FOLDER : LOCKWAIT_SCOPE_FILE;
    return 0;
}

/* Size, time and identity, for which no lock matters: nothing of the content is asked for. */
static int look(const WCHAR *path, lockwait_refusal *refusal)
{
    BY_HANDLE_FILE_INFORMATION info;
    DWORD flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
    HANDLE file = CreateFileW(path, FILE_READ_ATTRIBUTES, SHARE_ALL, NULL, OPEN_EXISTING, flags, NULL);
    BOOL known;
    if (file == INVALID_HANDLE_VALUE)
        return refuse(refusal, GetLastError(), LOCKWAIT_METHOD_OPEN, LOCKWAIT_ACCESS_UNKNOWN);
    known = GetFileInformationByHandle(file, &info);
    CloseHandle(file);
    if (!known)
        return 1;
    take_facts(&refusal->facts, &info);
    refusal->has_facts = 1;
    if ((info.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) == 0)
        return 1;
    refusal->domain = LOCKWAIT_DOMAIN_LOCKWAIT;
    return refuse(refusal, LOCKWAIT_FINDING_NOT_REGULAR, LOCKWAIT_METHOD_OPEN, LOCKWAIT_ACCESS_UNKNOWN);
}

int probe_open(struct probe *probe, const char *path, lockwait_refusal *refusal)
{
    BY_HANDLE_FILE_INFORMATION info;
    wide_path wide;
    HANDLE file = INVALID_HANDLE_VALUE;
    size_t n;
    memset(probe, 0, sizeof *probe);
    memset(refusal, 0, sizeof *refusal);
    refusal->size = sizeof *refusal;
    refusal->domain = LOCKWAIT_DOMAIN_WIN32;
    if (!wide_long(wide, path))
        return refuse(refusal, ERROR_FILENAME_EXCED_RANGE, LOCKWAIT_METHOD_OPEN, LOCKWAIT_ACCESS_UNKNOWN);
    if (!look(wide, refusal))
        return 0;
    for (n = 0; n < sizeof RUNGS / sizeof RUNGS[0]; n++) {
        HANDLE rung = CreateFileW(wide, RUNGS[n].access, RUNGS[n].share, NULL, OPEN_EXISTING, 0, NULL);
        DWORD error = GetLastError();
        if (rung == INVALID_HANDLE_VALUE) {
            int shared = error != ERROR_SHARING_VIOLATION;
            if (file != INVALID_HANDLE_VALUE)
                CloseHandle(file);
            return refuse(refusal, error, shared ? LOCKWAIT_METHOD_OPEN : LOCKWAIT_METHOD_SHARE_MODE,
                          shared ? LOCKWAIT_ACCESS_UNKNOWN : RUNGS[n].holder);
        }
        /* The first rung, which shares everything, is what the file is read through. */
        if (n == 0)
            file = rung;
        else
            CloseHandle(rung);
    }
    if (!GetFileInformationByHandle(file, &info)) {
        DWORD error = GetLastError();
        CloseHandle(file);
        return refuse(refusal, error, LOCKWAIT_METHOD_OPEN, LOCKWAIT_ACCESS_UNKNOWN);
    }
    take_facts(&probe->facts, &info);
    probe->handle = file;
    probe->method = LOCKWAIT_METHOD_SHARE_MODE;
    return 1;
}

size_t probe_read(struct probe *probe, uint64_t offset, unsigned char *buffer, size_t length)
{
    LONG high = (LONG)(offset >> 32);
    size_t had = 0;
    SetFilePointer(probe->handle, (LONG)(DWORD)offset, &high, FILE_BEGIN);
    while (had < length) {
        DWORD more = 0;
        if (!ReadFile(probe->handle, buffer + had, (DWORD)(length - had), &more, NULL) || more == 0)
            break;
        had += more;
    }
    return had;
}

void probe_close(struct probe *probe)
{
    CloseHandle(probe->handle);
}
