/*
 * Holds a file as another program would: on Linux open for writing with a record lock on it, on Windows open and shared
 * with nobody.
 *
 *     holder FILE
 *
 * Says "holding" on standard output once it does; lets go when its standard input ends.
 */
#ifndef _WIN32
#define _POSIX_C_SOURCE 200112L
#endif
#include <stdio.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>

static int hold(const char *path)
{
    return CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL) != INVALID_HANDLE_VALUE;
}
#else
#include <fcntl.h>

static int hold(const char *path)
{
    struct flock range;
    int file = open(path, O_RDWR);
    memset(&range, 0, sizeof range);
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    return file >= 0 && fcntl(file, F_SETLK, &range) == 0;
}
#endif

int main(int count, char **words)
{
    if (count != 2 || !hold(words[1])) {
        fprintf(stderr, "holder: cannot hold '%s'\n", count > 1 ? words[1] : "");
        return 1;
    }
    puts("holding");
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    return 0;
}
