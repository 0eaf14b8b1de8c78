/* os.h for Linux. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int stop_pipe[2] = {-1, -1};
static volatile sig_atomic_t stopping;

int os_join(char *path, const char *folder, const char *name)
{
    size_t folder_length = strlen(folder), name_length = strlen(name);
    if (folder_length + 1 + name_length >= OS_PATH)
        return 0;
    memcpy(path, folder, folder_length);
    path[folder_length] = '/';
    memcpy(path + folder_length + 1, name, name_length + 1);
    return 1;
}

int os_absolute(char *absolute, const char *path)
{
    char here[OS_PATH];
    if (path[0] == '/') {
        if (strlen(path) >= OS_PATH)
            return 0;
        strcpy(absolute, path);
        return 1;
    }
    return getcwd(here, sizeof here) != NULL && os_join(absolute, here, path);
}

os_error os_make_folder(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : (os_error)errno;
}

os_error os_list(const char *folder, void (*each)(void *user, const char *name), void *user)
{
    DIR *open = opendir(folder);
    struct dirent *entry;
    os_error error;
    if (open == NULL)
        return (os_error)errno;
    while (errno = 0, (entry = readdir(open)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            each(user, entry->d_name);
    }
    error = (os_error)errno;
    closedir(open);
    return error;
}

int os_exists(const char *path)
{
    struct stat ignored;
    return lstat(path, &ignored) == 0;
}

os_error os_move(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : (os_error)errno;
}

static os_error pour(int from, int to)
{
    static char buffer[1 << 18];
    for (;;) {
        ssize_t had = read(from, buffer, sizeof buffer), done = 0;
        if (had == 0)
            return fsync(to) == 0 ? 0 : (os_error)errno;
        while (done < had) {
            ssize_t wrote = write(to, buffer + done, (size_t)(had - done));
            if (wrote < 0 && errno != EINTR)
                return (os_error)errno;
            done += wrote < 0 ? 0 : wrote;
        }
        if (had < 0 && errno != EINTR)
            return (os_error)errno;
    }
}

os_error os_copy(const char *from, const char *to)
{
    os_error error = 0;
    int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), out;
    if (in < 0)
        return (os_error)errno;
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    error = out < 0 ? (os_error)errno : pour(in, out);
    if (out >= 0 && close(out) != 0 && error == 0)
        error = (os_error)errno;
    close(in);
    return error;
}

os_error os_remove(const char *path)
{
    return unlink(path) == 0 ? 0 : (os_error)errno;
}

os_error os_read_unshared(const char *path, char *buffer, size_t capacity, size_t *length)
{
    struct flock range;
    ssize_t had;
    os_error error = 0;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return (os_error)errno;
    memset(&range, 0, sizeof range);
    range.l_type = F_RDLCK;
    range.l_whence = SEEK_SET;
    if (fcntl(file, F_GETLK, &range) == 0 && range.l_type != F_UNLCK) {
        error = EAGAIN;
    } else if (flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        error = EAGAIN;
    } else if ((had = read(file, buffer, capacity)) < 0) {
        error = (os_error)errno;
    } else {
        *length = (size_t)had;
    }
    close(file);
    return error;
}

int os_is_missing(os_error error)
{
    return error == ENOENT;
}

int os_is_taken(os_error error)
{
    return error == EEXIST || error == ENOTEMPTY;
}

int os_is_other_volume(os_error error)
{
    return error == EXDEV;
}

os_error os_too_long(void)
{
    return ENAMETOOLONG;
}

void os_words(os_error error, char *buffer, size_t capacity)
{
    const char *words = strerror((int)error);
    size_t length = strlen(words) < capacity ? strlen(words) : capacity - 1;
    memcpy(buffer, words, length);
    buffer[length] = 0;
}

FILE *os_append(const char *path)
{
    return fopen(path, "ab");
}

int os_name_from_gateway(char *name, size_t capacity, const char *bytes)
{
    if (strlen(bytes) >= capacity)
        return 0;
    strcpy(name, bytes);
    return 1;
}

void os_now(unsigned long *seconds, unsigned *milliseconds)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    *seconds = (unsigned long)now.tv_sec;
    *milliseconds = (unsigned)(now.tv_usec / 1000);
}

static void on_signal(int number)
{
    int before = errno;
    (void)number;
    stopping = 1;
    /* A pipe that is full already says so. */
    if (write(stop_pipe[1], "", 1) < 0)
        errno = before;
}

void os_catch_stop(void)
{
    struct sigaction action;
    if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        perror("pipe2");
        exit(2);
    }
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int os_stopping(void)
{
    return stopping;
}

int os_stop_pipe(void)
{
    return stop_pipe[0];
}

void os_sleep(unsigned long milliseconds)
{
    struct pollfd stop;
    stop.fd = stop_pipe[0];
    stop.events = POLLIN;
    poll(&stop, 1, (int)milliseconds);
}
