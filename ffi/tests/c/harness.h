/* What every test of the C interface uses: checks, files, threads. C99; the same on POSIX and Windows. */
#ifndef HARNESS_H
#define HARNESS_H

#ifndef __USE_MINGW_ANSI_STDIO
#define __USE_MINGW_ANSI_STDIO 1 /* %zu and %llu as in C99 */
#endif

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lockwait.h"

/* One test: a name and what it does. Lists end with a row of NULLs. */
struct test {
    const char *name;
    void (*run)(void);
};

/* The lists, one a file. */
extern const struct test basics_tests[];
extern const struct test codes_tests[];
extern const struct test exports_tests[];
extern const struct test handles_tests[];
extern const struct test policy_tests[];
extern const struct test router_tests[];
extern const struct test answers_tests[];
extern const struct test texts_tests[];
extern const struct test threads_tests[];
extern const struct test trace_tests[];
#ifndef LOCKWAIT_LEGACY
extern const struct test pickup_tests[];
#endif

/* Writes the names of the exports that are covered, one a line: for the check that none is left out. */
void write_exports(void);

/* Ends the test as failed, with the place and what was found. Only on the main thread, as all CHECKs. */
void fail(const char *file, int line, const char *format, ...);

/* `condition` holds. */
#define CHECK(condition) ((condition) ? (void)0 : fail(__FILE__, __LINE__, "%s", #condition))

/* `call` gives the result LOCKWAIT_RESULT_`name`. */
#define CHECK_RESULT(call, name) check_result((call), LOCKWAIT_RESULT_##name, __FILE__, __LINE__, #call)

/* `call` is done. */
#define CHECK_OK(call) CHECK_RESULT(call, OK)

/* Two NUL-terminated texts are equal. */
#define CHECK_TEXT(found, expected) check_text((found), (expected), __FILE__, __LINE__, #found)

/* Two numbers are equal. */
#define CHECK_NUMBER(found, expected) check_number((found), (expected), __FILE__, __LINE__, #found)

/* The last error of this thread has `part` in it. */
#define CHECK_LAST_ERROR(part) check_has(last_error(), (part), __FILE__, __LINE__)

void check_result(lockwait_result found, lockwait_result expected, const char *file, int line, const char *call);
void check_text(const char *found, const char *expected, const char *file, int line, const char *what);
void check_number(uint64_t found, uint64_t expected, const char *file, int line, const char *what);
void check_has(const char *text, const char *part, const char *file, int line);

/* The last error of this thread; valid until the next call. Main thread only. */
const char *last_error(void);

/* Whether `length` bytes at `data` are the NUL-terminated `expected`. */
int is_text(lockwait_str text, const char *expected);

/* A text and its length, as two arguments. */
#define TEXT(literal) (literal), (sizeof(literal) - 1)

/* Memory that the test cannot go on without. */
void *need(size_t size);

/* Files, in the working folder, which is empty at the beginning. */
void make_folder(const char *path);
void write_file(const char *path, const void *bytes, size_t length);
int file_exists(const char *path);
/* The whole file, with a terminating zero; to be freed. */
char *read_file(const char *path, size_t *length);

/* Threads. */
struct thread;
struct thread *thread_start(void (*run)(void *), void *argument);
/* Waits for its end, and frees it. */
void thread_join(struct thread *thread);
/* Lets other threads run. */
void thread_pass(void);

#endif
