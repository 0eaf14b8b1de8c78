/*
 * probe.h for Linux. Nothing here forbids an open by itself, so three questions are put to the open file: does anybody
 * have it open for writing (a read lease would be refused), a record lock on it, a flock lock on it?
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Size, time, and a number that no other file in the same place has. */
static lockwait_facts facts_of(const struct stat *stat)
{
    lockwait_facts facts;
    facts.bytes = (uint64_t)stat->st_size;
    facts.modified = (uint64_t)stat->st_mtim.tv_sec * 1000000000U + (uint64_t)stat->st_mtim.tv_nsec;
    facts.identity = (uint64_t)stat->st_ino ^ ((uint64_t)stat->st_dev << 40);
    return facts;
}

static int refuse(lockwait_refusal *refusal, uint32_t value, uint32_t method, uint32_t access)
{
    refusal->value = value;
    refusal->method = method;
    refusal->access = access;
    return 0;
}

/* There is no such file: is there no such folder either? */
static uint32_t scope_of_missing(const char *path)
{
    char folder[4096];
    const char *end = strrchr(path, '/');
    size_t length = end == NULL ? 0 : (size_t)(end - path);
    if (length == 0 || length >= sizeof folder)
        return LOCKWAIT_SCOPE_FILE;
    memcpy(folder, path, length);
    folder[length] = 0;
    return access(folder, F_OK) == 0 ? LOCKWAIT_SCOPE_FILE : LOCKWAIT_SCOPE_FOLDER;
}

/* Nobody stands in the way of the open file; `probe` gets the method that vouches for it. */
static int ask(struct probe *probe, lockwait_refusal *refusal)
{
    struct flock range;
    int locker = LOCKWAIT_ACCESS_UNKNOWN, file = probe->descriptor;
    probe->method = LOCKWAIT_METHOD_STABILITY;
    /* A writer who comes while we hold the lease makes the kernel signal us: with SIGURG, which is ignored, not with
     * SIGIO, which ends the process. */
    if (fcntl(file, F_SETSIG, SIGURG) == 0 && fcntl(file, F_SETLEASE, F_RDLCK) == 0) {
        fcntl(file, F_SETLEASE, F_UNLCK);
        probe->method = LOCKWAIT_METHOD_LEASE;
        locker = LOCKWAIT_ACCESS_READ;
    } else if (errno == EAGAIN) {
        return refuse(refusal, EAGAIN, LOCKWAIT_METHOD_LEASE, LOCKWAIT_ACCESS_WRITE);
    }
    memset(&range, 0, sizeof range);
    range.l_type = F_RDLCK;
    range.l_whence = SEEK_SET;
    if (fcntl(file, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK)
        return refuse(refusal, EAGAIN, LOCKWAIT_METHOD_RECORD_LOCK, locker);
    if (flock(file, LOCK_SH | LOCK_NB) == 0)
        flock(file, LOCK_UN);
    else if (errno == EWOULDBLOCK)
        return refuse(refusal, EAGAIN, LOCKWAIT_METHOD_FLOCK, locker);
    return 1;
}

int probe_open(struct probe *probe, const char *path, lockwait_refusal *refusal)
{
    struct stat stat;
    memset(probe, 0, sizeof *probe);
    memset(refusal, 0, sizeof *refusal);
    refusal->size = sizeof *refusal;
    refusal->domain = LOCKWAIT_DOMAIN_ERRNO;
    /* To open a pipe or a device may do something to it, so its kind comes first. */
    if (lstat(path, &stat) != 0) {
        refusal->scope = errno == ENOENT ? scope_of_missing(path) : LOCKWAIT_SCOPE_FILE;
        return refuse(refusal, (uint32_t)errno, LOCKWAIT_METHOD_OPEN, LOCKWAIT_ACCESS_UNKNOWN);
    }
    refusal->facts = facts_of(&stat);
    refusal->has_facts = 1;
    if (!S_ISREG(stat.st_mode)) {
        refusal->domain = LOCKWAIT_DOMAIN_LOCKWAIT;
        return refuse(refusal, LOCKWAIT_FINDING_NOT_REGULAR, LOCKWAIT_METHOD_OPEN, LOCKWAIT_ACCESS_UNKNOWN);
    }
    probe->descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (probe->descriptor < 0)
        return refuse(refusal, (uint32_t)errno, LOCKWAIT_METHOD_OPEN, LOCKWAIT_ACCESS_UNKNOWN);
    if (!ask(probe, refusal)) {
        probe_close(probe);
        return 0;
    }
    /* Only now is what the file says of itself worth anything: whoever was writing is done. */
    if (fstat(probe->descriptor, &stat) != 0) {
        int error = errno;
        probe_close(probe);
        return refuse(refusal, (uint32_t)error, LOCKWAIT_METHOD_OPEN, LOCKWAIT_ACCESS_UNKNOWN);
    }
    probe->facts = facts_of(&stat);
    return 1;
}

size_t probe_read(struct probe *probe, uint64_t offset, unsigned char *buffer, size_t length)
{
    size_t had = 0;
    while (had < length) {
        ssize_t more = pread(probe->descriptor, buffer + had, length - had, (off_t)(offset + had));
        if (more > 0)
            had += (size_t)more;
        else if (more == 0 || errno != EINTR)
            break;
    }
    return had;
}

void probe_close(struct probe *probe)
{
    close(probe->descriptor);
}
