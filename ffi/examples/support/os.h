/*
 * What connector.c and before.c need of the operating system: files, folders, time, and being told to stop. The same on
 * Linux and Windows; os_posix.c and os_windows.c have the two halves. Nothing here knows Lockwait.
 *
 * Paths are bytes on POSIX and UTF-8 on Windows.
 */
#ifndef EXAMPLE_OS_H
#define EXAMPLE_OS_H

#include <stddef.h>
#include <stdio.h>

/* Room for a path and its terminating zero. */
#define OS_PATH 4096

/* 0, or the system's number for what went wrong: errno, GetLastError(). */
typedef unsigned os_error;

/* Puts `folder`, a separator and `name` into `path`, which has room for OS_PATH. Not 0: it fits. */
int os_join(char *path, const char *folder, const char *name);

/* The path of a file or folder that need not exist, counted from the root. Not 0: it fits. */
int os_absolute(char *absolute, const char *path);

/* Makes a folder; one that is there already is fine. */
os_error os_make_folder(const char *path);

/* Calls `each` for everything in a folder, in no order. */
os_error os_list(const char *folder, void (*each)(void *user, const char *name), void *user);

/* Not 0: there is something at `path`. */
int os_exists(const char *path);

/* Renames a file or folder; never replaces anything. */
os_error os_move(const char *from, const char *to);

/* Copies a file, replacing what is there, and has it written to the device. */
os_error os_copy(const char *from, const char *to);

os_error os_remove(const char *path);

/* Reads a whole file of at most `capacity` bytes, if nobody has it locked: the way a program does that knows no better. */
os_error os_read_unshared(const char *path, char *buffer, size_t capacity, size_t *length);

/* What a number means for the one who moves files. */
int os_is_missing(os_error error);
int os_is_taken(os_error error);
int os_is_other_volume(os_error error);
/* The number for a path that does not fit. */
os_error os_too_long(void);

/* The system's words for a number, in at most `capacity` bytes with the zero. */
void os_words(os_error error, char *buffer, size_t capacity);

/* Opens a text file to add to it. */
FILE *os_append(const char *path);

/* The name that `bytes`, read from a file that a NetWare gateway wrote, has here: on POSIX the same bytes, on Windows the
 * characters they are in the OEM code page. Not 0: it fits. */
int os_name_from_gateway(char *name, size_t capacity, const char *bytes);

/* The time of day: seconds since 1970 and the milliseconds of the second. */
void os_now(unsigned long *seconds, unsigned *milliseconds);

/* From now on SIGINT, SIGTERM or the console's Ctrl+C and closing say "stop". */
void os_catch_stop(void);
/* Not 0: somebody said "stop". */
int os_stopping(void);
/* Sleeps, but no longer than until somebody says "stop". */
void os_sleep(unsigned long milliseconds);

/* What becomes ready when somebody says "stop". */
#ifdef _WIN32
void *os_stop_event(void);
#else
int os_stop_pipe(void);
#endif

#endif
